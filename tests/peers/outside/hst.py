"""river's HalfSpaceTrees as an outside process of `bellwether bench`: rows in, scores out."""

import gc
import json
import sys
import types
from collections import deque

from river import anomaly, compose, preprocessing

SEED = 42
SHINGLE = 8


def rows(count, variables):
    """So many of the next rows, read one by one: no later row is known when one is scored."""
    for _ in range(count):
        line = sys.stdin.readline()
        if not line:
            raise ValueError("input ends before the rows that its header announces")
        row = [float(field) for field in line.split(",")]
        if len(row) != variables:
            raise ValueError(f"a row has {len(row)} values, {variables} were announced")
        yield row


def size_of(root):
    """Bytes of all objects that root holds; classes, functions and modules are code, not state."""
    code = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)
    seen, total, left = set(), 0, [root]
    while left:
        thing = left.pop()
        if id(thing) in seen or isinstance(thing, code):
            continue
        seen.add(id(thing))
        total += sys.getsizeof(thing)
        left += gc.get_referents(thing)
    return total


def main():
    header = json.loads(sys.stdin.readline())
    variables, seed = header["variables"], header["seed"]
    model = compose.Pipeline(
        preprocessing.MinMaxScaler(),
        anomaly.HalfSpaceTrees(
            n_trees=25, height=8, window_size=250, seed=SEED if seed == 1 else SEED + seed
        ),
    )
    # Its limits are running ones, so that rows to fit to are of no use to it.
    for _ in rows(header["fit"], variables):
        pass
    recent = deque(maxlen=SHINGLE)
    for row in rows(header["rows"], variables):
        if variables == 1:
            # As if the first value had been there before.
            recent.extend(row * (1 if recent else SHINGLE))
            row = recent
        features = dict(enumerate(row))
        print(model.score_one(features))
        model.learn_one(features)
    print(f"state_bytes={size_of((model, recent))}")


try:
    main()
except (ArithmeticError, KeyError, TypeError, ValueError) as error:
    sys.exit(f"hst: {type(error).__name__}: {error}")
