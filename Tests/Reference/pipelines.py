"""Runs diffusers on the tiny models and writes what the engine must reproduce.

    python pipelines.py [MODELS [EXPECTED]]

For every folder of MODELS writes EXPECTED/NAME.safetensors with each part's inputs and outputs,
EXPECTED/NAME.requests.json with whole requests (keys as in a GenerationRequest) and, in
EXPECTED/NAME.pictures.safetensors, the final latents and 8-bit pixels of each, and in
EXPECTED/NAME.reduced.json what diffusers' own bfloat16 loses.
"""

import json
import sys
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import (
    AutoencoderTiny,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline,
)
from PIL import Image
from safetensors.torch import save_file

from tiny_models import HERE, MODELS

EXPECTED = HERE.parent / "DiffusionTests" / "Fixtures" / "expected"

SAMPLERS = {
    "euler": ("EulerDiscreteScheduler", {}),
    "euler-ancestral": ("EulerAncestralDiscreteScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "lms": ("LMSDiscreteScheduler", {}),
    "ddim": ("DDIMScheduler", {}),
    "ddpm": ("DDPMScheduler", {}),
    "pndm": ("PNDMScheduler", {}),
    "dpm2": ("KDPM2DiscreteScheduler", {}),
    "dpm2-ancestral": ("KDPM2AncestralDiscreteScheduler", {}),
    "dpmpp-2m": ("DPMSolverMultistepScheduler", {}),
    "dpmpp-2m-sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "dpmpp-sde": ("DPMSolverSDEScheduler", {}),
    "dpmpp-3m-sde": (
        "DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++", "solver_order": 3}
    ),
    "dpmpp-2s-ancestral": ("DPMSolverSinglestepScheduler", {}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "deis": ("DEISMultistepScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "tcd": ("TCDScheduler", {}),
}
SCHEDULES = {
    "karras": {"use_karras_sigmas": True},
    "exponential": {"use_exponential_sigmas": True},
    "trailing": {"timestep_spacing": "trailing"},
}


def load(folder: Path, dtype=torch.float32):
    variant = "fp16" if any(folder.rglob("*fp16*")) else None
    pipeline = StableDiffusionXLPipeline.from_pretrained(
        folder, torch_dtype=dtype, variant=variant, add_watermarker=False
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def run(pipeline, request: dict, latents=None, embeddings=None):
    """The final latents `[n, 4, h/8, w/8]` and the pixels `[n, h, w, 3]` of a request.

    `latents` replaces the drawn noise, `embeddings` (arguments of the pipeline) the prompts."""
    base = dict(pipeline.scheduler.config)
    original = pipeline.scheduler
    name = request.get("sampler")
    overrides = dict(SCHEDULES.get(request.get("schedule", "default"), {}))
    noise, latents, pictures = latents, [], []
    texts = embeddings or dict(
        prompt=request["prompt"], prompt_2=request.get("prompt2"),
        negative_prompt=request.get("negativePrompt"),
        negative_prompt_2=request.get("negativePrompt2"))
    for seed in request["seeds"]:
        if name:
            cls, extra = SAMPLERS[name]
            extra = {**extra, **overrides}
            if name == "dpmpp-sde":
                extra["noise_sampler_seed"] = seed
            pipeline.scheduler = getattr(diffusers, cls).from_config(base, **extra)
        else:
            pipeline.scheduler = type(original).from_config(base, **overrides)
        grabbed = {}

        def keep(_pipe, _step, _time, kwargs):
            grabbed["latents"] = kwargs["latents"].clone()
            return kwargs

        clip_skip = request.get("clipSkip", 2)
        runner, place = pipeline, dict(width=request["width"], height=request["height"])
        if "initImage" in request:
            runner = StableDiffusionXLImg2ImgPipeline(**pipeline.components, add_watermarker=False)
            runner.set_progress_bar_config(disable=True)
            picture = Image.open(EXPECTED / request["initImage"])
            place = dict(image=picture, strength=request["strength"])
        elif noise is not None:
            place["latents"] = noise
        result = runner(
            **texts, **place,
            num_inference_steps=request["steps"], guidance_scale=request["guidanceScale"],
            guidance_rescale=request.get("guidanceRescale", 0.0),
            clip_skip=None if clip_skip == 2 else clip_skip - 2,
            generator=torch.Generator().manual_seed(seed), output_type="np",
            callback_on_step_end=keep,
        )
        latents.append(grabbed["latents"][0].float())
        pictures.append(torch.from_numpy((result.images[0] * 255).round().astype(np.uint8)))
    pipeline.scheduler = original
    return torch.stack(latents), torch.stack(pictures)


def parts(pipeline):
    """Inputs and outputs of every network."""
    out = {}
    generator = torch.Generator().manual_seed(5)
    text = "a lighthouse on a cliff"
    for suffix, tokenizer, encoder in (
        ("l", pipeline.tokenizer, pipeline.text_encoder),
        ("g", pipeline.tokenizer_2, pipeline.text_encoder_2),
    ):
        ids = tokenizer(
            text, padding="max_length", max_length=77, truncation=True, return_tensors="pt"
        ).input_ids
        result = encoder(ids, output_hidden_states=True)
        out[f"text.{suffix}.ids"] = ids.int()
        out[f"text.{suffix}.last"] = result.hidden_states[-1]
        out[f"text.{suffix}.penultimate"] = result.hidden_states[-2]
        if suffix == "g":
            out["text.g.pooled"] = result[0]
    unet = pipeline.unet
    records = {}

    def hook(name):
        def record(_module, _inputs, output):
            value = output[0] if isinstance(output, tuple) else output
            records[f"unet.{name}"] = value

        return record

    handles = [unet.conv_in.register_forward_hook(hook("conv_in"))]
    for kind, blocks in (("down", unet.down_blocks), ("up", unet.up_blocks)):
        handles += [b.register_forward_hook(hook(f"{kind}.{i}")) for i, b in enumerate(blocks)]
    if unet.mid_block is not None:
        handles.append(unet.mid_block.register_forward_hook(hook("middle")))
    # An odd size: upsampling must follow the skip connections.
    sample = torch.randn(2, 4, 10, 7, generator=generator)
    context = torch.randn(2, 77, unet.config.cross_attention_dim, generator=generator)
    pooled = torch.randn(2, pipeline.text_encoder_2.config.projection_dim, generator=generator)
    ids = torch.tensor([[80.0, 56, 0, 8, 80, 56], [64.0, 64, 3, 0, 96, 80]])
    out.update({"unet.sample": sample, "unet.context": context, "unet.pooled": pooled})
    out["unet.time_ids"] = ids
    out["unet.timestep"] = torch.tensor([501.0])
    out["unet.output"] = unet(
        sample, 501, encoder_hidden_states=context,
        added_cond_kwargs={"text_embeds": pooled, "time_ids": ids},
    )[0]
    for handle in handles:
        handle.remove()
    out.update(records)
    picture = torch.rand(1, 3, 40, 56, generator=generator) * 2 - 1
    posterior = pipeline.vae.encode(picture).latent_dist
    out["vae.picture"], out["vae.mean"] = picture, posterior.mean
    out["vae.deviation"] = posterior.std
    latents = torch.randn(1, 4, 5, 7, generator=generator)
    out["vae.latents"], out["vae.decoded"] = latents, pipeline.vae.decode(latents)[0]
    return {key: value.detach().contiguous() for key, value in out.items()}


def requests(name: str):
    """Whole requests; every sampler on one model, special cases on all."""
    base = dict(
        version=1, prompt="a lighthouse on a cliff at sunset", negativePrompt="blurry, text",
        width=64, height=64, steps=4, guidanceScale=5.0, seeds=[7], promptWeighting="none",
        precision="f32",
    )
    yield base
    yield {**base, "negativePrompt": None, "seeds": [1, 2]}
    yield {**base, "negativePrompt": "", "width": 64, "height": 88}
    yield {**base, "guidanceScale": 1.0, "steps": 3}
    yield {**base, "guidanceRescale": 0.7, "clipSkip": 1}
    yield {**base, "prompt2": "a meadow", "negativePrompt2": "fog", "seeds": [2**32 + 7]}
    yield {**base, "prompt": "a castle in the mountains at night, " * 6, "seeds": [11]}
    picture = dict(initImage="input.png", width=64, height=72)
    yield {**base, **picture, "strength": 0.6, "steps": 5}
    if name == "three-levels":
        for sampler in ("euler", "ddim", "heun", "dpmpp-2m", "euler-ancestral", "lcm"):
            yield {**base, **picture, "sampler": sampler, "strength": 0.8, "steps": 5}
        yield {**base, **picture, "sampler": "dpm2-ancestral", "strength": 1.0}
        yield {**base, **picture, "strength": 0.58, "steps": 50, "guidanceScale": 1.0}
        for sampler in SAMPLERS:
            yield {**base, "sampler": sampler, "steps": 5}
    if name != "distilled":
        for schedule in SCHEDULES:
            yield {**base, "sampler": "dpmpp-2m", "schedule": schedule, "steps": 5}


def reduced(folder: Path, wanted: list, results: dict):
    """How far diffusers' own bfloat16 is from its float32, in dB, for the first requests."""
    pipeline = load(folder, torch.bfloat16)
    for index, request in enumerate(wanted[:7]):
        _, pictures = run(pipeline, request)
        error = (pictures.float() - results[f"{index}.pixels"].float()).square().mean().item()
        yield {"index": index, "decibels": round(10 * np.log10(255**2 / max(error, 1e-9)), 2)}


def input_picture():
    """A small picture of smooth colours with a few sharp edges."""
    y, x = np.mgrid[0:72, 0:64]
    colors = np.stack([x * 4, y * 3, (x * y) % 256], axis=-1).astype(np.uint8)
    colors[20:40, 16:48] = [200, 40, 40]
    return Image.fromarray(colors)


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    models = Path(sys.argv[1]) if len(sys.argv) > 1 else MODELS
    expected = Path(sys.argv[2]) if len(sys.argv) > 2 else EXPECTED
    expected.mkdir(parents=True, exist_ok=True)
    input_picture().save(EXPECTED / "input.png")
    for folder in sorted(path for path in models.iterdir() if (path / "model_index.json").exists()):
        pipeline = load(folder)
        tensors = parts(pipeline)
        if (folder / "taesd").exists():
            tiny = AutoencoderTiny.from_pretrained(folder / "taesd", torch_dtype=torch.float32)
            tensors["taesd.decoded"] = tiny.decode(tensors["vae.latents"])[0]
        save_file(tensors, expected / f"{folder.name}.safetensors")
        wanted = list(requests(folder.name))
        results = {}
        for index, request in enumerate(wanted):
            latents, pictures = run(pipeline, request)
            results[f"{index}.latents"], results[f"{index}.pixels"] = latents, pictures
        lines = ",\n".join(json.dumps(request) for request in wanted)
        (expected / f"{folder.name}.requests.json").write_text(f"[\n{lines}\n]\n")
        save_file(
            {key: value.contiguous() for key, value in results.items()},
            expected / f"{folder.name}.pictures.safetensors",
        )
        losses = ",\n".join(json.dumps(loss) for loss in reduced(folder, wanted, results))
        (expected / f"{folder.name}.reduced.json").write_text(f"[\n{losses}\n]\n")
        spread = {k: (v.float().std().item()) for k, v in results.items() if k.endswith("pixels")}
        print(folder.name, {k: round(v, 1) for k, v in spread.items()})


if __name__ == "__main__":
    main()
