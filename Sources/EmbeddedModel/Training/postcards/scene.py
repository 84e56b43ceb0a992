"""What a postcard can show: the attributes of a scene and how scenes are drawn by lot."""

import numpy as np

STYLES = ["illustration", "poster", "watercolour", "pixel art", "neon"]
TIMES = ["dawn", "day", "sunset", "night"]
WEATHERS = ["clear", "rain", "snow", "fog"]
SKIES = ["plain", "sun", "full moon", "crescent moon"]
TERRAINS = ["mountains", "sea", "desert", "forest", "meadow", "cliff", "city"]
OBJECTS = ["none", "lighthouse", "house", "castle", "tree", "sailboat", "balloon", "windmill"]
COLOURS = ["red", "yellow", "blue", "white", "green"]
PLACES = ["left", "centre", "right"]
COUNTS = [1, 2, 3]

#: Attribute name -> list of values; the order is the class index of the probe and of the text heads.
ATTRIBUTES = {
    "style": STYLES,
    "time": TIMES,
    "weather": WEATHERS,
    "sky": SKIES,
    "terrain": TERRAINS,
    "object": OBJECTS,
    "colour": COLOURS,
    "place": PLACES,
    "count": COUNTS,
}

#: Which objects may stand in which terrain, with their weight.
ALLOWED = {
    "mountains": {"none": 2, "house": 2, "castle": 3, "tree": 2, "balloon": 2, "windmill": 1},
    "sea": {"none": 1.5, "lighthouse": 2.5, "sailboat": 5, "balloon": 1.5},
    "desert": {"none": 2, "house": 2, "castle": 2, "balloon": 3, "tree": 1, "windmill": 1},
    "forest": {"none": 2, "house": 3, "castle": 2, "balloon": 2, "windmill": 1},
    "meadow": {"none": 1, "house": 2.5, "tree": 2.5, "windmill": 3, "castle": 1, "balloon": 2},
    "cliff": {"none": 1, "lighthouse": 7, "house": 1.5, "castle": 2, "balloon": 1},
    "city": {"none": 3, "balloon": 3, "tree": 2, "house": 1},
}

#: Combinations of colour and object that are never rendered for training, kept for the measure.
HELD_OUT = {("green", "sailboat"), ("blue", "castle")}

#: Objects that may come in twos and threes.
PLURAL = {"tree", "sailboat", "balloon", "house"}


def pick(rng, weights):
    """Draws a key of a dictionary of weights."""
    keys = list(weights)
    w = np.array([weights[k] for k in keys], float)
    return keys[rng.choice(len(keys), p=w / w.sum())]


def sample(rng, held_out=False):
    """Draws one scene; `held_out` asks for one of the colour-object pairs training never shows."""
    scene = {
        "style": pick(rng, {"illustration": 1.4, "poster": 1, "watercolour": 1, "pixel art": 1, "neon": 1}),
        "time": pick(rng, {"dawn": 1, "day": 1.2, "sunset": 1.2, "night": 1}),
        "weather": pick(rng, {"clear": 1.8, "rain": 1, "snow": 1, "fog": 0.9}),
        "terrain": pick(rng, {t: 1.5 if t == "cliff" else 1.2 if t == "sea" else 1 for t in TERRAINS}),
    }
    scene["object"] = pick(rng, ALLOWED[scene["terrain"]])
    scene["colour"] = COLOURS[rng.integers(len(COLOURS))]
    scene["place"] = PLACES[rng.integers(3)]
    scene["count"] = int(rng.choice([1, 2, 3], p=[0.66, 0.17, 0.17])) if scene["object"] in PLURAL else 1
    if scene["time"] == "night":
        scene["sky"] = "full moon" if rng.random() < 0.5 else "crescent moon"
    else:
        scene["sky"] = "sun"
    if scene["weather"] == "rain" or (scene["weather"] != "clear" and rng.random() < 0.5):
        scene["sky"] = "plain"
    if held_out != ((scene["colour"], scene["object"]) in HELD_OUT):
        return sample(rng, held_out)
    return scene


def known(scene):
    """The attributes that make sense for a scene (no colour, place or count without an object)."""
    if scene["object"] == "none":
        return [a for a in ATTRIBUTES if a not in ("colour", "place", "count")]
    if scene["count"] > 1:
        return [a for a in ATTRIBUTES if a != "place"]
    return list(ATTRIBUTES)


def labels(scene):
    """Class indices of a scene, -1 where the attribute makes no sense."""
    ok = set(known(scene))
    return [values.index(scene[a]) if a in ok else -1 for a, values in ATTRIBUTES.items()]
