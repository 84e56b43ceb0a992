"""Makes a tiny random picture encoder and IP-Adapters and runs diffusers with them.

    python image_prompts.py [MODELS [FOLDER]]

Writes FOLDER/image_encoder, FOLDER/NAME-base.safetensors and FOLDER/NAME-plus.safetensors for a tiny
model, FOLDER/NAME.requests.json with whole requests (`imagePrompts` name files of FOLDER) and
FOLDER/NAME.pictures.safetensors with the final latents and 8-bit pixels.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers.image_processor import IPAdapterMaskProcessor
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from pipelines import load
from tiny_models import HERE, MODELS

FOLDER = HERE.parent / "DiffusionTests" / "Fixtures" / "image-prompts"
NAME, HIDDEN, PROJECTION, SIDE = "three-levels", 32, 24, 56


def encoder():
    torch.manual_seed(1)
    config = CLIPVisionConfig(
        hidden_size=HIDDEN, intermediate_size=48, num_hidden_layers=3, num_attention_heads=2,
        image_size=SIDE, patch_size=14, projection_dim=PROJECTION, hidden_act="gelu",
    )
    model = CLIPVisionModelWithProjection(config)
    for name, weight in model.named_parameters():
        if "layernorm" not in name and "layrnorm" not in name and "layer_norm" not in name:
            torch.nn.init.normal_(weight, std=0.15)
    return model.half().float().eval()


def attentions(unet):
    """Widths of the cross-attentions in the order in which the loader counts them."""
    for name, module in unet.named_modules():
        if name.endswith("attn2"):
            yield name, module.to_q.weight.shape[0]


def adapter(unet, kind: str, seed: int):
    torch.manual_seed(seed)
    width = unet.config.cross_attention_dim
    tensors = {}

    def add(name, *shape, std=0.2):
        tensors[name] = (torch.randn(*shape) * std).half()

    if kind == "base":
        add("image_proj.proj.weight", 4 * width, PROJECTION)
        add("image_proj.proj.bias", 4 * width)
        tensors["image_proj.norm.weight"] = torch.ones(width).half()
        add("image_proj.norm.bias", width)
    else:
        inner, hidden, queries = 128, 48, 5
        add("image_proj.latents", 1, queries, hidden, std=1)
        for name, shape in (
            ("proj_in", (hidden, HIDDEN)), ("proj_out", (width, hidden)),
        ):
            add(f"image_proj.{name}.weight", *shape)
            add(f"image_proj.{name}.bias", shape[0])
        tensors["image_proj.norm_out.weight"] = torch.ones(width).half()
        add("image_proj.norm_out.bias", width)
        for layer in range(4):
            prefix = f"image_proj.layers.{layer}."
            for norm in ("0.norm1", "0.norm2", "1.0"):
                tensors[f"{prefix}{norm}.weight"] = torch.ones(hidden).half()
                add(f"{prefix}{norm}.bias", hidden)
            add(f"{prefix}0.to_q.weight", inner, hidden)
            add(f"{prefix}0.to_kv.weight", 2 * inner, hidden)
            add(f"{prefix}0.to_out.weight", hidden, inner)
            add(f"{prefix}1.1.weight", 4 * hidden, hidden)
            add(f"{prefix}1.3.weight", hidden, 4 * hidden)
    order = [n for n in unet.attn_processors if n.endswith("attn2.processor")]
    widths = dict(attentions(unet))
    for number, name in enumerate(order):
        channels = widths[name.removesuffix(".processor")]
        add(f"ip_adapter.{2 * number + 1}.to_k_ip.weight", channels, width)
        add(f"ip_adapter.{2 * number + 1}.to_v_ip.weight", channels, width)
    return tensors


def picture(seed: int, size):
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (5, 6, 3)).astype(np.uint8))
    return small.resize(size, Image.Resampling.BICUBIC)


# SDXL has three transformers in that block; the tiny model two.
METHODS = {
    "full": lambda scale: scale,
    "style": lambda scale: {"up": {"block_0": [0.0, scale]}},
}


def run(pipeline, vision, request, folder):
    size = {"height": SIDE, "width": SIDE}
    pipeline.register_modules(
        image_encoder=vision,
        feature_extractor=CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size=size),
    )
    prompts = request["imagePrompts"]
    files = list(dict.fromkeys(p["model"] for p in prompts))
    pipeline.load_ip_adapter(
        str(folder), subfolder="", weight_name=files, image_encoder_folder=None
    )
    scales, images, masks = [], [], []
    for file in files:
        own = [p for p in prompts if p["model"] == file]
        opened = [Image.open(folder / p["image"]) for p in own]
        masked = [p["mask"] for p in own if p.get("mask")]
        images.append(opened)
        if masked:
            processed = IPAdapterMaskProcessor().preprocess(
                [Image.open(folder / mask) for mask in masked],
                height=request["height"], width=request["width"],
            )
            masks.append(processed.reshape(1, len(own), *processed.shape[2:]))
            scales.append([p["scale"] for p in own])
        else:
            scales.append(METHODS[own[0]["method"]](own[0]["scale"]))
    pipeline.set_ip_adapter_scale(scales if len(scales) > 1 or masks else scales[0])
    grabbed = {}

    def keep(_pipe, _step, _time, kwargs):
        grabbed["latents"] = kwargs["latents"].clone()
        return kwargs

    result = pipeline(
        prompt=request["prompt"], negative_prompt=request["negativePrompt"],
        width=request["width"], height=request["height"],
        num_inference_steps=request["steps"], guidance_scale=request["guidanceScale"],
        generator=torch.Generator().manual_seed(request["seeds"][0]), output_type="np",
        ip_adapter_image=images if len(files) > 1 or len(images[0]) > 1 else images[0],
        cross_attention_kwargs={"ip_adapter_masks": masks} if masks else None,
        callback_on_step_end=keep,
    )
    pipeline.unload_ip_adapter()
    return grabbed["latents"].float(), torch.from_numpy(
        (result.images * 255).round().astype(np.uint8)
    )


def requests():
    base = dict(
        version=1, prompt="a lighthouse on a cliff at sunset", negativePrompt="blurry, text",
        width=64, height=80, steps=4, guidanceScale=5.0, seeds=[7], promptWeighting="none",
        precision="f32",
    )
    plain = dict(
        model=f"{NAME}-base.safetensors", image="prompt-1.png", scale=0.6, method="full"
    )
    plus = dict(model=f"{NAME}-plus.safetensors", image="prompt-2.png", scale=0.8, method="full")
    yield {**base, "imagePrompts": [plain]}
    yield {**base, "imagePrompts": [plus]}
    yield {**base, "imagePrompts": [plus], "guidanceScale": 1.0}
    yield {**base, "imagePrompts": [{**plain, "method": "style", "scale": 1.0}]}
    yield {**base, "imagePrompts": [plain, plus]}
    yield {**base, "imagePrompts": [plain, {**plain, "image": "prompt-2.png"}]}
    yield {
        **base,
        "imagePrompts": [
            {**plain, "mask": "mask-1.png"},
            {**plain, "image": "prompt-2.png", "mask": "mask-2.png", "scale": 0.9},
        ],
    }


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    models = Path(sys.argv[1]) if len(sys.argv) > 1 else MODELS
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    picture(1, (90, 70)).save(folder / "prompt-1.png")
    picture(2, (40, 66)).save(folder / "prompt-2.png")
    mask = np.zeros((80, 64), np.uint8)
    mask[:, :28] = 255
    Image.fromarray(mask).save(folder / "mask-1.png")
    Image.fromarray(255 - mask).save(folder / "mask-2.png")
    pipeline = load(models / NAME)
    vision = encoder()
    vision.half().save_pretrained(folder / "image_encoder")
    vision.float()
    for seed, kind in enumerate(("base", "plus")):
        save_file(adapter(pipeline.unet, kind, seed), folder / f"{NAME}-{kind}.safetensors")
    wanted, results = list(requests()), {}
    for index, request in enumerate(wanted):
        latents, pictures = run(pipeline, vision, request, folder)
        results[f"{index}.latents"] = latents.contiguous()
        results[f"{index}.pixels"] = pictures.contiguous()
    lines = ",\n".join(json.dumps(request) for request in wanted)
    (folder / f"{NAME}.requests.json").write_text(f"[\n{lines}\n]\n")
    save_file(results, folder / f"{NAME}.pictures.safetensors")
    first = results["0.pixels"].float()
    print({k: round((v.float() - first).abs().mean().item(), 2) for k, v in results.items()
           if "pixels" in k})


if __name__ == "__main__":
    main()
