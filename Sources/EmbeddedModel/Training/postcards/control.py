"""The Canny ControlNet, and the edges it is told."""

import os

import numpy as np
import torch
from diffusers import ControlNetModel
from scipy import ndimage

from . import base, export, fast, lora, loop, render, text, unet as denoiser


def canny(picture, low=100, high=200, colour=False):
    """Canny edges as OpenCV draws them by default: Sobel 3 x 3, L1 magnitude, thinned, joined from weak to strong.

    With `colour`, every pixel takes the channel that changes most, as OpenCV does with a colour picture."""
    x = picture.astype(np.float32)
    x = x if colour else np.round(x @ np.array((0.299, 0.587, 0.114), np.float32))[..., None]
    dx = np.stack([ndimage.sobel(x[..., k], 1, mode="nearest") for k in range(x.shape[-1])], -1)
    dy = np.stack([ndimage.sobel(x[..., k], 0, mode="nearest") for k in range(x.shape[-1])], -1)
    most = (np.abs(dx) + np.abs(dy)).argmax(-1)[..., None]
    dx, dy = np.take_along_axis(dx, most, -1)[..., 0], np.take_along_axis(dy, most, -1)[..., 0]
    strength = np.abs(dx) + np.abs(dy)
    padded = np.pad(strength, 1)
    ax, ay = np.abs(dx), np.abs(dy)
    flat, steep = ay < 0.41421356 * ax, ay > 2.41421356 * ax
    same = dx * dy > 0
    def at(oy, ox):
        return padded[1 + oy:padded.shape[0] - 1 + oy, 1 + ox:padded.shape[1] - 1 + ox]
    first = np.where(flat, at(0, -1), np.where(steep, at(-1, 0), np.where(same, at(-1, -1), at(-1, 1))))
    second = np.where(flat, at(0, 1), np.where(steep, at(1, 0), np.where(same, at(1, 1), at(1, -1))))
    thin = (strength > first) & (strength >= second) & (strength > low)
    groups, n = ndimage.label(thin, np.ones((3, 3)))
    strong = np.zeros(n + 1, bool)
    strong[groups[thin & (strength > high)]] = True
    strong[0] = False
    return strong[groups]


def agreement(wanted, got, near=2):
    """F1 of two edge pictures, an edge counting as found within `near` pixels."""
    ball = np.ones((2 * near + 1,) * 2, bool)
    recall = (wanted & ndimage.binary_dilation(got, ball)).sum() / max(1, wanted.sum())
    precision = (got & ndimage.binary_dilation(wanted, ball)).sum() / max(1, got.sum())
    return 2 * recall * precision / max(1e-9, recall + precision)


MIRRORED = {"left": "right", "centre": "centre", "right": "left"}


def layout(s, rng):
    """Moves things away from where the model would put them, so that the edges say more than the words."""
    s = dict(s, sun=int(rng.integers(4, 29)), size=float(rng.choice((0.7, 0.85, 1.0))))
    if s["object"] != "none" and s["count"] == 1 and s["terrain"] != "cliff":
        x = int(rng.integers(5, 28))
        s.update(columns=[x], place="left" if x < 12 else "right" if x > 20 else "centre")
    return s


def draw(k, seed=1500):
    """A scene, its picture, mask, and its edges: in half of the cases those of the same layout drawn plainly, without what falls from the sky."""
    s, rng = lora.scene_of(k, seed)
    s, flip, own = layout(s, rng), rng.random() < 0.5, rng.random() < 0.4
    state = rng.bit_generator.state
    picture, mask = render.render(s, rng)
    rng.bit_generator.state = state
    seen = picture if own else render.render(s, rng, render.plain, falling=False)[0]
    if flip:
        picture, mask, seen = (np.ascontiguousarray(v[:, ::-1]) for v in (picture, mask, seen))
        s["place"] = MIRRORED[s["place"]]
    return s, picture, mask, canny(seen, colour=True)


def train(folder, model, target, seconds=1800, count=1600, lr=2e-3, batch=12, log=print):
    """A copy of the encoder half learns to steer by edges; writes a diffusers folder.

    Half of the time it gets no words, and mostly noisy pictures: then only the edges know what is there."""
    torch.manual_seed(15)
    own = base.Base(model, folder)
    pictures = base.Pictures(os.path.join(folder, "outlines"), own.vae, count, draw, log)
    net = fast.speed_up(ControlNetModel.from_unet(own.unet, conditioning_embedding_out_channels=(16, 16, 32, 48)).float().train())

    def steering(outlines):
        def steered(x, t, context, added_cond_kwargs):
            down, mid = net(x, t, context, outlines, added_cond_kwargs=added_cond_kwargs, return_dict=False)
            return own.unet(x, t, context, added_cond_kwargs=added_cond_kwargs, down_block_additional_residuals=down,
                            mid_block_additional_residual=mid)
        return steered

    def loss_of(rng, generator):
        batch_, index = pictures.batch(rng, own.tokens, batch, none=0.5)
        steered = steering(pictures.outlines(index).contiguous(memory_format=torch.channels_last))
        return denoiser.loss_of(steered, own.encoders, own.alphas, batch_, 256, generator, power=0.6)[0]

    @torch.no_grad()
    def gain():
        """Errors on the same noisy pictures without words, with the edges and without."""
        batch_, index = pictures.batch(np.random.default_rng(1502), own.tokens, 24, none=1.0)
        outlines = pictures.outlines(index).contiguous(memory_format=torch.channels_last)
        errors = [denoiser.loss_of(u, own.encoders, own.alphas, batch_, 256, torch.Generator().manual_seed(1502), power=0.6)[1]
                  for u in (steering(outlines), own.unet)]
        return f"control error without words {errors[0]:.4f} with edges, {errors[1]:.4f} without"

    log(gain())
    loop.run(os.path.join(folder, "control.pt"), "control", net, seconds, lr, loss_of, log, seed=15, decay=0.99, every=gain)
    path, name = os.path.split(target)
    export.export_part(path, name, net)
