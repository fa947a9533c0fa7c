"""What other runtimes than LiteRT.js compute in every tensor of int8 models: the goldens of the integer profiles.

    python scripts/oracles/runtimes.py FIXTURES src/testing/goldens/runtimes.json

Runs TensorFlow Lite Micro (wheel tflite-micro) and LiteRT's built-in kernels (ai-edge-litert without delegates) over files
below FIXTURES. Inputs are codes by rule, see `codes`; of each int8 tensor, in the order
in which operators write them, the CRC-32 of its bytes is kept.
"""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime

FILES = [
    "mlperf_tiny/ic/trained_models/pretrainedResnet_quant.tflite",
    "mlperf_tiny/kws/trained_models/kws_ref_model.tflite",
    "mlperf_tiny/vww/trained_models/vww_96_int8.tflite",
    "mlperf_tiny/ad/trained_models/ad01_int8.tflite",
]
SAMPLES = 2
ARENA_BYTES = 16 * 1024 * 1024


def codes(count: int, sample: int) -> np.ndarray:
    """Bytes of a congruential generator, as src/testing/oracles/congruential-codes.ts makes them."""
    state, out = sample + 1, np.empty(count, np.int8)
    for i in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out[i] = (state >> 24) - 128
    return out


def checksums(file: Path) -> dict:
    data = file.read_bytes()
    litert = Interpreter(
        model_content=data,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
        num_threads=1,
    )
    litert.allocate_tensors()
    micro = runtime.Interpreter.from_bytes(
        data, arena_size=ARENA_BYTES, intrepreter_config=runtime.InterpreterConfig.kPreserveAllTensors
    )
    (given,) = litert.get_input_details()
    written = [int(i) for op in litert._get_ops_details() for i in op["outputs"]]
    found = {"litert-builtin": [], "tflm": []}
    for sample in range(SAMPLES):
        x = codes(int(np.prod(given["shape"])), sample).reshape(given["shape"])
        litert.set_tensor(given["index"], x)
        litert.invoke()
        micro.set_input(x, 0)
        micro.invoke()
        read = {"litert-builtin": litert.get_tensor, "tflm": lambda i: micro.GetTensor(i, 0)["tensor_data"]}
        for profile, tensor in read.items():
            values = [np.ascontiguousarray(np.array(tensor(index))) for index in written]
            found[profile].append(" ".join(f"{zlib.crc32(v.tobytes()):08x}" for v in values if v.dtype == np.int8))
    return found


def main() -> None:
    fixtures, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.write_text(json.dumps({name: checksums(fixtures / name) for name in FILES}, indent=1) + "\n")


if __name__ == "__main__":
    main()
