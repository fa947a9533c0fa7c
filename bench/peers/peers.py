"""What other tools take for the same work, one JSON object a line: {"name", "ms", "cpuMs"}; a tool that is missing is left out.

usage: peers.py MODEL.tflite MODEL.h5 SAMPLES
MODEL.h5 is the Keras model of the .tflite, of images of 32 x 32 x 3.
"""

import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "1"

import numpy as np

TFLITE, KERAS, SAMPLES = sys.argv[1], sys.argv[2], int(sys.argv[3])
IMAGES = np.random.default_rng(42).random((SAMPLES, 32, 32, 3), dtype=np.float32) * 255
BATCH = 32


def report(name, run, times=3):
    """The fastest of several runs: what else the machine does only ever adds."""
    best = None
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        divisor = run() or 1
        taken = ((time.perf_counter() - wall) * 1e3 / divisor, (time.process_time() - cpu) * 1e3 / divisor)
        best = min(best or taken, taken)
    print(json.dumps({"name": name, "ms": best[0], "cpuMs": best[1]}), flush=True)


def native():
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(TFLITE, num_threads=1)
    interpreter.allocate_tensors()
    place = interpreter.get_input_details()[0]["index"]

    def run():
        for image in IMAGES:
            interpreter.set_tensor(place, image[None])
            interpreter.invoke()
        return SAMPLES

    report("inference", run)


def converter():
    import tensorflow as tf
    import tf_keras

    model = tf_keras.models.load_model(KERAS, compile=False)

    def run():
        work = tf.lite.TFLiteConverter.from_keras_model(model)
        work.optimizations = [tf.lite.Optimize.DEFAULT]
        work.representative_dataset = lambda: ([image[None]] for image in IMAGES)
        work.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        work.convert()

    report("TFLiteConverter", run)
    return model


def training(model):
    import tensorflow as tf
    import tf_keras
    import tensorflow_model_optimization as tfmot

    trained = tfmot.quantization.keras.quantize_model(model)
    optimizer = tf_keras.optimizers.Adam(1e-4)
    labels = tf.constant(np.arange(BATCH) % 10)
    images = tf.constant(IMAGES[:BATCH])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf_keras.losses.sparse_categorical_crossentropy(labels, trained(images, training=True)))
        optimizer.apply_gradients(zip(tape.gradient(loss, trained.trainable_variables), trained.trainable_variables))

    step()

    def run():
        for _ in range(20):
            step()
        return 20

    report("TF-MOT step", run)


def attempt(run, *args):
    try:
        return run(*args)
    except ImportError as missing:
        print(f"{run.__name__}: {missing}", file=sys.stderr)
        return None


attempt(native)
model = attempt(converter)
if model is not None:
    attempt(training, model)
