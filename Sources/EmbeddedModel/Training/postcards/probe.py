"""A small judge that names the attributes of a picture; trained on renders and on their round trips through the autoencoder."""

import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from . import data, fast, latents, scene, state, vae as autoencoder
from .optim import Muon

CLASSES = [len(v) for v in scene.ATTRIBUTES.values()]


class Probe(nn.Module):
    """Five strided convolutions over the 128 x 128 picture, one hidden layer that keeps the places, one head an attribute."""

    def __init__(self):
        super().__init__()
        layers, before = [], 3
        for width, stride in ((16, 2), (32, 2), (64, 2), (96, 2), (96, 1)):
            layers += [nn.Conv2d(before, width, 3, stride, 1), nn.GroupNorm(8, width), nn.SiLU()]
            before = width
        self.body = nn.Sequential(*layers)
        self.hidden = nn.Linear(before * 64, 256)
        self.heads = nn.Linear(256 + before, sum(CLASSES))
        fast.speed_up(self)

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


def shrink(pictures):
    """Bytes at 256 to bytes at 128."""
    return np.concatenate([pictures[k:k + 100].reshape(-1, 128, 2, 128, 2, 3).sum((2, 4), dtype=np.uint16) // 4
                           for k in range(0, len(pictures), 100)]).astype(np.uint8)


def collection(folder, shards, trips, log):
    """Renders and round trips at 128 with their labels; kept on disk, since they take a while.

    One more shard has the colour-object pairs that the model never sees: the judge has to know them."""
    path = os.path.join(folder, "probe-data.npz")
    source, pairs = os.path.join(folder, "pictures"), os.path.join(folder, "pairs")
    if not os.path.exists(path):
        data.render_shard(pairs, 0, held_out=True)
        loaded = [data.load_pictures(source, index) for index in range(shards)] + [data.load_pictures(pairs, 0)]
        x = [shrink(pictures) for pictures, _, _ in loaded]
        y = np.array([scene.labels(s) for _, _, scenes in loaded for s in scenes])
        vae, _ = latents.load_vae(folder)
        x.append(shrink(round_trip(vae, np.asarray(loaded[0][0][:trips]))))
        np.savez(path + ".new.npz", x=np.concatenate(x), y=np.concatenate((y, y[:trips])))
        os.replace(path + ".new.npz", path)
    saved = np.load(path)
    log(f"probe has {len(saved['x'])} pictures")
    return torch.from_numpy(saved["x"]), torch.from_numpy(saved["y"])


def train(folder, steps=1000, trips=1000, shards=4, lr=2e-3, batch=64, log=print):
    """Trains and says how often it is right on 300 renders and round trips it has not seen; resumes from the last checkpoint."""
    torch.manual_seed(6)
    source, path = os.path.join(folder, "pictures"), os.path.join(folder, "probe-training.pt")
    trips = min(trips, data.SHARD)
    x, y = collection(folder, shards, trips, log)
    vae, _ = latents.load_vae(folder)
    probe = Probe()
    optimizer = Muon(probe.parameters(), lr=lr)
    first, old = 0, state.load(path)
    if old:
        probe.load_state_dict(old["model"])
        optimizer.load_state_dict(old["optimizer"])
        first = old["step"]
        log(f"probe resumes at step {first}")
    for step in range(first, steps):
        done = step / steps
        torch.manual_seed(600000 + step)
        generator = torch.Generator().manual_seed(step)
        third = len(x) - trips if step % 3 == 0 else 0
        index = torch.randint(third, len(x), (batch,), generator=generator)
        p = (x[index].float() / 127.5 - 1).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        p = p + 0.05 * torch.rand(batch, 1, 1, 1) * torch.randn_like(p)
        with torch.autocast("cpu", torch.bfloat16):
            out = probe(p)
        loss = sum(F.cross_entropy(o.float(), y[index, a], ignore_index=-1) for a, o in enumerate(out))
        optimizer.param_groups[0]["lr"] = lr * min(1, (step + 1) / 30) * max(0.02, 1 - done)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 99:
            log(f"probe step {step} loss {loss.item():.3f}")
            state.save(path, model=probe.state_dict(), optimizer=optimizer.state_dict(), step=step + 1)
    probe.eval()
    state.save(os.path.join(folder, "probe.pt"), model=probe.state_dict())
    pictures, _, scenes = data.load_pictures(source, data.ready(source) - 1)
    test, want = np.asarray(pictures[-300:]), np.array([scene.labels(s) for s in scenes[-300:]])
    for name, images in (("renders", test), ("round trips", round_trip(vae, test))):
        got = predict(probe, images)
        log(f"probe on {name}: " + ", ".join(f"{a} {100 * (got[:, i] == want[:, i])[want[:, i] >= 0].mean():.1f}"
                                             for i, a in enumerate(scene.ATTRIBUTES)))


def load(folder):
    probe = Probe()
    probe.load_state_dict(state.load(os.path.join(folder, "probe.pt"))["model"])
    return probe.eval()
