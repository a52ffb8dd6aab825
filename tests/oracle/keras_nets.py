"""Random Keras networks through `bellwether_export`, and what Keras makes of them."""
import keras
import numpy as np
from bellwether_export import export
from keras import layers


def settle(model, rng):
    """Weights as after a training: biases and statistics are not what they begin with."""
    for layer in model.layers:
        new = []
        for weight in layer.weights:
            if weight.path.endswith("moving_variance"):
                new.append(rng.uniform(0.2, 2, weight.shape))
            else:
                fan = weight.shape[0] if len(weight.shape) > 1 else 4
                new.append(rng.normal(0, 1 / np.sqrt(fan), weight.shape))
        layer.set_weights(new)
    return model


def dense():
    return keras.Sequential([
        keras.Input((12,)),
        layers.BatchNormalization(),
        layers.Dense(9), layers.BatchNormalization(), layers.ReLU(),
        layers.Dense(8, activation="tanh"), layers.BatchNormalization(scale=False),
        layers.Dense(8, activation="sigmoid"), layers.Dropout(0.5),
        layers.Dense(8, use_bias=False), layers.LeakyReLU(negative_slope=0.1),
        layers.Dense(8, activation="leaky_relu"), layers.Activation("relu6"),
        layers.Dense(12), layers.ReLU(max_value=2.0),
    ])


def convolution():
    return keras.Sequential([
        keras.Input((16, 3)),
        layers.BatchNormalization(),
        layers.Conv1D(4, 3, padding="same", activation="relu"),
        layers.Conv1D(5, 4, strides=2, padding="same"), layers.BatchNormalization(center=False),
        layers.Conv1D(4, 2, dilation_rate=2, padding="causal", activation="tanh"),
        layers.Conv1D(3, 2), layers.Flatten(), layers.Dense(21), layers.Reshape((7, 3)),
        layers.Conv1D(2, 3),
    ])


def lstm():
    """Functional, an autoencoder of sequences: what it gives has the shape of what it takes."""
    x = keras.Input((7, 3))
    y = layers.LSTM(5, return_sequences=True)(x)
    y = layers.BatchNormalization()(y)
    y = layers.LSTM(4, use_bias=False)(y)
    y = layers.RepeatVector(7)(y)
    y = layers.LSTM(5, return_sequences=True)(y)
    return keras.Model(x, layers.TimeDistributed(layers.Dense(3))(y))


def gru():
    return keras.Sequential([
        keras.Input((6, 3)),
        layers.GRU(5, return_sequences=True),
        layers.Dense(4, activation="relu"),
        layers.GRU(4, use_bias=False),
        layers.Dense(3),
    ])


def write(folder, rng, arguments):
    for net in (dense, convolution, lstm, gru):
        model, name = settle(net(), rng), f"keras_{net.__name__}"
        shape = model.input_shape[1:]
        window = shape[0] if len(shape) == 2 else 1
        export(model, folder / f"{name}.safetensors", window=window)
        inputs = rng.normal(0, 1, (arguments.vectors, *shape)).astype(np.float32)
        yield name, inputs, model.predict(inputs, verbose=0)
