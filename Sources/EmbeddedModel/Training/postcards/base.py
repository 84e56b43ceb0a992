"""The finished model, frozen, as the companions' training uses it, and small sets of encoded pictures made for one of them."""

import json
import os

import numpy as np
import torch
import torch.nn.functional as F

from . import adopt, latents, render, text, unet as denoiser, vae as autoencoder


class Base:
    """UNet, encoders, tokenizer and autoencoder of an exported folder; nothing of it is trained."""

    def __init__(self, model, folder):
        self.model = model
        self.tokens = text.vocabulary()
        scratch = os.path.join(folder, "base")
        adopt.adopt(model, scratch)
        self.vae, _ = latents.load_vae(scratch)
        self.encoders = text.build(self.tokens)
        self.encoders.load_state_dict(torch.load(os.path.join(scratch, "text.pt"))["encoders"])
        self.unet = denoiser.build()
        self.unet.load_state_dict(torch.load(os.path.join(scratch, "unet-begin.pt"))["model"])
        self.alphas = denoiser.alphas()
        for part in (self.vae, self.encoders, self.unet):
            part.eval().requires_grad_(False)

    def defaults(self):
        with open(os.path.join(self.model, "model.json")) as f:
            return json.load(f)["defaults"]


class Pictures:
    """Encoded pictures with their masks, scenes and, if asked for, outlines; made once and kept on disk."""

    def __init__(self, path, vae, count, draw, log=print):
        """`draw(k)` returns (scene, picture, mask, outline or None) of picture k."""
        if not os.path.exists(path + ".npz"):
            scenes, z, masks, extra = [], [], [], []
            for k in range(0, count, 10):
                drawn = [draw(k + i) for i in range(10)]
                with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                    z.append(autoencoder.encode(vae, autoencoder.pixels(np.stack([d[1] for d in drawn]))).float().numpy().astype(np.float16))
                scenes += [d[0] for d in drawn]
                masks += [d[2] for d in drawn]
                extra += [np.packbits(d[3]) for d in drawn if d[3] is not None]
            with open(path + ".json", "w") as f:
                json.dump(scenes, f)
            np.savez(path + ".new.npz", z=np.concatenate(z), masks=np.stack(masks), extra=np.stack(extra) if extra else np.empty(0))
            os.replace(path + ".new.npz", path + ".npz")
            log(f"{count} pictures for {os.path.basename(path)}")
        saved = np.load(path + ".npz")
        self.z, self.masks, self.extra = saved["z"], saved["masks"], saved["extra"]
        with open(path + ".json") as f:
            self.scenes = json.load(f)

    def outlines(self, index):
        """Outlines as floats, (n, 3, 256, 256)."""
        size = render.SIZE
        bits = np.stack([np.unpackbits(self.extra[k]) for k in index]).reshape(-1, 1, size, size)
        return torch.from_numpy(bits.astype(np.float32)).expand(-1, 3, -1, -1)

    def batch(self, rng, tokens, count, words=text.caption_ids, none=0.1):
        """What `unet.loss_of` wants, and which pictures were taken."""
        index = rng.choice(len(self.z), count, replace=False)
        one, two, zero = [], [], []
        for k in index:
            empty = rng.random() < none
            a, b = words(tokens, rng, None if empty else self.scenes[k])[:2]
            one.append(a)
            two.append(b)
            zero.append(empty and rng.random() < 0.5)
        mask = F.avg_pool2d(torch.from_numpy(self.masks[index]).float()[:, None] / 255, 1)
        return (torch.from_numpy(self.z[index]).float(), mask, torch.tensor(one), torch.tensor(two), torch.tensor(zero)), index


def state_half(parameters):
    return {k: v.detach().to(torch.float16).contiguous() for k, v in parameters.items()}
