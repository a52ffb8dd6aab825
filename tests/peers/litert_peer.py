"""Answers questions on standard input about a network in LiteRT: input, time, outputs."""

import sys
import time

import numpy as np
from ai_edge_litert.interpreter import Interpreter

network = Interpreter(sys.argv[1], num_threads=1)
network.allocate_tensors()
(entry,) = network.get_input_details()
(result,) = network.get_output_details()
# Without the checks of the class around it, and less what a call from Python takes by itself: a
# question to the same library that needs no work.
invoke, question = network._interpreter.Invoke, network._interpreter.NumTensors


def elapsed(count, call, *arguments):
    start = time.thread_time_ns()
    for _ in range(count):
        call(*arguments)
    return (time.thread_time_ns() - start) / count


for line in sys.stdin:
    what, *numbers = line.split()
    if what == "input":
        values = np.array([int(n) for n in numbers]).astype(entry["dtype"])
        network.set_tensor(entry["index"], values.reshape(entry["shape"]))
        print("ok", flush=True)
    elif what == "time":
        count = int(numbers[0])
        print(elapsed(count, invoke) - elapsed(count, question, 0), flush=True)
    else:
        values = network.get_tensor(result["index"]).ravel()
        print(*values if values.dtype == np.int8 else ["f32"], flush=True)
