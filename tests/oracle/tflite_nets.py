"""Random networks as float .tflite files, and what LiteRT makes of them.

They are written with the classes of the schema that the package of LiteRT brings, so that no
converter is needed.
"""
import shutil

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

FUSED = schema.ActivationFunctionType


class Graph:
    """A graph in the making: tensors, their data, and operators in order."""

    def __init__(self, rng, shape):
        self.rng, self.tensors, self.buffers, self.operators, self.codes = rng, [], [], [], []
        self.buffers.append(schema.BufferT())
        # Of operators with another version than 1.
        self.versions = {}
        self.last, self.shape = self.tensor(shape), tuple(shape)

    def tensor(self, shape, data=None):
        tensor = schema.TensorT()
        tensor.shape, tensor.buffer = np.array(shape, np.int32), 0
        tensor.type = schema.TensorType.FLOAT32
        tensor.name = f"t{len(self.tensors)}"
        if data is not None:
            data = np.asarray(data)
            if data.dtype == np.int32:
                tensor.type = schema.TensorType.INT32
            else:
                data = data.astype(np.float32)
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(data.tobytes(), np.uint8)
            tensor.buffer = len(self.buffers)
            self.buffers.append(buffer)
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def constant(self, data):
        data = np.asarray(data)
        return self.tensor(data.shape, data)

    def random(self, *shape):
        fan = np.prod(shape[1:]) if len(shape) > 1 else 4
        return self.constant(self.rng.normal(0, 1 / np.sqrt(fan), shape))

    def add(self, op, more, shape, options=None, first=True):
        code = getattr(schema.BuiltinOperator, op)
        if code not in self.codes:
            self.codes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = self.codes.index(code)
        operator.inputs = [self.last, *more] if first else [*more, self.last]
        self.last, self.shape = self.tensor(shape), tuple(shape)
        operator.outputs = [self.last]
        if options is not None:
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
            operator.builtinOptions = options
        self.operators.append(operator)
        return self

    def dense(self, outputs, fused=FUSED.NONE, bias=True, rows=False):
        options = schema.FullyConnectedOptionsT()
        options.fusedActivationFunction, options.keepNumDims = fused, rows
        inputs = self.shape[-1]
        more = [self.random(outputs, inputs), self.random(outputs) if bias else -1]
        shape = (*self.shape[:-1], outputs) if rows else (1, outputs)
        return self.add("FULLY_CONNECTED", more, shape, options)

    def plain(self, op, options=None):
        return self.add(op, [], self.shape, options)

    def leaky(self, slope):
        options = schema.LeakyReluOptionsT()
        options.alpha = slope
        return self.plain("LEAKY_RELU", options)

    def arithmetic(self, op, constant, fused=FUSED.NONE, first=True):
        options = getattr(schema, f"{op.capitalize()}OptionsT")()
        options.fusedActivationFunction = fused
        return self.add(op, [constant], self.shape, options, first)

    def reshape(self, *shape):
        return self.add("RESHAPE", [self.constant(np.array(shape, np.int32))], shape)

    def conv_shape(self, kernel, stride, dilation, same, fused):
        """The options of a CONV_2D along one axis, the frames that come out, and the channels."""
        options = schema.Conv2DOptionsT()
        options.padding = schema.Padding.SAME if same else schema.Padding.VALID
        options.strideW, options.strideH = stride, 1
        options.dilationWFactor, options.dilationHFactor = dilation, 1
        options.fusedActivationFunction = fused
        _, _, frames, channels = self.shape
        reach = (kernel - 1) * dilation + 1
        return options, -(-frames // stride) if same else (frames - reach) // stride + 1, channels

    def conv(self, filters, kernel, stride=1, dilation=1, same=True, fused=FUSED.NONE):
        options, out, channels = self.conv_shape(kernel, stride, dilation, same, fused)
        more = [self.random(filters, 1, kernel, channels), self.random(filters)]
        return self.add("CONV_2D", more, (1, 1, out, filters), options)

    def pool_shape(self, kernel, stride, same):
        options = schema.Pool2DOptionsT()
        options.padding = schema.Padding.SAME if same else schema.Padding.VALID
        options.strideW, options.strideH, options.filterWidth, options.filterHeight = stride, 1, kernel, 1
        options.fusedActivationFunction = FUSED.NONE
        _, _, frames, channels = self.shape
        out = -(-frames // stride) if same else (frames - kernel) // stride + 1
        return (1, 1, out, channels), options

    def pool(self, op, kernel, stride, same=True):
        shape, options = self.pool_shape(kernel, stride, same)
        return self.add(op, [], shape, options)

    def repeated(self, factor):
        _, _, frames, channels = self.shape
        size, options = self.constant(np.array([1, frames * factor], np.int32)), schema.ResizeNearestNeighborOptionsT()
        options.halfPixelCenters = True
        return self.add("RESIZE_NEAREST_NEIGHBOR", [size], (1, 1, frames * factor, channels), options)

    def transposed_shape(self, kernel, stride, same, fused):
        """The options of a TRANSPOSE_CONV along one axis, the frames that come out, and the channels."""
        options = schema.TransposeConvOptionsT()
        options.padding = schema.Padding.SAME if same else schema.Padding.VALID
        options.strideW, options.strideH, options.fusedActivationFunction = stride, 1, fused
        _, _, frames, channels = self.shape
        return options, frames * stride if same else (frames - 1) * stride + kernel, channels

    def transposed(self, filters, kernel, stride=1, same=True, fused=FUSED.NONE):
        options, given, channels = self.transposed_shape(kernel, stride, same, fused)
        shape, before = (1, 1, given, filters), self.last
        to, weights = self.constant(np.array(shape, np.int32)), self.random(filters, 1, kernel, channels)
        bias = self.random(filters)
        self.add("TRANSPOSE_CONV", [to, weights], shape, options, first=False)
        self.operators[-1].inputs = [to, weights, before, bias]
        self.versions["TRANSPOSE_CONV"] = 4
        return self

    def bytes(self):
        graph = schema.SubGraphT()
        graph.tensors, graph.operators = self.tensors, self.operators
        graph.inputs, graph.outputs = [0], [self.last]
        codes = []
        versions = {getattr(schema.BuiltinOperator, op): version for op, version in self.versions.items()}
        for number in self.codes:
            code = schema.OperatorCodeT()
            code.builtinCode = number
            code.deprecatedBuiltinCode = min(number, 127)
            code.version = versions.get(number, 1)
            codes.append(code)
        model = schema.ModelT()
        model.version, model.subgraphs = 3, [graph]
        model.buffers, model.operatorCodes = self.buffers, codes
        builder = flatbuffers.Builder(0)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def dense(rng):
    """Every activation, fused or by itself; constants on either side; no bias."""
    g = Graph(rng, (1, 10))
    g.arithmetic("SUB", g.random(10)).arithmetic("DIV", g.constant(rng.uniform(1, 2, 10)))
    g.dense(8, FUSED.RELU).dense(8, FUSED.RELU6).dense(8, FUSED.RELU_N1_TO_1, bias=False)
    g.dense(8).plain("LOGISTIC").dense(8).plain("TANH").dense(8).leaky(0.3).dense(8).plain("RELU")
    g.dense(8, FUSED.NONE).plain("RELU6").dense(10)
    g.arithmetic("MUL", g.random(10)).arithmetic("ADD", g.random(1, 10), FUSED.RELU)
    return g.arithmetic("SUB", g.random(10), first=False)


def convolution(rng):
    """Convolutions over one axis with both paddings, stride and dilation; then dense."""
    g = Graph(rng, (1, 15, 3))
    g.reshape(1, 1, 15, 3).conv(4, 3, fused=FUSED.RELU).conv(5, 4, stride=2).leaky(0.1)
    g.conv(4, 2, dilation=2, same=False).plain("TANH").reshape(1, 6, 4)
    g.add("TRANSPOSE", [g.constant(np.array([0, 2, 1], np.int32))], (1, 4, 6))
    return g.reshape(1, 24).dense(5)


def autoencoder(rng):
    """Keras' convolutional autoencoder of time series, Conv1D and Conv1DTranspose; then kernels that end
    within a stride."""
    g = Graph(rng, (1, 48, 1))
    g.reshape(1, 1, 48, 1).conv(32, 7, stride=2, fused=FUSED.RELU).conv(16, 7, stride=2, fused=FUSED.RELU)
    g.transposed(16, 7, stride=2, fused=FUSED.RELU).transposed(32, 7, stride=2, fused=FUSED.RELU)
    g.transposed(1, 7).transposed(2, 3, stride=2, same=False, fused=FUSED.RELU)
    return g.reshape(1, 97, 2).dense(1, rows=True)


def pooled(rng):
    """Pools, with padding behind RELU, and frames repeated."""
    g = Graph(rng, (1, 16, 2))
    g.reshape(1, 1, 16, 2).pool("MAX_POOL_2D", 2, 2).conv(4, 3, fused=FUSED.RELU).pool("MAX_POOL_2D", 3, 2)
    return g.repeated(4).conv(3, 3).pool("AVERAGE_POOL_2D", 2, 2).conv(2, 3)


def frames(rng):
    """The same dense layer for each frame."""
    g = Graph(rng, (1, 6, 3))
    return g.dense(4, FUSED.RELU, rows=True).dense(3, rows=True)


def run(path, inputs, kernels=OpResolverType.AUTO):
    interpreter = Interpreter(str(path), experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
    start, end = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    for x in inputs:
        interpreter.set_tensor(start["index"], x.reshape(start["shape"]))
        interpreter.invoke()
        yield interpreter.get_tensor(end["index"])


def write(folder, rng, arguments):
    # The last have numbers of their own, so that those of the networks behind stay the same.
    apart = rng.spawn(1)[0]
    nets = [(net, rng) for net in (dense, convolution, frames)] + [(net, apart) for net in (autoencoder, pooled)]
    for net, rng in nets:
        graph, name = net(rng), f"tflite_{net.__name__}"
        path = folder / f"{name}.tflite"
        path.write_bytes(graph.bytes())
        shape = graph.tensors[0].shape
        inputs = rng.normal(0, 1, (arguments.vectors, *shape)).astype(np.float32)
        yield name, inputs, list(run(path, inputs))
    if arguments.ad01:
        path = folder / "tflite_ad01.tflite"
        shutil.copyfile(arguments.ad01 / "ad01_fp32.tflite", path)
        clip = np.fromfile(arguments.ad01 / "normal_id_01_00000000_logmel_200x128_f32le.bin", "<f4")
        frames_of = clip.reshape(200, 128)
        inputs = [frames_of[k:k + 5].reshape(640) for k in range(0, 196, 7)]
        yield "tflite_ad01", inputs, in_64_bits(path, inputs)


def in_64_bits(path, inputs):
    """The outputs of a chain of dense layers with ReLU but for the last, from LiteRT's tensors.

    Ten layers over inputs near -50 amplify the rounding of f32: LiteRT's own two kernels differ by
    9e-5 of the largest output, so neither is what 1e-5 can be measured against. Both must be
    nearer to these outputs than that twice, which a wrong layer is not.
    """
    interpreter = Interpreter(str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    operators = [o for o in interpreter._get_ops_details() if o["op_name"] == "FULLY_CONNECTED"]
    layers = [[interpreter.get_tensor(k).astype(np.float64) for k in o["inputs"][1:3]] for o in operators]
    outputs = []
    for x in inputs:
        h = x.astype(np.float64)
        for k, (weights, biases) in enumerate(layers):
            h = weights @ h + biases
            h = np.maximum(h, 0) if k + 1 < len(layers) else h
        outputs.append(h.astype(np.float32))
    outputs = np.array(outputs)
    for kernels in (OpResolverType.AUTO, OpResolverType.BUILTIN_REF):
        theirs = np.array(list(run(path, inputs, kernels))).reshape(outputs.shape)
        apart = np.abs(theirs - outputs).max() / np.abs(outputs).max()
        assert apart < 2e-4, f"ad01: LiteRT is {apart:.1e} of the largest output away"
    return list(outputs)
