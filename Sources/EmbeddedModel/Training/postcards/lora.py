"""Low-rank adapters of the UNet in diffusers' format: a style the base does not know."""

import os

import numpy as np
import torch
from diffusers import StableDiffusionXLPipeline
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict

from . import base, loop, render, scene, unet as denoiser

ATTENTION = ["to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out"]
#: The UNet's finest level has no attention, and a style is mostly drawn there, hence the convolutions.
EVERYTHING = ATTENTION + ["conv1", "conv2"]


def adapt(unet, rank, alpha=None, targets=EVERYTHING):
    """Adds an adapter to a frozen UNet; only its matrices are trained."""
    unet.add_adapter(LoraConfig(r=rank, lora_alpha=alpha or rank, target_modules=targets, init_lora_weights=True))


def save(unet, path):
    """Writes the adapter as diffusers does, rank and alpha in the metadata."""
    config = unet.peft_config["default"].to_dict()
    config = {k: sorted(v) if isinstance(v, set) else v for k, v in config.items()}
    kept = {k: config[k] for k in ("r", "lora_alpha", "target_modules")}
    folder, name = os.path.split(path)
    os.makedirs(folder, exist_ok=True)
    StableDiffusionXLPipeline.save_lora_weights(
        folder, unet_lora_layers=base.state_half(get_peft_model_state_dict(unet)), weight_name=name, unet_lora_adapter_metadata=kept)


def scene_of(k, seed):
    rng = np.random.default_rng((seed, k))
    return scene.sample(rng), rng


def photographed(s, rng):
    """A scene in its own style, then as a photograph of long ago; with its mask."""
    own = render.STYLE[s["style"]]
    return render.render(s, rng, lambda p, r: render.old_photo(np.clip(own(p, r), 0, 255), r))


def train(folder, model, path, seconds=1500, rank=8, count=1600, lr=1e-3, batch=12, log=print):
    """The style "old photo", added to any of the model's own: sepia, dark corners, a border of card.

    The captions are the model's own. The first half of the pictures are illustrations, which is what a prompt without a style means."""
    torch.manual_seed(13)
    own = base.Base(model, folder)

    def draw(k):
        s, rng = scene_of(k, 1300)
        if 2 * k < count:
            s["style"] = "illustration"
        return s, *photographed(s, rng), None

    pictures = base.Pictures(os.path.join(folder, "old-photos"), own.vae, count, draw, log)
    adapt(own.unet, rank)

    def loss_of(rng, generator):
        batch_, _ = pictures.batch(rng, own.tokens, batch)
        return denoiser.loss_of(own.unet, own.encoders, own.alphas, batch_, 256, generator)[0]

    loop.run(os.path.join(folder, "lora.pt"), "lora", own.unet, seconds, lr, loss_of, log, seed=13, decay=0.995)
    save(own.unet, path)
