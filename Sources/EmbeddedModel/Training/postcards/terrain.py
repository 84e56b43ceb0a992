"""Sky, land and weather of a postcard.

Everything sits on the grid of the latents (cells of 8 x 8 pixels) and repeats a few patterns: a shape that always falls on the grid in the
same way has the same latents everywhere, and a small denoiser can draw it sharply.
"""

import math

import numpy as np

from .canvas import mix, lit

#: Height of the horizon in cells, and of the ground on which objects stand.
HORIZON, GROUND = 18, 27


def shift(rng, step, end):
    """One of the offsets 0, step, 2 step, ... below `end`."""
    return step * int(rng.integers(end // step))


def waves(c, base, height, period, colour, off=0):
    """Smooth hills around row `base`, moved to the left by `off` cells."""
    xs = np.arange(-1, 33.5, 0.5)
    line = [(x / 32, (base + height * math.sin((x + off) * 2 * math.pi / period)) / 32) for x in xs]
    c.poly([(-0.1, 1.1)] + line + [(1.1, 1.1)], colour)


def triangle(c, x, top, base, slope, colour):
    """An upright triangle with its tip at (x, top), in cells."""
    w = (base - top) * slope
    c.cells([(x, top), (x + w, base), (x - w, base)], colour)


#: Stars and flakes: (column, row, size) in a tile of 16 x 16 cells.
DOTS = [(1, 2, 1.0), (4, 6, 0.7), (6, 1, 0.8), (9, 4, 1.0), (12, 2, 0.7), (14, 6, 0.9), (2, 10, 0.8), (6, 9, 1.0), (10, 11, 0.7), (13, 9, 1.0),
        (3, 14, 0.9), (8, 14, 0.8), (15, 13, 1.0), (11, 7, 0.8)]
#: Streaks of rain: (column, row) in a tile of 16 x 16 cells.
STREAKS = [(0, 0), (5, 1), (10, 0), (14, 3), (2, 5), (8, 4), (12, 7), (5, 9), (0, 10), (9, 11), (14, 12), (3, 14), (7, 7), (11, 14)]


def tiled(pattern):
    """The marks of a pattern over the whole picture."""
    for mark in pattern:
        for ox in (-16, 0, 16):
            for oy in (-16, 0, 16):
                x, y = mark[0] + ox, mark[1] + oy
                if -2 < x < 33 and -2 < y < 33:
                    yield (x, y) + mark[2:]


def sky(c):
    """Sun, moon, stars and the clouds of the rain."""
    s = c.scene
    x = s.get("sun", 8 if s["place"] == "right" and s["count"] == 1 and s["object"] != "none" else 25)
    if s["time"] == "night" and s["weather"] == "clear":
        few = s["sky"] == "full moon"
        for k, (sx, sy, size) in enumerate(tiled(DOTS)):
            if sy < HORIZON - 1 and not (few and k % 3):
                c.disc((sx + 0.5) / 32, (sy + 0.5) / 32, (0.20 if few else 0.30) * size / 32, (236, 238, 255))
    if s["sky"] in ("sun", "full moon", "crescent moon"):
        body(c, x)
    if s["weather"] == "rain":
        tone = mix(c.top, (0, 0, 0), 0.30)
        c.rect(-0.1, -0.1, 1.1, 2.2 / 32, tone)
        for k in range(-1, 8):
            c.disc(k * 6 / 32, 2.2 / 32, 3.4 / 32, tone, 1.9 / 32)


def body(c, x):
    """The sun or the moon, which count as an object for the training's weight."""
    s, y = c.scene, 6
    c.on_object = True
    if s["sky"] == "sun":
        tone, r, y = {"day": ((255, 222, 50), 3.0, 6), "sunset": ((255, 200, 70), 3.4, 7), "dawn": ((255, 244, 190), 3.0, 8)}[s["time"]]
        c.disc(x / 32, y / 32, r / 32, tone)
    elif s["sky"] == "full moon":
        behind = mix(c.top, c.low, y / 21)
        for r, t in ((5.2, 0.16), (4.2, 0.32)):
            c.disc(x / 32, y / 32, r / 32, mix(behind, (214, 222, 255), t))
        c.disc(x / 32, y / 32, 3.1 / 32, (248, 248, 240))
    else:
        c.disc(x / 32, y / 32, 3.2 / 32, (255, 206, 64))
        c.on_object = False
        c.disc((x + 1.6) / 32, (y - 0.7) / 32, 2.7 / 32, mix(c.top, c.low, y / 22))
    c.on_object = False


def water(c, horizon):
    """Water up to the horizon with wave strokes and the reflection of the light."""
    colour = (110, 116, 255) if c.scene["time"] == "sunset" else (34, 104, 170)
    tone = mix(lit(colour, c.land), c.low, 0.16)
    c.rect(-0.1, horizon / 32, 1.1, 1.1, tone)
    c.veil(horizon / 32, (horizon + 4) / 32, mix(c.low, tone, 0.2), 0.6, 0.0)
    off = shift(c.rng, 4, 8)
    for k, row in enumerate((horizon + 1.5, horizon + 4.5, horizon + 7.5, horizon + 10.5)):
        for x in np.arange(-8, 40, 8):
            x = x + off + 4 * (k % 2)
            c.rect(x / 32, row / 32, (x + 2 + k * 0.5) / 32, (row + 0.3 + 0.08 * k) / 32, mix(tone, c.low, 0.5))


def sea(c):
    water(c, HORIZON)
    return 26


def mountains(c):
    rock = c.ground((118, 122, 142), 0.35)
    move, flip = shift(c.rng, 2, 6) - 2, c.rng.random() < 0.5
    def at(x):
        return (32 - x if flip else x) + move
    for x, top in ((-2, 13), (10, 14), (22, 12), (33, 14)):
        triangle(c, at(x), top, 23, 1, mix(rock, c.low, 0.45))
    white = lit((250, 252, 255), tuple(min(1, l * 1.12) for l in c.land))
    for x, top in ((27, 15), (5, 14), (16, 12)):
        triangle(c, at(x), top, 25, 1, rock)
        cap = ((0, 0), (3, 3), (1.5, 2.4), (0, 3.6), (-1.5, 2.4), (-3, 3))
        c.cells([(at(x) + dx, top + dy) for dx, dy in cap], white)
    waves(c, 24.5, 0.6, 16, c.ground((86, 132, 78)))
    return GROUND


def desert(c):
    off = shift(c.rng, 8, 24)
    for k, (base, tone) in enumerate(((18.5, (236, 190, 112)), (22.5, (226, 168, 88)), (28.5, (206, 142, 70)))):
        waves(c, base, 1.3, 24, mix(c.ground(tone, 0.55), c.low, 0.3 - 0.15 * k), off + 9 * k)
    return GROUND


def meadow(c):
    off = shift(c.rng, 8, 32)
    for k, (base, tone) in enumerate(((19, (126, 186, 96)), (23, (104, 176, 74)), (29, (82, 160, 60)))):
        waves(c, base, 1.3, 32, mix(c.ground(tone), c.low, 0.3 - 0.15 * k), off + 11 * k)
    if c.scene["weather"] != "snow":
        for x in range(0, 34, 4):
            for k, y in enumerate((29.5, 31)):
                tone = [(250, 230, 90), (240, 120, 150), (250, 250, 250)][(x // 4 + k) % 3]
                c.disc((x + 2 * k - 0.5) / 32, y / 32, 0.42 / 32, c.ground(tone))
    return GROUND


def forest(c):
    first = int(c.rng.integers(4))
    for base, high, gap, tone, far in ((20, 6, 3, (46, 110, 78), 0.4), (26, 9, 4, (24, 82, 54), 0.08)):
        shades = [mix(c.ground(mix(tone, (80, 150, 90), t), 0.5), c.low, far) for t in (0.0, 0.28)]
        c.rect(-0.1, (base - 2) / 32, 1.1, 1.1, shades[0])
        for k, x in enumerate(range(-8 + first, 36, gap)):
            triangle(c, x, base - high + (0, 2, 1)[k % 3], base + 1, 0.32, shades[k % 2])
    waves(c, 26.5, 0.5, 16, c.ground((74, 112, 56)))
    return 28


def cliff(c):
    """The sea, and a high rock on the side where the object stands."""
    rng, place = c.rng, c.scene["place"]
    water(c, HORIZON + 1)
    top = 20
    w = (30 if c.scene["count"] > 1 else {"left": 16, "centre": 23, "right": 16}[place]) + int(rng.integers(-1, 2))
    flip = place == "right"
    f = (lambda x: 32 - x) if flip else (lambda x: x)
    rock, grass = c.ground((140, 98, 72), 0.25), c.ground((98, 158, 70), 0.9)
    c.cells([(f(x), y) for x, y in ((-3, top), (w, top), (w - 1, top + 4), (w - 0.5, top + 7), (w - 2, 35), (-3, 35))], rock)
    for x in range(w - 4, -2, -4):
        c.cells([(f(x), top + 1), (f(x + 1.5), top + 1), (f(x + 0.6), 35), (f(x - 0.2), 35)], mix(rock, (0, 0, 0), 0.25))
    c.cells([(f(x), y) for x, y in ((-3, top - 0.5), (w - 1, top - 0.5), (w + 0.5, top + 0.6), (w - 1.5, top + 1.8), (-3, top + 1.8))], grass)
    return top


def city(c):
    night = c.scene["time"] in ("night", "sunset")
    glow = (255, 220, 120) if night else lit((190, 214, 236), c.land)
    move = int(c.rng.integers(4))
    for tone, far, w, tops in (((134, 142, 170), 0.5, 4, (13, 16, 12, 15, 14, 17, 12, 16, 13)), ((82, 88, 116), 0.08, 5, (16, 19, 15, 18, 20, 17, 15))):
        near = w == 5
        for k in range(-1, 32 // w + 1):
            x, top = k * w + (2 if near else 0), tops[(k + move) % len(tops)]
            light = (0.88, 1.0, 1.12)[(k + move) % 3]
            c.rect(x / 32, top / 32, (x + w - 0.25) / 32, 27 / 32, mix(lit(tone, tuple(l * light for l in c.land)), c.low, far))
            if c.scene["weather"] == "snow":
                c.rect(x / 32, (top - 0.5) / 32, (x + w - 0.25) / 32, top / 32, c.ground((250, 250, 255)))
            for wy in range(top + 1, 26, 2) if near else ():
                for wx in (x + 1, x + 3):
                    c.rect(wx / 32, wy / 32, (wx + 1) / 32, (wy + 1) / 32, glow)
    c.rect(-0.1, 27 / 32, 1.1, 1.1, c.ground((96, 98, 106), 0.75))
    for x in range(-2, 34, 6):
        c.rect(x / 32, 29.5 / 32, (x + 3) / 32, 30 / 32, c.ground((236, 230, 200)))
    return 28


def land(c):
    """Draws the sky and the terrain; returns the row on which objects stand."""
    sky(c)
    return globals()[c.scene["terrain"]](c)


def haze(c):
    """Fog between the land and the things in front of it."""
    if c.scene["weather"] == "fog":
        tone = mix(c.low, (255, 255, 255), 0.25 if c.scene["time"] != "night" else 0.08)
        c.veil(0.25, 0.58, tone, 0.10, 0.80)
        c.veil(0.58, 1.0, tone, 0.80, 0.35)


def weather(c):
    """What falls from the sky, and the fog in front of everything."""
    kind = c.scene["weather"]
    if kind == "rain":
        tone = mix(mix(c.low, (255, 255, 255), 0.55), (160, 180, 220), 0.3)
        for x, y in tiled(STREAKS):
            c.line([((x + 1.5) / 32, y / 32), ((x + 0.5) / 32, (y + 3) / 32)], tone, 0.0065)
    elif kind == "snow":
        for x, y, size in tiled(DOTS):
            c.disc((x + 0.5) / 32, (y + 0.5) / 32, 0.42 * size / 32, (252, 253, 255))
    elif kind == "fog":
        tone = mix(c.low, (255, 255, 255), 0.25 if c.scene["time"] != "night" else 0.08)
        for y in (0.56, 0.75, 0.94):
            c.veil(y - 0.0625, y, tone, 0.0, 0.35)
            c.veil(y, y + 0.0625, tone, 0.35, 0.0)
