"""Writes the goldens of kinds: the traces of a changed variable, in whole numbers, and what they say.

    python kinds.py        kinds.csv; needs no package

Three variables go their ways for 500 rows, of which the first 300 teach what is usual; then an alarm is on
for 25 rows and variable 1 is changed. Values are multiples of 1/64 and scales are powers of 2, so that the
numbers in fixed point are exact. The test repeats the values. The equations are those at the head of
core/src/kind.rs, written again here.
"""
import csv
import math
import pathlib

LEARN, START, ROWS = 300, 500, 525
UNIT = 512
NONE = None
# Mean, inverse deviation and inverse usual difference of variable 1.
SCALES = (16.0, 0.5, 0.25)
CHANGES = ["spike", "burst", "step", "down", "drift", "ramp", "noise", "stuck", "gaps", "holes", "mirror", "far", "none"]
TOLD = (0, 3, 9, 10, 24)


def draw(t, j):
    """0 to 127; never the same in two rows running."""
    x = (t * 3 + j) * 2654435769 % 2**32
    x = (x ^ (x >> 15)) * 2246822519 % 2**32
    return 2 * ((x >> 20) % 64) + t % 2


def usual(t, j):
    """Within 2 of 16."""
    return 14 + draw(t, j) * 2 / 64


def changed(name, t):
    """Variable 1 in row t of the alarm."""
    x = usual(START + t, 1)
    return {
        "spike": x + (40 if t == 0 else 0),
        "burst": x + (40 * (-1) ** t if t < 3 else 0),
        "step": x + 30,
        "down": x - 30,
        "drift": x + t / 2,
        "ramp": x + 2 * t,
        "noise": x + (12 if t % 2 else -12),
        "stuck": 15.5,
        "gaps": NONE,
        "holes": NONE if t % 2 else x,
        "mirror": 32 - x,
        "far": x + 2**20,
        "none": x,
    }[name]


def cut(x):
    """In fixed point, towards 0, within 16 bits."""
    return max(-32768, min(32767, math.trunc(x * UNIT)))


def nearer(a, b, weight):
    return a + ((b - a) * weight + 32768) // 65536


class Sensor:
    """Range, runs and gaps of variable 1."""

    def __init__(self):
        self.low, self.high, self.run, self.longest, self.gaps, self.last = math.inf, -math.inf, 0, 0, 0.0, NONE

    def take(self, x, learns):
        self.gaps += 0.1 * ((x is NONE) - self.gaps)
        if x is NONE:
            return
        if learns:
            self.low, self.high = min(self.low, x), max(self.high, x)
        if x == self.last:
            self.run += 1
        else:
            self.longest, self.run = max(self.longest, self.run // 2), 1
        if learns:
            self.longest = max(self.longest, self.run)
        self.last = x

    def beyond(self, x):
        margin = max(0.1 * (self.high - self.low), 0.01 * max(abs(self.low), abs(self.high)))
        return x < self.low - margin or x > self.high + margin


def findings(name):
    mean, deviation, difference = SCALES
    sensor, begun, known = Sensor(), False, NONE
    fast = slow = jump = leap = large = outside = 0
    for t in range(ROWS):
        alarmed = t >= START
        x = changed(name, t - START) if alarmed else usual(t, 1)
        if t < LEARN:
            sensor.take(x, True)
            continue
        value = sensor.last if x is NONE else x
        z = cut((value - mean) * deviation)
        ten = 10 * UNIT
        if not begun:
            level = max(-ten, min(ten, cut((sensor.last - mean) * deviation)))
            fast, slow, begun = level, 4 * level, True
        apart = abs(value - sensor.last)
        fast = nearer(fast, z, 9830)
        slow = nearer(slow, 4 * max(-ten, min(ten, z)), 655)
        if not alarmed:
            jump, leap = nearer(jump, 0, 6554), nearer(leap, 0, 6554)
        jump, d = max(jump, cut(apart * deviation)), cut(apart * difference)
        leap = max(leap, d)
        large = nearer(large, 255 if d > 2 * UNIT else 0, 6554)
        outside = nearer(outside, 255 if sensor.beyond(value) else 0, 6554)
        sensor.take(x, False)
        if not alarmed:
            continue
        age = t - START
        if age <= 10:
            shift = fast - math.trunc(slow / 4)
            half = outside > 127
            if sensor.gaps > 0.3:
                kind = "missing"
            elif sensor.run > 8 and sensor.run > 2 * max(sensor.longest, 3):
                kind = "stuck"
            elif age < 10 and leap >= 5 * UNIT:
                kind = "jump"
            elif large > 127 and 2 * abs(shift) < jump:
                kind = "noise"
            elif leap >= 5 * UNIT:
                kind = "spike" if 4 * abs(shift) < jump else "step"
            elif abs(shift) >= UNIT or half:
                kind = "drift"
            else:
                kind = "relation"
            known = [kind, int(age == 10), int(half), leap / UNIT, shift / UNIT, sensor.run, round(sensor.gaps, 6)]
        if age in TOLD:
            yield [name, age, *known]


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("kinds.csv")
    with path.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow("change,age,kind,final,outside,jump,shift,run,gaps".split(","))
        for change in CHANGES:
            out.writerows(findings(change))
