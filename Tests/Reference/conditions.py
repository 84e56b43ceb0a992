"""Runs diffusers on requests that start from pictures, masks and second models.

    python conditions.py

Builds two more tiny models into Tests/DiffusionTests/Fixtures/models-conditions (an inpainting
network with nine channels and a refiner with one encoder), the pictures that the requests name, and
writes expected/conditions.requests.json with expected/conditions.pictures.safetensors, as
pipelines.py does. `model` and `refiner` in a request are folders below Fixtures.
"""

import json
import shutil

import diffusers
import numpy as np
import torch
import torch.nn.functional as F
from diffusers import (
    EulerDiscreteScheduler,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from PIL import Image, ImageDraw
from safetensors.torch import save_file

from pipelines import EXPECTED, SAMPLERS, load
from tiny_models import MODELS, SDXL_SCHEDULER, SPECS, build, randomise

EXTRA = MODELS.parent / "models-conditions"


# --- models ------------------------------------------------------------------------------------


def inpainting_model(folder):
    """three-levels with a UNet that reads mask and masked picture."""
    spec = json.loads(json.dumps(SPECS["conv-projection"]))
    for key in ("variant", "shard", "old_tokenizer", "taesd", "prefix"):
        spec.pop(key, None)
    spec.update(seed=6)
    spec["unet"].update(in_channels=9, sample_size=8)
    spec["vae"] = SPECS["three-levels"]["vae"]
    build("inpainting", spec, folder)


def refiner_model(folder):
    """The layout of SDXL's refiner: the second encoder alone, five numbers."""
    base = StableDiffusionXLPipeline.from_pretrained(
        MODELS / "conv-projection", variant="fp16", add_watermarker=False
    )
    encoder = base.text_encoder_2
    projection = encoder.config.projection_dim
    unet = UNet2DConditionModel(
        **{**SPECS["conv-projection"]["unet"], "sample_size": 8},
        cross_attention_dim=encoder.config.hidden_size, addition_embed_type="text_time",
        projection_class_embeddings_input_dim=5 * 4 + projection,
    ).eval()
    randomise(unet, 77)
    three = load(MODELS / "three-levels")
    pipeline = StableDiffusionXLImg2ImgPipeline(
        vae=three.vae.half(), text_encoder=None, tokenizer=None, text_encoder_2=encoder.half(),
        tokenizer_2=base.tokenizer_2, unet=unet.half(),
        scheduler=EulerDiscreteScheduler(**SDXL_SCHEDULER),
        requires_aesthetics_score=True, force_zeros_for_empty_prompt=False, add_watermarker=False,
    )
    shutil.rmtree(folder, ignore_errors=True)
    pipeline.save_pretrained(folder)
    # Where the VAE came from is a path of the machine.
    config = folder / "vae" / "config.json"
    values = {k: v for k, v in json.loads(config.read_text()).items() if k != "_name_or_path"}
    config.write_text(json.dumps(values, indent=2) + "\n")


# --- pictures ----------------------------------------------------------------------------------


def pictures():
    """A mask with soft edges, the same smaller, and a picture of other proportions."""
    mask = Image.new("L", (64, 72), 0)
    drawing = ImageDraw.Draw(mask)
    drawing.ellipse((14, 20, 44, 50), fill=255)
    drawing.rectangle((44, 10, 50, 16), fill=100)
    mask.save(EXPECTED / "mask.png")
    mask.resize((30, 34)).save(EXPECTED / "mask-small.png")
    small = Image.new("RGB", (128, 104), (0, 0, 0))
    ImageDraw.Draw(small).ellipse((70, 40, 92, 58), fill=(255, 255, 255))
    small.save(EXPECTED / "mask-wide.png")
    y, x = np.mgrid[0:104, 0:128]
    colors = np.stack([x * 2, 255 - y * 2, (x * 3 + y * 2) % 256], axis=-1).astype(np.uint8)
    colors[10:50, 20:60] = [30, 90, 200]
    Image.fromarray(colors).save(EXPECTED / "input-wide.png")


# --- running -----------------------------------------------------------------------------------


def pipeline_for(request, which, cache={}):
    """A pipeline of one of the three classes around the model of a request."""
    name = request["model"]
    if name not in cache:
        folder = MODELS.parent / name
        if name.endswith("refiner"):
            cache[name] = StableDiffusionXLImg2ImgPipeline.from_pretrained(
                folder, torch_dtype=torch.float32, add_watermarker=False
            )
        else:
            cache[name] = load(folder)
    base = cache[name]
    runner = which(
        **{k: v for k, v in base.components.items() if k not in ("image_encoder", "feature_extractor")},
        add_watermarker=False, force_zeros_for_empty_prompt=base.config.force_zeros_for_empty_prompt,
        **({"requires_aesthetics_score": True} if name.endswith("refiner") else {}),
    )
    runner.set_progress_bar_config(disable=True)
    scheduler = base.scheduler
    if request.get("sampler"):
        cls, extra = SAMPLERS[request["sampler"]]
        runner.scheduler = getattr(diffusers, cls).from_config(dict(scheduler.config), **extra)
    else:
        runner.scheduler = type(scheduler).from_config(dict(scheduler.config))
    return runner


def common(request, generator):
    scores = {}
    if request["model"].endswith("refiner"):
        scores = dict(
            aesthetic_score=request.get("aestheticScore", 6.0),
            negative_aesthetic_score=request.get("negativeAestheticScore", 2.5))
    return dict(
        **scores,
        prompt=request["prompt"], prompt_2=request.get("prompt2"),
        negative_prompt=request.get("negativePrompt"),
        num_inference_steps=request["steps"], guidance_scale=request["guidanceScale"],
        generator=generator,
    )


def set_tiling(pipeline, mode):
    """`padding_mode` circular along the wanted axes for every convolution that pads."""
    for network in (pipeline.unet, pipeline.vae):
        for module in network.modules():
            if not isinstance(module, torch.nn.Conv2d):
                continue
            if "forward" in module.__dict__:
                del module.__dict__["forward"]
            if mode == "none" or module.padding == (0, 0):
                continue

            def forward(x, module=module):
                (down, across) = module.padding
                x = F.pad(x, (across, across, 0, 0), "circular" if mode in ("x", "both") else "constant")
                x = F.pad(x, (0, 0, down, down), "circular" if mode in ("y", "both") else "constant")
                return F.conv2d(x, module.weight, module.bias, module.stride)

            module.forward = forward


def finish(runner, latents):
    """Final latents as the pipelines decode them."""
    config = runner.vae.config
    latents = latents / config.scaling_factor
    if config.latents_mean:
        column = lambda values: torch.tensor(values).view(1, 4, 1, 1)  # noqa: E731
        latents = latents * column(config.latents_std) + column(config.latents_mean)
    decoded = runner.vae.decode(latents)[0]
    return runner.image_processor.postprocess(decoded, output_type="pil")[0]


def text_to_latents(request, generator, texts=None, **more):
    runner = pipeline_for(request, StableDiffusionXLPipeline)
    set_tiling(runner, request.get("tiling", "none"))
    arguments = dict(common(request, generator), width=request["width"], height=request["height"])
    if texts:
        arguments["prompt"] = texts(0)
        encoded = {}

        def switch(pipe, step, _time, kwargs):
            text = texts(step + 1)
            if text not in encoded:
                p, n, pp, np_ = pipe.encode_prompt(
                    text, negative_prompt=request.get("negativePrompt"),
                    do_classifier_free_guidance=True)
                encoded[text] = (torch.cat([n, p]), torch.cat([np_, pp]))
            kwargs["prompt_embeds"], kwargs["add_text_embeds"] = encoded[text]
            return kwargs

        arguments.update(
            callback_on_step_end=switch,
            callback_on_step_end_tensor_inputs=["prompt_embeds", "add_text_embeds"])
    return runner, runner(**arguments, **more, output_type="latent").images


def image_to_latents(request, image, strength, generator, **more):
    runner = pipeline_for(request, StableDiffusionXLImg2ImgPipeline)
    set_tiling(runner, request.get("tiling", "none"))
    if strength is not None:
        more["strength"] = strength
    return runner, runner(**common(request, generator), image=image, **more, output_type="latent").images


def inpaint(request, seed, image=None):
    """`image` replaces the request's own: a picture, or latents."""
    runner = pipeline_for(request, StableDiffusionXLInpaintPipeline)
    if image is None:
        image = Image.open(EXPECTED / request["initImage"]).convert("RGB")
    mask = Image.open(EXPECTED / request["maskImage"])
    feather = request.get("maskFeather", 0)
    if feather:
        mask = runner.mask_processor.blur(mask, blur_factor=feather)
    arguments = dict(
        common(request, torch.Generator().manual_seed(seed)), image=image, mask_image=mask,
        width=request["width"], height=request["height"], strength=request["strength"])
    if "maskPadding" in request:
        arguments["padding_mask_crop"] = request["maskPadding"]
    kept = {}

    def keep(_pipe, _step, _time, kwargs):
        kept["latents"] = kwargs["latents"].clone()
        return kwargs

    picture = runner(**arguments, output_type="pil", callback_on_step_end=keep).images[0]
    if feather and "maskPadding" not in request:
        picture = runner.image_processor.apply_overlay(mask, image, picture)
    return kept["latents"], picture


def run(request, texts=None):
    seed = request["seeds"][0]
    generator = torch.Generator().manual_seed(seed)
    if "maskImage" in request:
        latents, picture = inpaint(request, seed)
        if "hires" not in request:
            return latents, picture
        hires = request["hires"]
        height, width = (int(request[s] * hires["scale"]) // 8 * 8 for s in ("height", "width"))
        if hires["upscaler"] == "latent":
            image = F.interpolate(latents, (height // 8, width // 8), mode="bilinear")
        else:
            image = picture.resize((width, height), Image.LANCZOS)
        larger = {**request, "width": width, "height": height, "strength": hires["strength"]}
        return inpaint(larger, seed, image)
    if "initImage" in request:
        image = Image.open(EXPECTED / request["initImage"]).convert("RGB")
        runner, latents = image_to_latents(request, image, request["strength"], generator)
        return latents, finish(runner, latents)
    if "refiner" in request:
        second = {**request, "model": request["refiner"]}
        if "refinerStrength" in request:
            _, latents = text_to_latents(request, generator)
            runner, latents = image_to_latents(
                second, latents, request["refinerStrength"], torch.Generator().manual_seed(seed))
        else:
            fraction = request["highNoiseFraction"]
            _, latents = text_to_latents(request, generator, denoising_end=fraction)
            runner, latents = image_to_latents(
                second, latents, None, generator, denoising_start=fraction)
        return latents, finish(pipeline_for(request, StableDiffusionXLPipeline), latents)
    runner, latents = text_to_latents(request, generator, texts)
    if "hires" in request:
        hires = request["hires"]
        size = [int(request[side] * hires["scale"]) // 8 * 8 for side in ("height", "width")]
        if hires["upscaler"] == "latent":
            image = F.interpolate(latents, [side // 8 for side in size], mode="bilinear")
        else:
            image = finish(runner, latents).resize((size[1], size[0]), Image.LANCZOS)
        runner, latents = image_to_latents(
            request, image, hires["strength"], torch.Generator().manual_seed(seed))
    return latents, finish(runner, latents)


# --- requests ----------------------------------------------------------------------------------


def requests():
    base = dict(
        version=1, prompt="a lighthouse on a cliff at sunset", negativePrompt="blurry, text",
        width=64, height=64, steps=4, guidanceScale=5.0, seeds=[7], promptWeighting="none",
        precision="f32", model="models/three-levels",
    )
    masked = {**base, "height": 72, "steps": 5, "initImage": "input.png", "maskImage": "mask.png"}
    yield {**masked, "strength": 0.6}
    for sampler in ("euler", "euler-ancestral", "ddim", "heun", "dpm2", "dpmpp-2m", "dpmpp-2m-sde",
                    "unipc", "pndm", "lcm", "lms", "dpmpp-2s-ancestral", "deis"):
        yield {**masked, "strength": 0.8, "sampler": sampler}
    yield {**masked, "strength": 1.0}
    yield {**masked, "strength": 1.0, "sampler": "ddim", "guidanceScale": 1.0}
    yield {**masked, "strength": 0.7, "maskImage": "mask-small.png"}
    yield {**masked, "strength": 0.7, "width": 96, "height": 64, "maskImage": "mask-small.png"}
    yield {**masked, "strength": 0.7, "maskFeather": 4}
    yield {**masked, "strength": 0.9, "maskFeather": 9}
    wide = {**masked, "initImage": "input-wide.png", "maskImage": "mask-wide.png", "height": 64}
    yield {**wide, "strength": 0.7, "maskPadding": 8}
    yield {**wide, "strength": 0.7, "maskPadding": 32, "maskFeather": 3, "width": 96}
    inpainting = {**masked, "model": "models-conditions/inpainting"}
    yield {**inpainting, "strength": 0.6}
    yield {**inpainting, "strength": 1.0, "sampler": "ddim"}
    yield {**inpainting, "strength": 0.9, "sampler": "euler-ancestral", "guidanceScale": 1.0}
    yield {**inpainting, "strength": 1.0, "maskFeather": 4}
    refiner = "models-conditions/refiner"
    picture = {**base, "height": 72, "steps": 5, "initImage": "input.png", "model": refiner}
    yield {**picture, "strength": 0.5}
    yield {**picture, "strength": 0.8, "negativePrompt": None, "prompt2": "a meadow"}
    yield {**picture, "strength": 0.6, "sampler": "dpmpp-2m", "guidanceScale": 1.0}
    both = {**base, "refiner": refiner, "steps": 6}
    yield {**both, "highNoiseFraction": 0.8}
    yield {**both, "highNoiseFraction": 0.5, "negativePrompt": None}
    for sampler in ("heun", "ddim", "dpmpp-2m", "unipc"):
        yield {**both, "highNoiseFraction": 0.6, "sampler": sampler}
    yield {**both, "refinerStrength": 0.4}
    yield {**both, "refinerStrength": 0.5, "sampler": "ddim"}
    for tiling in ("x", "y", "both"):
        yield {**base, "tiling": tiling, "height": 88}
    yield {**base, "tiling": "both", "initImage": "input.png", "height": 72, "strength": 0.7}
    for upscaler in ("latent", "pixels"):
        hires = dict(scale=1.5, strength=0.6, upscaler=upscaler)
        yield {**base, "steps": 5, "hires": hires}
        yield {**base, "steps": 5, "hires": {**hires, "scale": 1.3}, "sampler": "ddim", "height": 72}
        yield {**masked, "strength": 0.8, "hires": hires}
        yield {**masked, "strength": 0.8, "hires": {**hires, "scale": 1.3},
               "sampler": "euler-ancestral", "maskImage": "mask-small.png"}
    yield {**inpainting, "strength": 1.0,
           "hires": dict(scale=1.5, strength=0.7, upscaler="pixels")}
    yield {**picture, "strength": 0.5, "aestheticScore": 8.5, "negativeAestheticScore": 1.0}
    yield {**both, "highNoiseFraction": 0.5, "aestheticScore": 3.0}


def scheduled():
    """Prompt editing as A1111 counts it, with the text of each call."""
    base = dict(
        version=1, negativePrompt="blurry", width=64, height=64, steps=6, guidanceScale=5.0,
        seeds=[7], promptWeighting="a1111", precision="f32", model="models/three-levels",
    )
    castle, lake = "a castle at night", "a lake at night"
    # [[3, castle], [6, lake]]; the step counter starts at 0.
    yield {**base, "prompt": "a [castle:lake:0.5] at night"}, lambda i: castle if i <= 3 else lake
    yield {**base, "prompt": "a [castle:lake:2] at night", "sampler": "ddim"}, (
        lambda i: castle if i <= 2 else lake)
    yield {**base, "prompt": "a [castle|lake] at night"}, (
        lambda i: castle if i <= 1 or i % 2 == 1 else lake)


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    EXTRA.mkdir(parents=True, exist_ok=True)
    inpainting_model(EXTRA / "inpainting")
    refiner_model(EXTRA / "refiner")
    pictures()
    wanted, results = [], {}
    for request, texts in [(r, None) for r in requests()] + list(scheduled()):
        index = len(wanted)
        latents, picture = run(request, texts)
        wanted.append(request)
        results[f"{index}.latents"] = latents.float().contiguous()
        results[f"{index}.pixels"] = torch.from_numpy(np.array(picture.convert("RGB")))
        pixels = results[f"{index}.pixels"].float()
        print(index, tuple(pixels.shape), round(pixels.std().item(), 1), {
            k: v for k, v in request.items()
            if k in ("sampler", "strength", "tiling", "hires", "refiner", "maskPadding", "prompt")})
    lines = ",\n".join(json.dumps(request) for request in wanted)
    (EXPECTED / "conditions.requests.json").write_text(f"[\n{lines}\n]\n")
    save_file(results, EXPECTED / "conditions.pictures.safetensors")


if __name__ == "__main__":
    main()
