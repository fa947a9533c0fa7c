"""Writes src/testing/goldens/audio.json: what TensorFlow, librosa, torchaudio and SciPy make of a short recording.

    python scripts/oracles/audio.py

Needs tensorflow, librosa, torchaudio, torch, scipy and numpy, each of which may be missing from the interpreter: what it
cannot compute is kept from the file that is there. Front ends are those of MLPerf Tiny (keyword spotting: 49x10 MFCCs;
anomaly detection: log-mel of five frames), of TensorFlow's tutorial on simple audio and of the libraries' defaults. The
recording is made by a formula that the test repeats, so that only a few values of each result have to be kept.
"""

import json
import sys
from pathlib import Path

import numpy as np

OUT = Path(__file__).parents[2] / "src/testing/goldens/audio.json"
RATE, LENGTH, KEPT = 16000, 16000, 40


def recording(length=LENGTH):
    """A sweep with a hum and a pulse, as 16-bit values."""
    t = np.arange(length)
    wave = 9000 * np.sin(2 * np.pi * (200 * t / RATE + 900 * (t / RATE) ** 2)) + 3000 * np.sin(2 * np.pi * 50 * t / RATE)
    wave[t % 4000 < 20] += 5000
    return np.floor(wave + 0.5).astype(np.int16)


def entry(values):
    values = np.asarray(values, np.float64)
    flat = values.reshape(-1)
    at = np.linspace(0, flat.size - 1, KEPT).astype(int)
    return {"shape": list(values.shape), "at": at.tolist(), "values": [float(f"{v:.7g}") for v in flat[at]]}


def of_tensorflow():
    import tensorflow as tf

    def log_mel(wave, low, high, bands, window=480, hop=320):
        magnitudes = tf.abs(tf.signal.stft(wave, window, hop))
        matrix = tf.signal.linear_to_mel_weight_matrix(bands, magnitudes.shape[-1], RATE, low, high)
        return tf.math.log(tf.tensordot(magnitudes, matrix, 1) + 1e-6)

    raw = recording().astype(np.float32)
    peak = tf.constant(raw / raw.max())
    unit = tf.constant(raw / 2**15)
    return {
        "mlperf_kws": entry(tf.signal.mfccs_from_log_mel_spectrograms(log_mel(peak, 20.0, 4000.0, 40))[..., :10]),
        "tensorflow_log_mel": entry(log_mel(unit, 80.0, 7600.0, 40)),
        "tensorflow_tutorial": entry(tf.abs(tf.signal.stft(unit, frame_length=255, frame_step=128))),
    }


def of_librosa():
    import librosa

    wave = recording().astype(np.float32) / 2**15
    power = librosa.feature.melspectrogram(y=wave, sr=RATE, n_fft=1024, hop_length=512, n_mels=128, power=2.0)
    # As MLPerf Tiny's anomaly detection has it; a vector is five frames, of which the excerpt at 0 holds those after the first.
    log_mel = 20.0 / 2.0 * np.log10(power + sys.float_info.epsilon)
    return {
        "mlperf_ad": entry(log_mel[:, 1:6].T),
        "librosa_mfcc": entry(librosa.feature.mfcc(y=wave, sr=RATE, n_mfcc=13, n_fft=1024, hop_length=512).T),
        "librosa_db": entry(librosa.power_to_db(power, ref=np.max)),
    }


def of_torchaudio():
    import torch
    import torchaudio

    wave = torch.from_numpy(recording().astype(np.float32) / 2**15)
    transform = torchaudio.transforms.MelSpectrogram(RATE, n_fft=400, hop_length=160, n_mels=64)
    return {"torchaudio": entry(torchaudio.transforms.AmplitudeToDB()(transform(wave)).numpy())}


def of_scipy():
    from scipy.signal import resample_poly

    wave = recording(4000).astype(np.float64) / 2**15
    return {
        "resample_44100": entry(resample_poly(wave, 441, 160)),
        "resample_8000": entry(resample_poly(wave, 1, 2)),
    }


if __name__ == "__main__":
    goldens = json.loads(OUT.read_text()) if OUT.exists() else {}
    for make in (of_tensorflow, of_librosa, of_torchaudio, of_scipy):
        try:
            goldens |= make()
        except ImportError as missing:
            print(f"{make.__name__} kept as it is: {missing}")
    OUT.write_text(json.dumps(dict(sorted(goldens.items())), indent=1) + "\n")
