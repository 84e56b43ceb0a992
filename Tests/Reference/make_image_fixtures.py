"""Writes the picture fixtures of ImagesTests with Pillow: python make_image_fixtures.py FOLDER

Every file shows the same 8x6 pixels as far as its format can: `expected(x, y)` below, which the
Swift tests repeat.
"""

import struct
import sys
import zlib
from pathlib import Path

from PIL import Image

W, H = 8, 6


def expected(x: int, y: int) -> tuple[int, int, int]:
    return (x * 32, y * 40, 255 - x * 16 - y * 8)


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def raw_png(header: tuple, rows: bytes, extra: bytes = b"") -> bytes:
    """A PNG from an IHDR tuple and filter-prefixed rows."""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", *header))
        + extra
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rgb = Image.new("RGB", (W, H))
    rgb.putdata([expected(x, y) for y in range(H) for x in range(W)])
    rgb.save(folder / "rgb.png")

    rows = b"".join(
        b"\0" + b"".join(struct.pack(">HHH", *(v * 257 for v in expected(x, y))) for x in range(W))
        for y in range(H)
    )
    (folder / "rgb16.png").write_bytes(raw_png((W, H, 16, 2, 0, 0, 0), rows))

    palette = [expected(x, y) for y in range(H) for x in range(W)]
    rows = b"".join(b"\0" + bytes(y * W + x for x in range(W)) for y in range(H))
    plte = chunk(b"PLTE", b"".join(bytes(c) for c in palette))
    (folder / "palette.png").write_bytes(raw_png((W, H, 8, 3, 0, 0, 0), rows, plte))
    # Entry 0 is half transparent.
    trns = chunk(b"tRNS", bytes([128]))
    (folder / "palette-transparent.png").write_bytes(raw_png((W, H, 8, 3, 0, 0, 0), rows, plte + trns))

    gray = rgb.split()[0]
    gray.save(folder / "gray.png")
    Image.merge("LA", (gray, Image.new("L", (W, H), 64))).save(folder / "gray-alpha.png")
    gray.point(lambda v: 255 if v > 100 else 0).convert("1").save(folder / "one-bit.png")
    alpha = Image.new("L", (W, H))
    alpha.putdata([x * 36 for y in range(H) for x in range(W)])
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    rgba.save(folder / "rgba.png")

    # Adam7: seven passes, written by hand because Pillow does not write it.
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = b""
    for x0, y0, dx, dy in passes:
        for y in range(y0, H, dy):
            line = b"".join(bytes(expected(x, y)) for x in range(x0, W, dx))
            rows += b"\0" + line if line else b""
    (folder / "interlaced.png").write_bytes(raw_png((W, H, 8, 2, 0, 0, 1), rows))

    # JPEG: flat 16x16 blocks, so that compression hardly changes them.
    blocks = rgb.resize((W * 16, H * 16), Image.NEAREST)
    blocks.save(folder / "color.jpg", quality=95, subsampling=0)
    blocks.save(folder / "progressive.jpg", quality=95, subsampling=0, progressive=True)
    blocks.split()[0].save(folder / "gray.jpg", quality=95)
    blocks.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    # Stored so that applying the orientation gives the blocks again.
    stored = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    small = rgb.resize((W * 8, H * 8), Image.NEAREST)
    for orientation, operation in stored.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        small.transpose(operation).save(
            folder / f"orientation-{orientation}.jpg", quality=90, subsampling=0, exif=exif
        )


main(Path(sys.argv[1]))
