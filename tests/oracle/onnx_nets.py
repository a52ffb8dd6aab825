"""Random networks as .onnx files, and what onnxruntime makes of them.

Every network is built with the helper of the `onnx` package, node by node, so that each operator
and each of its attributes that the importer reads is met at least once.
"""
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


class Graph:
    """A graph in the making: nodes in order, and the constants they use."""

    def __init__(self, rng, shape):
        self.rng, self.shape = rng, shape
        self.nodes, self.constants, self.last = [], [], "x"

    def constant(self, array, kind=np.float32):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, kind), name))
        return name

    def random(self, *shape):
        fan = shape[-1] if len(shape) > 1 else 4
        return self.constant(self.rng.normal(0, 1 / np.sqrt(fan), shape))

    def add(self, op, *more, outputs=None, take=0, **attributes):
        outputs = outputs or [f"t{len(self.nodes)}"]
        self.nodes.append(helper.make_node(op, [self.last, *more], outputs, **attributes))
        self.last = outputs[take]
        return self

    def gemm(self, inputs, outputs, **attributes):
        return self.add("Gemm", self.random(outputs, inputs), self.random(outputs), transB=1, **attributes)

    def norm(self, channels, epsilon=1e-3):
        variance = self.constant(self.rng.uniform(0.2, 2, channels))
        return self.add("BatchNormalization", self.random(channels), self.random(channels),
                        self.random(channels), variance, epsilon=epsilon)

    def conv(self, channels, filters, kernel, **attributes):
        return self.add("Conv", self.random(filters, channels, kernel), self.random(filters), **attributes)

    def recurrent(self, op, channels, units, take, bias=True):
        gates = {"LSTM": 4, "GRU": 3}[op]
        more = [self.random(1, gates * units, channels), self.random(1, gates * units, units)]
        more += [self.random(1, 2 * gates * units)] if bias else []
        attributes = {"linear_before_reset": 1} if op == "GRU" else {}
        k = len(self.nodes)
        outputs = [f"y{k}", ""] if take == 0 else ["", f"y{k}"]
        return self.add(op, *more, outputs=outputs, take=take, hidden_size=units, **attributes)

    def model(self):
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)
        y = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "g", [x], [y], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 9
        return model


def deep(rng):
    """Dense layers, batch normalisation behind sums, behind functions and at the ends."""
    g = Graph(rng, ["batch", 12])
    g.norm(12).gemm(12, 9).norm(9).add("Relu").norm(9).gemm(9, 5, alpha=0.5, beta=2.0).add("Tanh")
    g.norm(5).add("Dropout").gemm(5, 9).add("Sigmoid")
    g.add("MatMul", g.random(9, 12)).add("Add", g.random(12)).add("LeakyRelu", alpha=0.2)
    return g.norm(12)


def functions(rng):
    """Every function, also one behind another and in front of everything."""
    g = Graph(rng, [1, 6])
    g.add("Tanh").gemm(6, 6).add("Clip", g.constant(-0.4), g.constant(0.6)).add("Relu")
    g.gemm(6, 6).add("Clip", "", g.constant(0.5)).gemm(6, 6).add("LeakyRelu").add("Sigmoid")
    return g.gemm(6, 6).add("Clip", g.constant(0.0))


def arithmetic(rng):
    """A scaler in the graph, constants on either side, numbers without axes."""
    g = Graph(rng, [1, 5])
    g.add("Sub", g.random(5)).add("Div", g.constant(rng.uniform(1, 3, (1, 5)))).gemm(5, 4)
    g.add("Mul", g.constant(1.5)).add("Relu").add("Sub", g.constant(0.25)).gemm(4, 5)
    g.nodes.append(helper.make_node("Sub", [g.random(5), g.last], ["flipped"]))
    g.last = "flipped"
    return g.add("Mul", g.random(5)).add("Add", g.random(1, 5))


def moves(rng):
    """A dense layer behind every operator that moves data."""
    g = Graph(rng, ["batch", 2, 6])
    ints = lambda *all: g.constant(all, np.int64)
    g.add("Transpose", perm=[0, 2, 1]).add("Reshape", ints(0, -1)).gemm(12, 12).add("Relu")
    g.add("Reshape", ints(1, 3, 4)).add("Transpose", perm=[2, 0, 1]).add("Unsqueeze", ints(1))
    g.add("Squeeze", ints(1)).add("Flatten", axis=0)
    g.add("Slice", ints(1), ints(11), ints(1), ints(3)).add("Gather", ints(2, 0, 1, -1), axis=1)
    return g.gemm(4, 3).add("Expand", ints(2, 3)).add("Flatten", axis=0).add("Mul", g.random(1, 6))


def convolution(rng):
    """Convolutions with padding, stride and dilation, normalised on either side; then dense."""
    g = Graph(rng, ["batch", 3, 16])
    g.norm(3).conv(3, 4, 3, pads=[1, 1]).norm(4).add("Relu").norm(4)
    g.conv(4, 5, 3, strides=[2], pads=[2, 0]).add("Tanh").conv(5, 4, 2, dilations=[2], auto_pad="VALID")
    g.add("LeakyRelu", alpha=0.1).conv(4, 4, 4, strides=[2], auto_pad="SAME_UPPER").add("Sigmoid")
    return g.add("Flatten").gemm(12, 6)


def reconstruction(rng):
    """A convolutional autoencoder with a dense middle: channels x frames at both ends."""
    g = Graph(rng, [1, 2, 8])
    g.conv(2, 3, 3, pads=[1, 1]).add("Relu").add("Flatten").gemm(24, 5).add("Tanh").gemm(5, 24)
    g.add("Reshape", g.constant([1, 3, 8], np.int64)).norm(3).add("Relu")
    return g.conv(3, 2, 3, auto_pad="SAME_LOWER")


def flat(rng):
    """A convolution in a graph that has two axes, one of size 1."""
    g = Graph(rng, [1, 2, 1, 9])
    g.add("Conv", g.random(3, 2, 1, 3), pads=[0, 1, 0, 1], strides=[1, 2])
    return g.add("Relu").add("Flatten").gemm(15, 4)


def lstm(rng):
    """Two LSTM, as exported with the batch first: the first gives all states, normalised."""
    g = Graph(rng, ["batch", 7, 3])
    g.add("Transpose", perm=[1, 0, 2]).recurrent("LSTM", 3, 5, 0).add("Squeeze", g.constant([1], np.int64))
    g.add("Mul", g.random(5)).add("Add", g.random(5))
    g.recurrent("LSTM", 5, 4, 1, bias=False).add("Squeeze", g.constant([0], np.int64))
    return g.gemm(4, 3)


def gru(rng):
    """Two GRU; the state after the last frame is sliced out of all."""
    g = Graph(rng, [6, 1, 3])
    g.recurrent("GRU", 3, 5, 0).add("Squeeze", g.constant([1], np.int64)).add("Tanh")
    g.recurrent("GRU", 5, 4, 0).add("Squeeze", g.constant([1], np.int64))
    return g.add("Gather", g.constant(-1, np.int64), axis=0).gemm(4, 3)


def sequence(rng):
    """States after every frame, each through the same dense layer, back to frames."""
    g = Graph(rng, ["batch", 5, 3])
    g.add("Transpose", perm=[1, 0, 2]).recurrent("LSTM", 3, 4, 0).add("Squeeze", g.constant([1], np.int64))
    g.add("Transpose", perm=[1, 0, 2]).add("MatMul", g.random(4, 3)).add("Add", g.random(3))
    return g.add("Sigmoid")


def repeated(rng):
    """The last state of one LSTM repeated as every frame of the next."""
    g = Graph(rng, [5, 1, 3])
    g.recurrent("LSTM", 3, 4, 1).add("Expand", g.constant([5, 1, 4], np.int64))
    return g.recurrent("LSTM", 4, 3, 0).add("Squeeze", g.constant([1], np.int64))


def pooled(rng):
    """Convolutions with pools between, upsampled again."""
    g = Graph(rng, ["batch", 3, 24])
    g.conv(3, 4, 3, pads=[1, 1]).add("MaxPool", kernel_shape=[2], strides=[2])
    g.conv(4, 5, 3, pads=[1, 1]).add("Relu").add("MaxPool", kernel_shape=[3], strides=[2], pads=[1, 1])
    g.conv(5, 4, 1).add("AveragePool", kernel_shape=[3], strides=[1], pads=[1, 1], count_include_pad=1).add("Tanh")
    g.add("Resize", "", g.constant([1, 1, 2]), mode="nearest", nearest_mode="floor",
          coordinate_transformation_mode="asymmetric")
    g.conv(4, 3, 3, pads=[1, 1]).add("AveragePool", kernel_shape=[2], strides=[2]).add("Relu")
    g.add("Resize", "", "", g.constant([1, 3, 18], np.int64), mode="nearest")
    return g.conv(3, 2, 3, pads=[1, 1]).add("GlobalAveragePool")


def gelu(rng):
    """GELU as exporters write it: in three orders of its nodes."""
    g = Graph(rng, [1, 6])
    root, half = np.sqrt(2), 0.5
    for order in range(3):
        g.gemm(6, 6)
        x = g.last
        g.add("Div", g.constant(root)) if order < 2 else g.add("Mul", g.constant(1 / root))
        g.add("Erf").add("Add", g.constant(1))
        if order == 0:
            g.add("Mul", x).add("Mul", g.constant(half))
        elif order == 1:
            g.add("Mul", g.constant(half)).add("Mul", x)
        else:
            sum, g.last = g.last, x
            g.add("Mul", g.constant(half)).add("Mul", sum)
    return g.gemm(6, 3)


def upsampling(rng):
    """PyTorch's convolutional autoencoder: strides on the way in, transposed convolutions on the way out."""
    g = Graph(rng, ["batch", 2, 32])
    g.conv(2, 8, 3, strides=[2], pads=[1, 1]).add("Relu").conv(8, 16, 3, strides=[2], pads=[1, 1]).add("Relu")
    more = dict(strides=[2], pads=[1, 1], output_padding=[1])
    g.add("ConvTranspose", g.random(16, 8, 3), g.random(8), **more).add("Relu")
    return g.add("ConvTranspose", g.random(8, 2, 3), **more)


APART = [pooled, gelu, upsampling]
NETS = [deep, functions, arithmetic, moves, convolution, reconstruction, flat, lstm, gru, sequence, repeated]
# Networks whose frames lie along the last axis: the library has time first.
CHANNELS_FIRST = {"convolution", "reconstruction", "flat", "pooled", "upsampling"}


def write(folder, rng, arguments):
    # These have numbers of their own, so that those of the networks behind stay the same.
    apart = rng.spawn(1)[0]
    for net, rng in [(net, rng) for net in NETS] + [(net, apart) for net in APART]:
        graph = net(rng)
        model, name = graph.model(), f"onnx_{net.__name__}"
        onnx.save(model, folder / f"{name}.onnx")
        session = onnxruntime.InferenceSession(model.SerializeToString())
        shape = [n if isinstance(n, int) else 1 for n in graph.shape]
        inputs = rng.normal(0, 1, (arguments.vectors, *shape)).astype(np.float32)
        outputs = [session.run(None, {"x": x})[0] for x in inputs]
        if net.__name__ in CHANNELS_FIRST:
            inputs = [x.reshape(x.shape[1], -1).T for x in inputs]
        if net in (reconstruction, upsampling):
            outputs = [y[0].T for y in outputs]
        yield name, inputs, outputs
