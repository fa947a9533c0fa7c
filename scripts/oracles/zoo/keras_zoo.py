"""Models of keras.applications without weights, as .keras, .h5 and TensorFlow Lite files.

    python scripts/oracles/zoo/keras_zoo.py FOLDER [NAME ...]
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
from common import record, values

APPLICATIONS = {
    "MobileNet": 64,
    "MobileNetV2": 64,
    "MobileNetV3Small": 64,
    "MobileNetV3Large": 64,
    "EfficientNetB0": 64,
    "EfficientNetV2B0": 64,
    "ResNet50": 64,
    "ResNet50V2": 64,
    "DenseNet121": 64,
    "NASNetMobile": 96,
    "InceptionV3": 96,
    "Xception": 96,
    "ConvNeXtTiny": 64,
}


def make(folder, name, size):
    keras.utils.set_random_seed(7)
    model = getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), classes=10, classifier_activation=None)
    random = np.random.default_rng(3)
    for variable in model.weights:
        if "variance" in variable.path:
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
        elif "moving_mean" in variable.path or "beta" in variable.path or "bias" in variable.path:
            variable.assign(random.normal(0, 0.1, variable.shape))
    x = values(name, (1, size, size, 3)) * 127 + 127
    outputs = model(x, training=False)
    record(folder, f"keras_{name}", [{"name": "input", "shape": [1, size, size, 3], "seed": name, "scale": 127, "offset": 127}], [outputs.numpy()])
    model.save(os.path.join(folder, f"keras_{name}.keras"))
    model.save(os.path.join(folder, f"keras_{name}.h5"))
    content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    with open(os.path.join(folder, f"keras_{name}.tflite"), "wb") as file:
        file.write(content)


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, size in APPLICATIONS.items():
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        try:
            make(sys.argv[1], name, size)
            print("made", name, flush=True)
        except Exception as error:  # noqa: BLE001 - one model must not stop the others
            print("FAILED", name, repr(error)[:300], flush=True)
