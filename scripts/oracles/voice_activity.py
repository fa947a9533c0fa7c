"""Writes src/testing/oracles/goldens/voice-activity.json: what onnxruntime answers for Silero's voice activity detector.

    python scripts/oracles/voice_activity.py MODEL.onnx

MODEL is silero_vad_16k_op15.onnx of snakers4/silero-vad. The inputs are formulas that the test repeats.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort

OUT = Path(__file__).parents[2] / "src/testing/oracles/goldens/voice-activity.json"

i = np.arange(512)
sound = np.sin(0.05 * i * (1 + i / 512)).astype(np.float32)[None]
state = (0.5 * np.cos(np.arange(256))).astype(np.float32).reshape(2, 1, 128)
session = ort.InferenceSession(sys.argv[1])
speech, after = session.run(None, {"input": sound, "state": state, "sr": np.array(16000, np.int64)})
OUT.write_text(json.dumps({"speech": float(speech.item()), "state": [round(float(v), 6) for v in after.ravel()]}))
