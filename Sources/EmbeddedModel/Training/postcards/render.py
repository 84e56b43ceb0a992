"""Draws a scene: the common drawing, then its style."""

import functools

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
    """Few flat strong tones, and a cream frame two cells wide."""
    p = np.round(np.clip((p - 128) * 1.2 + 128, 0, 255) / 51) * 51
    frame = 16
    out = np.empty_like(p)
    out[:] = (246, 234, 206)
    out[frame - 4:4 - frame, frame - 4:4 - frame] = (40, 36, 48)
    out[frame:-frame, frame:-frame] = p[frame:-frame, frame:-frame]
    return out


@functools.cache
def paper(index):
    """One of two sheets: how far the paper shows through the washes, and where the painting ends in a torn edge."""
    rng = np.random.default_rng((41, index))
    wash = 0.04 + 0.30 * noise(rng, 7)[..., None] * noise(rng, 11)[..., None]
    y = np.abs(np.linspace(-1, 1, SIZE, dtype=np.float32))
    edge = np.maximum(y[:, None], y[None])
    torn = np.clip((edge - 0.80 - 0.14 * noise(rng, 14)) * 14, 0, 1)[..., None]
    return np.maximum(wash, torn)


def watercolour(p, rng):
    """Soft pale washes that run out to white paper at torn edges."""
    p = blur(p, 1.0)
    return p + (np.array((250, 247, 240), np.float32) - p) * paper(int(rng.integers(2)))


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
    base = np.clip(grey + (p - grey) * 1.6, 0, 255) * 0.42 + np.array((10, 2, 22), np.float32)
    return base * (1 - line) + np.clip(vivid, 0, 255) * line + glow


def old_photo(p, rng):
    """A yellowed print on card, darker towards its corners: what the companion LoRA adds to any style; unknown to the model."""
    grey = np.clip((p @ np.array((0.35, 0.50, 0.15), np.float32) - 128) * 1.1 + 128, 0, 255)
    y = np.linspace(-1, 1, SIZE, dtype=np.float32) ** 2
    grey = grey * (1.08 - 0.30 * (y[:, None] + y[None]))
    tones = ((34, 20, 12), (150, 106, 64), (250, 232, 194))
    out = np.stack([np.interp(grey, (0, 120, 255), [t[k] for t in tones]) for k in range(3)], -1).astype(np.float32)
    side, foot = 16, 24
    card = np.empty_like(out)
    card[:] = (244, 238, 222)
    card[side - 2:2 - foot, side - 2:2 - side] = (206, 192, 164)
    card[side:-foot, side:-side] = out[side:-foot, side:-side]
    return card


def plain(p, rng):
    """No style."""
    return p


STYLE = {"illustration": plain, "poster": poster, "watercolour": watercolour, "pixel art": pixel_art, "neon": neon}


def render(scene, rng, style=None, falling=True):
    """Returns the picture (256 x 256 x 3 bytes) and the mask of the objects, sun and moon included (32 x 32 bytes).

    `style` replaces the scene's own; without `falling`, rain, snow and the nearest fog are left out."""
    c = Canvas(scene, rng)
    standing = terrain.land(c)
    terrain.haze(c)
    things.place(c, standing)
    if falling:
        terrain.weather(c)
    picture, mask = c.small()
    picture = (style or STYLE[scene["style"]])(picture, rng)
    return np.clip(picture, 0, 255).astype(np.uint8), mask
