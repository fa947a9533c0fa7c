"""Models with pruned weights, stored sparse by TensorFlow's converter, each with its interpreter's own outputs.

    python scripts/oracles/sparse.py src/testing/goldens/sparse.zip

writes a zip with <kind>.tflite and <kind>.npz, whose arrays in0 and out0 are a batch of one.
"""

import io
import os
import sys
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from keras import layers as L

KINDS = {
    "dense": (lambda: keras.Sequential([L.Input((48,)), L.Dense(64, activation="relu"), L.Dense(32)]), [], "random"),
    "dense_blocks": (lambda: keras.Sequential([L.Input((64,)), L.Dense(48), L.Dense(16)]), [], "blocks"),
    "conv": (lambda: keras.Sequential([L.Input((8, 8, 16)), L.Conv2D(32, 1), L.ReLU(), L.Conv2D(16, 3, padding="same")]), [], "random"),
    "half": (lambda: keras.Sequential([L.Input((8, 8, 16)), L.Conv2D(32, 1), L.ReLU(), L.Conv2D(16, 1)]), [tf.float16], "random"),
    "hybrid": (lambda: keras.Sequential([L.Input((64,)), L.Dense(48, activation="relu"), L.Dense(32)]), "dynamic", "blocks"),
}


def pruned(value, how, random):
    if how == "random":
        return value * (random.random(value.shape) < 0.15)
    flat = value.T.reshape(-1, 16) * (random.random((value.size // 16, 1)) < 0.2)
    return flat.reshape(value.T.shape).T


if __name__ == "__main__":
    with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
        for kind, (make, types, how) in KINDS.items():
            random = np.random.default_rng(9)
            model = make()
            for variable in model.weights:
                value = random.normal(0, 0.3, variable.shape)
                variable.assign(pruned(value, how, random) if len(variable.shape) > 1 else value)
            converter = tf.lite.TFLiteConverter.from_keras_model(model)
            converter.optimizations = [tf.lite.Optimize.EXPERIMENTAL_SPARSITY]
            if types:
                converter.optimizations.append(tf.lite.Optimize.DEFAULT)
            if types and types != "dynamic":
                converter.target_spec.supported_types = types
            content = converter.convert()
            interpreter = Interpreter(
                model_content=content,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
            interpreter.allocate_tensors()
            detail = interpreter.get_input_details()[0]
            x = random.normal(0, 1, detail["shape"]).astype(np.float32)
            interpreter.set_tensor(detail["index"], x)
            interpreter.invoke()
            y = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
            sparse = [d["name"] for d in interpreter.get_tensor_details() if d["sparsity_parameters"]]
            npz = io.BytesIO()
            np.savez(npz, in0=x, out0=y)
            for name, data in ((f"{kind}.tflite", content), (f"{kind}.npz", npz.getvalue())):
                entry = zipfile.ZipInfo(name)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, data)
            print(kind, len(content), [op["op_name"] for op in interpreter._get_ops_details()], len(sparse))
