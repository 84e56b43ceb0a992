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


def score_lines(columns, chance):
    """The rows of the table, one an attribute."""
    lines = []
    for name in scene.ATTRIBUTES:
        r = [f"{100 * c[name][0] / max(1, c[name][1]):.0f}" for c in columns]
        luck = 100 * sum(c[name][0] for c in chance) / max(1, sum(c[name][1] for c in chance))
        lines.append(f"| {name} | {r[0]} | {columns[0][name][1]} | {r[1]} | {r[2]} | {luck:.0f} |")
    return lines


def measure(folder, target, results, count=300, seed=77, size=256, steps=None, guidance=None, adapter=None, backwards=False, log=print):
    """Draws with seeds 0, 1, ..., judges, and writes the table, the prompts and a grid of the first 48 pictures.

    With `adapter`, a LoRA file, the few-step variant is measured instead, and its table and grid are named after the file."""
    vae, _ = latents.load_vae(folder)
    scenes, prompts, told = prompts_of(count, seed)
    real = np.stack([render.render(s, np.random.default_rng((seed, 1, k)))[0] for k, s in enumerate(scenes)])
    d = sample.defaults(target)
    steps, guidance = steps or d["steps"], guidance or d["guidanceScale"]
    pipe = sample.load(target, adapter)
    start = time.time()
    key = sample.key_of(os.path.join(target, "unet/diffusion_pytorch_model.safetensors"),
                        os.path.join(target, "vae/diffusion_pytorch_model.safetensors"), adapter, prompts, size, steps, guidance)
    drawn = sample.draw_resumable(os.path.join(folder, "drawn"), key, pipe, prompts, range(count), size, steps, guidance, backwards=backwards)
    log(f"{count} pictures at {size} in {time.time() - start:.0f} s")
    suffix = "-" + os.path.splitext(os.path.basename(adapter))[0] if adapter else ""
    save(os.path.join(results, "prompts.txt"), prompts[:48])
    sample.grid(drawn[:48], 8, os.path.join(results, f"grid{suffix}.png"), 0.5)
    if size != 256:
        drawn = drawn.repeat(256 // size, 1).repeat(256 // size, 2)
    probe = judge.load(folder)
    got = judge.predict(probe, drawn)
    columns = [score(got, told), score(judge.predict(probe, real), told),
               score(judge.predict(probe, judge.round_trip(vae, real)), told)]
    chance = [score(got, told, shift) for shift in range(1, 30)]
    lines = [f"{count} prompts, {size} x {size}, {steps} steps, guidance {guidance}; only attributes that the prompt names are counted.", "",
             "| attribute, % right | model | asked | renders (ceiling) | round trips | chance |", "|---|---|---|---|---|---|"]
    lines += score_lines(columns, chance)
    pairs = [k for k, t in enumerate(told) if "colour" in t and (t["colour"], t.get("object")) in scene.HELD_OUT]
    if pairs:
        a = list(scene.ATTRIBUTES).index("colour")
        right = sum(scene.COLOURS[got[k][a]] == told[k]["colour"] for k in pairs)
        lines.append(f"| colour, pairs never rendered for training | {100 * right / len(pairs):.0f} | {len(pairs)} | | | |")
    if guidance > 1:
        lines += negatives(pipe, probe, size, steps, guidance, min(120, 2 * count // 5))
    save(os.path.join(results, f"table{suffix}.md"), lines)
    return lines


def open_prompts(count, seed=78):
    """Prompts of the grammar that name a terrain but no object, so that one may be drawn or not; and what they say."""
    prompts, told, k = [], [], 0
    while len(prompts) < count:
        rng = np.random.default_rng((seed, k))
        k += 1
        parts = captions.tags(rng, scene.sample(rng))
        said = {name: value for _, t in parts for name, value in t.items()}
        if "terrain" in said and not {"object", "place"} & set(said):
            prompts.append(captions.text(parts))
            told.append(said)
    return prompts, told


def negatives(pipe, probe, size, steps, guidance, count=120, seed=5000):
    """Draws open prompts; where an object appears, draws again from the same seed with a negative prompt that names it."""
    prompts, told = open_prompts(count)
    a = list(scene.ATTRIBUTES).index("object")
    first = judge.predict(probe, sample.draw(pipe, prompts, range(seed, seed + count), size, steps, guidance))[:, a]
    have = [k for k in range(count) if scene.OBJECTS[first[k]] != "none"]
    if not have:
        return ["| a negative prompt removes an object | none was drawn | 0 | | | |"]
    words = [captions.NOUN[scene.OBJECTS[first[k]]][0][0] for k in have]
    again = judge.predict(probe, sample.draw(pipe, [prompts[k] for k in have], [seed + k for k in have], size, steps, guidance, negative=words))
    gone = sum(again[i][a] != first[k] for i, k in enumerate(have))
    rest = score(again, [told[k] for k in have])
    right, asked = sum(r for r, _ in rest.values()), sum(n for _, n in rest.values())
    return [f"| a negative prompt removes the object drawn without it | {100 * gone / len(have):.0f} | {len(have)} | | | |",
            f"| ... and what the prompt says is still right | {100 * right / max(1, asked):.0f} | {asked} | | | |"]


def save(path, lines):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
