"""Makes tiny random models of the other layouts that share the engine, and what diffusers makes of
them.

    python other_layouts.py [FOLDER]

Writes FOLDER/NAME (diffusers folders; FOLDER defaults to Tests/DiffusionTests/Fixtures/layouts),
FOLDER/NAME.requests.json and FOLDER/NAME.pictures.safetensors, as pipelines.py does for SDXL.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

from tiny_models import HERE, randomise, text_config, vocabulary

LAYOUTS = HERE.parent / "DiffusionTests" / "Fixtures" / "layouts"

PUBLISHED = dict(
    beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000,
    set_alpha_to_one=False, steps_offset=1,
)

SPECS = {
    # Stable Diffusion 1.5: one encoder read at its last layer, convolutions as projections.
    "sd1": dict(
        seed=31, vocabulary=540, act="quick_gelu", layers=3, hidden=24, heads=2, pad="<|endoftext|>",
        scheduler=PNDMScheduler(skip_prk_steps=True, **PUBLISHED),
        unet=dict(
            sample_size=8, block_out_channels=(8, 16, 16), layers_per_block=1, norm_num_groups=4,
            down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
            attention_head_dim=4,
        ),
    ),
    # Stable Diffusion 2: heads per level, linear projections, v-prediction.
    "sd2": dict(
        seed=32, vocabulary=540, act="gelu", layers=2, hidden=16, heads=2, pad="!",
        scheduler=DDIMScheduler(prediction_type="v_prediction", clip_sample=False, **PUBLISHED),
        unet=dict(
            sample_size=12, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
            attention_head_dim=(2, 4), use_linear_projection=True,
        ),
    ),
}


def build(spec: dict, folder: Path):
    vocab, merges = vocabulary(spec["vocabulary"])
    tokenizer = CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=77, pad_token=spec["pad"])
    config = text_config(
        vocab, merges, hidden=spec["hidden"], layers=spec["layers"], heads=spec["heads"],
        act=spec["act"], projection=spec["hidden"])
    encoder = CLIPTextModel(config).eval()
    unet = UNet2DConditionModel(cross_attention_dim=spec["hidden"], **spec["unet"]).eval()
    vae = AutoencoderKL(
        block_out_channels=(4, 8, 8, 8), layers_per_block=1, norm_num_groups=4, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        scaling_factor=0.18215, sample_size=64).eval()
    for index, module in enumerate((encoder, unet, vae)):
        randomise(module, spec["seed"] * 10 + index)
        module.half()
    pipeline = StableDiffusionPipeline(
        vae=vae, text_encoder=encoder, tokenizer=tokenizer, unet=unet,
        scheduler=spec["scheduler"], safety_checker=None, feature_extractor=None,
        requires_safety_checker=False)
    shutil.rmtree(folder, ignore_errors=True)
    pipeline.save_pretrained(folder)


def requests():
    base = dict(
        version=1, prompt="a lighthouse on a cliff at sunset", negativePrompt="blurry, text",
        width=64, height=64, steps=4, guidanceScale=7.5, seeds=[7], promptWeighting="none",
        precision="f32",
    )
    yield base
    yield {**base, "negativePrompt": None, "seeds": [3], "width": 88}
    yield {**base, "clipSkip": 2}
    yield {**base, "sampler": "euler", "steps": 5}
    yield {**base, "sampler": "dpmpp-2m", "guidanceRescale": 0.5}
    yield {**base, "sampler": "lcm", "guidanceScale": 1.0}


def run(pipeline, request):
    import diffusers
    from pipelines import SAMPLERS

    original = pipeline.scheduler
    if "sampler" in request:
        name, extra = SAMPLERS[request["sampler"]]
        pipeline.scheduler = getattr(diffusers, name).from_config(original.config, **extra)
    grabbed = {}

    def keep(_pipe, _step, _time, kwargs):
        grabbed["latents"] = kwargs["latents"].clone()
        return kwargs

    skip = request.get("clipSkip", 1)
    picture = pipeline(
        prompt=request["prompt"], negative_prompt=request["negativePrompt"],
        width=request["width"], height=request["height"], num_inference_steps=request["steps"],
        guidance_scale=request["guidanceScale"],
        guidance_rescale=request.get("guidanceRescale", 0.0),
        clip_skip=None if skip == 1 else skip - 1,
        generator=torch.Generator().manual_seed(request["seeds"][0]), output_type="np",
        callback_on_step_end=keep).images[0]
    pipeline.scheduler = original
    pixels = torch.from_numpy((picture * 255).round().astype(np.uint8))
    return grabbed["latents"].float(), pixels[None]


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    # diffusers' clip skip expects the attribute that transformers 5 took away.
    CLIPTextModel.text_model = property(lambda self: self)
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else LAYOUTS
    for name, spec in SPECS.items():
        build(spec, target / name)
        pipeline = StableDiffusionPipeline.from_pretrained(
            target / name, torch_dtype=torch.float32, safety_checker=None)
        pipeline.set_progress_bar_config(disable=True)
        results, wanted = {}, list(requests())
        for index, request in enumerate(wanted):
            results[f"{index}.latents"], results[f"{index}.pixels"] = run(pipeline, request)
        save_file({k: v.contiguous() for k, v in results.items()},
                  target / f"{name}.pictures.safetensors")
        lines = ",\n".join(json.dumps(request) for request in wanted)
        (target / f"{name}.requests.json").write_text(f"[\n{lines}\n]\n")
        print(name, {k: round(v.float().std().item(), 1) for k, v in results.items() if "pix" in k})


if __name__ == "__main__":
    main()
