"""Writes trained networks in the form that `bellwether model pack` reads.

No framework is imported: layers are recognised by the module and name of their classes.
"""
import hashlib
import json
import pathlib

from safetensors.numpy import save_file

from . import keras_layers, torch_layers
from .scaler import scales_of
from .sidecar import ExportError, LastFrame, Sidecar, Transpose

__all__ = ["ExportError", "LastFrame", "Transpose", "export"]


def export(model, path, *, features=None, units=None, scaler=None, window=1,
           head="reconstruction", training=None):
    """Writes PATH (.safetensors) and, beside it, a .json that says what the tensors are.

    model     a Keras model that is a chain; a torch.nn.Sequential; or a list of layers and such
              models, for modules whose order only their code knows
    features  names of the variables of a frame, in order
    units     as many units, "" where there is none
    scaler    a fitted MinMaxScaler or StandardScaler of scikit-learn, or a row
              (offset, divisor, mean) per variable; what enters is (x - offset) / divisor, and
              mean stands in for a missing value
    window    frames that enter together, oldest first
    head      what the outputs are: "reconstruction" of the inputs, or "outputs"
    training  file whose SHA-256 is kept as that of the training data

    Raises ExportError, which names the layer, where the library cannot compute the model.
    """
    path = pathlib.Path(path)
    if path.suffix != ".safetensors":
        raise ExportError(f"{path}: the name must end with .safetensors")
    if window < 1:
        raise ExportError(f"window: {window} is not above 0")
    sidecar = Sidecar(window)
    add(sidecar, model)
    if sidecar.shape is None or not sidecar.layers:
        raise ExportError("the model has no layers")
    sidecar.head = head
    sidecar.describe(features, units, scales_of(scaler))
    if training is not None:
        sidecar.training = hashlib.sha256(pathlib.Path(training).read_bytes()).hexdigest()
    save_file(sidecar.tensors, path)
    text = json.dumps(sidecar.to_dict(), indent=2)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def add(sidecar, model):
    """Appends a model or a layer, whichever framework it is of."""
    if isinstance(model, (list, tuple)):
        torch_layers.look_ahead(sidecar, model)
        for part in model:
            add(sidecar, part)
    elif isinstance(model, (LastFrame, Transpose)):
        sidecar.mark(model)
    elif keras_layers.recognises(model):
        keras_layers.add(sidecar, model)
    elif torch_layers.recognises(model):
        torch_layers.look_ahead(sidecar, [model])
        torch_layers.add(sidecar, model)
    else:
        kind = type(model)
        raise ExportError(f"{kind.__module__}.{kind.__qualname__} is of neither PyTorch nor Keras")
