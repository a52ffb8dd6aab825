"""Writes the goldens of alarms and incidents: what the equations give in f64.

    python alarms.py                  cases.csv, alarms.csv, incidents.csv

No requirements. The equations are those at the head of core/src/alarm.rs and its parts, written
again here in f64, with tokens and guard as floats. The scores are multiples of 1/64 (1/16 in
`huge`), made by a generator that tests/conformance/alarm_layer.rs repeats, so only results are
stored: every STEP-th row, and every row at which an alarm starts or clears. The script refuses
series whose decisions depend on a digit that f32 does not have.
"""

import csv
import math
import pathlib

HERE = pathlib.Path(__file__).parent
MASK = (1 << 64) - 1
QUIET, START, UPDATE, CLEAR = range(4)

# name, seed, rows, rows of the fit, promise, rows per day (0: no season), step of the rows stored
CASES = [
    ("noise", 1, 6000, 400, 1.0, 0, 60),
    ("noise", 2, 6000, 0, 10.0, 0, 60),
    ("storm", 3, 30000, 2000, 1.0, 0, 240),
    ("daily", 14, 4000, 300, 1.0, 288, 40),
    ("jitter", 5, 6000, 300, 3.0, 97, 60),
    ("gaps", 6, 4000, 300, 3.0, 288, 40),
    ("level", 7, 30000, 1000, 1.0, 0, 300),
    ("huge", 8, 3000, 100, 0.5, 0, 40),
    ("long", 39, 300000, 2000, 3.0, 1440, 3000),
    ("echo", 10, 2500, 500, 1.0, 0, 60),
]


class Generator:
    """SplitMix64."""

    def __init__(self, seed):
        self.state = seed

    def below(self, end):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % end


def scores(name, seed, rows):
    """Scores of a series, None for a gap. Three draws a row, in this order."""
    draw = Generator(seed)
    for row in range(rows):
        a, b, c = draw.below(40), draw.below(28), draw.below(1000)
        score = max(0, a - b) / 64
        if name == "noise" and c < 4 or name == "long" and c < 1 and b < 4:
            score += (64 + 32 * a) / 64
        if name == "noise" and 3000 <= row < 3060:
            score += 2.0
        if name == "storm" and 1000 <= row < 20000 and row % 20 < 3:
            score = (160 + b) / 64
        if name in ("daily", "gaps") and 100 <= row % 288 < 106:
            score += 1.5
        if name == "jitter" and 20 <= (row + c % 5) % 97 < 24:
            score += 1.0
        if name == "level" and row >= 2000:
            score += 1.0
        if name == "echo" and row in (500, 800, 1101, 1401, 1702, 2002):
            score = (256 - row // 100) / 64
        if name == "huge":
            score = (40 * a if c >= 30 else -(1 << 22) if c < 3 else 1 << 22) / 16
        yield None if name == "gaps" and (c < 100 or 1000 <= row < 1700) else score


def close(x, y, what):
    if abs(x - y) < 3e-6 * max(1.0, abs(y)):
        raise SystemExit(f"{what}: {x} is too close to {y}; choose another seed")


class Alarm:
    def __init__(self, fit, promise, day):
        self.e = self.mean = self.var = 0.0
        self.n = min(fit, 2000)
        self.promise, self.day = promise, day
        self.t = 6 * promise**-0.4
        self.tokens, self.guard = 10.0, 0.0
        self.on, self.quiet, self.age, self.peak = False, 0, 0, 0.0
        self.tenths, self.highest, self.scored, self.row = [0] * 96, 0.0, False, 0

    def severity(self, score):
        m = max(-1e6, min(1e6, score))
        self.e += 0.1 * (m - self.e)
        x = 0.25 * m + 0.75 * self.e
        sd = math.sqrt(self.var + 0.075**2)
        s = (x - self.mean) / sd
        a = max(1 / (self.n + 1), 1 / 2000)
        self.n += 1
        if s > 3:
            a /= 10
        d = min(x - self.mean, 3 * sd)
        self.mean += a * d
        self.var += a * (d * d - self.var)
        close(s, 3.0, "protection")
        return s

    def bucket(self, row):
        return row * 96 // self.day

    def observe(self, score):
        """Severity or None, threshold, phase, age, peak."""
        s = None if score is None else self.severity(score)
        threshold = self.t * math.exp(self.guard)
        if self.day:
            k = self.bucket(self.row)
            if s is not None:
                self.highest, self.scored = max(self.highest, min(s, 25.5)), True
            around = max(self.tenths[j % 96] for j in (k - 1, k, k + 1))
            threshold = max(threshold, 0.13 * around)
        self.tokens = min(10.0, self.tokens + 3 * self.promise / 10000)
        self.guard = max(0.0, self.guard - 1e-5)
        phase = self.phase(s, threshold)
        answer = s, threshold, phase, self.age, self.peak
        if phase == CLEAR:
            self.on, self.quiet, self.age, self.peak = False, 0, 0, 0.0
        if self.day:
            following = (self.row + 1) % self.day
            if self.bucket(following) != k:
                if self.scored:
                    tenths = self.tenths[k] + 0.5 * (10 * self.highest - self.tenths[k])
                    if self.highest not in (0.0, 25.5):
                        close(tenths + 0.5, round(tenths + 0.5), "season")
                    self.tenths[k] = math.floor(tenths + 0.5)
                self.highest, self.scored = 0.0, False
            self.row = following
        return answer

    def phase(self, s, threshold):
        if self.on:
            self.age += 1
        if s is None:
            return UPDATE if self.on else QUIET
        close(s, threshold, "threshold")
        if not self.on:
            if s < threshold:
                return QUIET
            self.on, self.peak = True, s
            self.tokens -= 1
            close(self.tokens + 1, 1.0, "tokens")
            if self.tokens < 0:
                self.tokens, self.guard = 0.0, min(self.guard + 0.1, 2.0)
            return START
        close(s, self.t, "T")
        self.peak = max(self.peak, s)
        self.quiet = 0 if s >= threshold or s >= self.t else self.quiet + 1
        return CLEAR if self.quiet > 10 else UPDATE


class Incidents:
    def __init__(self, fit):
        self.n = min(fit, 2000)
        self.mean1 = self.var1 = self.mean2 = self.var2 = 0.0
        self.before = []

    def observe(self, score):
        """Severity or None, whether none of the 300 rows before was as high."""
        if score is None:
            self.before.append(0.0)
            return None, False
        m = max(-1e6, min(1e6, score))
        sd1, sd2 = math.sqrt(self.var1 + 0.05**2), math.sqrt(self.var2 + 0.1**2)
        z1, z2 = (m - self.mean1) / sd1, (m - self.mean2) / sd2
        a = max(1 / (self.n + 1), 1 / 2000)
        self.n += 1
        slowed = a / 10 if z1 > 3 else a
        close(z1, 3.0, "protection")
        d = min(m - self.mean1, 3 * sd1)
        self.mean1 += slowed * d
        self.var1 += slowed * (d * d - self.var1)
        d = m - self.mean2
        self.mean2 += a * d
        self.var2 += a * (d * d - self.var2)
        s = max(z1, 0.0) / 2 + max(z2, 0.0)
        highest = s > max([0.0] + self.before[-300:])
        self.before.append(s)
        return s, highest


def number(x):
    return "" if x is None else f"{x:.8g}"


def write(name, header, lines):
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)


def main():
    alarms, incidents = [], []
    for case, (name, seed, rows, fit, promise, day, step) in enumerate(CASES):
        alarm, incident = Alarm(fit, promise, day), Incidents(fit)
        for row, score in enumerate(scores(name, seed, rows)):
            s, threshold, phase, age, peak = alarm.observe(score)
            if row % step == 0 or phase in (START, CLEAR):
                answer = [number(s), number(threshold), phase, age, number(peak)]
                alarms.append([case, row] + answer)
            s, highest = incident.observe(score)
            if row % (4 * step) == 0 or highest and s >= 5:
                incidents.append([case, row, number(s), int(highest)])
    cases = [[case, *which[:-1]] for case, which in enumerate(CASES)]
    write("cases.csv", ["case", "series", "seed", "rows", "fit", "promise", "day"], cases)
    answer = ["severity", "threshold", "phase", "age", "peak"]
    write("alarms.csv", ["case", "row"] + answer, alarms)
    write("incidents.csv", ["case", "row", "severity", "highest"], incidents)


if __name__ == "__main__":
    main()
