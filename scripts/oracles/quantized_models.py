"""Makes small quantized models with the tools people use, and what their own runtime answers.

    python scripts/oracles/quantized_models.py src/testing/goldens/quantized-models.zip

One network (convolution, depthwise convolution, skip connection, pool, dense layer, softmax left out) is trained by nobody:
its weights are seeded noise, so that only differences between two ways of computing it count. Needs onnxruntime, onnx,
tensorflow, tf_keras and tensorflow-model-optimization; brevitas and nncf where they are installed.
"""

import os
import sys
import tempfile
import warnings
import zipfile

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore")

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

RNG = np.random.default_rng(7)
SIZE, CHANNELS, CLASSES, SAMPLES = 8, 4, 5, 32


def weights(*shape, scale=0.4):
    return (RNG.standard_normal(shape) * scale).astype(np.float32)


W1, B1 = weights(8, CHANNELS, 3, 3), weights(8)
W2, B2 = weights(8, 1, 3, 3), weights(8)
W3, B3 = weights(8, 8, 1, 1), weights(8)
W4, B4 = weights(CLASSES, 8), weights(CLASSES)
IMAGES = RNG.standard_normal((64, CHANNELS, SIZE, SIZE)).astype(np.float32)
HELD = RNG.standard_normal((SAMPLES, CHANNELS, SIZE, SIZE)).astype(np.float32)


def float_onnx(opset, sigmoid=False):
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["c1"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2", "b2"], ["c2"], pads=[1, 1, 1, 1], group=8),
        helper.make_node("Clip", ["c2", "zero", "six"], ["r2"]),
        helper.make_node("Conv", ["r2", "w3", "b3"], ["c3"]),
        helper.make_node("Add", ["c3", "r1"], ["s"]),
        helper.make_node("MaxPool", ["s"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Sigmoid" if sigmoid else "LeakyRelu", ["p"], ["a"]),
        helper.make_node("Concat", ["a", "p"], ["j"], axis=1),
        helper.make_node("AveragePool", ["j"], ["v"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("GlobalAveragePool", ["v"], ["g"]),
        helper.make_node("Flatten", ["g"], ["f"]),
        helper.make_node("Gemm", ["f", "w4", "b4"], ["y"], transB=1),
    ]
    wide = np.concatenate([W4, W4[:, ::-1]], axis=1)
    constants = {"w1": W1, "b1": B1, "w2": W2, "b2": B2, "w3": W3, "b3": B3, "w4": wide, "b4": B4}
    constants |= {"zero": np.float32(0), "six": np.float32(6)}
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, CHANNELS, SIZE, SIZE])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, CLASSES])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def dense_onnx():
    a, b, c = weights(64, 48), weights(48), weights(48, 16)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "a"], ["m"]),
            helper.make_node("Add", ["m", "b"], ["n"]),
            helper.make_node("Relu", ["n"], ["r"]),
            helper.make_node("MatMul", ["r", "c"], ["y"]),
        ],
        "dense",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 6, 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 6, 16])],
        [numpy_helper.from_array(value, name) for name, value in {"a": a, "b": b, "c": c}.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


class Images(CalibrationDataReader):
    def __init__(self):
        self.rest = iter(IMAGES)

    def get_next(self):
        image = next(self.rest, None)
        return None if image is None else {"x": image[None]}


def answers(path, samples):
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.concatenate([session.run(None, {name: sample[None]})[0] for sample in samples])


def onnxruntime_static(folder):
    S8, U8, S16 = QuantType.QInt8, QuantType.QUInt8, QuantType.QInt16
    usual = {"quant_format": QuantFormat.QDQ, "activation_type": S8, "weight_type": S8, "per_channel": False}
    rows = {
        "ort_qdq_s8s8": (17, {"per_channel": True}),
        "ort_qdq_u8s8_reduced": (17, {"activation_type": U8, "reduce_range": True}),
        "ort_qdq_u8u8": (17, {"activation_type": U8, "weight_type": U8}),
        "ort_qdq_percentile": (17, {"calibrate_method": 2, "per_channel": True}),
        "ort_qdq_symmetric": (17, {"extra_options": {"ActivationSymmetric": True}}),
        "ort_qdq_s16s8": (21, {"activation_type": S16}),
        "ort_qdq_a16_contrib": (17, {"activation_type": S16}),
        "ort_qoperator_u8s8": (17, {"quant_format": QuantFormat.QOperator, "activation_type": U8}),
        "ort_qoperator_s8s8": (17, {"quant_format": QuantFormat.QOperator, "per_channel": True}),
    }
    from onnxruntime.quantization import CalibrationMethod

    for name, (opset, options) in rows.items():
        source = os.path.join(folder, "float.onnx")
        onnx.save(float_onnx(opset, sigmoid=name.startswith("ort_qoperator")), source)
        options = {**usual, **options}
        if options.get("calibrate_method") == 2:
            options["calibrate_method"] = CalibrationMethod.Percentile
        quantize_static(source, os.path.join(folder, f"{name}.onnx"), Images(), **options)
        os.remove(source)
    return list(rows)


def onnxruntime_weights(folder):
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    source = os.path.join(folder, "float.onnx")
    made = []
    onnx.save(dense_onnx(), source)
    for name, options in {
        "ort_dynamic_s8": {"weight_type": QuantType.QInt8, "per_channel": True},
        "ort_dynamic_u8": {"weight_type": QuantType.QUInt8},
    }.items():
        quantize_dynamic(source, os.path.join(folder, f"{name}.onnx"), **options)
        made.append(name)
    for name, options in {
        "ort_matmulnbits_asymmetric": {"block_size": 16, "is_symmetric": False},
        "ort_matmulnbits_8": {"block_size": 32, "is_symmetric": True, "bits": 8},
        "ort_qdq_int4_blocks": {"block_size": 16, "is_symmetric": False, "quant_format": QuantFormat.QDQ},
    }.items():
        quantizer = MatMulNBitsQuantizer(onnx.load(source), **options)
        quantizer.process()
        quantizer.model.save_model_to_file(os.path.join(folder, f"{name}.onnx"))
        made.append(name)
    os.remove(source)
    return made


def keras_network():
    import tf_keras as keras

    layers = keras.layers
    x = keras.Input((SIZE, SIZE, CHANNELS))
    r = layers.Conv2D(8, 3, padding="same", activation="relu", name="c1")(x)
    d = layers.DepthwiseConv2D(3, padding="same", name="c2")(r)
    d = layers.BatchNormalization(name="bn")(d)
    d = layers.ReLU(6.0)(d)
    d = layers.Conv2D(8, 1, name="c3")(d)
    s = layers.Add()([d, r])
    s = layers.MaxPooling2D()(s)
    s = layers.GlobalAveragePooling2D()(s)
    model = keras.Model(x, layers.Dense(CLASSES, name="y")(s))
    model.get_layer("c1").set_weights([W1.transpose(2, 3, 1, 0), B1])
    model.get_layer("c2").set_weights([W2.transpose(2, 3, 0, 1), B2])
    model.get_layer("c3").set_weights([W3.transpose(2, 3, 1, 0), B3])
    model.get_layer("y").set_weights([W4.T, B4])
    model.get_layer("bn").set_weights([np.full(8, 1.2), np.full(8, 0.1), np.full(8, 0.05), np.full(8, 0.9)])
    return model


def nhwc(images):
    return np.ascontiguousarray(images.transpose(0, 2, 3, 1))


def tflite_answers(path, samples):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path, num_threads=1)
    interpreter.allocate_tensors()
    [given], [taken] = interpreter.get_input_details(), interpreter.get_output_details()

    def codes(values):
        if given["dtype"] == np.float32:
            return values
        scale, zero = given["quantization"]
        info = np.iinfo(given["dtype"])
        return np.clip(np.rint(values / np.float32(scale)) + zero, info.min, info.max).astype(given["dtype"])

    results = []
    for sample in samples:
        interpreter.set_tensor(given["index"], codes(sample[None]))
        interpreter.invoke()
        values = interpreter.get_tensor(taken["index"])
        if taken["dtype"] != np.float32:
            scale, zero = taken["quantization"]
            values = (values.astype(np.float32) - zero) * np.float32(scale)
        results.append(values[0])
    return np.stack(results)


def tensorflow(folder):
    import tensorflow as tf

    model = keras_network()

    def representative():
        for image in nhwc(IMAGES):
            yield [image[None]]

    int8 = tf.lite.OpsSet.TFLITE_BUILTINS_INT8
    int16 = tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    rows = {
        "tf_int8": {"ops": int8, "io": tf.int8},
        "tf_int8_uint8_io": {"ops": int8, "io": tf.uint8},
        "tf_int8_float_io": {"ops": int8, "io": tf.float32},
        "tf_int16x8": {"ops": int16, "io": tf.int16},
        "tf_dynamic_range": {},
    }
    for name, row in rows.items():
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if row:
            converter.representative_dataset = representative
            converter.target_spec.supported_ops = [row["ops"]]
            converter.inference_input_type = converter.inference_output_type = row["io"]
        with open(os.path.join(folder, f"{name}.tflite"), "wb") as file:
            file.write(converter.convert())
    return list(rows)


def quantization_aware(folder):
    """tf-mot: the Keras file with its wrappers, and the int8 file TensorFlow makes of it."""
    import tensorflow as tf
    import tensorflow_model_optimization as tfmot

    model = tfmot.quantization.keras.quantize_model(keras_network())
    model.compile("sgd", "mse")
    images = nhwc(IMAGES)
    model.fit(images, keras_network().predict(images, verbose=0), epochs=2, batch_size=16, verbose=0)
    model.save(os.path.join(folder, "tfmot_qat.h5"))
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    with open(os.path.join(folder, "tfmot_qat_fake_quant.tflite"), "wb") as file:
        file.write(converter.convert())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with open(os.path.join(folder, "tfmot_qat_int8.tflite"), "wb") as file:
        file.write(converter.convert())
    return model.predict(nhwc(HELD), verbose=0)


def brevitas(folder):
    import torch
    from brevitas import nn as qnn
    from brevitas.export import export_onnx_qcdq

    torch.manual_seed(3)
    network = torch.nn.Sequential(
        qnn.QuantIdentity(return_quant_tensor=True),
        qnn.QuantConv2d(CHANNELS, 8, 3, padding=1, return_quant_tensor=True),
        qnn.QuantReLU(return_quant_tensor=True),
        qnn.QuantConv2d(8, 8, 3, padding=1, groups=8, weight_bit_width=4, return_quant_tensor=True),
        qnn.QuantReLU(return_quant_tensor=False),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        qnn.QuantLinear(8, CLASSES, bias=True),
    )
    network(torch.from_numpy(IMAGES))
    network.eval()
    export_onnx_qcdq(network, args=torch.from_numpy(HELD[:1]), export_path=os.path.join(folder, "brevitas_qcdq.onnx"))


def make(folder):
    goldens = {}
    for name in onnxruntime_static(folder):
        goldens[f"{name}.onnx"] = answers(os.path.join(folder, f"{name}.onnx"), HELD)
    tokens = RNG.standard_normal((SAMPLES, 6, 64)).astype(np.float32)
    for name in onnxruntime_weights(folder):
        goldens[f"{name}.onnx"] = answers(os.path.join(folder, f"{name}.onnx"), tokens)
    for name in tensorflow(folder):
        goldens[f"{name}.tflite"] = tflite_answers(os.path.join(folder, f"{name}.tflite"), nhwc(HELD))
    goldens["tfmot_qat.h5"] = quantization_aware(folder)
    for name in ["tfmot_qat_fake_quant", "tfmot_qat_int8"]:
        goldens[f"{name}.tflite"] = tflite_answers(os.path.join(folder, f"{name}.tflite"), nhwc(HELD))
    try:
        brevitas(folder)
        goldens["brevitas_qcdq.onnx"] = answers(os.path.join(folder, "brevitas_qcdq.onnx"), HELD)
    except ImportError as missing:
        print(f"brevitas left out: {missing}")
    return {"images": nhwc(HELD), "tokens": tokens, **goldens}


def main(archive):
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        arrays = make(folder)
        for name in sorted(os.listdir(folder)):
            files.write(os.path.join(folder, name), name)
        for name, values in arrays.items():
            files.writestr(f"{name}.f32", np.ascontiguousarray(values, "<f4").tobytes())


if __name__ == "__main__":
    main(sys.argv[1])
