"""Prints what Pillow makes of small pictures, for Tests/ImagesTests/PillowFigures.swift.

    python pillow.py > ../ImagesTests/PillowFigures.swift
"""

from diffusers.image_processor import VaeImageProcessor
from PIL import Image, ImageFilter

WIDTH, HEIGHT = 23, 17


def checksum(data: bytes) -> int:
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value


gray = Image.frombytes(
    "L", (WIDTH, HEIGHT),
    bytes((i * 7 + i // WIDTH * 31) % 256 for i in range(WIDTH * HEIGHT)))
color = Image.frombytes(
    "RGB", (WIDTH, HEIGHT), bytes((i * 11 + i // 50) % 256 for i in range(WIDTH * HEIGHT * 3)))
sizes = [(46, 34), (40, 11), (21, 5), (17, 13), (12, 9), (64, 8), (5, 40), (23, 30), (1, 1)]
print("/// Made by Tests/Reference/pillow.py: FNV-1a sums of Pillow's bytes.\nenum PillowFigures {")
print("    static let resized: [((Int, Int), UInt64)] = [")
for size in sizes:
    print(f"        ({size}, {checksum(gray.resize(size, Image.LANCZOS).tobytes()):#x}),")
print("    ]\n    static let blurred: [(Double, UInt64)] = [")
for radius in (0.5, 1, 2.5, 4, 9, 33):
    blurred = gray.filter(ImageFilter.GaussianBlur(radius)).tobytes()
    print(f"        ({radius}, {checksum(blurred):#x}),")
# What repainting a masked area does to pictures, by diffusers' own arithmetic on Pillow's.
processor = VaeImageProcessor()
other = color.transpose(Image.ROTATE_180)
print("    ]\n    /// The picture in the mask's white over itself turned, and the other way round.")
overlaid = [processor.apply_overlay(gray, *two).tobytes() for two in ((other, color), (color, other))]
print("    static let overlaid: [UInt64] = [" + ", ".join(f"{checksum(o):#x}" for o in overlaid) + "]")
print("    /// A size, the size of the picture in its middle, and the sum.")
print("    static let filled: [((Int, Int), (Int, Int), UInt64)] = [")
for size in [(40, 24), (24, 40), (23, 30), (48, 34), (64, 8), (8, 64)]:
    inner = size[0], HEIGHT * size[0] // WIDTH
    if size[0] / size[1] >= WIDTH / HEIGHT:
        inner = WIDTH * size[1] // HEIGHT, size[1]
    filled = processor._resize_and_fill(color, *size).tobytes()
    print(f"        ({size}, {inner}, {checksum(filled):#x}),")
print(f"    ]\n    static let luma: UInt64 = {checksum(color.convert('L').tobytes()):#x}\n")
print("    static func checksum(_ bytes: [UInt8]) -> UInt64 {")
print("        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }")
print("    }\n}")
