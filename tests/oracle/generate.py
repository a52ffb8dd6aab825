"""Writes networks of several frameworks, and what the frameworks compute, for comparison.

    generate.py FOLDER [--seed N] [--vectors N]

Each network is a file that the importer reads; beside it lie NAME.inputs and NAME.outputs:
vectors of little-endian f32, one after another, in the order in which the library has them (frame
by frame, oldest first).
"""
import argparse
import os
import pathlib

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")


def main():
    parser = argparse.ArgumentParser(description="Writes networks and what frameworks make of them.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vectors", type=int, default=20, help="inputs per network")
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(arguments.seed)

    import onnx_nets

    for module in (onnx_nets,):
        for name, inputs, outputs in module.write(folder, rng, arguments.vectors):
            for what, vectors in (("inputs", inputs), ("outputs", outputs)):
                flat = np.concatenate([np.asarray(v, "<f4").reshape(-1) for v in vectors])
                flat.tofile(folder / f"{name}.{what}")
            print(name)


if __name__ == "__main__":
    main()
