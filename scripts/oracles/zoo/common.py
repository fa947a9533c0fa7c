"""What the zoo's makers share: inputs by a formula, and outputs as a few samples that a table can be checked against."""

import json
import os
import zlib

import numpy as np

SAMPLES = 48


def values(name, shape, kind="float32", top=None):
    """Values that anybody can compute again: a sine over the positions, or positions modulo `top` for whole numbers."""
    at = np.arange(int(np.prod(shape)), dtype=np.float64)
    if kind == "int64":
        return ((at * 7 + 3) % (top or 100)).astype(np.int64).reshape(shape)
    shift = zlib.crc32(name.encode()) % 100
    return np.sin(0.37 * at + shift).astype(np.float32).reshape(shape)


def sampled(array):
    """Shape, largest magnitude, and values at positions spread evenly."""
    flat = np.asarray(array, dtype=np.float64).ravel()
    at = np.unique(np.linspace(0, flat.size - 1, min(SAMPLES, flat.size)).round().astype(int))
    return {
        "shape": [int(d) for d in np.shape(array)],
        "largest": float(np.abs(flat).max()),
        "values": [float(f"{flat[i]:.7g}") for i in at],
    }


def record(folder, name, inputs, outputs):
    """Writes NAME.json beside the models of this name: inputs by the formula, outputs sampled."""
    with open(os.path.join(folder, f"{name}.json"), "w") as file:
        json.dump({"inputs": inputs, "outputs": [sampled(output) for output in outputs]}, file)
        file.write("\n")
