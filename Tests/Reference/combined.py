"""Runs diffusers on requests that combine conditions: pictures, masks, ControlNets, IP-Adapters, LoRAs,
refiners, second passes, weights, tiling, for SDXL and for Stable Diffusion 1 and 2.

    python combined.py

Writes Tests/DiffusionTests/Fixtures/combined: requests.json, pictures.safetensors and a ControlNet of
the small kind for the inpainting network; every other file that the requests name is another script's.
"""

import contextlib
import copy
import inspect
import json
from pathlib import Path

import diffusers
import numpy as np
import torch
import torch.nn.functional as F
from diffusers.image_processor import IPAdapterMaskProcessor
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPVisionModelWithProjection
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

import conditions
import controls
import image_prompts
from long_prompts import embeddings
from pipelines import SAMPLERS, SCHEDULES, load
from tiny_models import HERE

FIXTURES = HERE.parent / "DiffusionTests" / "Fixtures"
FOLDER = FIXTURES / "combined"


def class_for(is_xl, place, controlled):
    """diffusers' pipeline for a place (text, image, mask)."""
    kind = {"text": "", "image": "Img2Img", "mask": "Inpaint"}[place]
    name = "StableDiffusion" + ("XL" if is_xl else "") + ("ControlNet" if controlled else "")
    return getattr(diffusers, f"{name}{kind}Pipeline")


class Reference:
    """A pipeline with everything that requests may put beside it; `nets` by path, `refiner` a pipeline."""

    def __init__(self, pipeline, nets=None, vision=None, refiner=None, methods=None):
        self.pipeline, self.nets, self.vision = pipeline, nets or {}, vision
        self.refiner, self.methods = refiner, methods or image_prompts.METHODS
        self.is_xl = hasattr(pipeline, "text_encoder_2")

    def reduced(self, dtype=torch.bfloat16):
        """A copy that computes in another type."""
        twin = copy.deepcopy(self)
        modules = [twin.vision, *twin.nets.values()]
        for pipeline in (twin.pipeline, twin.refiner):
            if pipeline is not None:
                modules += list(pipeline.components.values())
                if dtype == torch.float64:
                    # Or the pipelines take the VAE back to float32.
                    pipeline.vae.register_to_config(force_upcast=False)
        for module in modules:
            if isinstance(module, torch.nn.Module):
                module.to(dtype)
        return twin

    # --- parts of a request ---

    def scheduler(self, wanted, pipeline):
        overrides = dict(SCHEDULES.get(wanted.get("schedule", "default"), {}))
        config = dict(pipeline.scheduler.config)
        if not wanted.get("sampler"):
            return type(pipeline.scheduler).from_config(config, **overrides)
        cls, extra = SAMPLERS[wanted["sampler"]]
        return getattr(diffusers, cls).from_config(config, **{**extra, **overrides})

    def texts(self, wanted):
        if wanted.get("promptWeighting", "none") != "none":
            return embeddings(self.pipeline, wanted)
        found = dict(
            prompt=wanted["prompt"], prompt_2=wanted.get("prompt2"),
            negative_prompt=wanted.get("negativePrompt"),
            negative_prompt_2=wanted.get("negativePrompt2"))
        last = 2 if self.is_xl else 1
        skip = wanted.get("clipSkip", last)
        return {**found, "clip_skip": None if skip == last else skip - last}

    def controls(self, wanted):
        references = wanted.get("controls", [])
        if not references:
            return None, {}
        nets = [self.nets[r["model"]] for r in references]
        pictures = [Image.open(r["image"]) for r in references]
        values = [[r[key] for r in references] for key in ("scale", "start", "end")]
        if len(nets) == 1:
            nets, pictures, values = nets[0], pictures[0], [value[0] for value in values]
        return nets, dict(
            control_image=pictures, controlnet_conditioning_scale=values[0],
            control_guidance_start=values[1], control_guidance_end=values[2])

    @contextlib.contextmanager
    def pictured(self, wanted):
        """With the request's IP-Adapters; gives a function of a size to the pipeline's arguments."""
        prompts = wanted.get("imagePrompts", [])
        if not prompts:
            yield lambda width, height: {}
            return
        side = self.vision.config.image_size
        self.pipeline.register_modules(
            image_encoder=self.vision,
            feature_extractor=CLIPImageProcessorPil(
                size={"shortest_edge": side}, crop_size={"height": side, "width": side}))
        files = list(dict.fromkeys(p["model"] for p in prompts))
        folder = Path(files[0]).parent
        self.pipeline.load_ip_adapter(
            str(folder), subfolder="", weight_name=[Path(file).name for file in files],
            image_encoder_folder=None)
        self.pipeline.unet.to(self.pipeline.unet.conv_in.weight.dtype)
        groups = [[p for p in prompts if p["model"] == file] for file in files]
        are_masked = [any(p.get("mask") for p in group) for group in groups]
        scales = [
            [p["scale"] for p in group] if masked
            else self.methods[group[0]["method"]](group[0]["scale"])
            for group, masked in zip(groups, are_masked)]
        self.pipeline.set_ip_adapter_scale(scales if len(scales) > 1 or any(are_masked) else scales[0])

        def arguments(width, height):
            images = [[Image.open(p["image"]) for p in group] for group in groups]
            found = dict(ip_adapter_image=images if len(files) > 1 or len(images[0]) > 1 else images[0])
            masks = []
            for group, masked in zip(groups, are_masked):
                if masked:
                    opened = [Image.open(p["mask"]) for p in group]
                    values = IPAdapterMaskProcessor().preprocess(opened, height=height, width=width)
                    masks.append(values.reshape(1, len(group), *values.shape[2:]))
            if masks:
                found["cross_attention_kwargs"] = {"ip_adapter_masks": masks}
            return found

        try:
            yield arguments
        finally:
            self.pipeline.unload_ip_adapter()

    def runner(self, wanted, place, nets):
        """A pipeline of the right class, with its own scheduler."""
        cls = class_for(self.is_xl, place, nets is not None)
        components = {k: v for k, v in self.pipeline.components.items() if k != "scheduler"}
        accepted = inspect.signature(cls.__init__).parameters
        more = dict(controlnet=nets) if nets is not None else {}
        if self.is_xl:
            more.update(
                add_watermarker=False,
                force_zeros_for_empty_prompt=self.pipeline.config.force_zeros_for_empty_prompt)
        else:
            more.update(requires_safety_checker=False)
        runner = cls(
            scheduler=self.scheduler(wanted, self.pipeline),
            **{k: v for k, v in {**components, **more}.items() if k in accepted})
        runner.set_progress_bar_config(disable=True)
        tiling = wanted.get("tiling", "none")
        conditions.set_tiling(runner, tiling)
        for net in self.nets.values():
            tile(net, tiling)
        return runner

    # --- passes ---

    def one(self, wanted, place, generator, pictures, width, height, **given):
        """Latents of one pass, and its pipeline. `given` are arguments of the pipeline."""
        nets, control = self.controls(wanted)
        if place == "text" and nets is not None:
            given["image"] = control.pop("control_image")
        runner = self.runner(wanted, place, nets)
        arguments = dict(
            **self.texts(wanted), **control, **pictures(width, height), width=width, height=height,
            num_inference_steps=wanted["steps"], guidance_scale=wanted["guidanceScale"],
            guidance_rescale=wanted.get("guidanceRescale", 0.0), generator=generator,
            output_type="latent", **given)
        accepted = inspect.signature(type(runner).__call__).parameters
        missing = [k for k in arguments if k not in accepted and arguments[k] and
                   k not in ("width", "height")]
        if missing:
            raise ValueError(f"no such argument: {missing}")
        return runner, runner(**{k: v for k, v in arguments.items() if k in accepted}).images

    def first(self, wanted, generator, pictures, **given):
        place, size = "text", (wanted["width"], wanted["height"])
        if "initImage" in wanted:
            place = "image"
            given.update(image=Image.open(wanted["initImage"]).convert("RGB"),
                         strength=wanted["strength"])
        if "maskImage" in wanted:
            place = "mask"
            given["mask_image"] = Image.open(wanted["maskImage"])
        return self.one(wanted, place, generator, pictures, *size, **given)

    def second(self, wanted, runner, latents, pictures):
        """A pass over the enlarged result of the first."""
        hires = wanted["hires"]
        height, width = (int(wanted[s] * hires["scale"]) // 8 * 8 for s in ("height", "width"))
        if hires["upscaler"] == "latent":
            image = F.interpolate(latents.float(), (height // 8, width // 8), mode="bilinear")
            image = image.to(latents.dtype)
        else:
            image = self.finish(runner, latents).resize((width, height), Image.LANCZOS)
        given = dict(image=image, strength=hires["strength"])
        if "maskImage" in wanted:
            given["mask_image"] = Image.open(wanted["maskImage"])
        return self.one(
            wanted, "mask" if "maskImage" in wanted else "image",
            torch.Generator().manual_seed(wanted["seeds"][0]), pictures, width, height, **given)

    def refine(self, wanted, latents, generator, **given):
        runner = diffusers.StableDiffusionXLImg2ImgPipeline(
            **{**self.refiner.components, "scheduler": self.scheduler(wanted, self.refiner)},
            requires_aesthetics_score=True, force_zeros_for_empty_prompt=False, add_watermarker=False)
        runner.set_progress_bar_config(disable=True)
        conditions.set_tiling(runner, wanted.get("tiling", "none"))
        texts = {k: v for k, v in self.texts(wanted).items() if not k.endswith("_2")}
        return runner(
            **texts, image=latents, num_inference_steps=wanted["steps"],
            guidance_scale=wanted["guidanceScale"],
            guidance_rescale=wanted.get("guidanceRescale", 0.0), generator=generator,
            aesthetic_score=wanted.get("aestheticScore", 6.0),
            negative_aesthetic_score=wanted.get("negativeAestheticScore", 2.5),
            output_type="latent", **given).images

    def finish(self, runner, latents):
        if self.is_xl:
            return conditions.finish(runner, latents)
        decoded = runner.vae.decode(latents / runner.vae.config.scaling_factor)[0]
        return runner.image_processor.postprocess(decoded, output_type="pil")[0]

    def __call__(self, wanted, **given):
        """Final latents `[1, 4, h/8, w/8]` and pixels `[1, h, w, 3]`; `given` are arguments of the first
        pass."""
        seed = wanted["seeds"][0]
        generator = torch.Generator().manual_seed(seed)
        if "latents" in given:
            # Draws of the steps follow those of the seed's own noise.
            torch.randn(given["latents"].shape, generator=generator)
        with self.pictured(wanted) as pictures:
            expert = {}
            if "refiner" in wanted and "refinerStrength" not in wanted:
                expert = dict(denoising_end=wanted["highNoiseFraction"])
            runner, latents = self.first(wanted, generator, pictures, **expert, **given)
            if "hires" in wanted:
                runner, latents = self.second(wanted, runner, latents, pictures)
        if expert:
            latents = self.refine(
                wanted, latents, generator, denoising_start=wanted["highNoiseFraction"])
        elif "refiner" in wanted:
            latents = self.refine(
                wanted, latents, torch.Generator().manual_seed(seed),
                strength=wanted["refinerStrength"])
        picture = np.array(self.finish(runner, latents).convert("RGB"))
        wide = torch.promote_types(latents.dtype, torch.float32)
        return latents.to(wide), torch.from_numpy(picture)[None]


def tile(net, mode):
    """As conditions.set_tiling, for one network."""
    holder = type("Holder", (), dict(unet=net, vae=torch.nn.Identity()))
    conditions.set_tiling(holder, mode)


@contextlib.contextmanager
def exact_draws():
    """Noise of another precision is that of float32, as the program's."""
    draw = torch.randn

    def randn(*shape, dtype=None, **named):
        wide = torch.float32 if dtype in (torch.bfloat16, torch.float16, torch.float64) else dtype
        return draw(*shape, dtype=wide, **named).to(dtype or wide or torch.float32)

    torch.randn = randn
    try:
        yield
    finally:
        torch.randn = draw


@contextlib.contextmanager
def changed(pipeline, changes):
    """With changes added to the weights of `unet`, `text_encoder` and `text_encoder_2`."""
    before = {}
    for network, values in changes.items():
        module = getattr(pipeline, network)
        state = module.state_dict()
        before[network] = {name: state[name].clone() for name in values}
        for name, change in values.items():
            state[name].copy_(state[name] + change)
    try:
        yield
    finally:
        for network, values in before.items():
            state = getattr(pipeline, network).state_dict()
            for name, value in values.items():
                state[name].copy_(value)


# --- the fixtures ------------------------------------------------------------------------------


def inpainting_control(folder):
    """A ControlNet for the network with nine channels: it reads the four of the latents."""
    pipeline = load(FIXTURES / "models-conditions" / "inpainting")
    controls.make(pipeline, "bare", 21).half().save_pretrained(folder)


def requests():
    base = dict(
        version=1, prompt="a lighthouse on a cliff at sunset", negativePrompt="blurry, text",
        width=64, height=72, steps=5, guidanceScale=5.0, seeds=[7], promptWeighting="none",
        precision="f32", model="models/three-levels",
    )
    picture = dict(initImage="expected/input.png", strength=0.8)
    mask = dict(**picture, maskImage="expected/mask.png")
    full = dict(model="controls/three-levels-full", image="controls/control-1.png", scale=0.8,
                start=0.0, end=1.0)
    small = dict(model="controls/three-levels-small", image="controls/control-2.png", scale=0.6,
                 start=0.2, end=0.9)
    plain = dict(model="image-prompts/three-levels-base.safetensors",
                 image="image-prompts/prompt-1.png", scale=0.6, method="full")
    plus = dict(model="image-prompts/three-levels-plus.safetensors",
                image="image-prompts/prompt-2.png", scale=0.7, method="full")
    left = {**plain, "mask": "image-prompts/mask-1.png"}
    right = {**plain, "mask": "image-prompts/mask-2.png", "image": "image-prompts/prompt-2.png"}
    refiner = dict(refiner="models-conditions/refiner", highNoiseFraction=0.6)
    hires = dict(scale=1.5, strength=0.6, upscaler="pixels")
    weighted = dict(promptWeighting="a1111",
                    prompt="a (lighthouse:1.3) on [a cliff] BREAK (sunset)", negativePrompt="(blurry:0.7)")
    yield {**base, **picture, "controls": [full], "imagePrompts": [plus], "sampler": "dpmpp-2m"}
    yield {**base, **mask, "controls": [full, small], "imagePrompts": [plain], "sampler": "euler"}
    yield {**base, **mask, "controls": [small], "guidanceRescale": 0.7, "strength": 1.0}
    yield {**base, **picture, **weighted, "controls": [small], "imagePrompts": [left, right]}
    yield {**base, "controls": [full], "imagePrompts": [plain], **refiner, "clipSkip": 1}
    yield {**base, "imagePrompts": [left, right], "hires": hires, "tiling": "x"}
    yield {**base, "controls": [full], "hires": {**hires, "upscaler": "latent"}, "sampler": "ddim"}
    yield {**base, **weighted, "promptWeighting": "comfy", "controls": [full], "tiling": "both",
           "clipSkip": 3}
    yield {**base, **mask, "imagePrompts": [plus], "refiner": refiner["refiner"],
           "refinerStrength": 0.4, "sampler": "euler-ancestral"}
    yield {**base, **mask, "controls": [full], "hires": hires, "imagePrompts": [plain]}
    yield {**base, **picture, "imagePrompts": [plain, plus], "prompt2": "a meadow", "clipSkip": 1,
           "guidanceScale": 1.0}
    nine = {**base, **mask, "model": "models-conditions/inpainting", "controls": [
        {**full, "model": "combined/inpainting-bare"}]}
    yield nine
    yield {**nine, "strength": 1.0, "sampler": "euler-ancestral"}
    yield {**nine, "strength": 0.9, "hires": hires}


def spelled(wanted):
    """The request with the fixtures' whole paths."""
    wanted = json.loads(json.dumps(wanted))
    for key in ("model", "refiner", "initImage", "maskImage"):
        if key in wanted:
            wanted[key] = str(FIXTURES / wanted[key])
    for reference in wanted.get("controls", []) + wanted.get("imagePrompts", []):
        for key in ("model", "image", "mask"):
            if reference.get(key):
                reference[key] = str(FIXTURES / reference[key])
    return wanted


def reference_for(wanted, cache={}):
    name = wanted["model"]
    if name not in cache:
        refiner = diffusers.StableDiffusionXLImg2ImgPipeline.from_pretrained(
            FIXTURES / "models-conditions" / "refiner", torch_dtype=torch.float32,
            add_watermarker=False)
        vision = CLIPVisionModelWithProjection.from_pretrained(
            FIXTURES / "image-prompts" / "image_encoder", torch_dtype=torch.float32)
        cache[name] = Reference(load(Path(name)), vision=vision.eval(), refiner=refiner)
    reference = cache[name]
    for control in wanted.get("controls", []):
        if control["model"] not in reference.nets:
            reference.nets[control["model"]] = diffusers.ControlNetModel.from_pretrained(
                control["model"], torch_dtype=torch.float32).eval()
    return reference


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    CLIPTextModel.text_model = property(lambda self: self)
    FOLDER.mkdir(parents=True, exist_ok=True)
    inpainting_control(FOLDER / "inpainting-bare")
    results, written = {}, list(requests())
    for index, request in enumerate(written):
        wanted = spelled(request)
        latents, pixels = reference_for(wanted)(wanted)
        results[f"{index}.latents"] = latents.contiguous()
        results[f"{index}.pixels"] = pixels.contiguous()
        print(index, tuple(pixels.shape), round(pixels.float().std().item(), 1), flush=True)
    lines = ",\n".join(json.dumps(request) for request in written)
    (FOLDER / "requests.json").write_text(f"[\n{lines}\n]\n")
    save_file(results, FOLDER / "pictures.safetensors")


if __name__ == "__main__":
    main()
