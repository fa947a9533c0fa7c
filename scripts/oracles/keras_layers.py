"""Small Keras models of layers and functions that zoo models use, with inputs and outputs of Keras itself.

    python scripts/oracles/keras_layers.py src/testing/goldens/keras-layers.zip

writes a zip with <kind>.keras or <kind>.h5, and <kind>.npz with the arrays in0, ... and out0, ... of a batch of two; states
of stateful layers are among both.
"""

import io
import os
import sys
import tempfile
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
import tf_keras


def volumes(k):
    L = k.layers
    x = L.Input((5, 8, 9, 3))
    y = L.Conv3D(4, 3, padding="same", activation="relu")(x)
    y = L.MaxPooling3D(2, padding="same")(y)
    y = L.BatchNormalization()(y)
    y = L.Conv3D(6, (2, 3, 3), strides=(1, 2, 1))(y)
    y = L.AveragePooling3D((1, 2, 2))(L.ZeroPadding3D(1)(y))
    return k.Model(x, L.Dense(3)(L.GlobalAveragePooling3D()(y)))


def grouped_volumes(k):
    L = k.layers
    x = L.Input((4, 6, 6, 4))
    y = L.Conv3D(8, 3, padding="same", groups=2)(x)
    return k.Model(x, L.Flatten()(L.GlobalMaxPooling3D(keepdims=True)(y)))


def hard_swish(k):
    """As keras.applications of tf_keras writes MobileNetV3: operators on tensors become TFOpLambda layers."""
    L = k.layers
    x = L.Input((8, 8, 3))
    y = L.Conv2D(6, 3, padding="same")(x)
    y = y * (L.ReLU(6.0)(y + 3.0) * (1.0 / 6.0))
    gate = L.Conv2D(6, 1)(L.GlobalAveragePooling2D(keepdims=True)(y))
    y = y * (L.ReLU(6.0)(gate + 3.0) * (1.0 / 6.0))
    return k.Model(x, L.Dense(4)(L.Flatten()(y)))


def depth_to_space(k):
    L = k.layers
    x = L.Input((6, 6, 3))
    y = L.Conv2D(12, 3, padding="same")(x)
    return k.Model(x, tf.nn.depth_to_space(y, 2))


def rnn_cell(k):
    L = k.layers
    return k.Sequential([L.Input((7, 5)), L.RNN(L.LSTMCell(6), return_sequences=True), L.RNN(L.GRUCell(4))])


def stateful(k):
    L = k.layers
    x = L.Input(batch_shape=(2, 5, 4))
    y = L.GRU(3, stateful=True)(L.LSTM(6, stateful=True, return_sequences=True)(x))
    return k.Model(x, L.Dense(3)(y))


def states_of(model):
    return [np.array(state) for layer in model.layers if getattr(layer, "stateful", False) for state in layer.states]


KINDS = {
    "volumes.keras": (keras, volumes),
    "grouped_volumes.keras": (keras, grouped_volumes),
    "volumes_2.h5": (tf_keras, volumes),
    "hard_swish.h5": (tf_keras, hard_swish),
    "depth_to_space.h5": (tf_keras, depth_to_space),
    "rnn_cell.keras": (keras, rnn_cell),
    "rnn_cell_2.h5": (tf_keras, rnn_cell),
    "stateful.keras": (keras, stateful),
    "stateful_2.h5": (tf_keras, stateful),
}

if __name__ == "__main__":
    with zipfile.ZipFile(sys.argv[1], "w") as archive, tempfile.TemporaryDirectory() as folder:
        for name, (library, make) in KINDS.items():
            library.utils.set_random_seed(len(name))
            model = make(library)
            random = np.random.default_rng(2)
            for variable in model.weights:
                value = random.normal(0, 0.3, variable.shape)
                positive = "variance" in getattr(variable, "path", variable.name)
                variable.assign(np.abs(value) + 0.5 if positive else value)
            inputs = [random.normal(0, 1, (2, *x.shape[1:])).astype(np.float32) for x in model.inputs]
            outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
            outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
            if states := states_of(model):
                # What the first piece of a sequence left behind goes in with the second.
                inputs += states
                outputs = [model(inputs[0], training=False), *states_of(model)]
            path = os.path.join(folder, name)
            model.save(path)
            npz = io.BytesIO()
            np.savez(npz, **{f"in{i}": v for i, v in enumerate(inputs)}, **{f"out{i}": np.array(v) for i, v in enumerate(outputs)})
            with open(path, "rb") as file:
                content = file.read()
            for entry, data in ((name, content), (name.rsplit(".", 1)[0] + ".npz", npz.getvalue())):
                info = zipfile.ZipInfo(entry)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, data)
            print(name, len(content))
