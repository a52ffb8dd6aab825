"""Layers of PyTorch: `torch.nn`."""
from .sidecar import LastFrame, Transpose

# Layers that do nothing outside training.
IDLE = {"Dropout", "Dropout1d", "AlphaDropout", "Identity"}
CHAINS = {"Sequential", "ModuleList"}
OVER_FRAMES = {"Conv1d", "LSTM", "GRU"}


def recognises(layer):
    """Whether it is a module of PyTorch."""
    return kind(layer) is not None or any(c.__module__ == "torch.nn.modules.module" for c in type(layer).__mro__)


def kind(layer):
    """Name of the layer's class in torch.nn, also where it was derived from."""
    for c in type(layer).__mro__:
        if c.__module__.startswith("torch.nn.modules.") and c.__name__ != "Module":
            return c.__name__
    return None


def look_ahead(sidecar, layers):
    """Frames enter if a layer over frames comes before anything else makes frames."""
    if sidecar.shape is not None or not all(recognises(x) or isinstance(x, (LastFrame, Transpose)) for x in layers):
        return
    first = None
    for layer in flat(layers):
        name = kind(layer)
        if name == "Linear":
            first = first or layer.in_features
        elif name == "BatchNorm1d":
            first = first or layer.num_features
        elif name in OVER_FRAMES:
            channels = layer.in_channels if name == "Conv1d" else layer.input_size
            sidecar.channels_first = name == "Conv1d" and first is None
            sidecar.begin(sidecar.window, first or channels)
            return
        elif name in ("Flatten", "Unflatten"):
            break
    if first is not None:
        sidecar.begin(first)


def flat(layers):
    for layer in layers:
        if kind(layer) in CHAINS:
            yield from flat(layer)
        else:
            yield layer


def add(sidecar, layer):
    """Appends a module."""
    name = kind(layer)
    if name in CHAINS:
        if name == "Sequential" and type(layer).forward is not own(layer, name).forward:
            sidecar.place = type(layer).__name__
            sidecar.fail("its forward() is its own; give export() a list of its layers")
        for part in layer:
            add(sidecar, part)
        return
    sidecar.place = f"layer {len(sidecar.layers)} ({type(layer).__name__})"
    if name in IDLE:
        return
    adder = ADDERS.get(name)
    if adder is None:
        sidecar.fail("it is not supported; modules with a forward() of their own go in as a list of "
                     "their layers, in order")
    adder(sidecar, layer)


def own(layer, name):
    return next(c for c in type(layer).__mro__ if c.__name__ == name and c.__module__.startswith("torch.nn"))


def numbers(tensor):
    return tensor.detach().cpu().numpy()


def frames_first(sidecar):
    if len(sidecar.shape) == 2 and sidecar.channels_first:
        sidecar.fail("it is applied along the frames, which lie last; put Transpose() before")


def linear(sidecar, layer):
    sidecar.begin(layer.in_features)
    frames_first(sidecar)
    sidecar.expect(layer.in_features)
    fields = {"weights": sidecar.tensor("weights", numbers(layer.weight)), "layout": "outputs-inputs"}
    if layer.bias is not None:
        fields["biases"] = sidecar.tensor("biases", numbers(layer.bias))
    sidecar.add("dense", (*sidecar.shape[:-1], layer.out_features), **fields)


def conv1d(sidecar, layer):
    sidecar.begin(sidecar.window, layer.in_channels)
    if not sidecar.channels_first:
        sidecar.fail("it takes channels x frames; put Transpose() before")
    if layer.groups != 1:
        sidecar.fail(f"groups={layer.groups}; only 1 is supported")
    if layer.padding_mode != "zeros":
        sidecar.fail(f"padding_mode={layer.padding_mode!r}; only 'zeros' is supported")
    padding = {"valid": (0, 0), "same": "same"}.get(layer.padding, layer.padding) \
        if isinstance(layer.padding, str) else (int(layer.padding[0]),) * 2
    sidecar.conv1d(numbers(layer.weight), None if layer.bias is None else numbers(layer.bias),
                   "filters-channels-kernel", layer.out_channels, int(layer.kernel_size[0]),
                   layer.in_channels, stride=int(layer.stride[0]), dilation=int(layer.dilation[0]),
                   padding=padding)


def batch_norm(sidecar, layer):
    if layer.running_mean is None:
        sidecar.fail("it keeps no running mean (track_running_stats=False)")
    sidecar.begin(layer.num_features)
    if len(sidecar.shape) == 2 and not sidecar.channels_first:
        sidecar.fail("it takes channels x frames; put Transpose() before")
    sidecar.expect(layer.num_features)
    fields = {"mean": sidecar.tensor("mean", numbers(layer.running_mean)),
              "variance": sidecar.tensor("variance", numbers(layer.running_var))}
    if layer.weight is not None:
        fields["scale"] = sidecar.tensor("scale", numbers(layer.weight))
        fields["shift"] = sidecar.tensor("shift", numbers(layer.bias))
    sidecar.add("batch-norm", **fields, epsilon=float(layer.eps))


def recurrent(name, gates):
    def adder(sidecar, layer):
        sidecar.begin(sidecar.window, layer.input_size)
        sidecar.frames()
        if sidecar.channels_first:
            sidecar.fail("it takes frames x channels; put Transpose() before")
        if layer.bidirectional:
            sidecar.fail("it is bidirectional")
        if getattr(layer, "proj_size", 0):
            sidecar.fail("proj_size is not supported")
        frames = sidecar.shape[0]
        for k in range(layer.num_layers):
            sidecar.expect(layer.input_size if k == 0 else layer.hidden_size)
            part = lambda what: numbers(getattr(layer, f"{what}_l{k}"))
            fields = {"kernel": sidecar.tensor("kernel", part("weight_ih")),
                      "recurrent": sidecar.tensor("recurrent", part("weight_hh")),
                      "layout": "outputs-inputs", "gates": gates}
            if layer.bias:
                fields["biases"] = sidecar.tensor("biases", part("bias_ih"))
                fields["recurrent_biases"] = sidecar.tensor("recurrent_biases", part("bias_hh"))
            sidecar.add(name, (frames, layer.hidden_size), **fields, sequence=True)
    return adder


def flatten(sidecar, layer):
    if layer.start_dim != 1 or layer.end_dim not in (-1, 2):
        sidecar.fail(f"start_dim={layer.start_dim}, end_dim={layer.end_dim}; all but the batch must go")
    if sidecar.shape is not None and len(sidecar.shape) == 2:
        order = "channels" if sidecar.channels_first else "frames"
        frames, channels = sidecar.shape
        sidecar.add("flatten", (frames * channels,), order=order)
        sidecar.channels_first = False


def unflatten(sidecar, layer):
    sizes = tuple(int(n) for n in layer.unflattened_size)
    if layer.dim not in (1, -1) or len(sizes) != 2 or len(sidecar.shape) != 1 \
            or sizes[0] * sizes[1] != sidecar.shape[0]:
        sidecar.fail(f"{sidecar.shape} to {sizes} along {layer.dim}; expected values to channels x frames")
    # As PyTorch's convolutions have it; Transpose() behind it says that frames came first.
    sidecar.add("frames", (sizes[1], sizes[0]), frames=sizes[1], order="channels")
    sidecar.channels_first = True


def function(of):
    return lambda sidecar, layer: sidecar.function(of(layer))


ADDERS = {
    "Linear": linear,
    "Conv1d": conv1d,
    "BatchNorm1d": batch_norm,
    "LSTM": recurrent("lstm", "ifgo"),
    "GRU": recurrent("gru", "rzn"),
    "Flatten": flatten,
    "Unflatten": unflatten,
    "ReLU": function(lambda layer: "relu"),
    "ReLU6": function(lambda layer: {"clamp": [0.0, 6.0]}),
    "Hardtanh": function(lambda layer: {"clamp": [float(layer.min_val), float(layer.max_val)]}),
    "LeakyReLU": function(lambda layer: {"leaky-relu": float(layer.negative_slope)}),
    "Tanh": function(lambda layer: "tanh"),
    "Sigmoid": function(lambda layer: "sigmoid"),
}
