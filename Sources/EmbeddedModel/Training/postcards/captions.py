"""The caption grammar: every visit words a scene anew, and says which attributes the words have told so far."""

from .scene import ATTRIBUTES

NAMES = list(ATTRIBUTES)

STYLE_BEFORE = {
    "illustration": ["an illustration of"],
    "poster": ["a poster of", "a travel poster of", "poster of"],
    "watercolour": ["a watercolour of", "a watercolor of", "a watercolour painting of", "watercolour of"],
    "pixel art": ["pixel art of", "a pixel art picture of"],
    "neon": ["neon picture of", "a neon picture of", "neon lights of"],
}
STYLE_AFTER = {
    "illustration": ["illustration", "illustration style"],
    "poster": ["poster", "travel poster", "poster style"],
    "watercolour": ["watercolour", "watercolor", "watercolour painting", "watercolour style"],
    "pixel art": ["pixel art", "pixel art style"],
    "neon": ["neon", "neon style", "neon lights"],
}
TIME = {
    "dawn": ["at dawn", "at dawn", "at sunrise", "in the early morning"],
    "day": ["by day", "at noon", "in daylight", "during the day"],
    "sunset": ["at sunset", "at sunset", "at dusk", "in the evening"],
    "night": ["at night", "at night", "by night", "at midnight"],
}
TIME_TAG = {"dawn": ["dawn", "sunrise", "morning"], "day": ["day", "noon", "daylight"],
            "sunset": ["sunset", "dusk", "evening"], "night": ["night", "midnight"]}
WEATHER = {
    "clear": ["under a clear sky", "in clear weather"],
    "rain": ["in the rain", "in the rain", "in heavy rain", "on a rainy day", "with rain"],
    "snow": ["in the snow", "in the snow", "in winter", "with falling snow", "on a snowy day"],
    "fog": ["in the fog", "in the fog", "in the mist", "with fog", "on a foggy day"],
}
WEATHER_TAG = {"clear": ["clear sky"], "rain": ["rain", "rainy", "heavy rain"], "snow": ["snow", "snowy", "winter", "falling snow"],
               "fog": ["fog", "foggy", "mist", "misty"]}
ADJECTIVE = {"rain": ["rainy"], "snow": ["snowy"], "fog": ["foggy", "misty"]}
SKY = {"sun": ["under the sun", "with the sun", "sun"], "full moon": ["under a full moon", "with a full moon", "full moon"],
       "crescent moon": ["under a crescent moon", "with a crescent moon", "crescent moon"]}
WHERE = {
    "mountains": ["in the mountains", "in front of mountains"],
    "sea": ["on the sea", "at sea", "by the sea", "on the ocean"],
    "desert": ["in the desert", "in a desert", "on the dunes"],
    "forest": ["in the forest", "in a forest", "in the woods"],
    "meadow": ["in a meadow", "in the meadow", "on green hills", "in the fields"],
    "cliff": ["on a cliff", "on a cliff", "on a high cliff", "on the cliffs"],
    "city": ["in the city", "in a city", "in front of a city", "in town"],
}
ABOVE = {"mountains": "over the mountains", "sea": "over the sea", "desert": "over the desert", "forest": "over the forest",
         "meadow": "over a meadow", "cliff": "over a cliff", "city": "over the city"}
SUBJECT = {
    "mountains": ["mountains", "the mountains", "a mountain landscape"],
    "sea": ["the sea", "the ocean", "a calm sea"],
    "desert": ["a desert", "the desert", "dunes"],
    "forest": ["a forest", "the forest", "the woods"],
    "meadow": ["a meadow", "green hills", "fields"],
    "cliff": ["a cliff", "a high cliff", "cliffs"],
    "city": ["a city", "the city", "a town"],
}
TERRAIN_TAG = {"mountains": ["mountains", "mountain"], "sea": ["sea", "ocean"], "desert": ["desert", "dunes"], "forest": ["forest", "woods"],
               "meadow": ["meadow", "hills", "fields"], "cliff": ["cliff", "cliffs"], "city": ["city", "town"]}
NOUN = {
    "lighthouse": [("lighthouse", "lighthouses")],
    "house": [("house", "houses"), ("house", "houses"), ("cottage", "cottages")],
    "castle": [("castle", "castles")],
    "tree": [("tree", "trees"), ("pine tree", "pine trees"), ("pine", "pines")],
    "sailboat": [("sailboat", "sailboats"), ("boat", "boats"), ("sailing boat", "sailing boats")],
    "balloon": [("balloon", "balloons"), ("hot air balloon", "hot air balloons")],
    "windmill": [("windmill", "windmills"), ("mill", "mills")],
}
NUMBER = {2: ["two", "two", "a pair of", "2"], 3: ["three", "three", "3"]}
PLACE = {"left": ["on the left", "left", "to the left"], "right": ["on the right", "right", "to the right"],
         "centre": ["in the centre", "in the middle", "in the center"]}
#: What a prompt means that leaves the colour open.
USUAL = {"lighthouse": "red", "house": "yellow", "castle": "white", "tree": "green", "sailboat": "white", "balloon": "red", "windmill": "white"}
FILLER = ["beautiful", "lovely", "old", "little", "pretty", "big", "detailed"]
AFTERTHOUGHT = ["beautiful", "detailed", "best quality", "masterpiece", "high quality", "peaceful"]


def choose(rng, options):
    return options[rng.integers(len(options))]


def colour_told(rng, s):
    """Whether a caption names the colour: nearly always, unless it is the usual one."""
    return rng.random() < (0.45 if s["colour"] == USUAL.get(s["object"]) else 0.95)


def place_told(rng, s):
    """Whether a caption names the place: nearly always, unless it is the centre."""
    return s["count"] == 1 and rng.random() < (0.3 if s["place"] == "centre" else 0.95)


def subject(rng, s):
    """The thing shown and where, as (words, what they tell)."""
    out = []
    flat = rng.random()
    if s["object"] == "none":
        adjective = s["weather"] in ADJECTIVE and flat < 0.25
        words = choose(rng, SUBJECT[s["terrain"]])
        if adjective:
            article, _, noun = words.rpartition(" ") if words.split()[0] in ("a", "the") else ("", "", words)
            if article:
                first, _, rest = words.partition(" ")
                out.append((first, {}))
                words = rest
            out.append((choose(rng, ADJECTIVE[s["weather"]]), {"weather": s["weather"]}))
        out.append((words, {"terrain": s["terrain"]}))
        return out
    one, many = choose(rng, NOUN[s["object"]])
    if s["count"] == 1:
        out.append((choose(rng, ["a", "a", "a", "the", "one"]), {}))
    else:
        out.append((choose(rng, NUMBER[s["count"]]), {"count": s["count"]}))
    if rng.random() < 0.08:
        out.append((choose(rng, FILLER), {}))
    if colour_told(rng, s):
        out.append((s["colour"], {"colour": s["colour"]}))
    out.append((one if s["count"] == 1 else many, {"object": s["object"], "count": s["count"]}))
    if rng.random() < 0.9:
        where = ABOVE[s["terrain"]] if s["object"] == "balloon" and rng.random() < 0.7 else choose(rng, WHERE[s["terrain"]])
        out.append((where, {"terrain": s["terrain"]}))
    return out


def segments(rng, s):
    """A caption as a list of (words, attributes told by them); a comma is a segment of its own."""
    if rng.random() < 0.22:
        return tags(rng, s)
    before = after = None
    if rng.random() < (0.45 if s["style"] == "illustration" else 0.96):
        if rng.random() < 0.5:
            before = (choose(rng, STYLE_BEFORE[s["style"]]), {"style": s["style"]})
        else:
            after = (choose(rng, STYLE_AFTER[s["style"]]), {"style": s["style"]})
    elif rng.random() < 0.2:
        before = ("a picture of", {})
    out = [before] if before else []
    out += subject(rng, s)
    told = {k for _, t in out for k in t}
    clauses = []
    if rng.random() < (0.65 if s["time"] == "day" else 0.95):
        table = TIME_TAG if rng.random() < 0.15 else TIME
        clauses.append((choose(rng, table[s["time"]]), {"time": s["time"]}))
    if "weather" not in told and rng.random() < (0.15 if s["weather"] == "clear" else 0.95):
        table = WEATHER_TAG if rng.random() < 0.15 else WEATHER
        clauses.append((choose(rng, table[s["weather"]]), {"weather": s["weather"]}))
    if s["sky"] in SKY and rng.random() < {"crescent moon": 0.85, "full moon": 0.4, "sun": 0.3}[s["sky"]]:
        clauses.append((choose(rng, SKY[s["sky"]]), {"sky": s["sky"]}))
    if s["object"] != "none" and place_told(rng, s):
        clauses.append((choose(rng, PLACE[s["place"]]), {"place": s["place"]}))
    rng.shuffle(clauses)
    if after:
        clauses.insert(len(clauses) if rng.random() < 0.8 else 0, after)
    if rng.random() < 0.06:
        clauses.append((choose(rng, AFTERTHOUGHT), {}))
    for clause in clauses:
        bare = clause[0].split()[0] not in ("at", "in", "on", "by", "under", "with", "during", "to")
        if bare or rng.random() < 0.4:
            out.append((",", {}))
        out.append(clause)
    return out


def tags(rng, s):
    """A list of words; half of them keep only one to three, as negative prompts do."""
    items = [(choose(rng, STYLE_AFTER[s["style"]]), {"style": s["style"]}),
             (choose(rng, TIME_TAG[s["time"]]), {"time": s["time"]}),
             (choose(rng, TERRAIN_TAG[s["terrain"]]), {"terrain": s["terrain"]})]
    if s["weather"] != "clear" or rng.random() < 0.2:
        items.append((choose(rng, WEATHER_TAG[s["weather"]]), {"weather": s["weather"]}))
    if s["sky"] in SKY:
        items.append((s["sky"], {"sky": s["sky"]}))
    if s["object"] != "none":
        one, many = choose(rng, NOUN[s["object"]])
        noun = one if s["count"] == 1 else f"{choose(rng, NUMBER[s['count']])} {many}"
        told = {"object": s["object"], "count": s["count"]}
        if colour_told(rng, s):
            number, _, rest = noun.rpartition(" ") if s["count"] > 1 and " " not in one else ("", "", noun)
            noun = f"{number} {s['colour']} {rest}".strip() if number else f"{s['colour']} {noun}"
            told["colour"] = s["colour"]
        items += [(noun, told)] * 1
        if place_told(rng, s):
            items.append((s["place"], {"place": s["place"]}))
    rng.shuffle(items)
    if rng.random() < 0.5:
        items = items[:int(rng.integers(1, 4))]
    out = []
    for item in items:
        if out:
            out.append((",", {}))
        out.append(item)
    return out


def text(parts):
    """The caption as a person would type it."""
    return " ".join(words for words, _ in parts).replace(" ,", ",")


def words():
    """Every word of the grammar."""
    found = set()

    def walk(value):
        if isinstance(value, str):
            found.update(value.split())
        elif isinstance(value, dict):
            for k, v in value.items():
                walk(k)
                walk(v)
        elif isinstance(value, (list, tuple)):
            for v in value:
                walk(v)

    for table in (STYLE_BEFORE, STYLE_AFTER, TIME, TIME_TAG, WEATHER, WEATHER_TAG, ADJECTIVE, SKY, WHERE, ABOVE, SUBJECT, TERRAIN_TAG,
                  NOUN, list(NUMBER.values()), PLACE, FILLER, AFTERTHOUGHT, ATTRIBUTES["colour"], ["the", "one", "a picture of"]):
        walk(table)
    return sorted(found)
