"""Writes the goldens of the node: its equations in double precision, nothing kept or skipped for speed.

    python node.py           node.csv; needs no package

Ten variables: those of the quartet's series, and two that follow others. The first 1,600 rows fit; the rest is
judged. `lanes` names the lanes; a row has four of them, the largest surprise of a variable, which variable
(-1: none), the onset and the score. Lines of row 0 have the threshold of the fit in place of the score.
"""
import csv
import math
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent / "quartet"))
import quartet as base
from quartet import Memory, Quartet, clip, deviation, eigen, mean

ROWS = 2000
LEARN = 1600
FIRST = 60


def series():
    """The eight, a mean of two, a difference of two; from 1,850 on the fifth is another one's."""
    base.ROWS = FIRST + ROWS
    state = 77
    rows = []
    for t, row in enumerate(base.waves(8)):
        state = (state * 1664525 + 1013904223) % 2**32
        row = row + [(row[0] + row[1]) / 2 + (state >> 30) / 64, row[2] - row[4] + (state >> 28 & 3) / 64]
        if t >= FIRST + 1850:
            row[4] = rows[t - 900][5]
        rows.append(row)
    first = next(t for t, row in enumerate(rows) if t >= FIRST and not any(math.isnan(x) for x in row))
    assert first == FIRST, first
    return rows[first:]


def mixed(j):
    h = j + 1
    h ^= h >> 16
    h = h * 0x85EBCA6B % 2**32
    h ^= h >> 13
    h = h * 0xC2B2AE35 % 2**32
    return h ^ h >> 16


def inverse(matrix):
    n = len(matrix)
    rows = [row[:] + [float(i == j) for j in range(n)] for i, row in enumerate(matrix)]
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(n):
            if i != k:
                rows[i] = [x - rows[i][k] * y for x, y in zip(rows[i], rows[k])]
    return [row[n:] for row in rows]


class Tiny(Quartet):
    """A quartet of 32 vectors that do not change."""

    def __init__(self, rows):
        super().__init__(rows, 32, 1, 0)
        self.count = len(rows)

    def lanes(self, row):
        before = self.last
        row = self.hold(row)
        self.push(row)
        t = len(self.z) - 1
        windows = [self.window(self.bytes, t, lags) for lags in (self.short_lags, self.long_lags)]
        lanes = [memory.distance(window) for memory, window in zip(self.memories, windows)]
        return lanes + [self.difference(row, before), self.residual(self.window(self.z, t, self.residual_lags))]


class Wide(Quartet):
    """Memories of 24 sums with signs, and the residual beside the components."""

    def __init__(self, rows):
        n = len(rows)
        self.last = rows[0]
        rows = [self.hold(row) for row in rows]
        columns = list(zip(*rows))
        self.mean = [mean(c) for c in columns]
        self.deviation = [min(max(deviation(c), 0.01 * abs(mean(c))), 3 * deviation(c)) for c in columns]
        steps = [[0.0] + [b - a for a, b in zip(c, c[1:])] for c in columns]
        self.step = [max(deviation(s), 1e-3 * d) for s, d in zip(steps, self.deviation)]
        self.signs = [[-1 if mixed(j) >> d & 1 else 1 for d in range(24)] for j in range(len(columns))]
        self.bytes, self.z = [], []
        for row in rows:
            self.push(row)
        self.center = [mean(c) for c in zip(*self.z)]
        self.memories = [Memory([self.window(self.bytes, t, range(k)) for t in range(n)], 32) for k in (1, 2)]
        self.count, self.hold_rows = n, min(64, max(8, n // 8))

    def push(self, row):
        z = [clip((x - m) / d, 50) for x, m, d in zip(row, self.mean, self.deviation)]
        sums = [sum(s[d] * x for s, x in zip(self.signs, z)) / math.sqrt(len(z)) for d in range(24)]
        self.bytes.append([math.floor(clip(12.7 * p, 127) + 0.5) for p in sums])
        self.z.append(z)

    def lanes(self, row):
        before = self.last
        row = self.hold(row)
        self.push(row)
        t = len(self.z) - 1
        near = [m.distance(self.window(self.bytes, t, range(k))) for m, k in zip(self.memories, (1, 2))]
        r = [x - c for x, c in zip(self.z[t], self.center)]
        along = [sum(axis[j] * r[j] for j in range(len(r))) for axis in self.axes]
        left = [x - sum(axis[j] * a for axis, a in zip(self.axes, along)) for j, x in enumerate(r)]
        return near + [self.difference(row, before), mean([x * x for x in left])]


class Node:
    def __init__(self, rows, kind):
        fitted = 4 * len(rows) // 5
        self.whole = kind(rows[:fitted])
        self.factor()
        self.held, self.g = 0.0, [0.0] * 4
        raw = [self.numbers(row) for row in rows[fitted:]]
        least = [0.01, 0.01, 0.01, 0.001]
        self.limits = [self.limit([lanes[k] for lanes, _ in raw], least[k]) for k in range(4)]
        self.own = [self.limit(list(f), 0.01) for f in zip(*(f for _, f in raw))]
        scores = sorted(self.score(*pair)[-1] for pair in raw)
        self.threshold = max(1.5, self.quantile(scores, 0.99))

    def factor(self):
        whole = self.whole
        r = [[x - c for x, c in zip(z, whole.center)] for z in whole.z]
        v = len(r[0])
        covariance = [[mean([row[i] * row[j] for row in r]) for j in range(v)] for i in range(v)]
        values, vectors = eigen(covariance)
        order = sorted(range(v), key=lambda k: -values[k])[: min(8, v - 2)]
        axes = []
        for k in order:
            axis = [row[k] for row in vectors]
            step = max(map(abs, axis)) / 127
            axes.append([round(e / step) * step for e in axis])
        whole.axes = axes
        loadings = [[axis[j] * math.sqrt(values[k]) for axis, k in zip(axes, order)] for j in range(v)]
        trace = sum(covariance[j][j] for j in range(v))
        psi = [
            max(covariance[j][j] - sum(x * x for x in loadings[j]), 0) + 0.01 * trace / v + 1e-4 for j in range(v)
        ]
        model = [
            [sum(a * b for a, b in zip(loadings[i], loadings[j])) + (psi[i] if i == j else 0) for j in range(v)]
            for i in range(v)
        ]
        # Of all variables at once, where a device has the lemma: the same numbers.
        self.precision = inverse(model)

    def numbers(self, row):
        lanes = self.whole.lanes(row)
        r = [x - c for x, c in zip(self.whole.z[-1], self.whole.center)]
        far = [
            min(abs(sum(p * x for p, x in zip(row, r))) / math.sqrt(row[j]), 50)
            for j, row in enumerate(self.precision)
        ]
        return lanes, far

    @staticmethod
    def quantile(values, q):
        at = q * (len(values) - 1)
        low = int(at + 1e-9)
        high = min(low + 1, len(values) - 1)
        return values[low] + (values[high] - values[low]) * (at - low)

    def limit(self, values, least):
        usual = self.quantile(sorted(values), 0.9)
        above = [x - usual for x in values if x > usual]
        return max(usual, 1e-4), 4 * max(mean(above) if above else 0, 0.05 * usual, least)

    def score(self, lanes, far):
        surprises = []
        for k, (lane, (usual, scale)) in enumerate(zip(lanes, self.limits)):
            step = 9e-4 if lane > usual * math.exp(self.g[k]) else -1e-4
            self.g[k] = min(max(self.g[k] + step, 0), math.log(3))
            grown = math.exp(self.g[k])
            surprises.append(math.log1p(max(lane - usual * grown, 0) / (scale * grown)))
        own = [math.log1p(max(f - usual, 0) / scale) for f, (usual, scale) in zip(far, self.own)]
        broken = max(own)
        onset = mean(surprises + [broken])
        self.held = onset if onset >= self.held else self.held + (onset - self.held) / self.whole.hold_rows
        variable = own.index(broken) if broken > 0 else -1
        return lanes + [broken, variable, onset, onset + self.held]


def main():
    path = pathlib.Path(__file__).with_name("node.csv")
    rows = series()
    with path.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow("lanes,row,short,long,difference,residual,broken,variable,onset,score".split(","))
        for name, kind in (("tiny", Tiny), ("wide", Wide)):
            node = Node(rows[:LEARN], kind)
            out.writerow([name, 0] + [f"{x:.9f}" for x in [0] * 5] + [-1, "0.000000000", f"{node.threshold:.9f}"])
            for t in range(LEARN, ROWS):
                numbers = node.score(*node.numbers(rows[t]))
                if t < LEARN + 4 or t % 7 == 0 or 1848 <= t < 1860:
                    text = [f"{x:.9f}" if k != 5 else x for k, x in enumerate(numbers)]
                    out.writerow([name, t] + text)


if __name__ == "__main__":
    main()
