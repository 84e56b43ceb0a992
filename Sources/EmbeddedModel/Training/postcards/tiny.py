"""The preview decoder: diffusers' AutoencoderTiny (TAESD) in small, from the same latents to pixels."""

import os

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderTiny

from . import data, export, latents, loop, vae as autoencoder

WIDTH = 16


def build():
    """16 channels; most of the blocks where the picture is small."""
    return AutoencoderTiny(
        encoder_block_out_channels=(WIDTH,) * 4, decoder_block_out_channels=(WIDTH,) * 4,
        num_encoder_blocks=(1, 1, 1, 1), num_decoder_blocks=(3, 3, 2, 1)).to(memory_format=torch.channels_last)


def train(folder, model, target, seconds=300, lr=3e-3, batch=8, log=print):
    """Decoder from latents to renders, and the encoder the other way; writes a diffusers folder."""
    torch.manual_seed(11)
    tiny = build()
    shards = min(4, latents.ready(folder, 256))
    z = [np.load(latents.path(folder, 256, k)) for k in range(shards)]
    pictures = [data.load_pictures(os.path.join(folder, "pictures"), k)[0] for k in range(shards)]

    def loss_of(rng, generator):
        shard, index = int(rng.integers(shards)), np.sort(rng.choice(data.SHARD - 64, batch, replace=False)) + 64
        y, x, part = *(8 * int(v) for v in rng.integers(0, 17, 2)), 128
        picture = autoencoder.pixels(np.stack([pictures[shard][k][y:y + part, x:x + part] for k in index]))
        latent = torch.from_numpy(z[shard][index][:, :, y // 8:(y + part) // 8, x // 8:(x + part) // 8]).float()
        noisy = latent + 0.1 * torch.rand(batch, 1, 1, 1, generator=generator) * torch.randn(latent.shape, generator=generator)
        with torch.autocast("cpu", torch.bfloat16):
            out = tiny.decoder(noisy.contiguous(memory_format=torch.channels_last))
            back = tiny.encoder(picture)
        out = out.float()
        edges = sum(F.l1_loss(a, b) for a, b in zip(autoencoder.gradients(out), autoencoder.gradients(picture)))
        return F.l1_loss(out, picture) + 2 * F.mse_loss(out, picture) + 0.5 * edges + 0.1 * F.mse_loss(back.float(), latent)

    loop.run(os.path.join(folder, "tiny.pt"), "tiny", tiny, seconds, lr, loss_of, log, seed=11, weight_decay=0.0)
    path, name = os.path.split(target)
    export.export_part(path, name, tiny)
    log(f"tiny decoder: {measure(folder, tiny.eval()):.1f} dB against the autoencoder's own pictures")


@torch.no_grad()
def measure(folder, tiny, count=64):
    """Signal to noise ratio against the full decoder, on latents kept from the training."""
    vae, _ = latents.load_vae(folder)
    z = torch.from_numpy(np.load(latents.path(folder, 256, 0))[:count]).float()
    error = 0.0
    for part in z.split(8):
        want, got = autoencoder.decode(vae, part).clamp(-1, 1), tiny.decoder(part).clamp(-1, 1)
        error += F.mse_loss(got, want).item() * len(part) / count
    return -10 * np.log10(error / 4)
