"""Writes the trained parts as a diffusers folder in fp16, with the files a published SDXL repository has."""

import json
import os

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from . import captions, data, latents, scene, state, text, unet as denoiser, vae as autoencoder

DEFAULTS = {"width": 256, "height": 256, "steps": 14, "guidanceScale": 4.0, "sampler": "dpmpp-2m"}

EXAMPLES = [
    "a lighthouse on a cliff at sunset",
    "a watercolour of a red house in the snow",
    "pixel art of a blue sailboat on the sea at night under a full moon",
    "a neon city in the rain at night",
    "a travel poster of mountains at dawn",
    "three yellow balloons over the desert by day",
    "a white windmill in a meadow at sunset, watercolour",
    "a castle in the forest in the fog, neon",
    "a green tree on the left in a meadow, winter",
    "a city at dusk with rain, poster",
]


def write_json(path, value):
    with open(path, "w") as f:
        json.dump(value, f, indent=2, ensure_ascii=False)
        f.write("\n")


def half(tensors):
    return {k: v.detach().to(torch.float16 if v.is_floating_point() else v.dtype).contiguous() for k, v in tensors.items()}


def scheduler_config():
    return {
        "_class_name": "DPMSolverMultistepScheduler", "_diffusers_version": "0.36.0", "algorithm_type": "dpmsolver++", "solver_order": 2,
        "solver_type": "midpoint", "beta_schedule": "scaled_linear", "beta_start": denoiser.BETA_START, "beta_end": denoiser.BETA_END,
        "num_train_timesteps": denoiser.STEPS, "prediction_type": "v_prediction", "timestep_spacing": "trailing", "steps_offset": 0,
        "final_sigmas_type": "zero", "lower_order_final": True, "use_karras_sigmas": False, "clip_sample": False, "set_alpha_to_one": False,
    }


def export_text(folder, encoders, tokens):
    """Encoders with the `text_model.` prefix, and their tokenizers."""
    for k, (name, model, architecture) in enumerate((("text_encoder", encoders[0], "CLIPTextModel"),
                                                     ("text_encoder_2", encoders[1], "CLIPTextModelWithProjection"))):
        path = os.path.join(folder, name)
        os.makedirs(path, exist_ok=True)
        tensors = {}
        for key, value in model.state_dict().items():
            if "position_ids" in key:
                continue
            plain = key.startswith("text_model.") or key.startswith("text_projection")
            tensors[key if plain else "text_model." + key] = value
        save_file(half(tensors), os.path.join(path, "model.safetensors"), metadata={"format": "pt"})
        c = model.config
        write_json(os.path.join(path, "config.json"), {
            "architectures": [architecture], "model_type": "clip_text_model", "attention_dropout": 0.0, "bos_token_id": c.bos_token_id,
            "eos_token_id": c.eos_token_id, "pad_token_id": c.pad_token_id, "dropout": 0.0, "hidden_act": c.hidden_act,
            "hidden_size": c.hidden_size, "initializer_factor": 1.0, "initializer_range": 0.02, "intermediate_size": c.intermediate_size,
            "layer_norm_eps": c.layer_norm_eps, "max_position_embeddings": c.max_position_embeddings,
            "num_attention_heads": c.num_attention_heads, "num_hidden_layers": c.num_hidden_layers, "projection_dim": c.projection_dim,
            "torch_dtype": "float16", "vocab_size": c.vocab_size,
        })
        tokens.save(os.path.join(folder, ("tokenizer", "tokenizer_2")[k]), ("<|endoftext|>", "!")[k])


def export_part(folder, name, model):
    """A diffusers model with its configuration."""
    path = os.path.join(folder, name)
    os.makedirs(path, exist_ok=True)
    config = {"_class_name": type(model).__name__, "_diffusers_version": "0.36.0"}
    config.update({k: v for k, v in sorted(model.config.items()) if not k.startswith("_")})
    write_json(os.path.join(path, "config.json"), config)
    save_file(half(model.state_dict()), os.path.join(path, "diffusion_pytorch_model.safetensors"), metadata={"format": "pt"})


@torch.no_grad()
def latent_map(folder, vae):
    """Least-squares map from the four latents (and one) to the mean colour of their 8 x 8 pixels, in 0..1."""
    z = np.load(latents.path(folder, 256, 0), mmap_mode="r")[:400]
    pictures = data.load_pictures(os.path.join(folder, "pictures"), 0)[0][:400]
    small = F.avg_pool2d(torch.from_numpy(np.asarray(pictures, np.float32)).permute(0, 3, 1, 2) / 255, 8)
    x = torch.from_numpy(np.asarray(z, np.float32)).permute(0, 2, 3, 1).reshape(-1, 4)
    x = torch.cat((x, torch.ones(len(x), 1)), 1)
    y = small.permute(0, 2, 3, 1).reshape(-1, 3)
    found = torch.linalg.lstsq(x, y).solution
    error = (x @ found - y).pow(2).mean().sqrt().item()
    return {"weights": [[round(2 * v, 5) for v in row] for row in found[:4].tolist()],
            "bias": [round(2 * v - 1, 5) for v in found[4].tolist()],
            "about": "rgb in -1..1 = bias + sum of latent channel times weights[channel]; one pixel per latent", "rms_error": round(2 * error, 4)}


def export(folder, target, averaged=True):
    """Writes everything; returns the number of bytes."""
    vae, _ = latents.load_vae(folder)
    tokens = text.vocabulary()
    encoders = text.build(tokens)
    encoders.load_state_dict(state.load(os.path.join(folder, "text.pt"))["encoders"])
    unet, _ = denoiser.load(folder, averaged)
    os.makedirs(target, exist_ok=True)
    export_text(target, encoders, tokens)
    export_part(target, "unet", unet)
    export_part(target, "vae", vae)
    os.makedirs(os.path.join(target, "scheduler"), exist_ok=True)
    write_json(os.path.join(target, "scheduler", "scheduler_config.json"), scheduler_config())
    write_json(os.path.join(target, "model_index.json"), {
        "_class_name": "StableDiffusionXLPipeline", "_diffusers_version": "0.36.0", "force_zeros_for_empty_prompt": True,
        "add_watermarker": None, "feature_extractor": [None, None], "image_encoder": [None, None],
        "scheduler": ["diffusers", "DPMSolverMultistepScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
        "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "tokenizer_2": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
    })
    preview = latent_map(folder, vae)
    write_json(os.path.join(target, "latent_rgb.json"), preview)
    write_json(os.path.join(target, "model.json"), {
        "name": "Postcards", "version": 2, "about": "Stylised landscapes; trained from nothing on pictures drawn by the program in Training.",
        "licence": "Same as this repository. Trained only on pictures rendered by this repository's own code.",
        "defaults": DEFAULTS, "attributes": {k: [str(x) for x in v] for k, v in scene.ATTRIBUTES.items()}, "words": captions.words(),
        "examples": EXAMPLES, "latent_rgb": preview,
    })
    return sum(os.path.getsize(os.path.join(root, f)) for root, _, files in os.walk(target) for f in files)
