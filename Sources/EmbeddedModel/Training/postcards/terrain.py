"""Sky, land and weather of a postcard."""

import numpy as np

from .canvas import mix, lit


def ridge(rng, base, height, points, rough):
    """A broken line from left to right; rough 0 is smooth hills, 1 is jagged peaks."""
    xs = np.linspace(-0.05, 1.05, points)
    if rough < 0.5:
        a, b, c = rng.uniform(0, 6.3, 3)
        ys = base - height * (0.5 + 0.35 * np.sin(xs * 4.2 + a) + 0.2 * np.sin(xs * 8.5 + b) + 0.05 * np.sin(xs * 17 + c))
    else:
        up = rng.uniform(0.55, 1.0, points)
        up[::2] = rng.uniform(0.0, 0.35, len(up[::2]))
        ys = base - height * up
        xs = xs + rng.uniform(-0.03, 0.03, points)
    return list(zip(xs, ys))


def fill_below(c, line, colour):
    c.poly([(-0.1, 1.1)] + line + [(1.1, 1.1)], colour)


def sky(c, horizon):
    """Sun, moon, stars and clouds."""
    rng, s = c.rng, c.scene
    away = {"left": 0.74, "centre": 0.22 if rng.random() < 0.5 else 0.78, "right": 0.26}[s["place"]]
    x = away + rng.uniform(-0.06, 0.06)
    if s["time"] == "night" and s["weather"] == "clear":
        for _ in range(46):
            c.disc(rng.random(), rng.random() * horizon, rng.uniform(0.0025, 0.006), (236, 238, 255))
    if s["sky"] == "sun":
        if s["time"] == "day":
            c.disc(x, rng.uniform(0.14, 0.24), 0.080, (255, 226, 70))
        elif s["time"] == "sunset":
            c.disc(x, horizon - rng.uniform(0.04, 0.10), 0.13, (255, 206, 84))
        else:
            c.disc(x, horizon - rng.uniform(0.02, 0.08), 0.085, (255, 246, 208))
    elif "moon" in s["sky"]:
        y = rng.uniform(0.15, 0.24)
        c.disc(x, y, 0.085, (246, 240, 206))
        if s["sky"] == "crescent moon":
            c.disc(x + 0.045, y - 0.018, 0.076, mix(c.top, c.low, y / 0.68))
    if s["weather"] in ("rain", "snow") or (s["weather"] == "clear" and s["time"] != "night" and rng.random() < 0.5):
        wet = s["weather"] == "rain"
        tone = mix(c.top, (0, 0, 0), 0.25) if wet else mix(c.low, (255, 255, 255), 0.6 if s["time"] != "night" else 0.2)
        for _ in range(6 if wet else 3):
            cx, cy, w = rng.random(), rng.uniform(0.02, 0.16 if wet else 0.3), rng.uniform(0.10, 0.2)
            for k in range(4):
                c.disc(cx + (k - 1.5) * w * 0.45, cy + 0.012 * ((k * 2) % 3), w * 0.33, tone, w * 0.17)


def sea(c, horizon, colour=(34, 104, 170)):
    """Water up to the horizon with wave strokes and the reflection of the light."""
    rng = c.rng
    if c.scene["time"] == "sunset":
        colour = (110, 116, 255)
    water = mix(lit(colour, c.land), c.low, 0.16)
    c.rect(-0.1, horizon, 1.1, 1.1, water)
    c.veil(horizon, horizon + 0.16, mix(c.low, water, 0.2), 0.6, 0.0)
    for _ in range(34):
        y = horizon + 0.02 + (1 - horizon) * rng.random() ** 1.2
        x, w = rng.random(), 0.03 + 0.12 * (y - horizon)
        c.line([(x - w, y), (x + w, y)], mix(water, c.low, 0.55), 0.004 + 0.008 * (y - horizon))


def mountains(c, horizon):
    rng = c.rng
    far = ridge(rng, horizon + 0.05, 0.40, 9, 1)
    rock = c.ground((118, 122, 142), 0.35)
    fill_below(c, far, mix(rock, c.low, 0.45))
    near = ridge(rng, horizon + 0.12, 0.40, 7, 1)
    fill_below(c, near, rock)
    white = lit((250, 252, 255), tuple(min(1, l * 1.12) for l in c.land))
    for line, tone in ((near, white),):
        for (x, y), (xl, yl), (xr, yr) in zip(line[1::2], line[0::2], line[2::2]):
            t = 0.38
            c.poly([(x, y), (x + (xl - x) * t, y + (yl - y) * t), (x + (xl - x) * t * 0.3, y + (yl - y) * t * 0.75),
                    (x + (xr - x) * t * 0.2, y + (yr - y) * t * 1.1), (x + (xr - x) * t, y + (yr - y) * t)], tone)
    fill_below(c, ridge(rng, 0.84, 0.07, 30, 0), c.ground((86, 132, 78)))
    return 0.86


def desert(c, horizon):
    rng = c.rng
    for k, (base, tone) in enumerate(((horizon + 0.02, (236, 190, 112)), (horizon + 0.14, (226, 168, 88)), (0.92, (206, 142, 70)))):
        fill_below(c, ridge(rng, base, 0.10, 40, 0), mix(c.ground(tone, 0.55), c.low, 0.3 - 0.15 * k))
    return 0.84


def meadow(c, horizon):
    rng = c.rng
    for k, (base, tone) in enumerate(((horizon + 0.04, (126, 186, 96)), (horizon + 0.15, (104, 176, 74)), (0.93, (82, 160, 60)))):
        fill_below(c, ridge(rng, base, 0.10, 40, 0), mix(c.ground(tone), c.low, 0.3 - 0.15 * k))
    for _ in range(30 if c.scene["weather"] != "snow" else 0):
        tone = [(250, 230, 90), (240, 120, 150), (250, 250, 250)][rng.integers(3)]
        c.disc(rng.random(), rng.uniform(0.86, 1), 0.009, c.ground(tone))
    return 0.84


def forest(c, horizon):
    rng = c.rng
    for base, h, tone, far in ((horizon + 0.03, 0.24, (46, 110, 78), 0.4), (horizon + 0.16, 0.34, (24, 82, 54), 0.08)):
        fill_below(c, ridge(rng, base, 0.04, 30, 0), mix(c.ground(tone, 0.3), c.low, far))
        for x in np.arange(-0.03, 1.06, h * 0.27):
            x, hh = x + rng.uniform(-0.02, 0.02), h * rng.uniform(0.75, 1.05)
            shade = mix(c.ground(mix(tone, (80, 150, 90), rng.random() * 0.3), 0.5), c.low, far)
            c.poly([(x, base - hh), (x - hh * 0.24, base + 0.03), (x + hh * 0.24, base + 0.03)], shade)
    fill_below(c, ridge(rng, 0.86, 0.05, 30, 0), c.ground((74, 112, 56)))
    return 0.87


def cliff(c, horizon):
    """The sea, and a high rock on the side where the object stands."""
    rng, place = c.rng, c.scene["place"]
    sea(c, horizon + 0.04)
    top = rng.uniform(0.60, 0.65)
    w = {"left": 0.52, "centre": 0.74, "right": 0.52}[place] + rng.uniform(-0.04, 0.04)
    flip = place == "right" or (place == "centre" and rng.random() < 0.5)
    f = (lambda x: 1 - x) if flip else (lambda x: x)
    rock, grass = c.ground((140, 98, 72), 0.25), c.ground((98, 158, 70), 0.9)
    c.poly([(f(x), y) for x, y in ((-0.1, top), (w, top + 0.01), (w - 0.05, top + 0.14), (w - 0.02, top + 0.22), (w - 0.09, 1.1), (-0.1, 1.1))], rock)
    for k in range(4):
        x = w * (0.12 + 0.2 * k + 0.08 * rng.random())
        c.poly([(f(x), top + 0.05), (f(x + 0.05), top + 0.05), (f(x + 0.02), 1.1), (f(x - 0.01), 1.1)], mix(rock, (0, 0, 0), 0.25))
    c.poly([(f(x), y) for x, y in ((-0.1, top - 0.02), (w - 0.04, top - 0.012), (w + 0.015, top + 0.02), (w - 0.05, top + 0.055), (-0.1, top + 0.06))], grass)
    return top + 0.01


def city(c, horizon):
    rng, night = c.rng, c.scene["time"] == "night"
    glow = (255, 220, 120) if c.scene["time"] in ("night", "sunset") else lit((190, 214, 236), c.land)
    for base, tone, far, tall in ((0.84, (134, 142, 170), 0.5, 0.46), (0.84, (82, 88, 116), 0.08, 0.32)):
        x = -0.02
        while x < 1:
            w, h = rng.uniform(0.09, 0.16), tall * rng.uniform(0.45, 1)
            shade = mix(lit(tone, tuple(l * rng.uniform(0.85, 1.15) for l in c.land)), c.low, far)
            c.rect(x, base - h, x + w, base + 0.02, shade)
            if c.scene["weather"] == "snow":
                c.rect(x, base - h - 0.016, x + w, base - h, c.ground((250, 250, 255)))
            if far < 0.3:
                for wx in np.arange(x + 0.018, x + w - 0.025, 0.036):
                    for wy in np.arange(base - h + 0.03, base - 0.03, 0.05):
                        if rng.random() < 0.7:
                            c.rect(wx, wy, wx + 0.018, wy + 0.026, glow if not night or rng.random() < 0.8 else shade)
            x += w + 0.008
    c.rect(-0.1, 0.84, 1.1, 1.1, c.ground((96, 98, 106), 0.75))
    for x in np.arange(0.05, 1, 0.2):
        c.rect(x, 0.925, x + 0.1, 0.94, c.ground((236, 230, 200)))
    return 0.87


def land(c):
    """Draws the sky and the terrain; returns the height on which objects stand."""
    horizon = c.rng.uniform(0.54, 0.60)
    kind = c.scene["terrain"]
    sky(c, horizon)
    if kind == "sea":
        sea(c, horizon)
        return 0.80
    return globals()[kind](c, horizon)


def haze(c):
    """Fog between the land and the things in front of it."""
    if c.scene["weather"] == "fog":
        tone = mix(c.low, (255, 255, 255), 0.25 if c.scene["time"] != "night" else 0.08)
        c.veil(0.15, 0.58, tone, 0.15, 0.80)
        c.veil(0.58, 1.0, tone, 0.80, 0.35)


def weather(c):
    """What falls from the sky, and the fog in front of everything."""
    rng, kind = c.rng, c.scene["weather"]
    if kind == "rain":
        tone = mix(mix(c.low, (255, 255, 255), 0.5), (150, 170, 210), 0.3)
        slant = 0.03
        for _ in range(120):
            x, y = rng.uniform(-0.1, 1.1), rng.uniform(-0.1, 1)
            length = rng.uniform(0.06, 0.12)
            c.line([(x, y), (x - slant * length / 0.09, y + length)], tone, 0.0045)
    elif kind == "snow":
        for _ in range(150):
            c.disc(rng.random(), rng.random(), rng.uniform(0.005, 0.012), (252, 253, 255))
    elif kind == "fog":
        tone = mix(c.low, (255, 255, 255), 0.25 if c.scene["time"] != "night" else 0.08)
        for _ in range(3):
            y = rng.uniform(0.4, 0.95)
            c.veil(y - 0.05, y, tone, 0.0, 0.35)
            c.veil(y, y + 0.05, tone, 0.35, 0.0)
