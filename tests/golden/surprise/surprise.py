"""Writes the golden of limits and surprise: what the equations give in f64.

    python surprise.py        cases.csv and surprise.csv; needs no package

The equations are those at the heads of host-sim/src/model/limits.rs and core/src/threshold/surprise.rs. The
scores are multiples of 1/64 by a generator that tests/conformance/surprise.rs repeats: they are exact in f32.
The first `held_out` rows set the limits, and the surprise begins anew behind them. Every seventh row is stored.
"""
import csv
import math
import pathlib

HERE = pathlib.Path(__file__).parent
# seed, rows that were fitted, rows that set the limits, rows that are judged
CASES = [(1, 4000, 1000, 700), (2, 90, 40, 300), (3, 700, 300, 500), (4, 20000, 299, 200), (5, 3000, 900, 300)]


def scores(seed, rows):
    state = seed
    for row in range(rows):
        state = (state * 1664525 + 1013904223) % 2**32
        x = (state >> 24) // 4
        if (seed != 5 and row % 53 > 50) or row % 211 == 7:
            x += (state >> 16) % 512
        yield x / 64


def quantile(values, q):
    values = sorted(values)
    at = q * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def surprises(values, usual, scale, hold):
    held = 0.0
    for score in values:
        onset = math.log1p(max(score - usual, 0.0) / scale)
        held = max(onset, held + (onset - held) / hold)
        yield onset, held


def main():
    cases, rows = [], []
    for case, (seed, fitted, held_out, judged) in enumerate(CASES):
        all_scores = list(scores(seed, held_out + judged))
        known, later = all_scores[:held_out], all_scores[held_out:]
        usual = quantile(known, 0.9)
        above = [s - usual for s in known if s > usual]
        excess = sum(above) / len(above)
        scale = 4 * max(excess, 0.05 * usual, 0.01)
        hold = min(64, max(8, fitted // 8))
        threshold = 2.0
        if held_out >= 300:
            totals = [a + b for a, b in surprises(known, usual, scale, hold)]
            threshold = max(1.5, quantile(totals, 0.99))
        cases.append([seed, fitted, held_out, judged, usual, scale, hold, threshold])
        for row, (onset, held) in enumerate(surprises(later, usual, scale, hold)):
            if row % 7 == 0:
                rows.append([case, row, f"{onset:.9g}", f"{held:.9g}"])
    for name, head, content in [
        ("cases.csv", "seed,fitted,held_out,judged,usual,scale,hold,threshold".split(","), cases),
        ("surprise.csv", ["case", "row", "onset", "held"], rows),
    ]:
        with open(HERE / name, "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(head)
            writer.writerows(content)


main()
