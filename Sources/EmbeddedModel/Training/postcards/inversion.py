"""Textual inversion: vectors for both encoders that stand for one kind of picture."""

import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

from . import base, captions, loop, render, text, scene, unet as denoiser

#: What the token stands for; style and place stay free.
MEANING = {"object": "house", "colour": "yellow", "terrain": "mountains", "weather": "snow", "time": "night", "sky": "full moon", "count": 1}
TOKEN, VECTORS = "<winter-home>", 2


class Extended(nn.Module):
    """A token embedding followed by vectors of its own."""

    def __init__(self, frozen, start):
        super().__init__()
        self.frozen = frozen
        self.vectors = nn.Parameter(start.clone())

    def forward(self, ids):
        return F.embedding(ids, torch.cat((self.frozen.weight, self.vectors)))


def captions_with(first):
    """A caption function in the manner of `text.caption_ids` that says the token and at times the style."""
    def words(tokens, rng, s):
        ids = [tokens.start]
        if s is not None:
            before = after = ""
            if s["style"] != "illustration" or rng.random() < 0.3:
                if rng.random() < 0.5:
                    before = captions.choose(rng, captions.STYLE_BEFORE[s["style"]])
                else:
                    after = ", " + captions.choose(rng, captions.STYLE_AFTER[s["style"]])
            elif rng.random() < 0.3:
                before = "a picture of"
            for w in before.split():
                ids += tokens.word(w)
            ids += range(first, first + VECTORS)
            for w in after.replace(",", ", ").split():
                for piece in ([w[:-1], ","] if len(w) > 1 and w.endswith(",") else [w]):
                    ids += tokens.word(piece)
        ids.append(tokens.end)
        pad = text.LENGTH - len(ids)
        return ids + [tokens.end] * pad, ids + [0] * pad
    return words


def train(folder, model, path, seconds=240, count=300, lr=5e-3, batch=8, log=print):
    """Trains the vectors through encoders and UNet and writes them under the keys of SDXL embeddings."""
    torch.manual_seed(14)
    own = base.Base(model, folder)

    def draw(k):
        rng = np.random.default_rng((1400, k))
        s = {"style": scene.STYLES[rng.integers(len(scene.STYLES))], "place": scene.PLACES[rng.integers(3)], **MEANING}
        return s, *render.render(s, rng), None

    pictures = base.Pictures(os.path.join(folder, "winter-home"), own.vae, count, draw, log)
    first = len(own.tokens.vocabulary)
    extended = nn.ModuleList()
    for encoder in own.encoders:
        inner = encoder.text_model if hasattr(encoder, "text_model") else encoder
        old = inner.embeddings.token_embedding
        start = torch.stack([old.weight[own.tokens.word(w)[0]] for w in ("winter", "house")][:VECTORS])
        inner.embeddings.token_embedding = Extended(old, start)
        extended.append(inner.embeddings.token_embedding)
    words = captions_with(first)

    def loss_of(rng, generator):
        batch_, _ = pictures.batch(rng, own.tokens, batch, words, none=0.0)
        return denoiser.loss_of(own.unet, own.encoders, own.alphas, batch_, 256, generator, grad=True)[0]

    loop.run(os.path.join(folder, "inversion.pt"), "inversion", extended, seconds, lr, loss_of, log, seed=14, decay=0.97, weight_decay=0.0)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    save_file({k: e.vectors.detach().half().contiguous() for k, e in zip(("clip_l", "clip_g"), extended)}, path,
              metadata={"format": "pt", "token": TOKEN, "base": "Postcards"})
