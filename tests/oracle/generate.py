"""Writes networks of several frameworks, and what the frameworks compute, for comparison.

    generate.py FOLDER [--seed N] [--vectors N] [--ad01 FOLDER]

Each network is a file that the importer reads; beside it lie NAME.inputs and NAME.outputs:
vectors of little-endian f32, one after another, in the order in which the library has them (frame
by frame, oldest first).
"""
import argparse
import importlib.util
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
    parser.add_argument("--ad01", type=pathlib.Path, help="folder of MLPerf Tiny ad01, compared too")
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(arguments.seed)

    import keras_nets
    import onnx_nets
    import tflite_nets

    modules = [onnx_nets, tflite_nets, keras_nets]
    # PyTorch is too large to be installed for this; its networks are among the committed ones.
    if importlib.util.find_spec("torch"):
        import torch_nets

        modules.append(torch_nets)
    for module in modules:
        for name, inputs, outputs in module.write(folder, rng, arguments):
            for what, vectors in (("inputs", inputs), ("outputs", outputs)):
                flat = np.concatenate([np.asarray(v, "<f4").reshape(-1) for v in vectors])
                flat.tofile(folder / f"{name}.{what}")
            print(name)


if __name__ == "__main__":
    main()
