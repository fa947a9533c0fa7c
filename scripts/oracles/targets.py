"""What the vendors' own tools say of .tflite files: the verdicts that src/core/targets is held to.

    python scripts/oracles/targets.py FOLDER OUT.json

Runs Vela (wheel ethos-u-vela 5.2.0) for an Ethos-U55 and an Ethos-U85 over every .tflite and .bin below FOLDER, and TensorFlow
Lite Micro (wheel tflite-micro) up to AllocateTensors. Writes, by path: the tensors whose operators Vela leaves on the CPU, and
what TFLM answers: "ok", or the line with which it refuses. A tool that crashes on a file is recorded as such.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ACCELERATORS = {"ethos-u55": "ethos-u55-128", "ethos-u85": "ethos-u85-256"}
ARENA_BYTES = 64 * 1024 * 1024
SECONDS = 120

# Runs in a process of its own: a refused file may end the interpreter's process.
ALLOCATE = """
import sys
from tflite_micro.python.tflite_micro import runtime
runtime.Interpreter.from_bytes(open(sys.argv[1], 'rb').read(), arena_size=int(sys.argv[2]))
print('ALLOCATED')
"""


def vela(path: Path, accelerator: str) -> dict:
    with tempfile.TemporaryDirectory() as out:
        command = [str(Path(sys.executable).parent / "vela"), str(path), "--accelerator-config", accelerator]
        try:
            done = subprocess.run(
                [*command, "--output-dir", out, "--show-cpu-operations"], capture_output=True, text=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return {"failed": "timeout"}
    text = done.stdout + done.stderr
    cpu = sorted(set(re.findall(r"^Warning \(supported operators\) operator: [\w ]+?, ofm: '(.*)'$", text, re.M)))
    listed = sorted(set(re.findall(r"^\s+CPU: \w+ = (.*?) \(outputs", text, re.M)))
    if done.returncode != 0:
        lines = [line for line in text.strip().splitlines() if line.strip()]
        return {"failed": lines[-1][:200] if lines else f"exit code {done.returncode}"}
    return {"cpu": sorted(set(cpu) | set(listed))}


def tflm(path: Path) -> str:
    try:
        done = subprocess.run(
            [sys.executable, "-c", ALLOCATE, str(path), str(ARENA_BYTES)], capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return "timeout"
    if "ALLOCATED" in done.stdout:
        return "ok"
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip() and not line.startswith((" ", "Traceback"))]
    return next((line[:200] for line in lines), f"exit code {done.returncode}")


def main() -> None:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    verdicts = {}
    for path in sorted([*folder.rglob("*.tflite"), *folder.rglob("*.bin")]):
        if path.read_bytes()[4:8] != b"TFL3":
            continue
        row = {name: vela(path, accelerator) for name, accelerator in ACCELERATORS.items()}
        row["tflm"] = tflm(path)
        verdicts[str(path.relative_to(folder))] = row
        print(path.name, flush=True)
    out.write_text(json.dumps(verdicts, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
