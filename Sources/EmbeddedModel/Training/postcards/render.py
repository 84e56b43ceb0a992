"""Draws a scene: the common drawing, then its style."""

import numpy as np
from PIL import Image, ImageFilter

from . import terrain, things
from .canvas import SIZE, Canvas


def noise(rng, cells, size=SIZE):
    """Smooth noise in 0..1: a small random grid enlarged."""
    grid = Image.fromarray((rng.random((cells, cells)) * 255).astype(np.uint8))
    return np.asarray(grid.resize((size, size), Image.BICUBIC), np.float32) / 255


def blur(picture, radius):
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), np.float32)


def poster(p, rng):
    """Few flat strong tones, and a cream frame."""
    p = np.round(np.clip((p - 128) * 1.2 + 128, 0, 255) / 51) * 51
    frame, cream = 15, np.array((246, 234, 206), np.float32)
    out = np.empty_like(p)
    out[:] = cream
    inner = SIZE - 2 * frame
    small = Image.fromarray(p.astype(np.uint8)).resize((inner, inner), Image.BILINEAR)
    out[frame:-frame, frame:-frame] = np.asarray(small, np.float32)
    out[frame:frame + 3, frame:-frame] = out[-frame - 3:-frame, frame:-frame] = (40, 36, 48)
    out[frame:-frame, frame:frame + 3] = out[frame:-frame, -frame - 3:-frame] = (40, 36, 48)
    return out


def watercolour(p, rng):
    """Soft pale washes that run out to white paper at torn edges."""
    p = blur(p, 1.6)
    paper = np.array((250, 247, 240), np.float32)
    wash = 0.08 + 0.40 * noise(rng, 7)[..., None] * noise(rng, 11)[..., None] + 0.04 * rng.random((SIZE, SIZE, 1), np.float32)
    y = np.abs(np.linspace(-1, 1, SIZE, dtype=np.float32))
    edge = np.maximum(y[:, None], y[None])
    torn = np.clip((edge - 0.80 - 0.14 * noise(rng, 14)) * 14, 0, 1)[..., None]
    return p + (paper - p) * np.maximum(wash, torn)


def pixel_art(p, rng):
    """Blocks of 4 x 4 with few levels."""
    block = p.reshape(SIZE // 4, 4, SIZE // 4, 4, 3)[:, 1:3, :, 1:3].mean((1, 3))
    block = np.round(np.clip((block - 128) * 1.15 + 128, 0, 255) / 36.43) * 36.43
    return block.repeat(4, 0).repeat(4, 1)


def neon(p, rng):
    """Bright glowing outlines on darkness."""
    soft = blur(p, 0.8)
    dx = np.abs(np.diff(soft, axis=1, prepend=soft[:, :1])).max(-1)
    dy = np.abs(np.diff(soft, axis=0, prepend=soft[:1])).max(-1)
    line = np.clip((np.maximum(dx, dy) - 7) / 22, 0, 1)[..., None]
    grey = p.mean(-1, keepdims=True)
    vivid = np.clip(grey + (p - grey) * 1.9, 0, 255)
    vivid = vivid * (235 / np.maximum(blur(vivid, 2).max(-1, keepdims=True), 60))
    glow = blur(np.clip(vivid * line, 0, 255), 4) * 1.3
    base = np.clip(grey + (p - grey) * 1.6, 0, 255) * 0.30 + np.array((10, 2, 22), np.float32)
    return base * (1 - line) + np.clip(vivid, 0, 255) * line + glow


STYLE = {"poster": poster, "watercolour": watercolour, "pixel art": pixel_art, "neon": neon}


def render(scene, rng):
    """Returns the picture (256 x 256 x 3 bytes) and the object mask (32 x 32 bytes)."""
    c = Canvas(scene, rng)
    standing = terrain.land(c)
    terrain.haze(c)
    things.place(c, standing)
    terrain.weather(c)
    picture, mask = c.small()
    if scene["style"] in STYLE:
        picture = STYLE[scene["style"]](picture, rng)
    return np.clip(picture, 0, 255).astype(np.uint8), mask
