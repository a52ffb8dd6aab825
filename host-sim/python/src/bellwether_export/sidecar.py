"""The sidecar in the making: layers in order, their tensors, and the shape of what flows."""
import numpy as np


class ExportError(ValueError):
    """The model is not what the library computes, or an argument does not fit it."""


class LastFrame:
    """In a list of layers: of all frames only the last goes on."""


class Transpose:
    """In a list of layers: what was channels x frames becomes frames x channels, or back."""


class Sidecar:
    """What becomes the JSON file, and the tensors it names."""

    def __init__(self, window):
        self.window, self.head, self.training = window, None, None
        self.layers, self.tensors, self.features = [], {}, None
        # (values,) or (frames, channels); None before the first layer.
        self.shape, self.input = None, None
        # Whether the framework has channels x frames here. The library never has.
        self.channels_first = False
        self.place = "the model"

    def fail(self, why):
        raise ExportError(f"{self.place}: {why}")

    def begin(self, *shape):
        """The shape that enters, if this is the first layer."""
        if self.shape is None:
            if len(shape) == 2 and shape[0] != self.window:
                self.fail(f"{shape[0]} frames enter, but window is {self.window}")
            if len(shape) == 1 and shape[0] % self.window:
                self.fail(f"{shape[0]} values are no {self.window} frames (window)")
            self.shape = self.input = tuple(int(n) for n in shape)

    def expect(self, channels):
        """Checks the last axis."""
        if self.shape[-1] != channels:
            self.fail(f"it takes {channels} values, but {self.shape[-1]} come from before")

    def frames(self):
        """Frames and channels that come from before."""
        if len(self.shape) != 2:
            self.fail(f"it takes frames, but a row of {self.shape[0]} values comes from before")
        return self.shape

    def tensor(self, what, values):
        """Keeps a tensor, and returns its name."""
        name = f"{len(self.layers)}.{what}"
        self.tensors[name] = np.ascontiguousarray(values, dtype=np.float32)
        return name

    def add(self, kind, shape=None, **fields):
        """Appends a layer; fields that are None are left out."""
        given = {key: value for key, value in fields.items() if value is not None}
        self.layers.append({kind: given})
        if shape is not None:
            self.shape = tuple(int(n) for n in shape)

    def function(self, function):
        """Appends a function of every value."""
        if function != "linear":
            self.layers.append({"function": function})

    def mark(self, marker):
        """Appends what a marker stands for."""
        self.place = type(marker).__name__
        frames, channels = self.frames()
        if isinstance(marker, Transpose):
            self.channels_first = not self.channels_first
        elif self.channels_first:
            self.fail("the frames lie along the last axis; put Transpose() before")
        else:
            self.add("last-frame", (channels,))

    def conv1d(self, weights, biases, layout, filters, kernel, channels, **how):
        """Appends a convolution; `padding` is "same" or the frames of zeros on both sides."""
        frames, _ = self.frames()
        self.expect(channels)
        stride, dilation, padding = how["stride"], how["dilation"], how["padding"]
        if padding == "same":
            out = -(-frames // stride)
        else:
            out = (frames + sum(padding) - (kernel - 1) * dilation - 1) // stride + 1
        if out < 1:
            self.fail(f"{frames} frames are too few")
        fields = {"weights": self.tensor("weights", weights), "layout": layout}
        if biases is not None:
            fields["biases"] = self.tensor("biases", biases)
        self.add("conv1d", (out, filters), **fields, stride=stride, dilation=dilation,
                 padding=padding if padding == "same" else {"zeros": list(padding)})

    def describe(self, features, units, scales):
        """Names, units and scales of the variables."""
        self.place = "the model"
        if features is None and units is None and scales is None:
            return
        inputs = int(np.prod(self.input))
        count = inputs // self.window
        names = [f"x{k}" for k in range(count)] if features is None else list(features)
        units = [""] * count if units is None else list(units)
        scales = [None] * count if scales is None else list(scales)
        for what, found in (("features", names), ("units", units), ("scaler", scales)):
            if len(found) != count:
                raise ExportError(
                    f"{what}: {len(found)} given, but a frame has {count} values "
                    f"({inputs} inputs, window {self.window})")
        self.features = []
        for name, unit, scale in zip(names, units, scales):
            feature = {"name": str(name), "unit": str(unit)}
            if scale is not None:
                if not (np.isfinite(scale).all() and scale[1] > 0):
                    raise ExportError(f"scaler: {scale} of `{name}`; drop constant variables")
                feature.update(zip(("offset", "divisor", "mean"), (float(x) for x in scale)))
            self.features.append(feature)

    def to_dict(self):
        """What the JSON file holds."""
        all_fields = {
            "format": "bellwether-network",
            "version": 1,
            "window": self.window,
            "head": self.head,
            "features": self.features,
            "training_sha256": self.training,
            "input": list(self.input),
            "layers": self.layers,
        }
        return {key: value for key, value in all_fields.items() if value is not None}
