"""Writes the golden of the features of bursts: what NumPy and SciPy give in f64.

    python burst.py        burst.csv; needs numpy and scipy

The samples are noise, steps and impulses by a generator that tests/conformance/signal.rs repeats: they are exact
in f32. The definitions are those of core/src/signal/statistic.rs.
"""
import csv
import pathlib

import numpy as np
import scipy.stats

HERE = pathlib.Path(__file__).parent
# seed, samples, divisor, offset
CASES = [(1, 64, 64, 0), (2, 128, 1, 0), (3, 256, 1024, 10), (4, 512, 64, -3), (5, 1024, 64, 0), (6, 1024, 4096, 1),
         (7, 2048, 16, 100), (8, 4096, 64, 7)]
NAMES = ["mean", "rms", "deviation", "peak", "crest", "kurtosis", "crossings"] + [f"band{k}" for k in range(1, 9)]


def samples(seed, count, divisor, offset):
    state = seed
    for n in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        x = (state >> 24) - 128 + 40 * (n // (seed + 2) % 2)
        if n % 97 == 13:
            x += 900
        yield x / divisor + offset


def features(x):
    mean, count = x.mean(), len(x)
    y = x - mean
    power = np.abs(np.fft.rfft(y)) ** 2 / count**2
    power[1:-1] *= 2
    below = y < 0
    return [mean, np.sqrt((x**2).mean()), x.std(), np.abs(y).max(), np.abs(y).max() / x.std(),
            scipy.stats.kurtosis(x, fisher=False), (below[1:] != below[:-1]).mean(),
            *np.sqrt(power[1:].reshape(8, -1).sum(axis=1))]


with open(HERE / "burst.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["seed", "samples", "divisor", "offset", *NAMES])
    for case in CASES:
        x = np.array(list(samples(*case)))
        assert (x.astype(np.float32) == x).all()
        out.writerow([*case, *(f"{value:.9g}" for value in features(x))])
