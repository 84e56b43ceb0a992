"""Pictures on disk: shards of rendered scenes, made once so that training never waits."""

import json
import os

import numpy as np

from . import render as drawing
from . import scene as scenes

SHARD = 2000


def shard_paths(folder, index):
    return [os.path.join(folder, f"{kind}-{index:03d}.{ext}") for kind, ext in
            (("pictures", "npy"), ("masks", "npy"), ("scenes", "json"))]


def render_shard(folder, index, held_out=False, seed=1):
    """Renders one shard; the same index always gives the same pictures."""
    pictures, masks, texts = shard_paths(folder, index)
    if os.path.exists(texts):
        return
    os.makedirs(folder, exist_ok=True)
    p = np.empty((SHARD, drawing.SIZE, drawing.SIZE, 3), np.uint8)
    m = np.empty((SHARD, 32, 32), np.uint8)
    drawn = []
    for k in range(SHARD):
        rng = np.random.default_rng((seed, int(held_out), index, k))
        scene = scenes.sample(rng, held_out)
        p[k], m[k] = drawing.render(scene, rng)
        drawn.append(scene)
    np.save(pictures, p)
    np.save(masks, m)
    with open(texts + ".new", "w") as f:
        json.dump(drawn, f)
    os.replace(texts + ".new", texts)


def render(folder, shards, first=0, step=1):
    """Renders shards first, first + step, ... below `shards`."""
    for index in range(first, shards, step):
        render_shard(folder, index)


def load_pictures(folder, index):
    """The pictures (memory-mapped), masks and scenes of a shard."""
    pictures, masks, texts = shard_paths(folder, index)
    with open(texts) as f:
        return np.load(pictures, mmap_mode="r"), np.load(masks), json.load(f)


def ready(folder):
    """How many shards from 0 on are complete."""
    n = 0
    while os.path.exists(shard_paths(folder, n)[2]):
        n += 1
    return n
