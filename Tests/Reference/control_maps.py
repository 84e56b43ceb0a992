"""Writes what OpenCV makes of a picture: python control_maps.py (needs opencv-python-headless)."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

FOLDER = Path(__file__).resolve().parent.parent / "ImagesTests" / "Fixtures" / "control-maps"


def picture():
    rng = np.random.default_rng(3)
    small = rng.integers(0, 256, (10, 14, 3)).astype(np.uint8)
    big = cv2.resize(small, (112, 83), interpolation=cv2.INTER_CUBIC)
    cv2.circle(big, (40, 40), 22, (250, 30, 60), 3)
    cv2.line(big, (0, 70), (111, 12), (10, 10, 10), 1)
    return np.clip(big + rng.normal(0, 6, big.shape), 0, 255).astype(np.uint8)


def lineart(image):
    """The rule of the "standard" lineart preprocessor of the ControlNet extension."""
    x = image.astype(np.float32)
    g = cv2.GaussianBlur(x, (0, 0), 6.0)
    depth = np.min(g - x, axis=2).clip(0, 255)
    depth /= max(16, np.median(depth[depth > 8]))
    return (depth * 127).clip(0, 255).round().astype(np.uint8)


FOLDER.mkdir(parents=True, exist_ok=True)
image = picture()
Image.fromarray(image).save(FOLDER / "picture.png")
Image.fromarray(cv2.Canny(image, 100, 200)).save(FOLDER / "canny.png")
Image.fromarray(lineart(image)).save(FOLDER / "lineart.png")
Image.fromarray(cv2.GaussianBlur(image, (0, 0), 9.0)).save(FOLDER / "blur.png")
