"""A small judge that names the attributes of a picture; trained on renders and on their round trips through the autoencoder."""

import os
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from . import data, latents, scene, state, vae as autoencoder
from .optim import Muon

CLASSES = [len(v) for v in scene.ATTRIBUTES.values()]


class Probe(nn.Module):
    """Five strided convolutions over the 128 x 128 picture, one hidden layer that keeps the places, one head an attribute."""

    def __init__(self):
        super().__init__()
        layers, before = [], 3
        for width, stride in ((24, 2), (48, 2), (72, 2), (96, 2), (96, 1)):
            layers += [nn.Conv2d(before, width, 3, stride, 1), nn.GroupNorm(8, width), nn.SiLU()]
            before = width
        self.body = nn.Sequential(*layers)
        self.hidden = nn.Linear(before * 64, 256)
        self.heads = nn.Linear(256 + before, sum(CLASSES))

    def forward(self, x):
        x = self.body(x)
        mean = x.mean((2, 3))
        x = F.silu(self.hidden(F.dropout(x.flatten(1), 0.2, self.training)))
        return self.heads(torch.cat((x, mean), 1)).split(CLASSES, 1)


def prepare(pictures):
    """Bytes at 256 to floats at 128."""
    return F.avg_pool2d(autoencoder.pixels(pictures), 2)


@torch.no_grad()
def round_trip(vae, pictures):
    """What the autoencoder makes of pictures, as bytes."""
    out = []
    for k in range(0, len(pictures), 10):
        with torch.autocast("cpu", torch.bfloat16):
            y = autoencoder.decode(vae, autoencoder.encode(vae, autoencoder.pixels(pictures[k:k + 10]))).float()
        out.append(((y.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy())
    return np.concatenate(out)


def predict(probe, pictures):
    """Class indices, one row a picture."""
    rows = []
    with torch.no_grad():
        for k in range(0, len(pictures), 50):
            rows.append(torch.stack([h.argmax(1) for h in probe(prepare(pictures[k:k + 50]))], 1))
    return torch.cat(rows).numpy()


def train(folder, seconds=240, trips=2500, shards=6, lr=2e-3, batch=64, log=print):
    """Trains and says how often it is right on 500 renders and round trips it has not seen."""
    torch.manual_seed(6)
    source = os.path.join(folder, "pictures")
    vae, _ = latents.load_vae(folder)
    sets, answers = [], []
    for index in range(shards):
        pictures, _, scenes = data.load_pictures(source, index)
        sets.append(F.avg_pool2d(torch.from_numpy(np.asarray(pictures)).permute(0, 3, 1, 2).float(), 2).round().byte())
        answers.append(torch.tensor([scene.labels(s) for s in scenes]))
    some = np.asarray(data.load_pictures(source, 0)[0][:trips])
    more = data.load_pictures(source, 1)
    if trips > len(some):
        some = np.concatenate([some, np.asarray(more[0][:trips - len(some)])])
    again = torch.from_numpy(round_trip(vae, some)).permute(0, 3, 1, 2).float()
    again = F.avg_pool2d(again, 2).round().byte()
    log(f"probe has {len(again)} round trips")
    x, y = torch.cat(sets + [again]), torch.cat(answers)
    y = torch.cat((y, y[:len(again)]))
    probe = Probe()
    optimizer = Muon(probe.parameters(), lr=lr)
    begin, step = time.time(), 0
    while time.time() - begin < seconds:
        done = (time.time() - begin) / seconds
        generator = torch.Generator().manual_seed(step)
        if step % 2:
            index = torch.randint(len(x), (batch,), generator=generator)
        else:
            index = torch.randint(len(x) - len(again), len(x), (batch,), generator=generator)
        p = x[index].float() / 127.5 - 1
        p = p + 0.04 * torch.rand(()) * torch.randn_like(p)
        with torch.autocast("cpu", torch.bfloat16):
            out = probe(p)
        loss = sum(F.cross_entropy(o.float(), y[index, a], ignore_index=-1) for a, o in enumerate(out))
        optimizer.param_groups[0]["lr"] = lr * min(1, (step + 1) / 30) * max(0.02, 1 - done)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        if step % 100 == 0:
            log(f"probe step {step} loss {loss.item():.3f}")
    probe.eval()
    state.save(os.path.join(folder, "probe.pt"), model=probe.state_dict())
    pictures, _, scenes = data.load_pictures(source, data.ready(source) - 1)
    test, want = np.asarray(pictures[-500:]), np.array([scene.labels(s) for s in scenes[-500:]])
    for name, images in (("renders", test), ("round trips", round_trip(vae, test))):
        got = predict(probe, images)
        log(f"probe on {name}: " + ", ".join(f"{a} {100 * (got[:, i] == want[:, i])[want[:, i] >= 0].mean():.1f}"
                                             for i, a in enumerate(scene.ATTRIBUTES)))


def load(folder):
    probe = Probe()
    probe.load_state_dict(state.load(os.path.join(folder, "probe.pt"))["model"])
    return probe.eval()
