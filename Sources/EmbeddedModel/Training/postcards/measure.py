"""How well an exported model obeys: held-out prompts, the shipped default settings, the probe as judge."""

import os
import time

import numpy as np

from . import captions, latents, probe as judge, render, sample, scene


def prompts_of(count, seed=77):
    """Prompts by the grammar from seeds never used for training, a fifth of them with colour-object pairs never rendered for it.

    Returns the scenes, the prompts and what each prompt says."""
    scenes, prompts, told = [], [], []
    for k in range(count):
        rng = np.random.default_rng((seed, k))
        s = scene.sample(rng, held_out=k % 5 == 0)
        parts = captions.segments(rng, s)
        said = {}
        for _, t in parts:
            said.update(t)
        if "place" in said and "object" not in said:
            said.pop("place")
        if "colour" in said and "object" not in said:
            said.pop("colour")
        scenes.append(s)
        prompts.append(captions.text(parts))
        told.append(said)
    return scenes, prompts, told


def score(predicted, told, shift=0):
    """Right answers and questions for each attribute; a shift compares with other prompts, which is chance."""
    out = {}
    for a, (name, values) in enumerate(scene.ATTRIBUTES.items()):
        right = asked = 0
        for k in range(len(told)):
            said = told[(k + shift) % len(told)]
            if name in said:
                asked += 1
                right += values[predicted[k][a]] == said[name]
        out[name] = (right, asked)
    return out


def measure(folder, target, results, count=200, seed=77, steps=None, guidance=None, size=256, log=print):
    """Draws with seeds 0, 1, ..., judges, and writes the table, the prompts and a grid of the first 48 pictures."""
    vae, _ = latents.load_vae(folder)
    scenes, prompts, told = prompts_of(count, seed)
    real = np.stack([render.render(s, np.random.default_rng((seed, 1, k)))[0] for k, s in enumerate(scenes)])
    d = sample.defaults(target)
    steps, guidance = steps or d["steps"], guidance or d["guidanceScale"]
    pipe = sample.load(target)
    start = time.time()
    drawn = sample.draw(pipe, prompts, range(count), size, steps, guidance)
    log(f"{count} pictures at {size} in {time.time() - start:.0f} s")
    save(os.path.join(results, "prompts.txt"), prompts[:48])
    sample.grid(drawn[:48], 8, os.path.join(results, "grid.png"), 0.36)
    if size != 256:
        drawn = drawn.repeat(256 // size, 1).repeat(256 // size, 2)
    probe = judge.load(folder)
    got = judge.predict(probe, drawn)
    columns = [score(got, told), score(judge.predict(probe, real), told),
               score(judge.predict(probe, judge.round_trip(vae, real)), told)]
    chance = [score(got, told, shift) for shift in range(1, 30)]
    lines = [f"{count} prompts, {size} x {size}, {steps} steps, guidance {guidance}; only attributes that the prompt names are counted.", "",
             "| attribute, % right | model | asked | renders (ceiling) | round trips | chance |", "|---|---|---|---|---|---|"]
    for name in scene.ATTRIBUTES:
        r = [f"{100 * c[name][0] / max(1, c[name][1]):.0f}" for c in columns]
        luck = 100 * sum(c[name][0] for c in chance) / max(1, sum(c[name][1] for c in chance))
        lines.append(f"| {name} | {r[0]} | {columns[0][name][1]} | {r[1]} | {r[2]} | {luck:.0f} |")
    pairs = [k for k, t in enumerate(told) if "colour" in t and (t["colour"], t.get("object")) in scene.HELD_OUT]
    if pairs:
        a = list(scene.ATTRIBUTES).index("colour")
        right = sum(scene.COLOURS[got[k][a]] == told[k]["colour"] for k in pairs)
        lines.append(f"| colour, pairs never rendered for training | {100 * right / len(pairs):.0f} | {len(pairs)} | | | |")
    save(os.path.join(results, "table.md"), lines)
    return lines


def save(path, lines):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
