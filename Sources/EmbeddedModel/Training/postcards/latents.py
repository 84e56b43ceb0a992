"""Latents on disk: every picture at 256 and, shrunk, at 128."""

import os

import numpy as np
import torch

from . import data, vae as autoencoder, state


def load_vae(folder):
    """The finished autoencoder and its colour map."""
    saved = state.load(os.path.join(folder, "vae-final.pt"))
    vae, colour = autoencoder.build(), torch.nn.Conv2d(4, 3, 1)
    vae.load_state_dict(saved["vae"])
    colour.load_state_dict(saved["colour"])
    return vae.eval(), colour


def path(folder, size, index):
    return os.path.join(folder, "latents", f"{size}-{index:03d}.npy")


@torch.no_grad()
def encode_shard(folder, vae, index, size):
    """Encodes one shard at one size."""
    target = path(folder, size, index)
    if os.path.exists(target):
        return
    pictures = data.load_pictures(os.path.join(folder, "pictures"), index)[0]
    os.makedirs(os.path.join(folder, "latents"), exist_ok=True)
    out = np.empty((len(pictures), 4, size // 8, size // 8), np.float16)
    for k in range(0, len(pictures), 10):
        part = np.asarray(pictures[k:k + 10])
        if size == 128:
            part = part.reshape(-1, 128, 2, 128, 2, 3).mean((2, 4), dtype=np.float32)
        with torch.autocast("cpu", torch.bfloat16):
            out[k:k + 10] = autoencoder.encode(vae, autoencoder.pixels(part)).float().numpy()
    np.save(target + ".new.npy", out)
    os.replace(target + ".new.npy", target)


def encode(folder, shards, log=print):
    """Encodes all shards, the small size first, so that the UNet can start early."""
    vae, _ = load_vae(folder)
    for size in (128, 256):
        for index in range(shards):
            encode_shard(folder, vae, index, size)
            log(f"latents of shard {index} at {size} ready")


def ready(folder, size):
    """How many shards from 0 on are encoded at a size."""
    n = 0
    while os.path.exists(path(folder, size, n)):
        n += 1
    return n
