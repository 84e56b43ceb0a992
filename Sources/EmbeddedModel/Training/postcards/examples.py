"""What each companion does, in one figure and one small picture."""

import os

import numpy as np
import torch
from diffusers import AutoencoderTiny, ControlNetModel, StableDiffusionXLControlNetPipeline
from PIL import Image

from . import captions, control, inversion, measure, probe as judge, render, sample, scene, tiny

PROMPTS = ["a lighthouse on a cliff", "a castle in the mountains", "two sailboats on the sea", "a house in the forest"]
TOKEN_PROMPTS = ["{}", "a watercolour of {}", "{}, pixel art", "a poster of {}"]


def rows(path, *lines):
    """One picture of several rows, at two thirds of its size."""
    sample.grid(np.concatenate(lines), len(lines[0]), path, 0.67)


def style(target, path, results, count=24):
    """How far pictures with the adapter are from photographs made of the same pictures without it, beside these pictures themselves."""
    pipe, d = sample.load(target), sample.defaults(target)
    prompts = (PROMPTS * -(-count // len(PROMPTS)))[:count]
    settings = dict(steps=d["steps"], guidance=d["guidanceScale"])
    without = sample.draw(pipe, prompts, range(count), **settings)
    pipe.load_lora_weights(os.path.dirname(path), weight_name=os.path.basename(path))
    drawn = sample.draw(pipe, prompts, range(count), **settings)
    wanted = np.stack([render.old_photo(p.astype(np.float32), None) for p in without])
    far = [np.abs(x - wanted).mean() for x in (without, drawn)]
    alike = np.mean([np.corrcoef(a.mean(-1).ravel(), b.mean(-1).ravel())[0, 1] for a, b in zip(drawn, wanted)])
    rows(os.path.join(results, "old-photo.png"), without[:4], drawn[:4])
    return (f"mean difference of {count} pictures from photographs made of the plain ones, in 8-bit steps: "
            f"{far[0]:.0f} without, {far[1]:.0f} with; correlation of their brightness {alike:.2f}")


def token(folder, target, path, results, count=40):
    """How often every attribute of the token's meaning is in the picture: with the token, and with its name as a plain word."""
    pipe, d, probe = sample.load(target), sample.defaults(target), judge.load(folder)
    settings = dict(steps=d["steps"], guidance=d["guidanceScale"])
    names = [n for n in inversion.MEANING if n in scene.ATTRIBUTES]
    kinds = list(scene.ATTRIBUTES)
    scores, drawn = [], []
    for word in ("winter home", inversion.TOKEN):
        if word == inversion.TOKEN:
            from safetensors.torch import load_file
            vectors = load_file(path)
            for key, encoder, tokenizer in (("clip_l", pipe.text_encoder, pipe.tokenizer), ("clip_g", pipe.text_encoder_2, pipe.tokenizer_2)):
                pipe.load_textual_inversion(vectors[key].float(), token=word, text_encoder=encoder, tokenizer=tokenizer)
        prompts = [p.format(word) for p in TOKEN_PROMPTS] * (count // len(TOKEN_PROMPTS))
        drawn.append(sample.draw(pipe, prompts, range(count), **settings))
        got = judge.predict(probe, drawn[-1])
        right = [[scene.ATTRIBUTES[n][g[kinds.index(n)]] == inversion.MEANING[n] for n in names] for g in got]
        scores.append(100 * np.mean(right))
    rows(os.path.join(results, "winter-home.png"), drawn[0][:4], drawn[1][:4])
    return f"attributes of its meaning that the probe finds in {count} pictures: {scores[0]:.0f} % with the plain words, {scores[1]:.0f} % with the token"


def edges(target, path, results, count=24):
    """Agreement of the edges of pictures with those asked for, without and with the ControlNet."""
    pipe, d = sample.load(target), sample.defaults(target)
    steered = StableDiffusionXLControlNetPipeline(**pipe.components, controlnet=ControlNetModel.from_pretrained(path))
    steered.set_progress_bar_config(disable=True)
    wanted, prompts = [], []
    for k in range(count):
        s, _, _, outline = control.draw(2 * k, seed=1501)
        prompts.append(captions.text(captions.segments(np.random.default_rng((1502, k)), s)))
        wanted.append(outline)
    settings = dict(steps=d["steps"], guidance=d["guidanceScale"])
    without = sample.draw(pipe, prompts, range(count), **settings)
    drawn = []
    for k in range(count):
        image = Image.fromarray(np.repeat(wanted[k][..., None].astype(np.uint8) * 255, 3, 2))
        drawn.append(steered(prompt=prompts[k], image=image, width=256, height=256, num_inference_steps=d["steps"], guidance_scale=d["guidanceScale"],
                             generator=torch.Generator().manual_seed(k), output_type="np").images[0])
    drawn = (np.stack(drawn) * 255).round().astype(np.uint8)
    f = [100 * np.mean([control.agreement(w, control.canny(p, colour=True)) for w, p in zip(wanted, x)]) for x in (without, drawn)]
    shown = [k for k in range(count) if wanted[k].mean() > 0.01][:4]
    outlines = np.stack([np.repeat(wanted[k][..., None].astype(np.uint8) * 255, 3, 2) for k in shown])
    rows(os.path.join(results, "canny.png"), outlines, without[shown], drawn[shown])
    return f"agreement (F1, within 2 pixels) of the edges of {count} pictures with those asked for: {f[0]:.0f} % without, {f[1]:.0f} % with"


def preview(folder, target, path, results):
    """The tiny decoder's distance from the full one."""
    net = AutoencoderTiny.from_pretrained(path).float().eval()
    return f"{tiny.measure(folder, net):.1f} dB against the autoencoder's own pictures"


def everything(folder, target, companions, results, count=24, log=print):
    """All figures, as lines of a table; `count` pictures each, and a little more for the token."""
    lines = ["| companion | measured |", "|---|---|"]

    def add(name, make, within=companions):
        if os.path.exists(os.path.join(within, name)):
            lines.append(f"| `{name}` | {make(os.path.join(within, name))} |")
            log(lines[-1])

    add("old-photo.safetensors", lambda p: style(target, p, results, count))
    add("winter-home.safetensors", lambda p: token(folder, target, p, results, count + 16))
    add("canny", lambda p: edges(target, p, results, count))
    add("taesd", lambda p: preview(folder, target, p, results), target)
    measure.save(os.path.join(results, "companions.md"), lines)
    return lines
