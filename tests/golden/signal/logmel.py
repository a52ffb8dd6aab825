"""Writes the golden of log-mel frames: what librosa gives for generated sounds.

    python logmel.py       logmel.csv; needs numpy 2.4.6 and librosa 0.11.0

The sounds are PCM of 16 bits at 16 kHz by formulas that tests/conformance/log_mel.rs repeats. Preprocessing is
that of MLPerf Tiny's anomaly detection (ad01), with center=False: 10·log10(mel + epsilon of f64).
"""
import csv
import pathlib
import sys

import librosa
import numpy as np

HERE = pathlib.Path(__file__).parent
RATE, FRAME, HOP, BANDS, FRAMES = 16_000, 1024, 512, 128, 5
# seed, then amplitudes: tones, chirp, noise
CASES = [(1, 0.1, 0.2, 0.02), (2, 0.3, 0.0, 0.003), (3, 0.0, 0.5, 0.01), (4, 0.0, 0.0, 0.0005), (5, 0.0, 0.0, 0.9),
         (6, 0.3, 0.0, 0.0)]
TONES = [(120.0, 1.0), (440.0, 0.7), (1234.5, 0.5), (3000.0, 0.3), (6789.0, 0.2)]


def samples(seed, tones, chirp, noise):
    state = seed
    for n in range((FRAMES + 1) * HOP):
        state = (state * 1664525 + 1013904223) % 2**32
        t = n / RATE
        x = noise * ((state >> 8) / 2**23 - 1.0)
        x += chirp * np.sin(2 * np.pi * (100.0 * t + 18_000.0 * t * t))
        for frequency, share in TONES:
            x += tones * share * np.sin(2 * np.pi * frequency * t)
        yield np.floor(x * 32768.0 + 0.5) / 32768.0


def log_mel(x):
    mel = librosa.feature.melspectrogram(y=x, sr=RATE, n_fft=FRAME, hop_length=HOP, n_mels=BANDS, power=2.0,
                                         center=False, dtype=x.dtype)
    return 20.0 / 2.0 * np.log10(mel + sys.float_info.epsilon).T


with open(HERE / "logmel.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["seed", "tones", "chirp", "noise", "frame", *(f"band{k}" for k in range(BANDS))])
    for case in CASES:
        x = np.array(list(samples(*case)))
        assert (x.astype(np.float32) == x).all() and np.abs(x).max() < 1
        frames, rough = log_mel(x), log_mel(x.astype(np.float32))
        assert frames.shape == (FRAMES, BANDS)
        print(case, f"{frames.min():.1f} to {frames.max():.1f} dB, f32 of librosa apart by {np.abs(frames - rough).max():.1e}")
        for k, frame in enumerate(frames):
            out.writerow([*case, k, *(f"{value:.6f}" for value in frame)])
