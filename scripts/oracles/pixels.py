"""Writes src/testing/goldens/pixels.json: small pictures of every kind, and the pixels Pillow sees in them.

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


def bmp(bits, rows, palette=(), masks=(), compression=0, from_top=False, header=40, shape=(8, 8)):
    """A bitmap of which Pillow writes only the plainest kinds; rows are given as they are stored."""
    extra = struct.pack(f"<{len(masks)}I", *masks)
    colours = b"".join(bytes([b, g, r]) + (b"" if header == 12 else b"\0") for r, g, b in palette)
    start = 14 + header + (len(extra) if header == 40 else 0) + len(colours)
    height, width = shape
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, -height if from_top else height, 1, bits, compression, len(rows), 0, 0, len(palette), 0)
        info += extra + b"\0" * (header - 40 - len(extra) if header > 40 else 0)
    return b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + info + colours + rows


def gif_with_offset(transparency=None):
    """A first picture that covers part of its frame."""
    whole = bytearray(saved(palette(16).crop((0, 0, 5, 4)), "GIF", **({} if transparency is None else {"transparency": transparency})))
    struct.pack_into("<HH", whole, 6, 8, 8)
    struct.pack_into("<HH", whole, whole.index(b"\x2c") + 1, 2, 3)
    return bytes(whole)


def animation(kind):
    frames = [palette(16).convert("RGB"), palette(16).convert("RGB").rotate(90)]
    options = {"lossless": True} if kind == "WEBP" else {}
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=40, **options)


PALETTE = [tuple(int(v) for v in colour) for colour in NOISE.reshape(-1, 3)]
INDICES = rng.integers(0, 256, (8, 8), dtype=np.uint8)
# A run; eight pixels as they are; a jump of three to the right and two up, past a row of nothing.
RLE8 = bytes([8, 5, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 2, 3, 1, 5, 9, 0, 0]) + bytes([8, 3, 0, 0] * 4) + b"\0\1"
RLE4 = bytes([8, 0x12, 0, 0, 0, 8, 0x12, 0x34, 0x56, 0x78, 0, 0]) + bytes([8, 0x9A, 0, 0] * 6) + b"\0\1"

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
    "WebP, lossy": saved(SMOOTH_RGB, "WEBP", quality=80),
    "WebP, lossless": saved(RGB, "WEBP", lossless=True),
    "WebP, lossy with alpha": saved(Image.fromarray(np.dstack([SMOOTH, 16 * X.astype(np.uint8)])), "WEBP", quality=80),
    "WebP, lossless with alpha": saved(Image.fromarray(ALPHA), "WEBP", lossless=True, exact=True),
    "WebP, turned by EXIF": rotated_exif(SMOOTH_RGB.crop((0, 0, 16, 8)), "WEBP"),
    "WebP, colour profile": saved(RGB, "WEBP", lossless=True, icc_profile=bytes(range(128)) * 3),
    "WebP, animation": animation("WEBP"),
    "GIF": saved(palette(16), "GIF"),
    "GIF, 200 colours": saved(Image.fromarray(rng.integers(0, 256, (24, 24, 3), dtype=np.uint8)).quantize(200), "GIF"),
    "GIF, interlaced": saved(palette(16), "GIF", interlace=1),
    "GIF, transparent colour": saved(palette(16), "GIF", transparency=3),
    "GIF, part of its frame": gif_with_offset(),
    "GIF, part of its frame, transparent": gif_with_offset(3),
    "GIF, grey": saved(GREY, "GIF"),
    "GIF, animation": animation("GIF"),
    "BMP, 24 bits": saved(RGB, "BMP"),
    "BMP, 24 bits from the top": bmp(24, NOISE.tobytes(), from_top=True),
    "BMP, 24 bits of OS/2": bmp(24, NOISE.tobytes(), header=12),
    "BMP, odd width": saved(RGB.crop((0, 0, 5, 7)), "BMP"),
    "BMP, 32 bits": bmp(32, ALPHA.tobytes()),
    "BMP, 32 bits by masks": bmp(32, ALPHA.tobytes(), masks=(0xFF0000, 0xFF00, 0xFF, 0xFF000000), compression=3, header=108),
    "BMP, 16 bits": bmp(16, NOISE[:, :, :2].tobytes()),
    "BMP, 16 bits, six of green": bmp(16, NOISE[:, :, :2].tobytes(), masks=(0xF800, 0x7E0, 0x1F), compression=3),
    "BMP, palette": bmp(8, INDICES.tobytes(), palette=PALETTE * 4),
    "BMP, palette of OS/2": bmp(8, INDICES.tobytes(), palette=PALETTE * 4, header=12),
    "BMP, 4 bits": bmp(4, INDICES[:, :4].tobytes(), palette=PALETTE[:16]),
    "BMP, few colours": bmp(8, (INDICES % 10).tobytes(), palette=PALETTE[:10]),
    "BMP, one bit": saved(GREY.convert("1"), "BMP"),
    "BMP, one bit of two colours": bmp(1, b"".join(bytes([row[0], 0, 0, 0]) for row in INDICES), palette=PALETTE[:2]),
    "BMP, grey": saved(GREY, "BMP"),
    "BMP, run lengths": bmp(8, RLE8, palette=PALETTE * 4, compression=1),
    "BMP, run lengths of 4 bits": bmp(4, RLE4, palette=PALETTE[:16], compression=2),
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
