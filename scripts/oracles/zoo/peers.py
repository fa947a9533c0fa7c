"""The zoo in int8: samples to calibrate with, what peers make of them, and how files run.

    python scripts/oracles/zoo/peers.py samples FOLDER [NAME ...]    writes NAME.npz and NAME.own.npz for every NAME.json
    npx tsx scripts/zoo-int8.ts FOLDER [NAME ...]                    writes FILE.int8.tflite with these samples
    python scripts/oracles/zoo/peers.py measure FOLDER [NAME ...]    writes int8.json

The better peer is TensorFlow's converter for Keras models and onnxruntime's static quantizer (QDQ, per channel, MinMax) for
ONNX. All are judged on the same samples, none of which was calibrated with, against the source's own float outputs.
"""

import json
import os
import subprocess
import sys
import tempfile
import zlib
from glob import glob

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np

CALIBRATE, EVALUATE = 24, 8


def smooth(random, shape):
    """Noise whose neighbours are alike, as pixels and steps of time are."""
    x = random.normal(0, 1, shape)
    for axis in range(1, len(shape)):
        if shape[axis] >= 16:
            x = x + np.roll(x, 1, axis) + np.roll(x, 2, axis) + np.roll(x, 3, axis)
    return np.clip(x / x.std() * 0.5, -1, 1).astype(np.float32)


def samples_of(spec, random):
    shape = (CALIBRATE + EVALUATE, *spec["shape"][1:])
    if spec.get("kind") == "int64":
        top = spec.get("top") or 100
        return np.ones(shape, np.int64) if top == 1 else random.integers(0, top, shape)
    return (smooth(random, shape) * spec.get("scale", 1) + spec.get("offset", 0)).astype(np.float32)


def write_samples(folder, name):
    with open(os.path.join(folder, f"{name}.json")) as file:
        inputs = json.load(file)["inputs"]
    random = np.random.default_rng(zlib.crc32(name.encode()))
    samples = {spec["name"]: samples_of(spec, random) for spec in inputs}
    np.savez(os.path.join(folder, f"{name}.npz"), **samples)
    # Those that are calibrated with, as the Graph has them: images of PyTorch with their channels last.
    first = name.startswith("keras_")
    own = {key: x[:CALIBRATE] if first or x.ndim < 4 else np.moveaxis(x[:CALIBRATE], 1, -1) for key, x in samples.items()}
    np.savez(os.path.join(folder, f"{name}.own.npz"), **own)


def sqnr(float_rows, rows):
    """Over all outputs and samples, in decibels."""
    signal = sum(float((f.astype(np.float64) ** 2).sum()) for f in float_rows)
    noise = sum(float(((f.astype(np.float64) - r) ** 2).sum()) for f, r in zip(float_rows, rows))
    return 10 * np.log10(signal / max(noise, 1e-30))


def onnx_rows(path, batches):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [i.name for i in session.get_inputs()]
    return [o for b in batches for o in session.run(None, {n: b[n] for n in names})]


def onnx_peer(path, data, folder):
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.rows = iter(rows(data, range(CALIBRATE)))

        def get_next(self):
            return next(self.rows, None)

    prepared, quantized = os.path.join(folder, "prepared.onnx"), os.path.join(folder, "quantized.onnx")
    quant_pre_process(path, prepared, skip_symbolic_shape=True)
    quantize_static(
        prepared, quantized, Reader(), quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=QuantType.QInt8, weight_type=QuantType.QInt8,
    )
    return quantized


def rows(data, indices):
    return [{name: values[i : i + 1] for name, values in data.items()} for i in indices]


def keras_peer(path, data, folder):
    import keras
    import tensorflow as tf

    model = keras.models.load_model(path)
    (values,) = data.values()
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([values[i : i + 1]] for i in range(CALIBRATE))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    out = os.path.join(folder, "peer.tflite")
    with open(out, "wb") as file:
        file.write(converter.convert())
    return out, [np.asarray(model(values[i : i + 1], training=False)) for i in range(CALIBRATE, CALIBRATE + EVALUATE)]


def tflite_rows(path, batches, xnnpack):
    """In a process of its own: a runtime that aborts takes nobody with it."""
    with tempfile.TemporaryDirectory() as folder:
        np.savez(os.path.join(folder, "in.npz"), **{f"{i}/{n}": v for i, b in enumerate(batches) for n, v in b.items()})
        done = subprocess.run(
            [sys.executable, __file__, "run", path, folder, "xnnpack" if xnnpack else "builtin"], capture_output=True
        )
        if done.returncode != 0:
            return None
        with np.load(os.path.join(folder, "out.npz")) as out:
            return [out[k] for k in sorted(out.files, key=int)]


def run_tflite(path, folder, how):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    resolver = OpResolverType.AUTO if how == "xnnpack" else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(path, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    results = []
    with np.load(os.path.join(folder, "in.npz")) as given:
        count = 1 + max(int(k.split("/", 1)[0]) for k in given.files)
        for i in range(count):
            batch = {k.split("/", 1)[1]: given[k] for k in given.files if k.split("/", 1)[0] == str(i)}
            interpreter.reset_all_variables()
            for position, detail in enumerate(interpreter.get_input_details()):
                own = [n for n in batch if detail["name"] in (n, f"serving_default_{n}:0")]
                x = batch[own[0] if own else list(batch)[position]]
                interpreter.set_tensor(detail["index"], encoded(arranged(x, detail["shape"]), detail))
            interpreter.invoke()
            results += [decoded(interpreter.get_tensor(d["index"]), d) for d in interpreter.get_output_details()]
    np.savez(os.path.join(folder, "out.npz"), **{str(i): r for i, r in enumerate(results)})


def arranged(x, shape):
    """Images of ONNX are [N,C,H,W], those of TensorFlow Lite [N,H,W,C]."""
    shape = [int(d) for d in shape]
    if list(x.shape) == shape:
        return x
    return np.moveaxis(x, 1, -1)


def encoded(x, detail):
    scale, zero = detail["quantization"]
    if detail["dtype"] in (np.float32, np.int32, np.int64) or scale == 0:
        return x.astype(detail["dtype"])
    limits = np.iinfo(detail["dtype"])
    return np.clip(np.round(x / scale) + zero, limits.min, limits.max).astype(detail["dtype"])


def decoded(x, detail):
    scale, zero = detail["quantization"]
    return x if x.dtype == np.float32 or scale == 0 else ((x.astype(np.float64) - zero) * scale).astype(np.float32)


def same_layout(result, wanted):
    if result.shape == wanted.shape:
        return result
    return np.moveaxis(result, -1, 1) if np.moveaxis(result, -1, 1).shape == wanted.shape else result.reshape(wanted.shape)


def runs_in_micro(path, batches):
    """Whether TensorFlow Lite Micro runs the file; None where it has no kernel for one of its operators."""
    done = subprocess.run([sys.executable, __file__, "micro", path], capture_output=True, text=True)
    if done.returncode == 0:
        return True
    return None if "Didn't find op for builtin opcode" in done.stdout + done.stderr else False


def run_micro(path):
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_file(path, arena_size=1 << 28)
    for index in range(64):
        try:
            detail = interpreter.get_input_details(index)
        except Exception:
            break
        interpreter.set_input(np.zeros(detail["shape"], detail["dtype"]), index)
    interpreter.invoke()
    interpreter.get_output(0)


def measure(folder, path):
    name = os.path.basename(path)
    with np.load(os.path.join(folder, f"{name.split('.')[0]}.npz")) as file:
        data = {key: file[key] for key in file.files}
    evaluation = rows(data, range(CALIBRATE, CALIBRATE + EVALUATE))
    result = {}
    with tempfile.TemporaryDirectory() as scratch:
        if path.endswith(".onnx"):
            wanted = onnx_rows(path, evaluation)
            try:
                peer = onnx_peer(path, data, scratch)
                result["peer"] = {"bytes": os.path.getsize(peer), "sqnr": sqnr(wanted, onnx_rows(peer, evaluation))}
            except Exception as error:
                result["peer"] = {"error": str(error)[:160]}
        else:
            peer, wanted = keras_peer(path, data, scratch)
            got = tflite_rows(peer, evaluation, True)
            result["peer"] = {"bytes": os.path.getsize(peer), "sqnr": got and sqnr(wanted, got)}
    own = os.path.join(folder, f"{name}.int8.tflite")
    if os.path.exists(own):
        result["bytes"] = os.path.getsize(own)
        for how in ("xnnpack", "builtin"):
            got = tflite_rows(own, evaluation, how == "xnnpack")
            kept = wanted
            if got is not None:
                count = len(got) // EVALUATE
                kept = [w for i, w in enumerate(wanted) if i % (len(wanted) // EVALUATE) < count]
            result[how] = got and sqnr(kept, [same_layout(g, w) for g, w in zip(got, kept)])
        result["micro"] = runs_in_micro(own, evaluation)
    return result


if __name__ == "__main__":
    command, folder, *names = sys.argv[1:]
    if command == "run":
        run_tflite(folder, names[0], names[1])
    elif command == "micro":
        run_micro(folder)
    elif command == "samples":
        for spec in sorted(glob(os.path.join(folder, "*.json"))):
            name = os.path.basename(spec)[: -len(".json")]
            if name != "int8" and (not names or any(part in name for part in names)):
                write_samples(folder, name)
    else:
        table = os.path.join(folder, "int8.json")
        results = json.load(open(table)) if os.path.exists(table) else {}
        for path in sorted(glob(os.path.join(folder, "*.onnx")) + glob(os.path.join(folder, "*.keras"))):
            name = os.path.basename(path)
            if names and not any(part in name for part in names):
                continue
            try:
                results[name] = measure(folder, path)
            except Exception as error:
                results[name] = {"error": str(error)[:160]}
            print(name, results[name], flush=True)
            with open(table, "w") as file:
                json.dump(results, file, indent=1)
