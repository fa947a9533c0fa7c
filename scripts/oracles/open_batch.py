"""Small models whose batch TensorFlow's converter leaves open, each with its interpreter's own outputs.

The converter writes 1 where `shape_signature` says -1, and computes what follows from it, so that a space-to-batch or a
dense layer on a sequence declares a first dimension that it does not have. Run with TensorFlow:

    python scripts/oracles/open_batch.py src/testing/goldens/open-batch.zip

writes a zip with <kind>.tflite and <kind>.npz, whose arrays in0, in1, ... and out0, out1, ... are a batch of one in the
order of the file.
"""

import io
import os
import sys
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from keras import layers as L


def sequential(*layers):
    return lambda: keras.Sequential(list(layers))


def attention(heads, dim, length, width):
    x = L.Input((length, width))
    y = L.LayerNormalization()(x)
    y = L.MultiHeadAttention(heads, dim)(y, y)
    z = L.Add()([x, y])
    y = L.Dense(2 * width, activation="gelu")(L.LayerNormalization()(z))
    z = L.Add()([z, L.Dense(width)(y)])
    return keras.Model(x, L.Dense(5, activation="softmax")(L.GlobalAveragePooling1D()(z)))


def mixer():
    x = L.Input((9, 12))
    y = L.Permute((2, 1))(L.LayerNormalization()(x))
    y = L.Dense(9)(L.Dense(18, activation="relu")(y))
    z = L.Add()([x, L.Permute((2, 1))(y)])
    z = L.Add()([z, L.Dense(12)(L.Dense(24, activation="swish")(L.LayerNormalization()(z)))])
    return keras.Model(x, L.Dense(4)(L.Flatten()(z)))


def patches():
    """A vision transformer's beginning: patches, a class token, positions."""

    class Positions(L.Layer):
        def build(self, shape):
            self.token = self.add_weight(shape=(1, 1, 16), name="token")
            self.place = self.add_weight(shape=(1, 17, 16), name="place")

        def call(self, x):
            token = tf.tile(self.token, [tf.shape(x)[0], 1, 1])
            return tf.concat([token, x], 1) + self.place

    x = L.Input((16, 16, 3))
    y = L.Reshape((16, 16))(L.Conv2D(16, 4, 4)(x))
    y = Positions()(y)
    y = L.Add()([y, L.MultiHeadAttention(2, 8)(y, y)])
    return keras.Model(x, L.Dense(3)(y[:, 0]))


def dilated_1d_stack():
    x = y = L.Input((40, 6))
    for rate in (1, 2, 4, 8):
        z = L.Conv1D(6, 3, padding="causal", dilation_rate=rate, activation="relu")(y)
        y = L.Add()([y, z])
    return keras.Model(x, L.Dense(3)(y))


def atrous_pyramid():
    x = L.Input((10, 8, 5))
    y = [L.Conv2D(6, 3, padding="same", dilation_rate=rate, use_bias=False)(x) for rate in (1, 2, 3)]
    y = [L.ReLU()(L.BatchNormalization()(z)) for z in y]
    y = L.Conv2D(4, 1)(L.Concatenate()(y))
    return keras.Model(x, L.UpSampling2D(2, interpolation="bilinear")(y))


def space_to_batch():
    x = L.Input((6, 9, 3))
    y = L.Lambda(lambda v: tf.space_to_batch(v, [2, 3], [[0, 0], [0, 0]]), output_shape=(3, 3, 3))(x)
    y = L.Conv2D(4, 2, padding="same", activation="relu")(y)
    y = L.Lambda(lambda v: tf.batch_to_space(v, [2, 3], [[0, 0], [0, 0]]), output_shape=(6, 9, 4))(y)
    return keras.Model(x, y)


KINDS = {
    "dense_3d": sequential(L.Input((16, 12)), L.Dense(20)),
    "dense_3d_relu_stack": sequential(L.Input((7, 10)), L.Dense(12, activation="relu"), L.Dense(5, use_bias=False)),
    "dense_4d": sequential(L.Input((5, 6, 8)), L.Dense(11, activation="tanh"), L.Dense(3)),
    "dense_5d": sequential(L.Input((2, 3, 4, 6)), L.Dense(5)),
    "dense_after_conv1d": sequential(L.Input((20, 4)), L.Conv1D(8, 3), L.BatchNormalization(), L.ReLU(), L.Dense(6)),
    "dense_one_position": sequential(L.Input((1, 12)), L.Dense(9), L.Dense(4)),
    "einsum_dense": sequential(L.Input((6, 8)), L.EinsumDense("abc,cde->abde", output_shape=(6, 2, 5), bias_axes="de")),
    "time_distributed": sequential(L.Input((4, 10, 10, 2)), L.TimeDistributed(L.Conv2D(3, 3)), L.TimeDistributed(L.Flatten()), L.Dense(7)),
    "attention": lambda: attention(2, 5, 10, 12),
    "attention_one_head": lambda: attention(1, 8, 6, 8),
    "mixer": mixer,
    "patches": patches,
    "dilated_2d_same": sequential(L.Input((16, 12, 3)), L.Conv2D(5, 3, padding="same", dilation_rate=2)),
    "dilated_2d_odd": sequential(L.Input((15, 11, 3)), L.Conv2D(5, 3, padding="same", dilation_rate=(3, 2), activation="relu")),
    "dilated_2d_valid": sequential(L.Input((17, 13, 4)), L.Conv2D(6, 3, dilation_rate=2), L.Conv2D(3, 3, dilation_rate=3)),
    "dilated_depthwise": sequential(L.Input((13, 10, 6)), L.DepthwiseConv2D(3, padding="same", dilation_rate=3), L.ReLU(6.0)),
    "dilated_separable": sequential(L.Input((14, 14, 4)), L.SeparableConv2D(8, 3, padding="same", dilation_rate=2)),
    "dilated_1d": sequential(L.Input((30, 4)), L.Conv1D(6, 3, padding="same", dilation_rate=4), L.ReLU()),
    "dilated_1d_stack": dilated_1d_stack,
    "atrous_pyramid": atrous_pyramid,
    "space_to_batch": space_to_batch,
    "lstm_dense": sequential(L.Input((8, 5)), L.LSTM(6, return_sequences=True, unroll=True), L.Dense(4)),
}


def write(archive, kind, make):
    keras.utils.set_random_seed(len(kind) * 7 + ord(kind[0]))
    model = make()
    random = np.random.default_rng(5)
    for variable in model.weights:
        value = random.normal(0, 0.3, variable.shape)
        variable.assign(np.abs(value) + 0.5 if "variance" in variable.path else value)
    content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    arrays = {}
    for i, detail in enumerate(interpreter.get_input_details()):
        arrays[f"in{i}"] = random.normal(0, 1, detail["shape"]).astype(np.float32)
        interpreter.set_tensor(detail["index"], arrays[f"in{i}"])
    interpreter.invoke()
    for i, detail in enumerate(interpreter.get_output_details()):
        arrays[f"out{i}"] = interpreter.get_tensor(detail["index"])
    npz = io.BytesIO()
    np.savez(npz, **arrays)
    for name, data in ((f"{kind}.tflite", content), (f"{kind}.npz", npz.getvalue())):
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, data)


if __name__ == "__main__":
    with zipfile.ZipFile(sys.argv[1], "w") as archive:
        for kind, make in KINDS.items():
            write(archive, kind, make)
            print(kind)
