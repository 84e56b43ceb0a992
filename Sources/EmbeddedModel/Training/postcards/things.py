"""The objects of a postcard; each is drawn standing on (x, y) with height h."""

from .canvas import PAINT, lit, mix


def dark(colour, t=0.3):
    return mix(colour, (10, 10, 30), t)


def lighthouse(c, x, y, h, paint, white, glow):
    w = h * 0.17
    other = white if c.scene["colour"] != "white" else lit((150, 156, 170), c.thing)
    for k in range(5):
        a, b = k / 5, (k + 1) / 5
        wa, wb = w * (1 - 0.38 * a), w * (1 - 0.38 * b)
        ya, yb = y - h * 0.78 * a, y - h * 0.78 * b
        c.poly([(x - wa, ya), (x + wa, ya), (x + wb, yb), (x - wb, yb)], paint if k % 2 == 0 else other)
    c.rect(x - w * 0.8, y - h * 0.81, x + w * 0.8, y - h * 0.77, dark(paint, 0.6))
    c.rect(x - w * 0.45, y - h * 0.92, x + w * 0.45, y - h * 0.81, (255, 238, 150))
    c.poly([(x - w * 0.65, y - h * 0.915), (x + w * 0.65, y - h * 0.915), (x, y - h * 1.02)], paint)


def house(c, x, y, h, paint, white, glow):
    w = h * 0.52
    c.rect(x - w, y - h * 0.58, x + w, y, paint)
    roof = (120, 62, 50) if c.scene["colour"] != "red" else (84, 74, 84)
    roof = lit(mix(roof, (250, 252, 255), 0.85 if c.scene["weather"] == "snow" else 0), c.thing)
    c.rect(x + w * 0.42, y - h * 0.98, x + w * 0.66, y - h * 0.6, dark(paint, 0.5))
    c.poly([(x - w * 1.2, y - h * 0.56), (x + w * 1.2, y - h * 0.56), (x + w * 0.1, y - h), (x - w * 0.1, y - h)], roof)
    c.rect(x - w * 0.18, y - h * 0.36, x + w * 0.18, y, lit((92, 60, 44), c.thing))
    for s in (-1, 1):
        c.rect(x + s * w * 0.6 - w * 0.19, y - h * 0.44, x + s * w * 0.6 + w * 0.19, y - h * 0.2, glow)


def castle(c, x, y, h, paint, white, glow):
    w = h * 0.55
    shade = dark(paint, 0.18)
    c.rect(x - w * 0.8, y - h * 0.5, x + w * 0.8, y, paint)
    for k in range(5):
        bx = x - w * 0.8 + w * 1.6 * k / 5
        c.rect(bx, y - h * 0.57, bx + w * 0.18, y - h * 0.49, paint)
    for s, t in ((-1, 0.72), (1, 0.72), (0, 0.84)):
        tx, tw = x + s * w * 0.8, w * 0.24
        c.rect(tx - tw, y - h * t, tx + tw, y if s else y - h * 0.4, shade)
        c.poly([(tx - tw * 1.3, y - h * t), (tx + tw * 1.3, y - h * t), (tx, y - h * (t + 0.22))], dark(paint, 0.45))
        c.rect(tx - tw * 0.3, y - h * (t - 0.08), tx + tw * 0.3, y - h * (t - 0.18), glow)
    c.rect(x - w * 0.2, y - h * 0.22, x + w * 0.2, y, dark(paint, 0.7))
    c.disc(x, y - h * 0.22, w * 0.2, dark(paint, 0.7))


def tree(c, x, y, h, paint, white, glow):
    c.rect(x - h * 0.06, y - h * 0.2, x + h * 0.06, y, lit((104, 70, 44), c.thing))
    for k, (a, b, w) in enumerate(((0.14, 0.56, 0.36), (0.36, 0.78, 0.29), (0.58, 1.0, 0.21))):
        c.poly([(x - h * w, y - h * a), (x + h * w, y - h * a), (x, y - h * b)], mix(paint, dark(paint), 0.3 * (2 - k)))


def sailboat(c, x, y, h, paint, white, glow):
    wood = lit((96, 56, 40), c.thing)
    c.line([(x, y - h * 0.1), (x, y - h)], wood, h * 0.035)
    c.poly([(x + h * 0.04, y - h * 0.98), (x + h * 0.04, y - h * 0.22), (x + h * 0.5, y - h * 0.22)], paint)
    c.poly([(x - h * 0.04, y - h * 0.86), (x - h * 0.04, y - h * 0.22), (x - h * 0.38, y - h * 0.22)], dark(paint, 0.14))
    c.poly([(x - h * 0.5, y - h * 0.17), (x + h * 0.56, y - h * 0.17), (x + h * 0.38, y + h * 0.03), (x - h * 0.36, y + h * 0.03)], wood)


def balloon(c, x, y, h, paint, white, glow):
    r = h * 0.36
    cy = y - h + r
    c.poly([(x - r * 0.86, cy + r * 0.5), (x + r * 0.86, cy + r * 0.5), (x + r * 0.24, y - h * 0.16), (x - r * 0.24, y - h * 0.16)], paint)
    c.disc(x, cy, r, paint)
    c.disc(x, cy, r * 0.42, dark(paint, 0.2), r)
    c.rect(x - h * 0.085, y - h * 0.12, x + h * 0.085, y, lit((128, 84, 48), c.thing))


def windmill(c, x, y, h, paint, white, glow):
    import math

    w = h * 0.2
    c.poly([(x - w, y), (x + w, y), (x + w * 0.58, y - h * 0.66), (x - w * 0.58, y - h * 0.66)], paint)
    c.disc(x, y - h * 0.66, w * 0.62, dark(paint, 0.5), w * 0.5)
    c.rect(x - w * 0.24, y - h * 0.2, x + w * 0.24, y, dark(paint, 0.65))
    blade = lit((104, 80, 66), c.thing)
    hx, hy, r = x, y - h * 0.66, h * 0.38
    for k in range(4):
        a = math.pi / 4 + k * math.pi / 2
        dx, dy = math.cos(a) * r, math.sin(a) * r
        px, py = -dy * 0.28, dx * 0.28
        c.poly([(hx + dx * 0.15, hy + dy * 0.15), (hx + dx, hy + dy), (hx + dx + px, hy + dy + py), (hx + dx * 0.3 + px, hy + dy * 0.3 + py)], blade)
    c.disc(hx, hy, w * 0.22, dark(paint, 0.7))


#: Heights in cells of one object, and of each of several.
HEIGHT = {"lighthouse": 16, "house": 11, "castle": 14, "tree": 14, "sailboat": 14, "balloon": 14, "windmill": 15}
SEVERAL = {"house": 7.5, "tree": 9.5, "sailboat": 9.5, "balloon": 9.5}


def columns(s, rng):
    """Where the objects of a scene stand, in cells."""
    if "columns" in s:
        return s["columns"]
    if s["count"] == 2:
        return [9 + int(rng.integers(-1, 2)), 23 + int(rng.integers(-1, 2))]
    if s["count"] == 3:
        return [6, 16, 26]
    x = {"left": 8, "centre": 16, "right": 24}[s["place"]] + int(rng.integers(-1, 2))
    if s["terrain"] == "cliff" and s["object"] != "balloon":
        return [{"left": min(x, 8), "centre": 16, "right": max(x, 24)}[s["place"]]]
    return [x]


def row(s, standing):
    """The row of an object's foot."""
    if s["object"] == "balloon":
        return 19 if s["count"] == 1 else 21
    return standing


def place(c, standing):
    """Draws the scene's object or objects."""
    s, rng = c.scene, c.rng
    kind = s["object"]
    if kind == "none":
        return
    paint = lit(PAINT[s["colour"]], c.thing)
    white = lit((250, 248, 242), c.thing)
    glow = (255, 226, 120) if s["time"] in ("night", "sunset") else lit((64, 76, 100), c.thing)
    if s["colour"] == "yellow" and s["time"] in ("night", "sunset"):
        glow = (255, 250, 220)
    h = (HEIGHT[kind] if s["count"] == 1 else SEVERAL[kind]) * s.get("size", 1) / 32
    for x in columns(s, rng):
        y = row(s, standing)
        if s["terrain"] == "sea" and kind == "lighthouse":
            c.cells([(x + dx, y + dy) for dx, dy in ((-8, 3), (-5.5, 0.5), (-2.5, -0.3), (3, -0.5), (6, 0.7), (8, 3))], c.ground((112, 98, 92), 0.4))
        c.on_object = True
        globals()[kind](c, x / 32, y / 32, h, paint, white, glow)
        c.on_object = False
