"""Layers of Keras 3: also as `tensorflow.keras`."""
import numpy as np

# Layers that do nothing outside training, or nothing at all.
IDLE = {"InputLayer", "Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise",
        "AlphaDropout", "ActivityRegularization", "Identity"}
FUNCTIONS = {
    "linear": "linear",
    "relu": "relu",
    "relu6": {"clamp": [0.0, 6.0]},
    "hard_tanh": {"clamp": [-1.0, 1.0]},
    # The slope that keras.activations.leaky_relu has unless told otherwise.
    "leaky_relu": {"leaky-relu": 0.2},
    "tanh": "tanh",
    "sigmoid": "sigmoid",
}


def recognises(layer):
    """Whether it is a layer or model of Keras."""
    return kind(layer) is not None


def kind(layer):
    """Name of the layer's class in Keras, also where it was derived from."""
    for c in type(layer).__mro__:
        if c.__module__.split(".")[0] in ("keras", "tf_keras"):
            return c.__name__
    return None


def add(sidecar, layer):
    """Appends a layer or a model."""
    name = kind(layer)
    if name in ("Sequential", "Functional", "Model"):
        model(sidecar, layer, name)
        return
    sidecar.place = f"layer {len(sidecar.layers)} ({getattr(layer, 'name', name)}, {name})"
    enter(sidecar, layer)
    if name in IDLE:
        return
    adder = ADDERS.get(name)
    if adder is None:
        sidecar.fail("it is not supported")
    adder(sidecar, layer)


def model(sidecar, layer, name):
    """Appends the layers of a model, after a check that they are a chain."""
    sidecar.place = getattr(layer, "name", name)
    if name == "Model":
        sidecar.fail("its call() is its own; give export() a list of its layers")
    parts = list(layer.layers)
    if name == "Functional":
        for before, behind in zip(parts, parts[1:]):
            if behind.input is not before.output:
                sidecar.fail(f"`{behind.name}` does not take what `{before.name}` gives: the model "
                             "branches, and only chains are supported")
    enter(sidecar, layer)
    for part in parts:
        add(sidecar, part)


def enter(sidecar, layer):
    """The shape that enters, from the first layer that knows it."""
    if sidecar.shape is not None:
        return
    shape = getattr(layer, "batch_shape", None)
    if shape is None:
        try:
            # A model has `inputs`, also before it was called; a layer only `input`.
            inputs = getattr(layer, "inputs", None) or [layer.input]
        except (AttributeError, ValueError):
            sidecar.fail("its input shape is not known; build the model, or begin with keras.Input")
        if len(inputs) != 1:
            sidecar.fail(f"{len(inputs)} inputs")
        shape = inputs[0].shape
    shape = tuple(shape)[1:]
    if None in shape or len(shape) not in (1, 2):
        sidecar.fail(f"the input shape {shape}; expected (values,) or (frames, values), all fixed")
    sidecar.begin(*shape)


def numbers(variable):
    return np.asarray(variable.numpy() if hasattr(variable, "numpy") else variable)


def activation(sidecar, function):
    name = getattr(function, "__name__", type(function).__name__)
    if name not in FUNCTIONS:
        sidecar.fail(f"the activation {name}; supported are {', '.join(FUNCTIONS)}")
    return FUNCTIONS[name]


def dense(sidecar, layer):
    kernel = numbers(layer.kernel)
    sidecar.expect(kernel.shape[0])
    fields = {"weights": sidecar.tensor("weights", kernel), "layout": "inputs-outputs"}
    if layer.use_bias:
        fields["biases"] = sidecar.tensor("biases", numbers(layer.bias))
    function = activation(sidecar, layer.activation)
    sidecar.add("dense", (*sidecar.shape[:-1], kernel.shape[1]), **fields, function=function)


def conv1d(sidecar, layer):
    if layer.groups != 1 or layer.data_format != "channels_last":
        sidecar.fail(f"groups {layer.groups}, {layer.data_format}; expected 1, channels_last")
    kernel = numbers(layer.kernel)
    size, channels, filters = kernel.shape
    stride, dilation = layer.strides[0], layer.dilation_rate[0]
    padding = {"valid": (0, 0), "same": "same", "causal": ((size - 1) * dilation, 0)}[layer.padding]
    sidecar.conv1d(kernel, numbers(layer.bias) if layer.use_bias else None, "kernel-channels-filters",
                   filters, size, channels, stride=stride, dilation=dilation, padding=padding)
    sidecar.function(activation(sidecar, layer.activation))


def batch_norm(sidecar, layer):
    axis = layer.axis[0] if isinstance(layer.axis, (list, tuple)) else layer.axis
    if axis not in (-1, len(sidecar.shape)):
        sidecar.fail(f"axis {axis}; expected the last")
    fields = {"mean": sidecar.tensor("mean", numbers(layer.moving_mean)),
              "variance": sidecar.tensor("variance", numbers(layer.moving_variance))}
    if layer.scale:
        fields["scale"] = sidecar.tensor("scale", numbers(layer.gamma))
    if layer.center:
        fields["shift"] = sidecar.tensor("shift", numbers(layer.beta))
    sidecar.add("batch-norm", **fields, epsilon=float(layer.epsilon))


def recurrent(name, gates):
    def adder(sidecar, layer):
        frames, _ = sidecar.frames()
        for what, wanted in (("activation", "tanh"), ("recurrent_activation", "sigmoid")):
            found = activation(sidecar, getattr(layer, what))
            if found != wanted:
                sidecar.fail(f"{what} {found}; only {wanted} is supported")
        if layer.go_backwards:
            sidecar.fail("go_backwards is not supported")
        if name == "gru" and not layer.reset_after:
            sidecar.fail("reset_after=False; the library resets behind the product")
        cell = layer.cell
        fields = {"kernel": sidecar.tensor("kernel", numbers(cell.kernel)),
                  "recurrent": sidecar.tensor("recurrent", numbers(cell.recurrent_kernel)),
                  "layout": "inputs-outputs", "gates": gates}
        if layer.use_bias:
            bias = np.atleast_2d(numbers(cell.bias))
            fields["biases"] = sidecar.tensor("biases", bias[0])
            if len(bias) == 2:
                fields["recurrent_biases"] = sidecar.tensor("recurrent_biases", bias[1])
        shape = (frames, layer.units) if layer.return_sequences else (layer.units,)
        sidecar.add(name, shape, **fields, sequence=bool(layer.return_sequences))
    return adder


def flatten(sidecar, _):
    if len(sidecar.shape) == 2:
        frames, channels = sidecar.shape
        sidecar.add("flatten", (frames * channels,), order="frames")


def reshape(sidecar, layer):
    size = int(np.prod(sidecar.shape))
    known = int(np.prod([n for n in layer.target_shape if n != -1]))
    shape = tuple(size // known if n == -1 else int(n) for n in layer.target_shape)
    if len(shape) not in (1, 2) or int(np.prod(shape)) != size:
        sidecar.fail(f"{sidecar.shape} to {shape}; expected (values,) or (frames, values)")
    flatten(sidecar, layer)
    if len(shape) == 2:
        sidecar.add("frames", shape, frames=shape[0], order="frames")


def repeat(sidecar, layer):
    if len(sidecar.shape) != 1:
        sidecar.fail("frames come from before")
    sidecar.add("repeat", (layer.n, sidecar.shape[0]), frames=int(layer.n))


def relu(sidecar, layer):
    # `max_value` None: no upper end.
    if layer.threshold:
        sidecar.fail(f"threshold {layer.threshold}; only 0 is supported")
    if layer.max_value is None:
        slope = float(layer.negative_slope)
        sidecar.function({"leaky-relu": slope} if slope else "relu")
    elif layer.negative_slope:
        sidecar.fail("both max_value and negative_slope")
    else:
        sidecar.function({"clamp": [0.0, float(layer.max_value)]})


ADDERS = {
    "Dense": dense,
    "Conv1D": conv1d,
    "BatchNormalization": batch_norm,
    "LSTM": recurrent("lstm", "ifgo"),
    "GRU": recurrent("gru", "zrn"),
    "Flatten": flatten,
    "Reshape": reshape,
    "RepeatVector": repeat,
    "TimeDistributed": lambda sidecar, layer: add(sidecar, layer.layer),
    "Activation": lambda sidecar, layer: sidecar.function(activation(sidecar, layer.activation)),
    "ReLU": relu,
    "LeakyReLU": lambda sidecar, layer: sidecar.function({"leaky-relu": float(layer.negative_slope)}),
}
