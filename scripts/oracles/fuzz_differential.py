"""Holds what `npm run fuzz -- tflite onnx --keep FOLDER` computed against the reference runtimes.

    python scripts/oracles/fuzz_differential.py FOLDER [--limit N]

For every model that went the whole way here, the file that was opened runs in ai-edge-litert or onnxruntime on the very
sample that was computed here, and the exported file in ai-edge-litert: they agree, or the reference refuses the file.
Each model runs in a process of its own, because reference runtimes abort on some mutants. Exit status 1 where any
disagrees. Needs ai-edge-litert, onnxruntime, numpy.
"""

import argparse
import json
import math
import multiprocessing
import sys
from collections import Counter
from pathlib import Path

import numpy as np

# Of the largest output: float kernels add up in another order.
TOLERANCE = 1e-3
# Of the exported file: runtimes may round a value by one step otherwise, and later layers pass it on.
STEPS = 2
SECONDS = 60


def values(entries):
    return [np.array([math.nan if v is None else v for v in e["values"]], np.float32) for e in entries]


def is_quantized(path):
    from ai_edge_litert.interpreter import Interpreter

    return any(detail["quantization"][0] for detail in Interpreter(str(path)).get_tensor_details())


def litert(path, inputs):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    details = interpreter.get_input_details()
    # Readers may have left out inputs that nothing uses; what is taken by position has to be complete.
    if len(details) != len(inputs):
        raise ValueError("other inputs")
    for detail, value in zip(details, inputs):
        if (detail["shape"] != detail["shape_signature"]).any():
            interpreter.resize_tensor_input(detail["index"], [1 if d < 0 else d for d in detail["shape_signature"]])
    interpreter.allocate_tensors()
    for detail, value in zip(interpreter.get_input_details(), inputs):
        scale, zero = detail["quantization"]
        if np.issubdtype(detail["dtype"], np.integer) and scale:
            info = np.iinfo(detail["dtype"])
            value = np.clip(np.round(value / scale) + zero, info.min, info.max)
        interpreter.set_tensor(detail["index"], value.astype(detail["dtype"]).reshape(detail["shape"]))
    interpreter.invoke()
    outputs, steps = [], []
    for detail in interpreter.get_output_details():
        value = interpreter.get_tensor(detail["index"])
        scale, zero = detail["quantization"]
        quantized = np.issubdtype(detail["dtype"], np.integer) and scale
        outputs.append(((value.astype(np.float32) - zero) * scale if quantized else value.astype(np.float32)).ravel())
        steps.append(scale if quantized else 0)
    return outputs, steps


def channels_first(value, shape):
    """The same sample laid out as ONNX has it; pictures and sequences are computed here with channels last."""
    rank = len(shape)
    last = [shape[0], *shape[2:], shape[1]]
    return np.moveaxis(value.reshape(last), -1, 1).reshape(-1) if rank > 2 else value


def onnx(path, inputs, layout=lambda value, shape: value):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    if len(session.get_inputs()) != len(inputs):
        raise ValueError("other inputs")
    feed = {}
    for place, value in zip(session.get_inputs(), inputs):
        shape = [d if isinstance(d, int) and d > 0 else 1 for d in place.shape]
        kind = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(int32)": np.int32}.get(place.type, np.float32)
        feed[place.name] = layout(value, shape).astype(kind).reshape(shape)
    return [np.asarray(v, np.float32).ravel() for v in session.run(None, feed)], None


def apart(mine, theirs):
    """How far outputs are from each other, of the largest value; None where they are not the same values at all."""
    if len(mine) != len(theirs) or any(len(a) != len(b) for a, b in zip(mine, theirs)):
        return None
    worst = 0.0
    for a, b in zip(mine, theirs):
        # NaN and infinity are written alike.
        odd = ~np.isfinite(a)
        if (odd != ~np.isfinite(b)).any():
            return math.inf
        if (~odd).any():
            worst = max(worst, float(np.abs(a[~odd] - b[~odd]).max() / max(np.abs(b[~odd]).max(), 1e-6)))
    return worst


def judge(folder, results):
    case = json.loads((folder / "case.json").read_text())
    source = folder / "source" / case["model"][0]
    inputs, float_outputs = values(case["inputs"]), values(case["float"])
    run = onnx if source.suffix == ".onnx" else litert
    try:
        theirs, _ = run(source, inputs)
        # Of a quantized file a float graph is computed here, which is what it was before it was rounded.
        rounded = run is litert and is_quantized(source)
    except Exception as refusal:  # the reference refuses the file
        results["float"] = f"refused ({type(refusal).__name__})"
    else:
        difference = 0.0 if rounded else apart(float_outputs, theirs)
        if run is onnx and not (difference is not None and difference <= TOLERANCE):
            # Outputs may be laid out otherwise, too: their values are compared in order of size.
            laid, _ = onnx(source, inputs, channels_first)
            sorts = [[np.sort(v) for v in outputs] for outputs in (float_outputs, theirs, laid)]
            tried = [apart(sorts[0], other) for other in sorts[1:]]
            difference = min((d for d in tried if d is not None), default=None)
        results["float"] = "quantized as it came" if rounded else "agrees" if difference is not None and difference <= TOLERANCE else f"DIFFERS by {difference}"
    try:
        exported, steps = litert(folder / "exported.tflite", inputs)
    except Exception as refusal:
        results["exported"] = f"refused ({type(refusal).__name__})"
        return
    mine = np.array([math.nan if v is None else v for v in case["quantized"]], np.float32)
    theirs = np.concatenate(exported)
    step = max([s for s in steps if s] or [0])
    limit = max(STEPS * step, TOLERANCE * max(float(np.nanmax(np.abs(theirs), initial=0)), 1e-6))
    close = len(mine) == len(theirs) and np.allclose(mine, theirs, rtol=0, atol=limit, equal_nan=True)
    results["exported"] = "agrees" if close else f"DIFFERS by {np.abs(mine - theirs).max() if len(mine) == len(theirs) else 'length'}"


def judged(folder):
    """What became of one model, in a process of its own."""
    with multiprocessing.Manager() as manager:
        results = manager.dict()
        process = multiprocessing.Process(target=judge, args=(folder, results))
        process.start()
        process.join(SECONDS)
        if process.is_alive():
            process.kill()
            return {"float": "reference hangs"}
        return dict(results) if process.exitcode == 0 else {**results, "float": results.get("float", "reference aborts")}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int)
    args = parser.parse_args()
    tally, differs = Counter(), 0
    for folder in sorted(path.parent for path in args.folder.rglob("case.json"))[: args.limit]:
        for what, outcome in judged(folder).items():
            kind = outcome.split(" by ")[0]
            tally[f"{what}: {kind}"] += 1
            if kind == "DIFFERS":
                differs += 1
                print(f"{folder.name} {what} {outcome}")
    for outcome, count in sorted(tally.items()):
        print(f"{count:6} {outcome}")
    sys.exit(1 if differs else 0)
