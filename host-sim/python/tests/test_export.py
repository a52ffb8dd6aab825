"""The exporter by itself: classes that look like PyTorch's stand in for it."""
import json
import pathlib
import sys
import tempfile
import types
import unittest

import numpy as np
from bellwether_export import ExportError, LastFrame, Transpose, export
from safetensors.numpy import load_file


class Tensor:
    """What is asked of a tensor of PyTorch."""

    def __init__(self, values):
        self.values = np.asarray(values, np.float32)

    def detach(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        return self.values


def stand_in(name, base=object):
    """A class of that name, in a module of PyTorch's name."""
    def build(self, **fields):
        self.__dict__.update(fields)
    return type(name, (base,), {"__module__": "torch.nn.modules.made_up", "__init__": build,
                                "forward": lambda self, x: x})


class Sequential:
    def __init__(self, *parts):
        self.parts = parts

    def __iter__(self):
        return iter(self.parts)

    def forward(self, x):
        return x


Sequential.__module__ = "torch.nn.modules.container"


def linear(inputs, outputs, bias=True):
    return stand_in("Linear")(
        in_features=inputs, out_features=outputs,
        weight=Tensor(np.arange(inputs * outputs).reshape(outputs, inputs)),
        bias=Tensor(np.ones(outputs)) if bias else None)


def conv(channels, filters, kernel):
    return stand_in("Conv1d")(
        in_channels=channels, out_channels=filters, kernel_size=(kernel,), stride=(1,), dilation=(1,),
        padding=(1,), padding_mode="zeros", groups=1, weight=Tensor(np.ones((filters, channels, kernel))),
        bias=None)


def lstm(channels, units, layers=1):
    fields = {}
    for k in range(layers):
        fields[f"weight_ih_l{k}"] = Tensor(np.ones((4 * units, channels if k == 0 else units)))
        fields[f"weight_hh_l{k}"] = Tensor(np.ones((4 * units, units)))
        fields[f"bias_ih_l{k}"] = Tensor(np.ones(4 * units))
        fields[f"bias_hh_l{k}"] = Tensor(np.ones(4 * units))
    return stand_in("LSTM")(input_size=channels, hidden_size=units, num_layers=layers, bias=True,
                            bidirectional=False, **fields)


class Export(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "net.safetensors"

    def export(self, model, **arguments):
        export(model, self.path, **arguments)
        return json.loads(self.path.with_suffix(".json").read_text("utf-8")), load_file(self.path)

    def refused(self, model, **arguments):
        with self.assertRaises(ExportError) as caught:
            export(model, self.path, **arguments)
        self.assertFalse(self.path.exists())
        return str(caught.exception)

    def test_a_dense_network(self):
        slope = stand_in("LeakyReLU")(negative_slope=0.25)
        model = Sequential(linear(4, 2), stand_in("Dropout")(), slope, Sequential(linear(2, 4, bias=False)))
        scaler = [(10, 2, 11), (0, 1, 0.5)]
        sidecar, tensors = self.export(model, features=["a", "b"], units=["W", ""], scaler=scaler, window=2)
        self.assertEqual(sidecar, {
            "format": "bellwether-network", "version": 1, "window": 2, "head": "reconstruction",
            "features": [{"name": "a", "unit": "W", "offset": 10.0, "divisor": 2.0, "mean": 11.0},
                         {"name": "b", "unit": "", "offset": 0.0, "divisor": 1.0, "mean": 0.5}],
            "input": [4],
            "layers": [
                {"dense": {"weights": "0.weights", "layout": "outputs-inputs", "biases": "0.biases"}},
                {"function": {"leaky-relu": 0.25}},
                {"dense": {"weights": "2.weights", "layout": "outputs-inputs"}},
            ]})
        np.testing.assert_array_equal(tensors["0.weights"], [[0, 1, 2, 3], [4, 5, 6, 7]])

    def test_frames_are_followed(self):
        flatten = stand_in("Flatten")(start_dim=1, end_dim=-1)
        sidecar, _ = self.export([conv(3, 5, 3), flatten, linear(40, 2)], window=8)
        self.assertEqual(sidecar["input"], [8, 3])
        self.assertEqual(sidecar["layers"][1], {"flatten": {"order": "channels"}})
        sidecar, tensors = self.export([lstm(3, 5, layers=2), LastFrame(), linear(5, 2)], window=8)
        kinds = [kind for layer in sidecar["layers"] for kind in layer]
        self.assertEqual(kinds, ["lstm", "lstm", "last-frame", "dense"])
        self.assertEqual(tensors["1.kernel"].shape, (20, 5))
        self.export([conv(3, 5, 3), Transpose(), lstm(5, 2), linear(2, 3)], window=8)

    def test_the_layer_is_named(self):
        self.assertIn("layer 1 (Softmax)", self.refused([linear(4, 2), stand_in("Softmax")()]))
        self.assertIn("takes 3 values, but 2", self.refused([linear(4, 2), linear(3, 2)]))
        self.assertIn("Transpose()", self.refused([conv(3, 5, 3), lstm(5, 2)], window=8))
        self.assertIn("Transpose()", self.refused([lstm(3, 5), conv(5, 2, 3)], window=8))
        own = type("Mine", (Sequential,), {"forward": lambda self, x: x + 1})
        self.assertIn("Mine", self.refused(own(linear(4, 2))))
        self.assertIn("neither", self.refused(object()))
        self.assertIn("no layers", self.refused([]))

    def test_arguments_must_fit(self):
        model = [linear(4, 4)]
        self.assertIn("features: 3 given", self.refused(model, features=["a", "b", "c"]))
        self.assertIn("units: 1 given", self.refused(model, units=["W"]))
        self.assertIn("drop constant", self.refused(model, scaler=[(0, 0, 0)] * 4))
        self.assertIn("scaler: expected", self.refused(model, scaler="none"))
        self.assertIn("no 3 frames", self.refused(model, window=3))
        with self.assertRaises(ExportError):
            export(model, self.path.with_suffix(".pt"))

    def test_scalers_of_scikit_learn(self):
        model = [linear(2, 2)]
        # By hand: 10 to 30 becomes -1 to 1.
        ranges = types.SimpleNamespace(data_min_=[10, 0], data_max_=[30, 1], scale_=[0.1, 2], min_=[-2, -1])
        sidecar, _ = self.export(model, scaler=ranges)
        found = [[f["offset"], f["divisor"], f["mean"]] for f in sidecar["features"]]
        np.testing.assert_allclose(found, [[20, 10, 20], [0.5, 0.5, 0.5]])
        moments = types.SimpleNamespace(mean_=np.array([1, 2]), scale_=np.array([3, 4]), var_=[9, 16],
                                        with_mean=True, n_features_in_=2)
        sidecar, _ = self.export(model, scaler=moments)
        found = [[f["offset"], f["divisor"], f["mean"]] for f in sidecar["features"]]
        self.assertEqual(found, [[1, 3, 1], [2, 4, 2]])

    def test_no_framework_is_imported(self):
        for name in ("torch", "keras", "tensorflow", "jax", "sklearn"):
            self.assertNotIn(name, sys.modules)


if __name__ == "__main__":
    unittest.main()
