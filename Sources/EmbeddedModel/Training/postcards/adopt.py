"""Takes the parts of an exported folder as the start of another run: autoencoder and text encoders as they are, the UNet to be trained on."""

import json
import os

import torch
from safetensors.torch import load_file

from . import state, text, unet as denoiser, vae as autoencoder


def tensors(folder, name, file="diffusion_pytorch_model.safetensors"):
    return {k: v.float() for k, v in load_file(os.path.join(folder, name, file)).items()}


def adopt(model, folder):
    """Writes `vae-final.pt`, `text.pt` and `unet-begin.pt` from a diffusers folder."""
    os.makedirs(folder, exist_ok=True)
    vae, colour = autoencoder.build(), torch.nn.Conv2d(4, 3, 1)
    vae.load_state_dict(tensors(model, "vae"))
    with open(os.path.join(model, "latent_rgb.json")) as f:
        linear = json.load(f)
    colour.weight.data.copy_(torch.tensor(linear["weights"]).T[..., None, None])
    colour.bias.data.copy_(torch.tensor(linear["bias"]))
    state.save(os.path.join(folder, "vae-final.pt"), vae=vae.state_dict(), colour=colour.state_dict())
    encoders = text.build(text.vocabulary())
    for k, name in enumerate(("text_encoder", "text_encoder_2")):
        have = tensors(model, name, "model.safetensors")
        own = encoders[k].state_dict()
        have = {key if key in own else key.removeprefix("text_model."): v for key, v in have.items()}
        missing, odd = encoders[k].load_state_dict(have, strict=False)
        if odd or any("position_ids" not in key for key in missing):
            raise ValueError(f"{name}: {model} has other tensors than the encoder: {missing} {odd}")
    state.save(os.path.join(folder, "text.pt"), encoders=encoders.state_dict())
    state.save(os.path.join(folder, "unet-begin.pt"), model=tensors(model, "unet"))
