"""The denoiser: SDXL's architecture in small, v-prediction, first at 128 and then at 256."""

import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import UNet2DConditionModel

from . import data, fast, latents, state, text
from .optim import Average, Muon

BETA_START, BETA_END, STEPS = 0.00085, 0.02, 1000


def build():
    """The UNet, its residual branches starting at zero."""
    unet = UNet2DConditionModel(
        sample_size=32, in_channels=4, out_channels=4, layers_per_block=1, block_out_channels=(48, 96, 160), norm_num_groups=16,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=2 * text.HIDDEN, attention_head_dim=(2, 3, 5), transformer_layers_per_block=(1, 1, 1),
        use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=32,
        projection_class_embeddings_input_dim=6 * 32 + text.HIDDEN,
    )
    for name, p in unet.named_parameters():
        if any(part in name for part in ("conv2.", "to_out", "ff.net.2", "proj_out", "conv_out")):
            p.data.zero_()
    return fast.speed_up(unet)


def alphas():
    """Cumulative signal levels of the schedule (SDXL's curve with a noisier end, so that pictures may be dark or bright)."""
    betas = torch.linspace(BETA_START ** 0.5, BETA_END ** 0.5, STEPS, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0).float()


class Dataset:
    """All latents, masks and scenes in memory."""

    def __init__(self, folder, log):
        self.folder = folder
        self.latents = {128: [], 256: []}
        self.masks, self.scenes = [], []
        self.refresh(log)

    def refresh(self, log):
        """Takes in the shards that have been encoded since."""
        for size, have in self.latents.items():
            n = latents.ready(self.folder, size)
            if n > len(have):
                have += [np.load(latents.path(self.folder, size, index)) for index in range(len(have), n)]
                log(f"unet sees {n} shards at {size}")
        for index in range(len(self.scenes), max(map(len, self.latents.values()))):
            _, masks, scenes = data.load_pictures(os.path.join(self.folder, "pictures"), index)
            self.masks.append(masks)
            self.scenes.append(scenes)

    def batch(self, rng, tokens, size, count):
        """Latents, mask weights and caption ids; a tenth without words, half of these as zeros."""
        z, weight, one, two, zero = [], [], [], [], []
        for _ in range(count):
            shard, k = int(rng.integers(len(self.latents[size]))), int(rng.integers(data.SHARD))
            if shard == 0 and k < 64:
                k += 64  # kept for validation
            z.append(self.latents[size][shard][k])
            weight.append(self.masks[shard][k])
            none = rng.random() < 0.1
            a, b, _, _ = text.caption_ids(tokens, rng, None if none else self.scenes[shard][k])
            one.append(a)
            two.append(b)
            zero.append(none and rng.random() < 0.5)
        z = torch.from_numpy(np.stack(z)).float()
        weight = torch.from_numpy(np.stack(weight)).float()[:, None] / 255
        weight = F.avg_pool2d(weight, 256 // size)
        return z, weight, torch.tensor(one), torch.tensor(two), torch.tensor(zero)


def loss_of(unet, encoders, abar, batch, size, generator, grad=False, power=1.0):
    """Weighted mean square of the velocity; `grad` lets the encoders learn too, a `power` below one prefers noisy moments."""
    z, weight, one, two, zero = batch
    n = len(z)
    with torch.set_grad_enabled(grad), torch.autocast("cpu", torch.bfloat16):
        context, pooled = text.context(encoders, one, two)
    keep = (~zero).float()
    context, pooled = context.float() * keep[:, None, None], pooled.float() * keep[:, None]
    u = (torch.arange(n) + torch.rand(n, generator=generator)) / n
    t = (u ** power * STEPS).long().clamp(0, STEPS - 1)
    noise = torch.randn(z.shape, generator=generator)
    a, s = abar[t].sqrt()[:, None, None, None], (1 - abar[t]).sqrt()[:, None, None, None]
    x = (a * z + s * noise).contiguous(memory_format=torch.channels_last)
    ids = torch.tensor([[size, size, 0, 0, size, size]], dtype=torch.float32).expand(n, 6)
    with torch.autocast("cpu", torch.bfloat16):
        v = unet(x, t, context, added_cond_kwargs=dict(text_embeds=pooled, time_ids=ids)).sample
    error = (v.float() - (a * noise - s * z)).square().mean(1, keepdim=True)
    return (error * (1 + 2.0 * weight)).mean(), error.mean().item()


def plan(spent, seconds, again=False):
    """(size, learning rate factor) at a moment of the training; `spent` is its time so far, `again` a start from finished weights."""
    done = spent / seconds
    if again:
        return 256, min(1.0, 0.05 + spent / 40) * max(0.01, min(1.0, (1 - done) / 0.85)) * 0.8
    warm = min(1.0, 0.05 + spent / 60)
    if done < 0.35:
        return 128, warm * (1 - 0.3 * done)
    rate = max(0.01, min(1.0, (1 - done) / 0.6)) * 0.9
    if done < 0.50:
        return (128, 256)[int(spent / 30) % 2], rate
    return 256, rate


BATCH = {128: 40, 256: 24}


def train(folder, seconds=5500, lr=2.5e-3, log=print):
    """Trains for a time, not counting interruptions; resumes from the last checkpoint.

    Where the folder has the weights of a finished model (`adopt`), these are trained further, at 256 alone."""
    path = os.path.join(folder, "unet.pt")
    torch.manual_seed(5)
    tokens = text.vocabulary()
    encoders = text.build(tokens)
    encoders.load_state_dict(state.load(os.path.join(folder, "text.pt"))["encoders"])
    encoders.eval().requires_grad_(False)
    unet, abar = build(), alphas()
    begin = state.load(os.path.join(folder, "unet-begin.pt"))
    if begin:
        unet.load_state_dict(begin["model"])
    optimizer = Muon(unet.parameters(), lr=lr)
    average = Average(unet, 0.998)
    spent, step, visits = 0.0, 0, {128: 0, 256: 0}
    old = state.load(path)
    if old:
        unet.load_state_dict(old["model"])
        optimizer.load_state_dict(old["optimizer"])
        average.shadow, average.count = old["average"], old["average_count"]
        spent, step, visits = old["spent"], old["step"], old["visits"]
        log(f"unet resumes at step {step}")
    dataset = Dataset(folder, log)
    saved, errors = spent, []
    while spent < seconds:
        start = time.time()
        rng = np.random.default_rng((5, step))
        generator = torch.Generator().manual_seed(1000 + step)
        size, rate = plan(spent, seconds, begin is not None)
        if step % 50 == 0:
            dataset.refresh(log)
        optimizer.param_groups[0]["lr"] = lr * rate
        loss, error = loss_of(unet, encoders, abar, dataset.batch(rng, tokens, size, BATCH[size]), size, generator)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        optimizer.step()
        average.update(unet)
        step += 1
        visits[size] += BATCH[size]
        spent += time.time() - start
        errors.append(error)
        if step % 50 == 0:
            log(f"unet step {step} {spent:.0f} s visits {visits[128]} + {visits[256]} size {size} v-mse {np.mean(errors):.4f} lr {lr * rate:.5f}")
            errors = []
        if spent - saved > 2 * state.EVERY or spent >= seconds:
            saved = spent
            state.save(path, model=unet.state_dict(), optimizer=optimizer.state_dict(), average=average.shadow,
                       average_count=average.count, spent=spent, step=step, visits=visits)
    log(f"unet done after {step} steps, {visits[128]} + {visits[256]} visits, {spent:.0f} s")


def load(folder, averaged=True):
    """The UNet of the last checkpoint."""
    saved = state.load(os.path.join(folder, "unet.pt"))
    unet = build()
    unet.load_state_dict(saved["average" if averaged else "model"])
    return unet.eval(), saved
