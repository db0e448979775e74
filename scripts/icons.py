#!/usr/bin/env python3
"""Draws Stoneware's icon, a clay square with a stone corner, into src-tauri/icons (standard library only)."""

import struct
import zlib
from pathlib import Path

CLAY = (224, 138, 91)
STONE = (65, 98, 143)
OUT = Path(__file__).resolve().parent.parent / "src-tauri" / "icons"
SAMPLES = 4  # per axis and pixel, for smooth edges


def colour_at(x, y):
    """The colour at a point of the unit square, or None outside the mark."""
    margin, radius = 0.08, 0.14
    low, high = margin, 1 - margin
    if not (low <= x <= high and low <= y <= high):
        return None
    dx = max(low + radius - x, x - (high - radius), 0)
    dy = max(low + radius - y, y - (high - radius), 0)
    if dx * dx + dy * dy > radius * radius:
        return None
    return STONE if x + y > 1.12 else CLAY


def pixels(size):
    """RGBA rows of the mark at size × size."""
    total = SAMPLES * SAMPLES
    for row in range(size):
        line = bytearray()
        for column in range(size):
            hits = [
                colour_at((column + (i + 0.5) / SAMPLES) / size, (row + (j + 0.5) / SAMPLES) / size)
                for i in range(SAMPLES)
                for j in range(SAMPLES)
            ]
            seen = [hit for hit in hits if hit]
            if seen:
                line += bytes(sum(hit[c] for hit in seen) // len(seen) for c in range(3))
                line.append(255 * len(seen) // total)
            else:
                line += b"\0\0\0\0"
        yield bytes(line)


def png(size):
    """The mark as a PNG file."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    data = b"".join(b"\0" + line for line in pixels(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def ico(sizes):
    """A Windows icon holding the mark at several sizes."""
    images = [png(size) for size in sizes]
    offset = 6 + 16 * len(images)
    entries = b""
    for size, image in zip(sizes, images):
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(image), offset)
        offset += len(image)
    return struct.pack("<HHH", 0, 1, len(images)) + entries + b"".join(images)


OUT.mkdir(parents=True, exist_ok=True)
for name, size in [("32x32", 32), ("128x128", 128), ("128x128@2x", 256), ("icon", 512)]:
    (OUT / f"{name}.png").write_bytes(png(size))
(OUT / "icon.ico").write_bytes(ico([16, 32, 48, 256]))
