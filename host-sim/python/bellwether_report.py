#!/usr/bin/env python3
"""Reads the reports of a device (docs/formats/report.md, version 2) and prints each record as a line of JSON.

    python3 bellwether_report.py /dev/ttyACM0
    python3 bellwether_report.py report.bin

Python 3.8 or later, and no other package. A terminal's line is set up before, such as by
`stty -F /dev/ttyACM0 115200 raw`. As a module:

    for record in bellwether_report.records(open("report.bin", "rb")):
        print(record["record"], record)

Frames that are no record (noise, a lost byte, another version) are counted on standard error; reading goes on at
the next frame. Numbers that JSON does not have (NaN, infinities) are `null`.
"""

import json
import math
import struct
import sys
import zlib

VERSION = 2
# The largest frame, closing zero included.
LARGEST = 64

OUTCOMES = ("quiet", "confirmed", "agreeing", "outvoted", "local", "waiting")
CAUSES = ("missing", "not_finite", "sensor", "stuck", "out_of_order", "training", "threshold_inflated")
ALERTS = ("none", "single", "correlated")
PHASES = ("quiet", "start", "update", "clear")
GRADES = ("none", "info", "warning", "critical")
BASES = ("calibrated", "extrapolated")
SYMPTOMS = ("missing", "stuck", "range", "rate")
KINDS = ("jump", "spike", "step", "drift", "stuck", "noise", "relation", "missing")


class Refused(ValueError):
    """Bytes that are no record; says which layer refused them."""


class Body:
    """The fields of a record, in order."""

    def __init__(self, content):
        self.rest = content

    def take(self, count):
        if count > len(self.rest):
            raise Refused("content: too short")
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def u8(self):
        return self.take(1)[0]

    def flag(self):
        byte = self.u8()
        if byte > 1:
            raise Refused("content: a flag of %d" % byte)
        return byte == 1

    def varint(self, bits):
        value = 0
        for shift in range(0, bits, 7):
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >> bits:
                    break
                return value
        raise Refused("content: a number of more than %d bits" % bits)

    def u16(self):
        return self.varint(16)

    def u32(self):
        return self.varint(32)

    def u64(self):
        return self.varint(64)

    def f32(self):
        (value,) = struct.unpack("<f", self.take(4))
        return value if math.isfinite(value) else None

    def option(self, read):
        return read() if self.flag() else None

    def name(self):
        length = self.varint(64)
        text = self.take(length) if length <= 16 else b" "
        if any(not 0x21 <= byte <= 0x7E for byte in text):
            raise Refused("content: a name")
        return text.decode("ascii")

    def count(self):
        count = self.varint(16)
        if count > 0x3FFF:
            raise Refused("content: a count of %d" % count)
        return count

    def values(self):
        count = self.varint(64)
        if count > 9:
            raise Refused("content: %d values" % count)
        return [self.f32() for _ in range(count)]

    def one_of(self, names):
        code = self.varint(32)
        if code >= len(names):
            raise Refused("content: code %d of %s" % (code, "/".join(names)))
        return names[code]


def state(body):
    name = body.one_of(("warming", "normal", "adapted", "anomalous", "early", "blind"))
    if name == "warming":
        return {"warming": body.u32()}
    if name == "blind":
        return {"blind": body.one_of(CAUSES)}
    return name


def answer(body):
    return {
        "state": state(body),
        "expected": body.option(body.f32),
        "score": body.option(body.f32),
        "threshold": body.option(body.f32),
        "trained": body.flag(),
        "alert": body.one_of(ALERTS),
    }


def episode(body):
    return {
        "age": body.u32(),
        "peak": body.f32(),
        "grade": body.one_of(GRADES),
        "acknowledged": body.flag(),
    }


def notice(body):
    return {
        "phase": body.one_of(PHASES),
        "grade": body.one_of(GRADES),
        "severity": body.option(body.f32),
        "threshold": body.f32(),
        "episode": body.option(lambda: episode(body)),
        "is_news": body.flag(),
        "basis": body.one_of(BASES),
    }


def hello(body):
    return {
        "detector": body.name(),
        "variables": body.u16(),
        "warm_up": body.u32(),
        "sizes": [body.u32() for _ in range(3)],
        "state_bytes": body.u32(),
    }


def verdict(body):
    return {
        "tick": body.u64(),
        "vote_tick": body.option(body.u64),
        "lanes": body.u16(),
        "correlations": body.u32(),
    }


def lane(body):
    return {
        "variable": body.u16(),
        "outcome": body.one_of(OUTCOMES),
        "value": body.f32(),
        "answer": answer(body),
    }


def correlation(body):
    return {"a": body.u16(), "b": body.u16(), "r": body.f32()}


def assessment(body):
    return {
        "tick": body.u64(),
        "answer": answer(body),
        "reason": body.u8(),
        "contributions": body.u16(),
    }


def contribution(body):
    return {
        "variable": body.u16(),
        "frame": body.u16(),
        "value": body.f32(),
        "expected": body.f32(),
        "error": body.f32(),
    }


def alarm(body):
    return {"tick": body.u64(), "notice": notice(body), "complaints": body.u16()}


def complaint(body):
    return {"variable": body.u16(), "symptom": body.one_of(SYMPTOMS), "rows": body.u16()}


def finding(body):
    return {
        "variable": body.u16(),
        "kind": body.one_of(KINDS),
        "is_final": body.flag(),
        "is_outside": body.flag(),
        "jump": body.f32(),
        "shift": body.f32(),
        "run": body.u16(),
        "gaps": body.f32(),
    }


def readings(body):
    return {
        "tick": body.u64(),
        "variables": body.u16(),
        "first": body.u16(),
        "values": body.values(),
    }


def summary(body):
    return {
        "frames": body.count(),
        "warm_up": body.u32(),
        "scores": [body.count() for _ in range(8)],
        "blind": [body.count() for _ in range(7)],
        "alerts": [body.count() for _ in range(2)],
        "trainings": body.count(),
        "alarms": body.count(),
        "lost": body.count(),
        "worst": body.u32(),
    }


RECORDS = (
    hello,
    verdict,
    lane,
    correlation,
    assessment,
    contribution,
    alarm,
    complaint,
    finding,
    readings,
    summary,
)


def unstuff(frame):
    """The bytes of a COBS frame, which is given without its closing zero."""
    content, at = bytearray(), 0
    while at < len(frame):
        code = frame[at]
        block = frame[at + 1 : at + code]
        if code == 0 or len(block) != code - 1 or 0 in block:
            raise Refused("framing")
        content += block
        at += code
        if code < 0xFF and at < len(frame):
            content.append(0)
    return bytes(content)


def parse(frame):
    """The record of a frame, with or without its closing zero."""
    content = unstuff(frame[:-1] if frame.endswith(b"\0") else frame)
    if len(content) < 5:
        raise Refused("truncated")
    content, checksum = content[:-4], content[-4:]
    if zlib.crc32(content) != int.from_bytes(checksum, "little"):
        raise Refused("checksum")
    if content[0] != VERSION:
        raise Refused("version %d, this program reads %d" % (content[0], VERSION))
    body = Body(content[1:])
    code = body.varint(32)
    if code >= len(RECORDS):
        raise Refused("content: record %d" % code)
    kind = RECORDS[code]
    record = {"record": kind.__name__, **kind(body)}
    if body.rest:
        raise Refused("content: too long")
    return record


def records(stream, refused=lambda reason: None):
    """The records of a binary stream. `refused` gets the reason of every frame that is none."""
    frame = bytearray()
    while True:
        byte = stream.read(1)
        if byte and byte != b"\0":
            # Noise without an end takes no memory.
            if len(frame) < LARGEST:
                frame += byte
            continue
        if frame:
            try:
                yield parse(bytes(frame))
            except Refused as reason:
                refused(str(reason))
            frame.clear()
        if not byte:
            return


def main(arguments):
    if len(arguments) != 1 or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    reasons = {}

    def count(reason):
        reasons[reason] = reasons.get(reason, 0) + 1

    try:
        with (sys.stdin.buffer if arguments[0] == "-" else open(arguments[0], "rb")) as stream:
            for record in records(stream, count):
                print(json.dumps(record), flush=True)
    except OSError as error:
        print("%s: %s" % (arguments[0], error.strerror), file=sys.stderr)
        return 2
    except (KeyboardInterrupt, BrokenPipeError):
        pass
    for reason, frames in reasons.items():
        print("%d frames are no record: %s" % (frames, reason), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
