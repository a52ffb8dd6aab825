"""Random PyTorch networks, through `bellwether_export` and as .onnx, and what PyTorch makes of them."""
import numpy as np
import torch
from bellwether_export import LastFrame, Transpose, export
from torch import nn


def settle(modules, rng):
    """Weights as after a training: biases and statistics are not what they begin with."""
    for module in nn.ModuleList(modules).modules():
        for tensor in [*module.parameters(recurse=False), *module.buffers(recurse=False)]:
            if tensor.dtype == torch.float32:
                fan = tensor.shape[-1] if tensor.ndim > 1 else 4
                values = rng.normal(0, 1 / np.sqrt(fan), tuple(tensor.shape))
                tensor.data.copy_(torch.from_numpy(values))
        if isinstance(module, nn.BatchNorm1d):
            variance = rng.uniform(0.2, 2, module.num_features)
            module.running_var.data.copy_(torch.from_numpy(variance))
        module.eval()


class Forward(nn.Module):
    """The layers of a list one after another, as export() understands them."""

    def __init__(self, parts):
        super().__init__()
        self.parts = parts
        self.modules_of = nn.ModuleList(p for p in parts if isinstance(p, nn.Module))

    def forward(self, x):
        for part in self.parts:
            if isinstance(part, Transpose):
                x = x.transpose(1, 2)
            elif isinstance(part, LastFrame):
                x = x[:, -1, :]
            else:
                x = part(x)
                x = x[0] if isinstance(x, tuple) else x
        return x


def dense():
    return (12,), [nn.Sequential(
        nn.BatchNorm1d(12), nn.Linear(12, 9), nn.BatchNorm1d(9), nn.ReLU(), nn.BatchNorm1d(9),
        nn.Linear(9, 7, bias=False), nn.Tanh(), nn.Dropout(), nn.Identity(),
        nn.Sequential(nn.Linear(7, 7), nn.LeakyReLU(0.2), nn.Linear(7, 7), nn.ReLU6()),
        nn.Linear(7, 7), nn.Hardtanh(-0.5, 0.7), nn.Linear(7, 12), nn.Sigmoid())]


def convolution():
    return (3, 16), [nn.Sequential(
        nn.Conv1d(3, 4, 3, padding=1), nn.BatchNorm1d(4), nn.ReLU(), nn.Conv1d(4, 5, 4, stride=2),
        nn.BatchNorm1d(5, affine=False), nn.Tanh(), nn.Conv1d(5, 4, 2, dilation=2),
        nn.Flatten(), nn.Linear(20, 6))]


def decoder():
    return (4,), [nn.Sequential(
        nn.Linear(4, 18), nn.Unflatten(1, (2, 9)), nn.Conv1d(2, 3, 4, padding="same", dilation=2),
        nn.ReLU(), nn.Conv1d(3, 2, 3, bias=False))]


def lstm():
    return (7, 3), [nn.LSTM(3, 5, num_layers=2, batch_first=True), nn.Tanh(),
                    nn.LSTM(5, 4, bias=False, batch_first=True), LastFrame(), nn.Linear(4, 21)]


def gru():
    return (6, 3), [nn.Linear(3, 4), nn.ReLU(), nn.GRU(4, 5, batch_first=True), Transpose(),
                    nn.BatchNorm1d(5), nn.Conv1d(5, 3, 3, padding=1), Transpose(), nn.Linear(3, 3)]


def write(folder, rng, arguments):
    for net in (dense, convolution, decoder, lstm, gru):
        shape, parts = net()
        settle([p for p in parts if isinstance(p, nn.Module)], rng)
        model, name = Forward(parts).eval(), f"torch_{net.__name__}"
        channels_first = net is convolution
        window = 1 if len(shape) == 1 else shape[1] if channels_first else shape[0]
        export(parts, folder / f"{name}.safetensors", window=window)
        x = rng.normal(0, 1, (arguments.vectors, *shape)).astype(np.float32)
        with torch.no_grad():
            y = model(torch.from_numpy(x)).numpy()
            # Not every version of PyTorch can write that one.
            if net is not decoder:
                path = str(folder / f"{name}_onnx.onnx")
                torch.onnx.export(model, torch.from_numpy(x[:1]), path, opset_version=14)
        if channels_first:
            x = x.transpose(0, 2, 1)
        if net is decoder:
            y = y.transpose(0, 2, 1)
        yield name, x, y
        if net is not decoder:
            yield f"{name}_onnx", x, y
