"""Writes src/testing/goldens/pixels.json: small JPEG and PNG pictures of every kind, and the pixels Pillow sees in them.

    python scripts/oracles/pixels.py

Needs Pillow and numpy. A picture's pixels are those of `convert("RGB")`, or `convert("L")` where the file itself is grey,
without EXIF orientation. Files stand in base64, so that the tests need nothing of this.
"""

import base64
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

OUT = Path(__file__).parents[2] / "src/testing/goldens/pixels.json"

rng = np.random.default_rng(3)
NOISE = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
# JPEG keeps what is smooth; noise would be left to the decoder's rounding.
Y, X = np.mgrid[0:16, 0:16]
SMOOTH = np.stack([16 * Y, 255 - 14 * X, 8 * (X + Y)], -1).astype(np.uint8)


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def palette(colours):
    return Image.fromarray(NOISE).quantize(colours)


def transparent_palette():
    return saved(palette(16), "PNG", transparency=3)


def rotated_exif(image, kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(image, kind, exif=exif, **({"quality": 95, "subsampling": 0} if kind == "JPEG" else {}))


def with_profile():
    return saved(Image.fromarray(NOISE), "PNG", icc_profile=bytes(range(128)) * 3)


def cmyk(progressive=False):
    planes = np.concatenate([SMOOTH, (4 * (X + Y))[..., None].astype(np.uint8)], -1)
    return saved(Image.fromarray(planes, "CMYK"), "JPEG", quality=95, progressive=progressive)


def adobe(data, transform):
    """The same file with another colour transform in its Adobe marker, or without the marker."""
    at = data.index(b"\xff\xee")
    (length,) = struct.unpack(">H", data[at + 2 : at + 4])
    if transform is None:
        return data[:at] + data[at + 2 + length :]
    return data[: at + 2 + length - 1] + bytes([transform]) + data[at + 2 + length :]


def sixteen_bit_rgb():
    """Pillow does not write 16 bits of colour: an IHDR of its own, with rows that are not filtered."""
    values = rng.integers(0, 65536, (8, 8, 3)).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in values)

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


ALPHA = np.dstack([NOISE, rng.integers(0, 256, (8, 8), dtype=np.uint8)])
RGB = Image.fromarray(NOISE)
GREY = Image.fromarray(NOISE[..., 0])
SMOOTH_RGB = Image.fromarray(SMOOTH)

FILES = {
    "PNG, RGB": saved(RGB, "PNG"),
    "PNG, grey": saved(GREY, "PNG"),
    "PNG, one bit": saved(GREY.convert("1"), "PNG"),
    "PNG, palette": saved(palette(7), "PNG"),
    "PNG, palette with a transparent colour": transparent_palette(),
    "PNG, alpha": saved(Image.fromarray(ALPHA), "PNG"),
    "PNG, grey with alpha": saved(Image.fromarray(ALPHA[..., 2:], "LA"), "PNG"),
    "PNG, 16 bits of colour": sixteen_bit_rgb(),
    "PNG, colour profile": with_profile(),
    "PNG, turned by EXIF": rotated_exif(RGB, "PNG"),
    "JPEG, 4:4:4": saved(SMOOTH_RGB, "JPEG", quality=95, subsampling=0),
    "JPEG, 4:2:0": saved(SMOOTH_RGB, "JPEG", quality=90, subsampling=2),
    "JPEG, progressive": saved(SMOOTH_RGB, "JPEG", quality=95, subsampling=0, progressive=True),
    "JPEG, grey": saved(SMOOTH_RGB.convert("L"), "JPEG", quality=95),
    "JPEG, turned by EXIF": rotated_exif(SMOOTH_RGB.crop((0, 0, 16, 8)), "JPEG"),
    "JPEG, CMYK": cmyk(),
    "JPEG, progressive CMYK": cmyk(progressive=True),
    "JPEG, YCCK": adobe(cmyk(), 2),
    "JPEG, CMYK without Adobe's marker": adobe(cmyk(), None),
}


def golden(data):
    image = Image.open(io.BytesIO(data))
    grey = image.mode in ("L", "LA", "1")
    pixels = np.asarray(image.convert("L" if grey else "RGB"))
    return {
        "file": base64.b64encode(data).decode(),
        "shape": [*pixels.shape[:2], 1 if grey else 3],
        "pixels": base64.b64encode(pixels.tobytes()).decode(),
    }


if __name__ == "__main__":
    OUT.write_text(json.dumps({name: golden(data) for name, data in FILES.items()}, indent=1) + "\n")
