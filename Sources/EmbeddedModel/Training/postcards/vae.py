"""The autoencoder: 8x smaller, four white latents that carry the colour linearly."""

import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

from . import data, fast, latents, loop, state
from .optim import Average, Muon

WIDTHS = (16, 32, 64, 64)
NOISE = 0.08  # added to the latents while training; the posterior's constant deviation is half of it


def build():
    """The autoencoder with an initialisation from which it starts to learn at once."""
    vae = AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=4, sample_size=256, norm_num_groups=8, layers_per_block=1,
        block_out_channels=WIDTHS, down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        scaling_factor=1.0, force_upcast=False,
    )
    for name, p in vae.named_parameters():
        if p.ndim == 4:
            torch.nn.init.orthogonal_(p)
            if name.endswith("conv2.weight"):
                p.data.zero_()
            elif "downsamplers" in name:
                p.data.mul_(0.1)
                for k in range(p.shape[0]):
                    p.data[k, k, :2, :2] += 0.25
            elif "upsamplers" in name:
                p.data.mul_(0.1)
                for k in range(p.shape[0]):
                    p.data[k, k, 1, 1] += 1
            else:
                p.data.mul_(0.7 if p.shape[-1] == 3 else 1)
        elif name.endswith("bias"):
            p.data.zero_()
    return fast.speed_up(vae)


def encode(vae, x):
    """Mean latents of pictures in -1..1."""
    return vae.quant_conv(vae.encoder(x))[:, :4]


def decode(vae, z):
    return vae.decoder(vae.post_quant_conv(z))


def gradients(x):
    return x[..., 1:, :] - x[..., :-1, :], x[..., :, 1:] - x[..., :, :-1]


def chroma(x):
    r, g, b = x.unbind(1)
    return torch.stack((r - g, b - (r + g) / 2), 1)


def loss_of(vae, colour, x):
    """L1 and edges of the picture, chroma at half size, the linear colour map, and whiteness of the latents."""
    z = encode(vae, x)
    y = decode(vae, z + NOISE * torch.randn_like(z)).float()
    z = z.float()
    loss = F.l1_loss(y, x) + 2.0 * F.mse_loss(y, x)
    loss = loss + 0.5 * sum(F.l1_loss(a, b) for a, b in zip(gradients(y), gradients(x)))
    loss = loss + 0.5 * F.l1_loss(chroma(F.avg_pool2d(y, 2)), chroma(F.avg_pool2d(x, 2)))
    tint = F.l1_loss(colour(z), F.avg_pool2d(x, 8))
    flat = z.permute(1, 0, 2, 3).reshape(4, -1)
    mean = flat.mean(1, keepdim=True)
    cov = (flat - mean) @ (flat - mean).T / flat.shape[1]
    white = (mean ** 2).sum() + ((cov - torch.eye(4)) ** 2).sum()
    return loss + 1.0 * tint + 0.02 * white, F.mse_loss(y.detach(), x), tint.detach()


def pixels(pictures):
    """Bytes to channels-last floats in -1..1."""
    x = torch.from_numpy(np.asarray(pictures, np.float32)).permute(0, 3, 1, 2) / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)


def batch_of(pictures, rng, size, whole):
    """Random crops of `size`, or whole pictures shrunk to it."""
    index = np.sort(rng.choice(len(pictures), size=whole, replace=False))
    out = []
    for k in index:
        p = pictures[k]
        if size == 128 and rng.random() < 0.35:
            p = p.reshape(128, 2, 128, 2, 3).mean((1, 3))
        elif size < 256:
            y, x = rng.integers(0, 256 - size + 1, 2)
            p = p[y:y + size, x:x + size]
        out.append(np.asarray(p, np.float32))
    return pixels(np.stack(out))


def psnr(vae, pictures):
    """Signal to noise ratio of the round trip of whole pictures, without noise."""
    error = 0.0
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for k in range(0, len(pictures), 8):
            x = pixels(pictures[k:k + 8])
            error += F.mse_loss(decode(vae, encode(vae, x)).float().clamp(-1, 1), x).item() * len(x)
    return -10 * math.log10(error / len(pictures) / 4)


def train(folder, seconds=840, lr=2e-3, batch=8, log=print):
    """Trains for a time, not counting interruptions; the last fifth sees whole pictures of 256."""
    torch.manual_seed(2)
    path = os.path.join(folder, "vae.pt")
    vae, colour = build(), torch.nn.Conv2d(4, 3, 1)
    everything = torch.nn.ModuleDict(dict(vae=vae, colour=colour))
    optimizer = Muon(everything.parameters(), lr=lr, weight_decay=0.0)
    average = Average(everything, 0.995)
    spent, step = 0.0, 0
    old = state.load(path)
    if old:
        everything.load_state_dict(old["model"])
        optimizer.load_state_dict(old["optimizer"])
        average.shadow, average.count = old["average"], old["average_count"]
        spent, step = old["spent"], old["step"]
        log(f"vae resumes at step {step}")
    pictures_folder = os.path.join(folder, "pictures")
    test = np.asarray(data.load_pictures(pictures_folder, 0)[0][:32])
    shards, pictures, saved = 0, None, spent

    def checkpoint():
        state.save(path, model=everything.state_dict(), optimizer=optimizer.state_dict(), average=average.shadow,
                   average_count=average.count, spent=spent, step=step)

    while spent < seconds:
        start = time.time()
        rng = np.random.default_rng((2, step))
        torch.manual_seed(200000 + step)
        if step % 25 == 0 or pictures is None:
            shards = data.ready(pictures_folder)
            pictures = data.load_pictures(pictures_folder, int(rng.integers(0, shards)))[0]
        done = spent / seconds
        size, count = (256, max(1, batch // 4)) if done > 0.8 else (128, batch)
        x = batch_of(pictures[32:], rng, size, count)
        rate = min(1, (step + 1) / 50) * (1 if done < 0.4 else max(0.02, (1 - done) / 0.6))
        optimizer.param_groups[0]["lr"] = lr * rate
        with torch.autocast("cpu", torch.bfloat16):
            loss, error, tint = loss_of(vae, colour, x)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(everything.parameters(), 1.0)
        optimizer.step()
        average.update(everything)
        step += 1
        spent += time.time() - start
        if step % 50 == 0:
            log(f"vae step {step} {spent:.0f} s loss {loss.item():.4f} psnr {-10 * math.log10(error.item() / 4):.2f} tint {tint.item():.4f}")
        if spent - saved > state.EVERY:
            saved = spent
            checkpoint()
            log(f"vae step {step} {spent:.0f} s held-out psnr at 256 {psnr(vae, test):.2f}")
    checkpoint()
    everything.load_state_dict(average.shadow)
    whiten(vae, colour, pictures_folder)
    log(f"vae done, averaged weights, held-out psnr {psnr(vae, test):.2f}")
    state.save(os.path.join(folder, "vae-final.pt"), vae=vae.state_dict(), colour=colour.state_dict())


def polish(folder, seconds=300, lr=1e-3, batch=3, log=print):
    """Trains the finished decoder further on the latents on disk; the encoder and so the latents stay as they are."""
    path = os.path.join(folder, "vae-final.pt")
    saved = state.load(path)
    if saved.get("polished"):
        return
    vae = build()
    vae.load_state_dict(saved["vae"])
    vae.encoder.requires_grad_(False)
    vae.quant_conv.requires_grad_(False)
    test = np.asarray(data.load_pictures(os.path.join(folder, "pictures"), 0)[0][:32])
    log(f"decoder before: held-out psnr {psnr(vae, test):.2f}")

    def loss_of(rng, generator):
        shard = int(rng.integers(latents.ready(folder, 256)))
        index = np.sort(rng.choice(data.SHARD - 64, batch, replace=False)) + 64
        x = pixels(data.load_pictures(os.path.join(folder, "pictures"), shard)[0][index])
        z = torch.from_numpy(np.load(latents.path(folder, 256, shard), mmap_mode="r")[index]).float()
        z = z + 0.12 * torch.rand(batch, 1, 1, 1, generator=generator) * torch.randn(z.shape, generator=generator)
        with torch.autocast("cpu", torch.bfloat16):
            y = decode(vae, z.contiguous(memory_format=torch.channels_last)).float()
        edges = sum(F.l1_loss(a, b) for a, b in zip(gradients(y), gradients(x)))
        return F.l1_loss(y, x) + 2.0 * F.mse_loss(y, x) + 0.5 * edges + 0.5 * F.l1_loss(chroma(F.avg_pool2d(y, 2)), chroma(F.avg_pool2d(x, 2)))

    loop.run(os.path.join(folder, "decoder.pt"), "decoder", vae, seconds, lr, loss_of, log, seed=12, weight_decay=0.0)
    log(f"decoder after: held-out psnr {psnr(vae, test):.2f}")
    state.save(path, vae=vae.state_dict(), colour=saved["colour"], polished=True)


@torch.no_grad()
def whiten(vae, colour, folder):
    """Folds the exact whitening of the latents into the 1x1 convolutions; the variance becomes a constant."""
    pictures = data.load_pictures(folder, 0)[0][:256]
    z = []
    for k in range(0, len(pictures), 8):
        x = pixels(pictures[k:k + 8])
        z.append(encode(vae, x).permute(1, 0, 2, 3).reshape(4, -1))
    z = torch.cat(z, 1).double()
    mean = z.mean(1)
    values, vectors = torch.linalg.eigh((z - mean[:, None]) @ (z - mean[:, None]).T / z.shape[1])
    forward = (vectors @ torch.diag(values ** -0.5) @ vectors.T).float()
    back = (vectors @ torch.diag(values ** 0.5) @ vectors.T).float()
    mean = mean.float()
    q, p = vae.quant_conv, vae.post_quant_conv
    q.weight[:4] = torch.einsum("ab,bchw->achw", forward, q.weight[:4])
    q.bias[:4] = forward @ (q.bias[:4] - mean)
    q.weight[4:] = 0
    q.bias[4:] = 2 * math.log(NOISE / 2)
    p.bias += torch.einsum("achw,c->a", p.weight, mean)
    p.weight.copy_(torch.einsum("abhw,bc->achw", p.weight, back))
    colour.bias += torch.einsum("achw,c->a", colour.weight, mean)
    colour.weight.copy_(torch.einsum("abhw,bc->achw", colour.weight, back))
