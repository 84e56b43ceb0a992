"""The two text encoders: they learn the attributes from captions before the UNet meets them."""

import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from . import captions, scene, state
from .optim import Muon
from .tokens import LENGTH, Tokens

HIDDEN = 128
CLASSES = [len(v) + 1 for v in scene.ATTRIBUTES.values()]  # one more for "not said"


def vocabulary():
    return Tokens(captions.words())


def build(tokens):
    """Both encoders. Only the states before the last layer of the first one are ever used."""
    common = dict(vocab_size=len(tokens.vocabulary), hidden_size=HIDDEN, intermediate_size=256, num_hidden_layers=3, num_attention_heads=4,
                  max_position_embeddings=LENGTH, bos_token_id=tokens.start, eos_token_id=tokens.end, projection_dim=HIDDEN)
    first = CLIPTextModel(CLIPTextConfig(hidden_act="quick_gelu", pad_token_id=tokens.end, **common))
    second = CLIPTextModelWithProjection(CLIPTextConfig(hidden_act="gelu", pad_token_id=0, **common))
    for m in (first, second):
        for name, p in m.named_parameters():
            if "embedding" in name:
                torch.nn.init.normal_(p, std=0.3 if "token" in name else 0.1)
            elif p.ndim == 2:
                torch.nn.init.orthogonal_(p, 0.5 if "out_proj" in name or "fc2" in name else 1.0)
    return torch.nn.ModuleList([first, second])


def caption_ids(tokens, rng, s, noise=0.04):
    """Ids of a fresh caption for both encoders, and what is known after each position (last class: not said)."""
    ids, seen = [tokens.start], [[n - 1 for n in CLASSES]]
    now = list(seen[0])
    if s is not None:
        for words, told in captions.segments(rng, s):
            pieces = words.split()
            for k, w in enumerate(pieces):
                if k == len(pieces) - 1:
                    for name, value in told.items():
                        a = captions.NAMES.index(name)
                        now[a] = scene.ATTRIBUTES[name].index(value)
                if rng.random() < noise * 0.3:
                    odd = tokens.word("".join(chr(97 + rng.integers(26)) for _ in range(rng.integers(2, 8))))
                    ids += odd
                    seen += [list(seen[-1])] * len(odd)
                piece = tokens.word(w)
                ids += piece
                seen += [list(seen[-1])] * (len(piece) - 1) + [list(now)]
    ids, seen = ids[:LENGTH - 1] + [tokens.end], seen[:LENGTH - 1] + [list(now)]
    pad = LENGTH - len(ids)
    return ids + [tokens.end] * pad, ids + [0] * pad, seen + [list(now)] * pad, len(ids)


def context(encoders, one, two):
    """What the UNet sees: the penultimate states of both encoders side by side, and the second one's pooled vector."""
    a = encoders[0](one, output_hidden_states=True).hidden_states[-2]
    b = encoders[1](two, output_hidden_states=True)
    return torch.cat((a, b.hidden_states[-2]), -1), b.text_embeds


def train(folder, seconds=200, lr=2e-3, batch=48, log=print):
    """Attribute heads on every position (what the words so far have told) and on the pooled vector; resumes from the last checkpoint."""
    torch.manual_seed(3)
    path = os.path.join(folder, "text-training.pt")
    tokens = vocabulary()
    encoders = build(tokens)
    heads = torch.nn.ModuleList([torch.nn.Linear(HIDDEN, sum(CLASSES)) for _ in range(3)])
    everything = torch.nn.ModuleList([encoders, heads])
    optimizer = Muon(everything.parameters(), lr=lr)
    spent, step, right, count = 0.0, 0, 0, 0
    old = state.load(path)
    if old:
        everything.load_state_dict(old["model"])
        optimizer.load_state_dict(old["optimizer"])
        spent, step = old["spent"], old["step"]
        log(f"text resumes at step {step}")
    saved = spent
    while spent < seconds:
        begin = time.time()
        rng = np.random.default_rng((3, step))
        rows = [caption_ids(tokens, rng, scene.sample(rng, bool(rng.random() < 0.08)) if rng.random() > 0.03 else None) for _ in range(batch)]
        one, two, seen = (torch.tensor([r[k] for r in rows]) for k in range(3))
        width = LENGTH if step % 4 == 0 else 44
        done = spent / seconds
        optimizer.param_groups[0]["lr"] = lr * min(1, (step + 1) / 30) * max(0.03, min(1, (1 - done) / 0.6))
        with torch.autocast("cpu", torch.bfloat16):
            both, pooled = context(encoders, one[:, :width], two[:, :width])
            parts = [heads[0](both[..., :HIDDEN]), heads[1](both[..., HIDDEN:]), heads[2](pooled)[:, None]]
        goal = [seen[:, :width], seen[:, :width], seen[:, -1:]]
        loss = 0.0
        for k, (out, want) in enumerate(zip(parts, goal)):
            for a, piece in enumerate(out.float().split(CLASSES, -1)):
                loss = loss + F.cross_entropy(piece.flatten(0, 1), want[..., a].flatten())
                if k == 2:
                    right += (piece.argmax(-1) == want[..., a]).sum().item()
                    count += batch
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(everything.parameters(), 1.0)
        optimizer.step()
        step += 1
        spent += time.time() - begin
        if spent - saved > state.EVERY / 2:
            saved = spent
            state.save(path, model=everything.state_dict(), optimizer=optimizer.state_dict(), spent=spent, step=step)
        if step % 50 == 0:
            log(f"text step {step} {spent:.0f} s loss {loss.item():.4f} pooled attributes right {100 * right / count:.2f} %")
            right = count = 0
    rescale(encoders, tokens)
    state.save(os.path.join(folder, "text.pt"), encoders=encoders.state_dict())


@torch.no_grad()
def rescale(encoders, tokens):
    """Folds factors into the weights so that the states and the pooled vector have mean square one."""
    rng = np.random.default_rng(4)
    rows = [caption_ids(tokens, rng, scene.sample(rng)) for _ in range(64)]
    one, two = torch.tensor([r[0] for r in rows]), torch.tensor([r[1] for r in rows])
    both, pooled = context(encoders, one, two)
    for k, m in enumerate(encoders):
        factor = 1 / both[..., k * HIDDEN:(k + 1) * HIDDEN].pow(2).mean().sqrt()
        for name, p in m.named_parameters():
            if "embedding" in name or "out_proj" in name or "fc2" in name:
                p.mul_(factor)
    encoders[1].text_projection.weight.mul_(1 / pooled.pow(2).mean().sqrt())
