"""Writes the goldens of the metrics: what the packages their authors publish say.

    python metrics.py                 metrics.csv, nab.csv: generated series
    python metrics.py --data FOLDER   metrics_recorded.csv: published scores of NAB's files

Requirements: requirements.txt beside this file. The series are made of integers by a generator
that tests/conformance/metrics.rs repeats, so only results are stored.
"""

import argparse
import csv
import math
import pathlib

import numpy as np
from pate.PATE_metric import PATE
from prts import ts_precision, ts_recall
from scipy.stats import somersd
from sklearn import metrics
from TSB_AD.evaluation.affiliation.generics import convert_vector_to_events
from TSB_AD.evaluation.affiliation.metrics import pr_from_events
from TSB_AD.evaluation.basic_metrics import basic_metricor
from vus.utils.metrics import metricor

HERE = pathlib.Path(__file__).parent
MASK = (1 << 64) - 1

# seed, rows, events, longest event, noise, strength, lag, edges (events in the first and last
# rows), threshold (in units of 1/64), early and late buffer of PATE (window of VUS: late).
CASES = [
    (1, 300, 3, 20, 1000, 500, 0, 0, 900, 10, 10),
    (2, 300, 3, 20, 7, 4, 3, 1, 6, 10, 10),
    (3, 1000, 12, 40, 1 << 40, 1 << 39, 5, 0, 1 << 40, 30, 15),
    (4, 1000, 60, 3, 50, 20, 0, 1, 52, 12, 25),
    (5, 1000, 1, 400, 300, 100, 40, 0, 330, 100, 100),
    (6, 2000, 10, 100, 3, 1, 10, 0, 3, 50, 50),
    (7, 2000, 150, 8, 20, 10, 1, 1, 21, 20, 20),
    (8, 500, 400, 1, 40, 30, 0, 0, 45, 17, 17),
    (9, 500, 4, 60, 100000, 0, 0, 0, 98000, 33, 33),
    (10, 260, 5, 30, 100, 1000, 0, 0, 1000, 15, 15),
    (11, 4000, 20, 200, 1000, 300, 60, 0, 1150, 97, 3),
    (12, 700, 6, 25, 2, 1, 2, 1, 2, 10, 0),
    (13, 251, 2, 2, 1 << 20, 1 << 18, 1, 0, 1100000, 0, 10),
    (14, 1500, 30, 30, 64, 64, 15, 1, 90, 40, 41),
    (15, 60, 2, 10, 4, 2, 1, 0, 4, 100, 100),
]


def generator(seed):
    """SplitMix64."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def series(seed, rows, events, longest, noise, strength, lag, edges):
    """Scores in units of 1/64, and labels."""
    draw = generator(seed)
    labels = [0] * rows
    for _ in range(events):
        first = next(draw) % rows
        for row in range(first, min(first + 1 + next(draw) % longest, rows)):
            labels[row] = 1
    if edges:
        labels[:4] = [1] * 4
        labels[-2:] = [1] * 2
    else:
        # TSB-AD's point adjustment leaves out row 0.
        labels[:2] = [0] * 2
    scores = []
    for row in range(rows):
        score = next(draw) % noise
        if next(draw) % 4 and row >= lag and labels[row - lag]:
            score += strength
        scores.append(score)
    return np.array(scores) / 64.0, np.array(labels)


def at_threshold(detected, labels):
    """What needs detections."""
    grader = basic_metricor()
    row = {}
    for name, function in [("precision", ts_precision), ("recall", ts_recall)]:
        for bias in ["flat", "front", "middle", "back"]:
            row[f"range_{name}_{bias}"] = function(
                labels, detected, alpha=0.0, cardinality="reciprocal", bias=bias
            )
    row["range_recall_alpha"] = grader.range_recall_new(labels, detected, 0.2)[0]
    row["range_f1"] = grader.metric_RF1(labels, None, preds=detected)
    close = pr_from_events(
        convert_vector_to_events(detected),
        convert_vector_to_events(labels),
        (0, len(labels)),
    )
    row["affiliation_precision"] = close["Affiliation_Precision"]
    row["affiliation_recall"] = close["Affiliation_Recall"]
    row["f1"] = metrics.f1_score(labels, detected)
    # Its point adjustment leaves out row 0.
    wrong = labels[0] == 1 and detected[0] == 0
    adjusted = grader.metric_PointF1PA(labels, detected, preds=detected == 1)
    row["point_adjusted_f1"] = "" if wrong else adjusted
    return row


def of_scores(scores, labels, early, late):
    """What needs no threshold."""
    # What vus.metrics.get_metrics calls for version "opt".
    *_, vus_roc, vus_pr = metricor().RangeAUC_volume_opt(labels, scores, late, thre=250)
    return {
        "auc_roc": metrics.roc_auc_score(labels, scores),
        "auc_pr": metrics.average_precision_score(labels, scores),
        "vus_roc": vus_roc,
        "vus_pr": vus_pr,
        "pate": PATE(labels, scores, early, late),
    }


def generated():
    for case in CASES:
        *shape, threshold, early, late = case
        scores, labels = series(*shape)
        detected = (scores >= threshold / 64.0).astype(int)
        names = "seed rows events longest noise strength lag edges threshold early late"
        row = dict(zip(names.split(), case))
        row |= of_scores(scores, labels, early, late) | at_threshold(detected, labels)
        # A severity that the score follows in part.
        severity = np.round(scores) + np.arange(len(scores)) % 7
        order = somersd(severity[:400], scores[:400]).statistic
        row["concordance"] = (order + 1) / 2
        yield row


# NAB by its formula, directly: no sweep, every threshold afresh.
def sigmoid(y):
    return 2 / (1 + math.exp(5 * y)) - 1


def nab_raw(scores, windows, threshold, miss, false_positive):
    total, found = 0.0, {}
    for row in range(min(len(scores) * 15 // 100, 750), len(scores)):
        if scores[row] < threshold:
            continue
        passed = None
        for k, (first, last) in enumerate(windows):
            if first <= row <= last:
                gain = sigmoid(-(last - row + 1) / (last - first + 1)) / sigmoid(-1)
                found[k] = max(found.get(k, -math.inf), gain)
                break
            if last < row:
                passed = (first, last)
        else:
            cost = 1.0
            if passed:
                late = (row - passed[1]) / (passed[1] - passed[0])
                cost = 1.0 if late > 3 else -sigmoid(late)
            total -= cost * false_positive
    return total + sum(found.get(k, -miss) for k in range(len(windows)))


def nab():
    """The best threshold for three files together, by trying all."""
    files = []
    for seed in [21, 22, 23]:
        scores, labels = series(seed, 400, 3, 30, 40, 12, 8, 0)
        ends = np.flatnonzero(np.diff(np.concatenate([[0], labels, [0]])))
        windows = [(a, b - 1) for a, b in zip(ends[::2], ends[1::2])]
        # Windows in probation do not count, and one row has no width.
        windows = [(a, b) for a, b in windows if b >= 60 and b > a]
        files.append((scores, windows))
    for name, miss, false_positive in [
        ("standard", 1, 0.11),
        ("low_false_positives", 1, 0.22),
        ("low_misses", 2, 0.11),
    ]:
        count = sum(len(windows) for _, windows in files)
        best = (-math.inf, math.inf)
        for threshold in [*{s for scores, _ in files for s in scores}, math.inf]:
            raw = sum(nab_raw(*file, threshold, miss, false_positive) for file in files)
            best = max(best, (raw, threshold))
        score = 100 * (best[0] + miss * count) / (count + miss * count)
        yield {"profile": name, "threshold": best[1], "score": score}


def recorded(folder):
    """Published scores of NAB's short files (pate takes minutes for others) after probation,
    windows of the protocol."""
    folder = pathlib.Path(folder) / "nab"
    names = sorted(p.name for p in (folder / "reference_scores").glob("real*.csv.gz"))
    for name in names:
        labels = np.loadtxt(folder / name, delimiter=",", skiprows=1, usecols=-1, dtype=int)
        if len(labels) > 2000:
            continue
        table = folder / "reference_scores" / name
        first = min(len(labels) * 15 // 100, 750)
        ends = np.flatnonzero(np.diff(np.concatenate([[0], labels[first:], [0]])))
        window = int(np.clip(np.median(ends[1::2] - ends[::2]), 10, 100)) if len(ends) else 10
        for column, detector in enumerate(["numenta", "windowedGaussian", "relativeEntropy"], 1):
            scores = np.loadtxt(table, delimiter=",", skiprows=1, usecols=column)
            row = {"series": name, "detector": detector, "window": window}
            yield row | of_scores(scores[first:], labels[first:], window, window)


def write(name, rows):
    rows = list(rows)
    with open(HERE / name, "w", newline="") as file:
        out = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        out.writeheader()
        for row in rows:
            plain = {k: v if isinstance(v, (str, int)) else repr(float(v)) for k, v in row.items()}
            out.writerow(plain)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with nab/, for metrics_recorded.csv")
    data = parser.parse_args().data
    if data:
        write("metrics_recorded.csv", recorded(data))
    else:
        write("metrics.csv", generated())
        write("nab.csv", nab())
