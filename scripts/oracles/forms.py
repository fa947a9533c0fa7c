"""Runs files that scripts/forms.ts wrote in the runtimes that people install, and compares answers element by element.

    npx tsx scripts/forms.ts FIXTURES CASES FOLDER
    python scripts/oracles/forms.py FOLDER [TABLE.md]

Runtimes: ai-edge-litert (XNNPACK), tflite-micro, onnxruntime. A GraphModel runs in TensorFlow.js itself, when it is written.
An element differs where it is not the same step of an integer output, or by more than a thousandth of the largest value of a
float one. Writes the rows of the table of docs/forms.md, with figures of the run in the browser's runtime beside them.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

NOTICEABLE = 1e-3
ROUNDS = 20
ARENA_BYTES = 16 * 1024 * 1024

TFLITE = {"int8", "int16x8", "dynamic-range", "weight-only-int8", "weight-only-int4", "float16", "tflm-lut"}
MICRO = {"int8", "int16x8", "tflm-lut"}

# A refused or failing file may end the interpreter's process, so that each runs in one of its own.
CHILD = r"""
import sys, time
import numpy as np
kind, path, inputs, out, samples = sys.argv[1:6]
feeds = [np.fromfile(f, np.float32) for f in inputs.split(',')]
if kind == 'tflm':
    from tflite_micro.python.tflite_micro import runtime
    data = open(path, 'rb').read()
    interpreter = runtime.Interpreter.from_bytes(data, arena_size=%d)
    ins = [interpreter.get_input_details(i) for i in range(len(feeds))]
    count = int(sys.argv[6])
    outs = [interpreter.get_output_details(i) for i in range(count)]
    def run(xs):
        for i, x in enumerate(xs): interpreter.set_input(x, i)
        interpreter.invoke()
        return [np.array(interpreter.get_output(i)) for i in range(count)]
    def parameters(d):
        q = d['quantization_parameters']
        return (q['scales'][0], q['zero_points'][0]) if len(q['scales']) else (0, 0)
else:
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(model_path=path, num_threads=1)
    interpreter.allocate_tensors()
    ins, outs = interpreter.get_input_details(), interpreter.get_output_details()
    def run(xs):
        for d, x in zip(ins, xs): interpreter.set_tensor(d['index'], x)
        interpreter.invoke()
        return [interpreter.get_tensor(d['index']).copy() for d in outs]
    parameters = lambda d: d['quantization']
def quantized(x, d):
    scale, zero = parameters(d)
    shape = [1 if n == -1 else n for n in d['shape']]
    if d['dtype'] == np.float32 or not scale: return x.reshape(shape).astype(d['dtype'])
    info = np.iinfo(d['dtype'])
    # As the page does it: float64 division, ties away from zero.
    q = x.astype(np.float64) / scale
    q = np.sign(q) * np.floor(np.abs(q) + 0.5) + zero
    return np.clip(q, info.min, info.max).reshape(shape).astype(d['dtype'])
rows = []
n = int(samples)
feeds = [f.reshape(n, -1) for f in feeds]
for s in range(n):
    answer = run([quantized(f[s], d) for f, d in zip(feeds, ins)])
    real = []
    for y, d in zip(answer, outs):
        scale, zero = parameters(d)
        real.append(((y.astype(np.float64) - zero) * scale if scale and y.dtype != np.float32 else y).astype(np.float32).ravel())
    rows.append(np.concatenate(real))
times = []
xs = [quantized(f[0], d) for f, d in zip(feeds, ins)]
for _ in range(%d):
    start = time.perf_counter(); run(xs); times.append(1000 * (time.perf_counter() - start))
np.array(rows, np.float32).tofile(out)
print('STEPS', ','.join(str(parameters(d)[0] if d['dtype'] != np.float32 else 0) for d in outs))
print('MS', sorted(times)[len(times) // 2])
""" % (ARENA_BYTES, ROUNDS)


def sizes(tensors: list[dict]) -> list[int]:
    return [int(np.prod([abs(d) for d in t["shape"]])) for t in tensors]


def tflite(kind: str, folder: Path, index: dict, form: dict) -> dict:
    inputs = np.fromfile(folder / "inputs.f32", np.float32).reshape(index["samples"], -1)
    with tempfile.TemporaryDirectory() as temporary:
        paths, at = [], 0
        for i, size in enumerate(sizes(index["inputs"])):
            path = Path(temporary) / f"{i}.f32"
            inputs[:, at : at + size].tofile(path)
            paths.append(str(path))
            at += size
        out = Path(temporary) / "out.f32"
        command = [sys.executable, "-c", CHILD, kind, str(folder / form["file"]), ",".join(paths), str(out)]
        done = subprocess.run(
            [*command, str(index["samples"]), str(len(index["outputs"]))], capture_output=True, text=True, timeout=300
        )
        if not out.exists():
            lines = [l for l in (done.stdout + done.stderr).splitlines() if l.strip() and "Traceback" not in l]
            said = [l for l in lines if not l.startswith((" ", "INFO", "WARNING"))]
            return {"refused": (said[0] if said else f"exit code {done.returncode}")[:120]}
        steps = [float(s) for s in re.search(r"STEPS (.*)", done.stdout)[1].split(",")]
        return {
            "answers": np.fromfile(out, np.float32).reshape(index["samples"], -1),
            "steps": steps,
            "ms": float(re.search(r"MS (.*)", done.stdout)[1]),
        }


def onnx(folder: Path, index: dict, form: dict) -> dict:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(folder / form["file"]), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        return {"refused": str(error)[:120]}
    inputs = np.fromfile(folder / "inputs.f32", np.float32).reshape(index["samples"], -1)
    rows, first = [], None
    for sample in inputs:
        feeds, at = {}, 0
        for tensor, size in zip(index["inputs"], sizes(index["inputs"])):
            x = sample[at : at + size].reshape([abs(d) for d in tensor["shape"]])
            at += size
            x = x.astype(np.int32) if tensor["dtype"] == "int32" else x
            feeds[tensor["name"]] = np.ascontiguousarray(x.transpose(0, 3, 1, 2) if x.ndim == 4 else x)
        first = first or feeds
        answer = session.run([t["name"] for t in index["outputs"]], feeds)
        rows.append(np.concatenate([(y.transpose(0, 2, 3, 1) if y.ndim == 4 else y).astype(np.float32).ravel() for y in answer]))
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        session.run(None, first)
        times.append(1000 * (time.perf_counter() - start))
    return {"answers": np.array(rows), "steps": [0] * len(index["outputs"]), "ms": sorted(times)[ROUNDS // 2]}


def differing(ours: np.ndarray, theirs: dict, index: dict) -> tuple[int, int, float]:
    """Elements that differ, elements, and the largest difference in steps (or as a share of the largest value)."""
    count, at, worst = 0, 0, 0.0
    for size, step in zip(sizes(index["outputs"]), theirs["steps"]):
        a, b = ours[:, at : at + size], theirs["answers"][:, at : at + size]
        at += size
        if step:
            distance = np.rint(np.abs(a - b) / step)
            count += int((distance > 0).sum())
        else:
            distance = np.abs(a - b) / max(float(np.abs(a).max()), 1e-12)
            count += int((~(distance <= NOTICEABLE)).sum())
        worst = max(worst, float(distance.max()))
    return count, ours.size, worst


def cell(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}g}"


def rows_of(folder: Path) -> list[list[str]]:
    index = json.loads((folder / "index.json").read_text())
    rows = []
    for form in index["forms"]:
        if "refused" in form:
            rows.append([index["name"], form["id"], "–", "not offered: " + form["refused"].split(": ", 1)[-1].rstrip("."), "", "", "", ""])
            continue
        figures = form["figures"]
        if figures is None:
            why = "; ".join(form["notes"][-1:]) if form["id"] != "c-project" else "compiled in a test"
            rows.append([index["name"], form["id"], "–", why, "", "", "", str(form["bytes"])])
            continue
        ours = np.fromfile(folder / f"{form['id']}.f32", np.float32).reshape(index["samples"], -1)
        score = figures["score"]
        value = score["value"]
        told = f"{100 * value:.1f} %" if score["metric"] in ("top1", "agreement", "accuracy") else cell(value)
        rows.append([index["name"], form["id"], figures["runtime"], "loads", "–", told, cell(figures["milliseconds"]), str(form["bytes"])])
        runs = []
        if form["id"] in TFLITE:
            runs.append(("LiteRT", tflite("litert", folder, index, form)))
        if form["id"] in MICRO:
            runs.append(("TFLM", tflite("tflm", folder, index, form)))
        if form["id"].startswith("onnx"):
            runs.append(("onnxruntime", onnx(folder, index, form)))
        for name, theirs in runs:
            if "refused" in theirs:
                rows.append([index["name"], form["id"], name, "refused: " + theirs["refused"], "", "", "", ""])
                continue
            count, elements, worst = differing(ours, theirs, index)
            worst = "" if count == 0 else f" (≤ {worst:.0f} LSB)" if any(theirs["steps"]) else f" (≤ {worst:.1g})"
            rows.append([index["name"], form["id"], name, "loads", f"{count} of {elements}{worst}", "", cell(theirs["ms"]), ""])
    return rows


def main() -> None:
    folder = Path(sys.argv[1])
    head = ["model", "form", "runtime", "loads", "elements differing", "score", "ms", "bytes"]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for index in sorted(folder.glob("*/index.json")):
        for row in rows_of(index.parent):
            lines.append("| " + " | ".join(text.replace("|", "/") for text in row) + " |")
            print(lines[-1], flush=True)
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
