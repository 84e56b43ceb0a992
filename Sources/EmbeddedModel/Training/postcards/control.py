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


def draw(k, seed=1500):
    """A scene, its picture, mask, and the edges of the same layout drawn plainly, without what falls from the sky."""
    s, rng = lora.scene_of(k, seed)
    state = rng.bit_generator.state
    picture, mask = render.render(s, rng)
    rng.bit_generator.state = state
    plain, _ = render.render(s, rng, render.plain, falling=False)
    return s, picture, mask, canny(plain, colour=True)


def train(folder, model, target, seconds=720, count=3000, lr=1.5e-3, batch=10, log=print):
    """A copy of the encoder half learns to steer by edges; writes a diffusers folder."""
    torch.manual_seed(15)
    own = base.Base(model, folder)
    pictures = base.Pictures(os.path.join(folder, "outlines"), own.vae, count, draw, log)
    net = fast.speed_up(ControlNetModel.from_unet(own.unet, conditioning_embedding_out_channels=(16, 16, 32, 48)).float().train())

    def loss_of(rng, generator):
        batch_, index = pictures.batch(rng, own.tokens, batch, none=0.2)
        outlines = pictures.outlines(index).contiguous(memory_format=torch.channels_last)

        def steered(x, t, context, added_cond_kwargs):
            down, mid = net(x, t, context, outlines, added_cond_kwargs=added_cond_kwargs, return_dict=False)
            return own.unet(x, t, context, added_cond_kwargs=added_cond_kwargs, down_block_additional_residuals=down,
                            mid_block_additional_residual=mid)

        return denoiser.loss_of(steered, own.encoders, own.alphas, batch_, 256, generator)[0]

    loop.run(os.path.join(folder, "control.pt"), "control", net, seconds, lr, loss_of, log, seed=15, decay=0.99)
    path, name = os.path.split(target)
    export.export_part(path, name, net)
