"""LSTM layers in int8: files by TensorFlow's converter, and what LiteRT and TensorFlow Lite Micro compute of them.

    python scripts/oracles/recurrent.py src/testing/goldens/recurrent.json

Each case holds the file, int8 inputs, and the int8 outputs of both runtimes, which start every run from a state of zero.
A runtime that does not run a file is left out of its case. Seeds are fixed.
"""

import base64
import json
import os
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import numpy as np
import tensorflow as tf
import tf_keras as keras
from ai_edge_litert.interpreter import Interpreter

SAMPLES = 3


def sequential(*layers, steps, width):
    return keras.Sequential([keras.Input((steps, width), batch_size=1), *layers])


def cases():
    lstm = keras.layers.LSTM
    bias = keras.initializers.RandomUniform(-0.5, 0.5, seed=5)
    wide = keras.initializers.RandomUniform(-1.5, 1.5, seed=6)
    yield "sequences", sequential(lstm(5, return_sequences=True, bias_initializer=bias), steps=6, width=3)
    yield "last", sequential(lstm(4, recurrent_initializer=wide), steps=7, width=2)
    yield "backwards", sequential(lstm(3, go_backwards=True, return_sequences=True), steps=4, width=5)
    # A cell that runs to large values: other formats of the cell and a saturated hyperbolic tangent.
    yield "large", sequential(
        lstm(3, return_sequences=True, kernel_initializer=wide, bias_initializer=keras.initializers.Constant(2.0)),
        steps=24,
        width=4,
    )
    yield "stacked", sequential(lstm(6, return_sequences=True), lstm(3), keras.layers.Dense(2), steps=5, width=4)


def convert(model, data):
    with tempfile.TemporaryDirectory() as folder:
        # Of Keras 2, whose LSTM the converter recognizes, and with the batch fixed: the operator's state has one.
        signature = tf.function(model).get_concrete_function(tf.TensorSpec(model.input_shape, tf.float32))
        model.save(folder, save_format="tf", signatures=signature)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([sample[None]] for sample in data)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8
        return converter.convert()


def litert(file, inputs):
    interpreter = Interpreter(model_content=file)
    interpreter.allocate_tensors()
    results = []
    for sample in inputs:
        interpreter.reset_all_variables()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], sample[None])
        interpreter.invoke()
        results.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0])
    return np.stack(results)


def micro(file, inputs):
    from tflite_micro.python.tflite_micro import runtime

    results = []
    for sample in inputs:
        interpreter = runtime.Interpreter.from_bytes(file)
        interpreter.set_input(sample[None], 0)
        interpreter.invoke()
        results.append(interpreter.get_output(0)[0])
    return np.stack(results)


def attempt(run, *arguments):
    try:
        return run(*arguments).ravel().tolist()
    except Exception as error:  # a runtime that refuses the file
        print(run.__name__, error, file=sys.stderr)
        return None


def main(path):
    keras.utils.set_random_seed(3)
    rng = np.random.default_rng(4)
    result = {}
    for name, model in cases():
        data = rng.normal(0, 1, (40, *model.input_shape[1:])).astype(np.float32)
        file = convert(model, data)
        inputs = rng.integers(-128, 128, (SAMPLES, *model.input_shape[1:]), dtype=np.int8)
        result[name] = {
            "file": base64.b64encode(file).decode(),
            "shape": list(model.input_shape[1:]),
            "inputs": inputs.ravel().tolist(),
            "litert": attempt(litert, file, inputs),
            "micro": attempt(micro, file, inputs),
        }
    with open(path, "w") as out:
        json.dump(result, out)


main(sys.argv[1])
