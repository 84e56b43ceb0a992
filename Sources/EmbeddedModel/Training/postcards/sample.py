"""Draws pictures with diffusers from an exported folder, many prompts at once."""

import json
import os

import numpy as np
import torch
from diffusers import StableDiffusionXLPipeline
from PIL import Image

from . import fast


def load(target):
    """The pipeline in float32."""
    pipe = StableDiffusionXLPipeline.from_pretrained(target, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    fast.speed_up(pipe.unet)
    fast.speed_up(pipe.vae)
    return pipe


def draw(pipe, prompts, seeds, size=256, steps=None, guidance=None, batch=8, negative=None):
    """Pictures as an array of bytes, one per prompt, each from its own seed."""
    out = []
    for k in range(0, len(prompts), batch):
        part = prompts[k:k + batch]
        generators = [torch.Generator().manual_seed(int(s)) for s in seeds[k:k + batch]]
        with torch.no_grad():
            images = pipe(prompt=part, negative_prompt=None if negative is None else [negative] * len(part), width=size, height=size,
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
