"""Writes the goldens of the quartet: its equations in double precision, nothing kept or skipped for speed.

    python quartet.py        quartet.csv; needs no package

Every series is fitted to its first rows and judged from there on. `variables,vectors,every,candidates`
name the series and the settings; a row has the four lanes, the onset and the score.
"""
import csv
import math
import pathlib

ROWS = 600
FITTED = {1: 107, 3: 100, 8: 110}
NAN = math.nan


def waves(variables):
    """Triangles with noise, gaps, a jump (300 to 303) and a stuck sensor (400 to 429)."""
    state = 12345 + variables

    def draw():
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return state >> 24

    def triangle(t, period):
        return 640 + 12 * abs(2 * (t % period) - period)

    rows = []
    for t in range(ROWS):
        row = []
        for j in range(variables):
            noise, gap = draw(), draw()
            last = j == variables - 1
            if variables > 1 and last:
                x = triangle(t, 20) / 2 + (noise >> 5)
            else:
                x = triangle(t + 5 * j, 20 + 6 * j) + (noise >> 4)
            if j == 0 and 300 <= t < 304:
                x += 400
            if last and 400 <= t < 430:
                x = 700
            x /= 64
            if gap < 20 or t < 2 or (variables == 8 and j == 3 and t < 60):
                x = NAN
            if last and t == 399:
                x = 700 / 64
            row.append(x)
        rows.append(row)
    return rows


def mean(values):
    return sum(values) / len(values)


def deviation(values):
    about = mean(values)
    return math.sqrt(mean([(x - about) ** 2 for x in values]))


def clip(x, most):
    return max(-most, min(most, x))


def apart(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b))


def eigen(matrix):
    """Eigenvalues, and eigenvectors as columns: Jacobi's rotations."""
    n = len(matrix)
    a = [row[:] for row in matrix]
    v = [[float(i == j) for j in range(n)] for i in range(n)]
    for _ in range(100):
        if sum(a[i][j] ** 2 for i in range(n) for j in range(i)) < 1e-30:
            break
        for p in range(n):
            for q in range(p + 1, n):
                if a[p][q] == 0:
                    continue
                angle = math.atan2(2 * a[p][q], a[q][q] - a[p][p]) / 2
                c, s = math.cos(angle), math.sin(angle)
                for row in a + v:
                    row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
                a[p], a[q] = (
                    [c * x - s * y for x, y in zip(a[p], a[q])],
                    [s * x + c * y for x, y in zip(a[p], a[q])],
                )
    return [a[k][k] for k in range(n)], v


def left_over(rows):
    """Means, and what the components with 99 % of the variance do not explain."""
    n = len(rows[0])
    center = [mean([row[k] for row in rows]) for k in range(n)]
    about = [[x - c for x, c in zip(row, center)] for row in rows]
    covariance = [[mean([r[i] * r[j] for r in about]) for j in range(n)] for i in range(n)]
    values, vectors = eigen(covariance)
    order = sorted(range(n), key=lambda k: -values[k])
    kept, explained = [], 0.0
    for k in order:
        if explained / sum(values) >= 0.99:
            break
        kept.append([row[k] for row in vectors])
        explained += values[k]
    outside = [
        [float(i == j) - sum(axis[i] * axis[j] for axis in kept) for j in range(n)] for i in range(n)
    ]
    return center, outside


class Memory:
    def __init__(self, vectors, most):
        self.most = most
        self.vectors = [vectors[0]]
        while len(self.vectors) < most:
            reach = [min(apart(v, taken) for taken in self.vectors) for v in vectors]
            if max(reach) == 0:
                break
            self.vectors.append(vectors[reach.index(max(reach))])

    def distance(self, window):
        nearest = sorted(apart(v, window) for v in self.vectors)[:2]
        return mean([math.sqrt(d / len(window)) for d in nearest]) / 12.7

    def learn(self, window):
        reach = [apart(v, window) for v in self.vectors]
        if len(self.vectors) < self.most:
            if min(reach) > 0:
                self.vectors.append(window)
            return
        neighbour = [
            min(apart(v, w) for k, w in enumerate(self.vectors) if k != j)
            for j, v in enumerate(self.vectors)
        ]
        place = neighbour.index(min(neighbour))
        if min(d for k, d in enumerate(reach) if k != place) > neighbour[place]:
            self.vectors[place] = window


class Quartet:
    def __init__(self, rows, vectors, every, candidates):
        self.every, self.candidates = every, candidates
        self.variables = variables = len(rows[0])
        n = len(rows)
        self.last = [next(row[j] for row in rows if not math.isnan(row[j])) for j in range(variables)]
        rows = [self.hold(row) for row in rows]
        columns = list(zip(*rows))
        self.mean = [mean(c) for c in columns]
        self.deviation = [min(max(deviation(c), 0.01 * abs(mean(c))), 3 * deviation(c)) for c in columns]
        steps = [[0.0] + [b - a for a, b in zip(c, c[1:])] for c in columns]
        self.step = [max(deviation(s), 1e-3 * d) for s, d in zip(steps, self.deviation)]
        single = variables == 1
        span = min(64, max(8, n // 8))
        self.hold_rows = span
        self.short_lags = range(4 if single else 1)
        self.long_lags = range(0, 2 * (span // 2), 2) if single else range(max(2, 32 // variables))
        self.residual_lags = range(8 if single else 1)
        self.bytes, self.z = [], []
        for row in rows:
            self.push(row)
        at = range(n)
        residual = [self.window(self.z, t, self.residual_lags) for t in at]
        self.center, self.outside = left_over(residual)
        samples, self.memories = [], []
        for lags in (self.short_lags, self.long_lags):
            windows = [self.window(self.bytes, t, lags) for t in at]
            seen = 7 * n // 10
            partial = Memory(windows[:seen], vectors)
            samples.append([partial.distance(w) for w in windows[seen:]])
            self.memories.append(Memory(windows, vectors))
        samples.append([0.0] + [self.difference(b, a) for a, b in zip(rows, rows[1:])])
        samples.append([self.residual(w) for w in residual])
        self.usual, self.scale = [], []
        for sample, least in zip(samples, (0.01, 0.01, 0.01, 0.001)):
            sample.sort()
            where = 0.9 * (n_last := len(sample) - 1)
            low = int(where)
            high = min(low + 1, n_last)
            usual = sample[low] + (sample[high] - sample[low]) * (where - low)
            above = [s - usual for s in sample if s > usual]
            self.usual.append(usual)
            self.scale.append(4 * max(mean(above) if above else 0.0, 0.05 * usual, least))
        self.held, self.row, self.waiting = 0.0, 0, []

    def hold(self, row):
        self.last = [b if math.isnan(x) else x for x, b in zip(row, self.last)]
        return self.last

    def push(self, row):
        z = [(x - m) / d for x, m, d in zip(row, self.mean, self.deviation)]
        self.bytes.append([math.floor(clip(12.7 * x, 127) + 0.5) for x in z])
        self.z.append([clip(x, 50) for x in z])

    @staticmethod
    def window(rows, t, lags):
        return [x for lag in lags for x in rows[max(t - lag, 0)]]

    def difference(self, row, before):
        return mean([min(abs(x - b) / s, 50) for x, b, s in zip(row, before, self.step)])

    def residual(self, window):
        r = [x - c for x, c in zip(window, self.center)]
        form = sum(a * m * b for a, row in zip(r, self.outside) for m, b in zip(row, r))
        return max(form, 0) / len(r)

    def judge(self, row):
        before = self.last
        row = self.hold(row)
        self.push(row)
        t = len(self.z) - 1
        now = [self.window(self.bytes, t, lags) for lags in (self.short_lags, self.long_lags)]
        lanes = [memory.distance(window) for memory, window in zip(self.memories, now)]
        lanes.append(self.difference(row, before))
        lanes.append(self.residual(self.window(self.z, t, self.residual_lags)))
        if self.row % self.every == 0:
            if len(self.waiting) == self.candidates:
                for memory, window in zip(self.memories, self.waiting.pop(0)):
                    memory.learn(window)
            self.waiting.append(now)
        self.row += 1
        excess = [max(s - u, 0) / e for s, u, e in zip(lanes, self.usual, self.scale)]
        onset = mean([math.log1p(x) for x in excess])
        self.held = onset if onset >= self.held else self.held + (onset - self.held) / self.hold_rows
        return lanes + [onset, onset + self.held]


def main():
    path = pathlib.Path(__file__).with_name("quartet.csv")
    with path.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        names = "variables,vectors,every,candidates,fitted,row,short,long,difference,residual,onset,score"
        out.writerow(names.split(","))
        for vectors, every, candidates in ((128, 40, 12), (32, 10, 3)):
            for variables, fitted in FITTED.items():
                rows = waves(variables)
                quartet = Quartet(rows[:fitted], vectors, every, candidates)
                shown = {*range(fitted, fitted + 4), *range(299, 305), *range(130, ROWS, 20), 405, 429, 430}
                for t in range(fitted, ROWS):
                    numbers = quartet.judge(rows[t])
                    if t in shown or t >= ROWS - 2:
                        name = [variables, vectors, every, candidates, fitted, t]
                        out.writerow(name + [f"{x:.9f}" for x in numbers])


if __name__ == "__main__":
    main()
