"""A small drawing surface in unit coordinates over Pillow, with twofold supersampling, and the palettes of the day."""

import numpy as np
from PIL import Image, ImageDraw

SIZE = 256
OVER = 2
N = SIZE * OVER

PAINT = {
    "red": (222, 40, 38), "yellow": (250, 208, 30), "blue": (38, 92, 226),
    "white": (248, 246, 240), "green": (44, 168, 70),
}

#: time -> (sky top, sky horizon, light on the land, light on objects)
DAYLIGHT = {
    "dawn": ((136, 132, 206), (255, 206, 204), (0.86, 0.74, 0.88), (0.95, 0.88, 0.95)),
    "day": ((62, 146, 236), (192, 230, 252), (1.0, 1.0, 1.0), (1.0, 1.0, 1.0)),
    "sunset": ((122, 44, 104), (255, 142, 48), (0.82, 0.52, 0.40), (0.95, 0.84, 0.78)),
    "night": ((8, 12, 44), (38, 52, 112), (0.26, 0.32, 0.56), (0.74, 0.74, 0.86)),
}


def mix(a, b, t):
    """Linear mixture of two colours."""
    return tuple(int(round(x + (y - x) * t)) for x, y in zip(a, b))


def lit(colour, light):
    """A colour under a light."""
    return tuple(int(min(255, c * l)) for c, l in zip(colour, light))


class Canvas:
    """Draws polygons, discs and lines in unit coordinates; remembers where objects are."""

    def __init__(self, scene, rng):
        self.scene, self.rng = scene, rng
        top, low, land, thing = DAYLIGHT[scene["time"]]
        weather = scene["weather"]
        level = sum(low) / 765
        if weather == "rain":
            grey = tuple(int(c * (0.30 + 0.70 * level)) for c in (112, 124, 146))
            top, low = mix(mix(top, grey, 0.72), (0, 0, 0), 0.12), mix(low, grey, 0.62)
            land = tuple(l * 0.78 for l in land)
        elif weather == "snow":
            pale = tuple(int(c * (0.35 + 0.65 * level)) for c in (216, 224, 236))
            top, low = mix(top, pale, 0.45), mix(low, pale, 0.45)
        elif weather == "fog":
            pale = tuple(int(c * (0.40 + 0.60 * level)) for c in (222, 222, 222))
            top, low = mix(top, pale, 0.50), mix(low, pale, 0.35)
        self.top, self.low, self.land, self.thing = top, low, land, thing
        column = np.linspace(0, 1, N)[:, None] / 0.68
        column = np.clip(column, 0, 1)
        sky = np.array(top) * (1 - column) + np.array(low) * column
        self.image = Image.fromarray(np.repeat(sky[:, None].astype(np.uint8), N, 1))
        self.draw = ImageDraw.Draw(self.image)
        self.mask = Image.new("L", (N, N), 0)
        self.mask_draw = ImageDraw.Draw(self.mask)
        self.on_object = False

    def ground(self, colour, snow=0.8):
        """A colour of the land: under the light of the day, white when it snows."""
        if self.scene["weather"] == "snow":
            colour = mix(colour, (246, 250, 255), snow)
        return lit(colour, self.land)

    def both(self, kind, points, fill, **more):
        """Draws on the picture, and on the object mask while an object is drawn."""
        getattr(self.draw, kind)(points, fill=fill, **more)
        if self.on_object:
            getattr(self.mask_draw, kind)(points, fill=255, **more)

    def poly(self, points, fill):
        self.both("polygon", [(x * N, y * N) for x, y in points], fill)

    def cells(self, points, fill):
        """A polygon whose corners are given in cells of 8 x 8 pixels."""
        self.poly([(x / 32, y / 32) for x, y in points], fill)

    def rect(self, x0, y0, x1, y1, fill):
        self.both("rectangle", (x0 * N, y0 * N, x1 * N, y1 * N), fill)

    def disc(self, x, y, rx, fill, ry=None):
        ry = rx if ry is None else ry
        self.both("ellipse", ((x - rx) * N, (y - ry) * N, (x + rx) * N, (y + ry) * N), fill)

    def line(self, points, fill, width):
        self.both("line", [(x * N, y * N) for x, y in points], fill, width=max(1, int(width * N)))

    def arc(self, x, y, r, start, end, fill, width):
        self.both("pieslice", ((x - r) * N, (y - r) * N, (x + r) * N, (y + r) * N), fill, start=start, end=end)

    def veil(self, y0, y1, colour, alpha0, alpha1):
        """A haze between two heights whose opacity goes from alpha0 to alpha1."""
        a, b = max(0, int(y0 * N)), min(N, int(y1 * N))
        if b <= a:
            return
        box = (0, a, N, b)
        part = np.asarray(self.image.crop(box), np.float32)
        t = np.linspace(alpha0, alpha1, b - a, dtype=np.float32)[:, None, None]
        part += (np.array(colour, np.float32) - part) * t
        self.image.paste(Image.fromarray(part.astype(np.uint8)), box)

    def small(self):
        """The picture at its final size, as floats 0..255, and the object mask at 32x32."""
        picture = np.asarray(self.image.reduce(OVER), np.float32)
        mask = np.asarray(self.mask.reduce(N // 32), np.uint8)
        return picture, mask
