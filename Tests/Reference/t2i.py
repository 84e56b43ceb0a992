"""Makes tiny random T2I-Adapters for the tiny models and runs diffusers with them.

    python t2i.py [MODELS [FOLDER]]

For every NAME below writes FOLDER/NAME-KIND/ (adapters as diffusers folders; FOLDER defaults to
Tests/DiffusionTests/Fixtures/t2i), FOLDER/NAME.requests.json with whole requests (`controls` name
folders and pictures of FOLDER) and FOLDER/NAME.pictures.safetensors.
"""

import json
import sys
from pathlib import Path

import diffusers
import torch
from diffusers import (
    MultiAdapter,
    StableDiffusionAdapterPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLAdapterPipeline,
    T2IAdapter,
)
from PIL import Image
from safetensors.torch import save_file

from controls import control_picture
from other_layouts import LAYOUTS
from pipelines import SAMPLERS, load
from tiny_models import HERE, MODELS

FOLDER = HERE.parent / "DiffusionTests" / "Fixtures" / "t2i"
SPECS = {
    # The layout for SDXL: a picture of a sixteenth, halved once, the last feature in the middle.
    "three-levels": {
        "xl": dict(in_channels=3, channels=[8, 8, 16, 16], num_res_blocks=2, downscale_factor=16,
                   adapter_type="full_adapter_xl"),
        "sketch": dict(in_channels=1, channels=[8, 8, 16, 16], num_res_blocks=1,
                       downscale_factor=16, adapter_type="full_adapter_xl"),
    },
    # The layout for Stable Diffusion 1: halved at every level.
    "conv-projection": {
        "full": dict(in_channels=3, channels=[8, 16], num_res_blocks=2, downscale_factor=8,
                     adapter_type="full_adapter"),
    },
    # Stable Diffusion 1 itself, and the light adapter: narrow inside, one feature more than widths.
    "sd1": {
        "full": dict(in_channels=3, channels=[8, 16, 16], num_res_blocks=1, downscale_factor=8,
                     adapter_type="full_adapter"),
        "light": dict(in_channels=3, channels=[8, 16], num_res_blocks=3, downscale_factor=8,
                      adapter_type="light_adapter"),
    },
}


def load_old():
    """The tiny Stable Diffusion 1 of other_layouts.py."""
    pipeline = StableDiffusionPipeline.from_pretrained(
        LAYOUTS / "sd1", torch_dtype=torch.float32, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def make(config, seed):
    torch.manual_seed(seed)
    adapter = T2IAdapter(**config)
    for name, weight in adapter.named_parameters():
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=(0.5 if "conv_in" in name else 1.2) / weight[0].numel() ** 0.5)
        else:
            torch.nn.init.normal_(weight, std=0.1)
    return adapter.half().float().eval()


def run(pipeline, adapters, request, folder):
    original = pipeline.scheduler
    references = request["controls"]
    if "sampler" in request:
        cls, extra = SAMPLERS[request["sampler"]]
        pipeline.scheduler = getattr(diffusers, cls).from_config(original.config, **extra)
    chosen = [adapters[r["model"]] for r in references]
    pictures = []
    for reference, adapter in zip(references, chosen):
        picture = Image.open(folder / reference["image"])
        pictures.append(picture.convert("L") if adapter.config.in_channels == 1 else picture)
    scales = [r["scale"] for r in references]
    if len(chosen) == 1:
        adapter, pictures, scales = chosen[0], pictures[0], scales[0]
    else:
        adapter = MultiAdapter(chosen)
    runner = StableDiffusionXLAdapterPipeline(
        **{k: v for k, v in pipeline.components.items()
           if k not in ("image_encoder", "feature_extractor")},
        adapter=adapter, force_zeros_for_empty_prompt=pipeline.config.force_zeros_for_empty_prompt,
    )
    runner.set_progress_bar_config(disable=True)
    # No way to look on in this pipeline: the latents are what it decodes.
    arguments = dict(
        prompt=request["prompt"], negative_prompt=request.get("negativePrompt"), image=pictures,
        width=request["width"], height=request["height"], num_inference_steps=request["steps"],
        guidance_scale=request["guidanceScale"], adapter_conditioning_scale=scales,
        adapter_conditioning_factor=references[0]["end"],
        generator=torch.Generator().manual_seed(request["seeds"][0]),
    )
    latents = runner(**arguments, output_type="latent").images
    pipeline.scheduler = original
    # This pipeline forgets the mean and deviation of the latents that the others heed.
    config, scaled = pipeline.vae.config, latents / pipeline.vae.config.scaling_factor
    if config.latents_mean:
        column = lambda values: torch.tensor(values).view(1, 4, 1, 1)
        scaled = scaled * column(config.latents_std) + column(config.latents_mean)
    images = pipeline.image_processor.postprocess(pipeline.vae.decode(scaled)[0], output_type="np")
    return latents.float(), torch.from_numpy((images * 255).round().astype("uint8"))


def run_old(pipeline, adapters, request, folder):
    """The same with Stable Diffusion 1, whose pipeline lets an adapter act at every call."""
    original = pipeline.scheduler
    if "sampler" in request:
        cls, extra = SAMPLERS[request["sampler"]]
        pipeline.scheduler = getattr(diffusers, cls).from_config(original.config, **extra)
    reference = request["controls"][0]
    runner = StableDiffusionAdapterPipeline(
        **{k: v for k, v in pipeline.components.items() if k != "image_encoder"},
        adapter=adapters[reference["model"]], requires_safety_checker=False)
    runner.set_progress_bar_config(disable=True)
    latents = runner(
        prompt=request["prompt"], negative_prompt=request["negativePrompt"],
        image=Image.open(folder / reference["image"]), width=request["width"],
        height=request["height"], num_inference_steps=request["steps"],
        guidance_scale=request["guidanceScale"], adapter_conditioning_scale=reference["scale"],
        generator=torch.Generator().manual_seed(request["seeds"][0]), output_type="latent").images
    pipeline.scheduler = original
    decoded = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor)[0]
    images = pipeline.image_processor.postprocess(decoded, output_type="np")
    return latents.float(), torch.from_numpy((images * 255).round().astype("uint8"))


def requests(name):
    base = dict(
        version=1, prompt="a lighthouse on a cliff at sunset", negativePrompt="blurry, text",
        width=64, height=80, steps=5, guidanceScale=5.0, seeds=[7], promptWeighting="none",
        precision="f32",
    )
    kinds = list(SPECS[name])
    first = dict(model=f"{name}-{kinds[0]}", image="control-1.png", scale=1.0, start=0.0, end=1.0)
    if name == "sd1":
        for kind in kinds:
            one = {**first, "model": f"{name}-{kind}"}
            yield {**base, "controls": [one]}
            yield {**base, "controls": [{**one, "scale": 0.7}], "sampler": "heun", "width": 96}
        return
    yield {**base, "controls": [first]}
    yield {**base, "controls": [{**first, "scale": 0.6, "end": 0.5}], "guidanceScale": 1.0}
    yield {**base, "controls": [{**first, "end": 0.7}], "sampler": "dpmpp-2m", "width": 96}
    if len(kinds) > 1:
        other = {**first, "model": f"{name}-{kinds[1]}", "image": "control-2.png"}
        yield {**base, "controls": [other]}
        yield {**base, "controls": [{**first, "scale": 0.5}, {**other, "scale": 0.8}]}


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    models = Path(sys.argv[1]) if len(sys.argv) > 1 else MODELS
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for number in (1, 2):
        control_picture(number).resize((64, 80)).save(folder / f"control-{number}.png")
    for name, kinds in SPECS.items():
        pipeline = load_old() if name == "sd1" else load(models / name)
        adapters = {}
        for seed, (kind, config) in enumerate(kinds.items()):
            adapter = make(config, seed)
            adapter.half().save_pretrained(folder / f"{name}-{kind}")
            adapters[f"{name}-{kind}"] = adapter.float()
        wanted, results = list(requests(name)), {}
        for index, request in enumerate(wanted):
            make_picture = run_old if name == "sd1" else run
            latents, pictures = make_picture(pipeline, adapters, request, folder)
            results[f"{index}.latents"] = latents.contiguous()
            results[f"{index}.pixels"] = pictures.contiguous()
        lines = ",\n".join(json.dumps(request) for request in wanted)
        (folder / f"{name}.requests.json").write_text(f"[\n{lines}\n]\n")
        save_file(results, folder / f"{name}.pictures.safetensors")
        print(name, {k: round(v.float().std().item(), 1) for k, v in results.items()})


if __name__ == "__main__":
    main()
