"""Draws pictures with diffusers from an exported folder, many prompts at once."""

import hashlib
import json
import os

import numpy as np
import torch
from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline
from PIL import Image

from . import fast


def load(target, adapter=None):
    """The pipeline in float32; with a few-step adapter, that one and the Euler sampler it was made for."""
    pipe = StableDiffusionXLPipeline.from_pretrained(target, torch_dtype=torch.float32)
    if adapter:
        folder, name = os.path.split(os.path.abspath(adapter))
        pipe.load_lora_weights(folder, weight_name=name)
        pipe.fuse_lora()
        pipe.unload_lora_weights()
        pipe.scheduler = EulerDiscreteScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    fast.speed_up(pipe.unet)
    fast.speed_up(pipe.vae)
    return pipe


def key_of(*parts):
    """A short name for a combination of files and settings."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, str) and os.path.isfile(part):
            with open(part, "rb") as f:
                total.update(f.read())
        else:
            total.update(repr(part).encode())
    return total.hexdigest()[:12]


def draw_resumable(folder, key, pipe, prompts, seeds, *rest, part=25, backwards=False, **more):
    """As `draw`, in parts kept on disk, so that an interrupted measure goes on and two processes can share it from both ends."""
    os.makedirs(folder, exist_ok=True)
    paths = {k: os.path.join(folder, f"{key}-{k:04d}.npy") for k in range(0, len(prompts), part)}
    for k in sorted(paths, reverse=backwards):
        if not os.path.exists(paths[k]):
            np.save(paths[k] + ".new.npy", draw(pipe, prompts[k:k + part], list(seeds)[k:k + part], *rest, **more))
            os.replace(paths[k] + ".new.npy", paths[k])
    return np.concatenate([np.load(path) for path in paths.values()])


def draw(pipe, prompts, seeds, size=256, steps=None, guidance=None, batch=8, negative=None):
    """Pictures as an array of bytes, one per prompt, each from its own seed, in bfloat16; `negative` is None or a list."""
    out = []
    for k in range(0, len(prompts), batch):
        part = prompts[k:k + batch]
        generators = [torch.Generator().manual_seed(int(s)) for s in seeds[k:k + batch]]
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            images = pipe(prompt=part, negative_prompt=None if negative is None else negative[k:k + batch], width=size, height=size,
                          num_inference_steps=steps, guidance_scale=guidance, generator=generators, output_type="np").images
        out.append((images * 255).round().astype(np.uint8))
    return np.concatenate(out)


def grid(pictures, columns, path, scale=1.0):
    """One picture of many."""
    n, h, w, _ = pictures.shape
    rows = -(-n // columns)
    sheet = np.zeros((rows * h, columns * w, 3), np.uint8)
    for i, p in enumerate(pictures):
        r, c = divmod(i, columns)
        sheet[r * h:(r + 1) * h, c * w:(c + 1) * w] = p
    image = Image.fromarray(sheet)
    if scale != 1:
        image = image.resize((int(image.width * scale), int(image.height * scale)), Image.LANCZOS)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    image.save(path, optimize=True)


def defaults(target):
    """The default settings of an exported folder."""
    with open(os.path.join(target, "model.json")) as f:
        return json.load(f)["defaults"]
