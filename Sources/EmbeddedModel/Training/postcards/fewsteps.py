"""Four steps without guidance: an adapter that takes in one step what the guided model takes in three."""

import os

import numpy as np
import torch
import torch.nn.functional as F

from . import base, captions, lora, loop, scene, text, unet as denoiser

STEPS, SUB = 4, 3
#: Timesteps of "trailing" spacing, and the end.
TIMES = [1000 - 250 * k - 1 for k in range(STEPS)] + [None]


def levels(alphas, t):
    """Signal and noise at a timestep; all signal at the end."""
    return (1.0, 0.0) if t is None else (alphas[t].sqrt().item(), (1 - alphas[t]).sqrt().item())


def velocity(own, x, t, context, pooled, guidance):
    """The guided velocity; the side without words is zeros, as in the pipeline."""
    n = len(x)
    ids = torch.tensor([[256, 256, 0, 0, 256, 256]], dtype=torch.float32).expand(2 * n, 6)
    with torch.autocast("cpu", torch.bfloat16):
        v = own.unet(torch.cat((x, x)).contiguous(memory_format=torch.channels_last), torch.full((2 * n,), t),
                     torch.cat((torch.zeros_like(context), context)),
                     added_cond_kwargs=dict(text_embeds=torch.cat((torch.zeros_like(pooled), pooled)), time_ids=ids)).sample.float()
    without, told = v.chunk(2)
    return without + guidance * (told - without)


@torch.no_grad()
def trajectory(own, x, context, pooled, guidance):
    """DPM-Solver++ (2M) in 12 steps; returns the states at the timesteps of the four-step sampler and the end."""
    count = STEPS * SUB
    times = [int(round(1000 - 1000 * k / count)) - 1 for k in range(count)] + [None]
    kept, before, h_before = [x], None, None
    for k in range(count):
        (a, s), (a1, s1) = levels(own.alphas, times[k]), levels(own.alphas, times[k + 1])
        x0 = a * x - s * velocity(own, x, times[k], context, pooled, guidance)
        if times[k + 1] is None:
            x = x0
        else:
            h = np.log(a1 / s1) - np.log(a / s)
            d = x0 if before is None else x0 + (x0 - before) * (h / (2 * h_before))
            x = (s1 / s) * x - a1 * float(np.expm1(-h)) * d
            before, h_before = x0, h
        if (k + 1) % SUB == 0:
            kept.append(x)
    return torch.stack(kept, 1)


def collect(folder, own, count, log, batch=10):
    """Trajectories of the guided model with the captions they were drawn from, in shards of 100 on disk."""
    guidance = own.defaults()["guidanceScale"]
    out = []
    for first in range(0, count, 100):
        path = os.path.join(folder, f"trajectories-{first // 100:03d}.pt")
        if not os.path.exists(path):
            states, ones, twos = [], [], []
            for k in range(first, first + 100, batch):
                rng = np.random.default_rng((1600, k))
                rows = [text.caption_ids(own.tokens, rng, scene.sample(rng)) for _ in range(batch)]
                one, two = torch.tensor([r[0] for r in rows]), torch.tensor([r[1] for r in rows])
                with torch.no_grad():
                    context, pooled = text.context(own.encoders, one, two)
                x = torch.randn(batch, 4, 32, 32, generator=torch.Generator().manual_seed(1600000 + k))
                states.append(trajectory(own, x, context, pooled, guidance).half())
                ones.append(one)
                twos.append(two)
            torch.save(dict(states=torch.cat(states), one=torch.cat(ones), two=torch.cat(twos)), path + ".new")
            os.replace(path + ".new", path)
            log(f"trajectories {first + 100} of {count}")
        out.append(torch.load(path))
    return {k: torch.cat([o[k] for o in out]) for k in out[0]}


def train(folder, model, path, seconds=900, rank=16, count=600, lr=1e-3, batch=12, log=print):
    """Fits the adapter to the trajectories and writes it."""
    torch.manual_seed(16)
    own = base.Base(model, folder)
    seen = collect(folder, own, count, log)
    lora.adapt(own.unet, rank)
    ids = torch.tensor([[256, 256, 0, 0, 256, 256]], dtype=torch.float32).expand(batch, 6)

    def loss_of(rng, generator):
        which, interval = torch.from_numpy(rng.choice(len(seen["one"]), batch, replace=False)), torch.from_numpy(rng.integers(0, STEPS, batch))
        with torch.no_grad():
            context, pooled = text.context(own.encoders, seen["one"][which], seen["two"][which])
        x, goal = seen["states"][which, interval].float(), seen["states"][which, interval + 1].float()
        a, s = torch.tensor([levels(own.alphas, t) for t in TIMES])[interval].T[..., None, None, None]
        a1, s1 = torch.tensor([levels(own.alphas, t) for t in TIMES])[interval + 1].T[..., None, None, None]
        want = (goal - (a1 * a + s1 * s) * x) / (s1 * a - a1 * s)
        with torch.autocast("cpu", torch.bfloat16):
            v = own.unet(x.contiguous(memory_format=torch.channels_last), torch.tensor(TIMES[:-1])[interval], context,
                         added_cond_kwargs=dict(text_embeds=pooled, time_ids=ids)).sample
        return F.mse_loss(v.float(), want)

    loop.run(os.path.join(folder, "fewsteps.pt"), "fewsteps", own.unet, seconds, lr, loss_of, log, seed=16, decay=0.995)
    lora.save(own.unet, path)
