"""Random networks of int8 and int16 as .tflite files, and their outputs by LiteRT's reference kernels.

    integer_nets.py FOLDER [--seed N] [--vectors N] [--ad01 FOLDER]

Beside each NAME.tflite lie NAME.inputs and NAME.outputs: vectors of integers as the file has them, one
after another. Functions of bytes are applied to all 256 values of their input.
"""
import argparse
import pathlib
import shutil

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from tflite_nets import FUSED, Graph

TYPES = schema.TensorType
KINDS = {
    np.int8: TYPES.INT8, np.uint8: TYPES.UINT8, np.int16: TYPES.INT16, np.int32: TYPES.INT32, np.int64: TYPES.INT64,
}


class Integers(Graph):
    """A graph of int8, or of int16 with weights of int8: each activation has a scale and a zero point."""

    def __init__(self, rng, shape, grid, kind=np.int8):
        super().__init__(rng, shape)
        self.graded(0, kind, *grid)
        # What operators give, if they are not told.
        self.kind = np.int16 if kind is np.int16 else np.int8

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

    def to(self, op, shape, grid, more=(), options=None, kind=None, first=True):
        self.add(op, list(more), shape, options, first)
        self.graded(self.last, kind or self.kind, *grid)
        self.grid = grid
        return self

    def weights(self, shape, scale, most=127):
        """Weights and biases; one scale, or one per output."""
        w = self.rng.integers(-most, most + 1, shape).astype(np.int8)
        b = self.rng.integers(-24 * most, 24 * most, shape[0]).astype(np.int32)
        if self.kind is np.int16:
            b = b.astype(np.int64) * 256
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

    def transposed(self, filters, kernel, scale, grid, stride=1, same=True, fused=FUSED.NONE, computed=False):
        """Of frames along the width. Its output's shape is computed where Keras leaves the batch open."""
        options, given, channels = self.transposed_shape(kernel, stride, same, fused)
        weights, bias = self.weights((filters, 1, kernel, channels), scale)
        shape = (1, 1, given, filters)
        if computed:
            to = self.packed(self.last, shape[1:])
        else:
            to = self.constant(np.array(shape, np.int32))
        before = self.last
        self.to("TRANSPOSE_CONV", shape, grid, [to, weights], options, first=False)
        self.operators[-1].inputs = [to, weights, before, bias]
        self.versions["TRANSPOSE_CONV"] = 4
        return self

    def pool(self, op, kernel, stride, same=True):
        shape, options = self.pool_shape(kernel, stride, same)
        return self.to(op, shape, self.grid_of(self.last), [], options)

    def repeated(self, factor):
        _, _, frames, channels = self.shape
        size, options = self.constant(np.array([1, frames * factor], np.int32)), schema.ResizeNearestNeighborOptionsT()
        return self.to("RESIZE_NEAREST_NEIGHBOR", (1, 1, frames * factor, channels), self.grid_of(self.last), [size], options)

    def expanded(self):
        """Frames and channels with an axis of size 1 in front, as Conv1D and Conv1DTranspose begin."""
        grid = self.grid_of(self.last)
        axis = self.constant(np.array(1, np.int32))
        return self.to("EXPAND_DIMS", (1, 1, *self.shape[1:]), grid, [axis], schema.ExpandDimsOptionsT())

    def squeezed(self):
        options = schema.SqueezeOptionsT()
        options.squeezeDims = [1]
        return self.to("SQUEEZE", (1, *self.shape[2:]), self.grid_of(self.last), [], options)

    def grid_of(self, tensor):
        found = self.tensors[tensor].quantization
        return found.scale[0], int(found.zeroPoint[0])

    def packed(self, tensor, rest):
        """A shape of the batch of a tensor, which is read from its shape, and of constants."""
        before, shape = self.last, self.shape
        self.last, self.shape = tensor, tuple(self.tensors[tensor].shape)
        options = schema.ShapeOptionsT()
        options.outType = schema.TensorType.INT32
        self.add("SHAPE", [], (len(self.shape),), options)
        self.tensors[self.last].type = schema.TensorType.INT32
        ends = [self.constant(np.array([k], np.int32)) for k in (0, 1, 1)]
        options = schema.StridedSliceOptionsT()
        options.shrinkAxisMask = 1
        self.add("STRIDED_SLICE", ends, (), options)
        self.tensors[self.last].type = schema.TensorType.INT32
        options = schema.PackOptionsT()
        options.valuesCount = 1 + len(rest)
        self.add("PACK", [self.constant(np.array(size, np.int32)) for size in rest], (1 + len(rest),), options)
        self.tensors[self.last].type = schema.TensorType.INT32
        packed, self.last, self.shape = self.last, before, shape
        return packed

    def flat(self):
        """As Keras does for an open batch: the batch's size is read from the shape."""
        size = int(np.prod(self.shape[1:]))
        grid, packed = self.grid_of(self.last), self.packed(self.last, [size])
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


def normalised(rng):
    """Keras' Normalization and its inverse: SUB, MUL and ADD with a constant for each channel, or one for all."""
    g = Integers(rng, (1, 6, 8), (0.03, -14))
    def constant(shape, grid):
        return g.stored(rng.integers(-128, 128, shape).astype(np.int8), *grid)
    def operation(op, shape, grid, out, fused=FUSED.NONE, first=True):
        options = getattr(schema, f"{op.capitalize()}OptionsT")()
        options.fusedActivationFunction = fused
        return g.to(op, g.shape, out, [constant(shape, grid)], options, first=first)
    operation("SUB", (1, 8), (0.0002, -38), (0.0303, -13))
    operation("MUL", (8,), (0.0146, -128), (0.0286, -6))
    operation("ADD", (1, 1, 8), (0.021, 3), (0.041, 5), FUSED.RELU)
    operation("SUB", (), (0.05, 7), (0.03, 1), first=False)
    operation("MUL", (1, 1), (0.011, 0), (0.02, 1), FUSED.RELU6)
    return operation("ADD", (6, 8), (0.04, 0), (0.05, -3))


def pooled(rng):
    """Pools of two and more frames, with padding behind RELU, and frames repeated."""
    g = Integers(rng, (1, 1, 24, 3), (0.05, -11))
    g.pool("MAX_POOL_2D", 2, 2).along(4, 3, 0.01, (0.06, 7)).pool("AVERAGE_POOL_2D", 3, 1, same=False)
    g.pool("AVERAGE_POOL_2D", 2, 1, same=False).along(5, 3, 0.01, (0.04, -128), fused=FUSED.RELU)
    g.pool("MAX_POOL_2D", 3, 2).repeated(3).along(4, 2, 0.02, (0.06, 0))
    return g.pool("AVERAGE_POOL_2D", 6, 3, same=False).pool("MAX_POOL_2D", 3, 1, same=False)


def mixed(rng):
    """Convolutions, which are rounded twice, and dense layers, which are rounded once."""
    g = Integers(rng, (1, 1, 16, 2), (0.05, -11))
    g.along(8, 3, 0.004, (0.021, -128), stride=2, fused=FUSED.RELU)
    g.along(6, 3, rng.uniform(0.001, 0.02, 6), (0.05, 3))
    return g.flat().full(24, 0.003, (0.03, -128), FUSED.RELU).full(32, rng.uniform(0.001, 0.02, 32), (0.05, 2))


def large_mixed(rng):
    """Factors of 1 and above in both."""
    g = Integers(rng, (1, 1, 8, 3), (0.02, 4))
    g.along(6, 1, [0.3, 1.3, 0.65, 0.2, 1.71, 0.5], (0.0121, -20))
    g.along(4, 2, [0.7, 1.7, 0.1, 2.9], (0.31, 20))
    return g.flat().full(8, [2.3, 0.1, 1.7, 0.8, 0.3, 0.9, 1.4, 3.1], (0.4, 0), most=3)


def upsampled(rng):
    """Transposed convolutions: kernels shorter and longer than the stride, both paddings."""
    g = Integers(rng, (1, 1, 5, 3), (0.05, -11))
    g.transposed(4, 3, [0.01, 0.02, 0.005, 0.03], (0.06, -128), stride=2, fused=FUSED.RELU)
    g.transposed(3, 2, 0.01, (0.1, 5), stride=3).transposed(2, 5, 0.01, (0.09, 0))
    return g.transposed(3, 4, 0.02, (0.1, 7), stride=2, same=False).transposed(2, 2, 0.02, (0.1, 7), stride=2, same=False)


def keras_autoencoder(rng, frames=48):
    """Keras' convolutional autoencoder of time series: Conv1D and Conv1DTranspose, batch left open."""
    g = Integers(rng, (1, frames, 1), (0.03, -9))
    for filters, scale in ((32, 0.004), (16, 0.003)):
        scales = rng.uniform(0.5, 1, filters) * scale
        g.expanded().along(filters, 7, scales, (0.02, -128), stride=2, fused=FUSED.RELU).squeezed()
    for filters, stride, grid in ((16, 2, (0.03, -128)), (32, 2, (0.05, -128)), (1, 1, (0.2, 4))):
        scales = rng.uniform(0.5, 1, filters) * 0.004
        fused = FUSED.RELU if stride > 1 else FUSED.NONE
        g.expanded().transposed(filters, 7, scales, grid, stride=stride, fused=fused, computed=True).squeezed()
    return g


def sine(rng):
    """One value through 16 and 16 to one, as TFLite Micro's hello_world and microflow's sine."""
    g = Integers(rng, (1, 1), (0.0245, -128))
    g.full(16, 0.011, (0.016, -128), FUSED.RELU).full(16, 0.009, (0.019, -128), FUSED.RELU)
    return g.full(1, 0.013, (0.03, 4))


def wide(rng):
    """Activations of 16 bits: dense layers, convolutions, all activations."""
    g = Integers(rng, (1, 1, 12, 3), (0.0002, 0), np.int16)
    g.along(4, 3, [0.01, 0.02, 0.005, 0.03], (0.0005, 0), fused=FUSED.RELU)
    g.along(5, 4, 0.01, (0.0008, 0), stride=2).transposed(3, 3, [0.01, 0.02, 0.01], (0.0011, 0), stride=2)
    g.flat().full(20, 0.004, (0.0009, 0), FUSED.RELU).full(9, rng.uniform(0.001, 0.01, 9), (0.0004, 0), FUSED.RELU6)
    return g.full(12, 0.01, (0.0004, 0))


def wide_saturated(rng):
    """Outputs beyond both ends of 16 bits, factors of 1 and above."""
    g = Integers(rng, (1, 5), (0.0002, 0), np.int16)
    g.full(8, [0.1, 0.9, 1.7, 0.002, 0.4, 1e-12, 0.03, 0.3], (0.00031, 0), most=9)
    return g.full(7, 0.01, (0.0001, 0))


def wide_functions(rng):
    """LOGISTIC and TANH of int16: general scales and the two that are exact."""
    g = Integers(rng, (1, 256), (0.0003, 0), np.int16)
    half = 1 / 32768
    g.to("LOGISTIC", (1, 256), (half, 0)).to("QUANTIZE", (1, 256), (2.0 ** -12, 0)).to("TANH", (1, 256), (half, 0))
    g.full(64, 0.02, (2.0 ** -11, 0)).to("LOGISTIC", (1, 64), (half, 0)).full(48, 0.03, (0.0007, 0))
    return g.to("TANH", (1, 48), (half, 0))


def wide_from_bytes(rng):
    """QUANTIZE from int8 to int16, between grids of int16, and to int8."""
    g = Integers(rng, (1, 8), (0.05, 3))
    g.to("QUANTIZE", (1, 8), (0.0002, 0), kind=np.int16)
    g.kind = np.int16
    g.full(8, 0.01, (0.0008, 0)).to("QUANTIZE", (1, 8), (0.0011, 0))
    g.to("QUANTIZE", (1, 8), (0.0006, 0)).to("RELU", (1, 8), (0.0007, 0))
    return g.to("QUANTIZE", (1, 8), (0.17, -7), kind=np.int8)


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
    "mixed": mixed,
    "large_mixed": large_mixed,
    "upsampled": upsampled,
    "keras_autoencoder": keras_autoencoder,
    "sine": sine,
    "wide": wide,
    "wide_saturated": wide_saturated,
    "wide_from_bytes": wide_from_bytes,
    "normalised": normalised,
    "pooled": pooled,
    "wide_functions": wide_functions,
}


def main():
    parser = argparse.ArgumentParser(description="Writes networks of int8 and what LiteRT makes of them.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vectors", type=int, default=8)
    parser.add_argument("--ad01", type=pathlib.Path, help="folder of MLPerf Tiny ad01, compared too")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(arguments.seed)
    for name, net in NETS.items():
        path = arguments.folder / f"{name}.tflite"
        path.write_bytes(net(rng).bytes())
        print(name, outputs_of(path, rng, arguments.vectors))
    if arguments.ad01:
        path = arguments.folder / "ad01.tflite"
        shutil.copyfile(arguments.ad01 / "ad01_int8.tflite", path)
        print("ad01", outputs_of(path, rng, arguments.vectors))


def outputs_of(path, rng, count):
    """Writes inputs and outputs beside a network; gives how many values outputs have."""
    reference = Interpreter(str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    reference.allocate_tensors()
    start, end = reference.get_input_details()[0], reference.get_output_details()[0]
    shape, kind = start["shape"], start["dtype"]
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
    # The library's values of 16 bits end at -32,767.
    low = max(low, -32767)
    every = (np.arange(256) + low).astype(kind)
    alone = {256: [every], 1: list(every)}.get(np.prod(shape)) if high < 256 else None
    vectors = alone if alone else rng.integers(low, high + 1, (count, *shape)).astype(kind)
    inputs, outputs = b"", b""
    for x in vectors:
        reference.set_tensor(start["index"], x.reshape(shape))
        reference.invoke()
        inputs, outputs = inputs + x.tobytes(), outputs + reference.get_tensor(end["index"]).tobytes()
    path.with_suffix(".inputs").write_bytes(inputs)
    path.with_suffix(".outputs").write_bytes(outputs)
    return np.unique(np.frombuffer(outputs, end["dtype"])).size


if __name__ == "__main__":
    main()
