"""Random networks of int8 as .tflite files, and their outputs by LiteRT's reference kernels.

    integer_nets.py FOLDER [--seed N] [--vectors N]

Beside each NAME.tflite lie NAME.inputs and NAME.outputs: vectors of bytes as the file has them, one
after another. Functions are applied to all 256 values of their input.
"""
import argparse
import pathlib

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from tflite_nets import FUSED, Graph

KINDS = {np.int8: schema.TensorType.INT8, np.uint8: schema.TensorType.UINT8, np.int32: schema.TensorType.INT32}


class Integers(Graph):
    """A graph of int8: each activation has a scale and a zero point."""

    def __init__(self, rng, shape, grid, kind=np.int8):
        super().__init__(rng, shape)
        self.graded(0, kind, *grid)

    def graded(self, tensor, kind, scale, zero=0):
        tensor = self.tensors[tensor]
        tensor.type = KINDS[kind]
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale = np.atleast_1d(np.float32(scale))
        tensor.quantization.zeroPoint = np.zeros(np.size(scale), np.int64) + zero
        tensor.quantization.quantizedDimension = 0

    def stored(self, data, scale, zero=0):
        index = self.tensor(data.shape, data)
        buffer = self.buffers[self.tensors[index].buffer]
        buffer.data = np.frombuffer(data.tobytes(), np.uint8)
        self.graded(index, data.dtype.type, scale, zero)
        return index

    def to(self, op, shape, grid, more=(), options=None, kind=np.int8):
        self.add(op, list(more), shape, options)
        self.graded(self.last, kind, *grid)
        self.grid = grid
        return self

    def weights(self, shape, scale, most=127):
        """Weights and biases; one scale, or one per output."""
        w = self.rng.integers(-most, most + 1, shape).astype(np.int8)
        b = self.rng.integers(-24 * most, 24 * most, shape[0]).astype(np.int32)
        entering = self.tensors[self.last].quantization.scale[0]
        return [self.stored(w, scale), self.stored(b, np.float32(scale) * entering)]

    def full(self, outputs, scale, grid, fused=FUSED.NONE, most=127):
        options = schema.FullyConnectedOptionsT()
        options.fusedActivationFunction = fused
        more = self.weights((outputs, self.shape[-1]), scale, most)
        return self.to("FULLY_CONNECTED", (self.shape[0], outputs), grid, more, options)

    def along(self, filters, kernel, scale, grid, stride=1, dilation=1, same=True, fused=FUSED.NONE):
        options, out, channels = self.conv_shape(kernel, stride, dilation, same, fused)
        more = self.weights((filters, 1, kernel, channels), scale)
        return self.to("CONV_2D", (1, 1, out, filters), grid, more, options)

    def flat(self):
        """As Keras does for an open batch: the batch's size is read from the shape."""
        whole, size = self.last, int(np.prod(self.shape[1:]))
        grid = self.tensors[whole].quantization.scale[0], int(self.tensors[whole].quantization.zeroPoint[0])
        before, shape = whole, self.shape
        options = schema.ShapeOptionsT()
        options.outType = schema.TensorType.INT32
        self.add("SHAPE", [], (len(shape),), options)
        self.tensors[self.last].type = schema.TensorType.INT32
        ends = [self.constant(np.array([k], np.int32)) for k in (0, 1, 1)]
        options = schema.StridedSliceOptionsT()
        options.shrinkAxisMask = 1
        self.add("STRIDED_SLICE", ends, (), options)
        self.tensors[self.last].type = schema.TensorType.INT32
        options = schema.PackOptionsT()
        options.valuesCount = 2
        self.add("PACK", [self.constant(np.array(size, np.int32))], (2,), options)
        self.tensors[self.last].type = schema.TensorType.INT32
        packed, self.last = self.last, before
        return self.to("RESHAPE", (1, size), grid, [packed])


def function(op, grid, out, options=None):
    def net(rng):
        g = Integers(rng, (1, 256), grid)
        return g.to(op, (1, 256), out, options=options)
    return net


def slope(alpha):
    options = schema.LeakyReluOptionsT()
    options.alpha = alpha
    return options


def bytes_at_the_ends(rng):
    """uint8 in and out, int8 within."""
    g = Integers(rng, (1, 6), (0.04, 120), np.uint8)
    g.to("QUANTIZE", (1, 6), (0.04, -8)).full(5, 0.01, (0.03, -128), FUSED.RELU)
    g.full(6, 0.01, (0.05, 3))
    return g.to("QUANTIZE", (1, 6), (0.05, 131), kind=np.uint8)


def dead_and_large(rng):
    """Factors below 2^-32, of 1 and above, and usual ones."""
    g = Integers(rng, (1, 5), (0.02, 4))
    g.full(6, [0.3, 1e-11, 0.65, 0.2, 0.71, 0.5], (0.0121, -20), most=1)
    g.full(6, [1.7, 0.3, 0.2, 0.5, 1e-12, 1.0], (0.012, -60), FUSED.RELU6, most=1)
    return g.full(5, 1.3, (0.015, 0), most=1)


def convolution(rng):
    """Both paddings, stride, dilation, scales per filter."""
    g = Integers(rng, (1, 1, 12, 3), (0.05, -11))
    g.along(4, 3, [0.01, 0.02, 0.005, 0.03], (0.06, -128), fused=FUSED.RELU).along(3, 4, 0.01, (0.1, 5), stride=2)
    g.to("LEAKY_RELU", g.shape, (0.08, -30), options=slope(0.2))
    return g.along(4, 2, 0.01, (0.06, 9), dilation=2, same=False).to("TANH", g.shape, (1 / 128, 0))


def flat(rng):
    """A dense layer over frames, made flat as for an open batch."""
    g = Integers(rng, (1, 3, 4), (0.05, -11))
    return g.flat().full(5, 0.004, (0.02, 0)).to("TANH", (1, 5), (1 / 128, 0))


def batch_of_four(rng):
    """A batch that the file fixes."""
    return Integers(rng, (4, 6), (0.05, 1)).full(3, 0.01, (0.04, -128), FUSED.RELU).full(6, 0.02, (0.06, 2))


NETS = {
    "sigmoid": function("LOGISTIC", (0.05, 3), (1 / 256, -128)),
    "sigmoid_wide": function("LOGISTIC", (0.31, -40), (1 / 256, -128)),
    "tanh": function("TANH", (0.03, -5), (1 / 128, 0)),
    "tanh_fine": function("TANH", (0.0007, 0), (1 / 128, 0)),
    "leaky": function("LEAKY_RELU", (0.05, 9), (0.037, -60), slope(0.3)),
    "leaky_up": function("LEAKY_RELU", (0.05, -9), (0.011, 10), slope(0.01)),
    "requantised": function("QUANTIZE", (0.05, 9), (0.07, -4)),
    "relu6": function("RELU6", (0.05, -3), (6 / 255, -128)),
    "bytes_at_the_ends": bytes_at_the_ends,
    "dead_and_large": dead_and_large,
    "convolution": convolution,
    "flat": flat,
    "batch_of_four": batch_of_four,
}


def main():
    parser = argparse.ArgumentParser(description="Writes networks of int8 and what LiteRT makes of them.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vectors", type=int, default=8)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(arguments.seed)
    for name, net in NETS.items():
        graph = net(rng)
        path = arguments.folder / f"{name}.tflite"
        path.write_bytes(graph.bytes())
        reference = Interpreter(str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        reference.allocate_tensors()
        start, end = reference.get_input_details()[0], reference.get_output_details()[0]
        shape, kind = start["shape"], start["dtype"]
        low, inputs, outputs = np.iinfo(kind).min, b"", b""
        every = (np.arange(256) + low).astype(kind).reshape(1, 256)
        vectors = [every] if shape[-1] == 256 else rng.integers(low, low + 256, (arguments.vectors, *shape)).astype(kind)
        for x in vectors:
            reference.set_tensor(start["index"], x.reshape(shape))
            reference.invoke()
            inputs, outputs = inputs + x.tobytes(), outputs + reference.get_tensor(end["index"]).tobytes()
        (arguments.folder / f"{name}.inputs").write_bytes(inputs)
        (arguments.folder / f"{name}.outputs").write_bytes(outputs)
        print(name, np.unique(np.frombuffer(outputs, np.int8)).size)


if __name__ == "__main__":
    main()
