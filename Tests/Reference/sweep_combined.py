"""Compares `latent` with diffusers where a request combines many conditions, on random tiny models
that no test has seen.

    python sweep_combined.py LATENT [--models N] [--requests N] [--seed N] [--families A,B] [--bf16]

Families: xl, nine (an inpainting network with nine channels) and sd (Stable Diffusion 1 and 2). A request
starts from noise, a picture or a masked picture and may have ControlNets, IP-Adapters with methods and
masks, LoRAs, two prompts, clip skip, weights, words of textual inversions, a refiner, a second pass,
tiling, guidance rescale, a variation seed and a sampler with a schedule. Bounds as in sweep.py; with
`--bf16` both sides compute in bfloat16, on the same draws.
"""

import copy
import json
import sys

import diffusers
import numpy as np
import torch
from diffusers import UNet2DConditionModel
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

import controls
import image_prompts
import noise_mixing
import other_layouts
from adapter_files import lora_file
from combined import Reference, changed, exact_draws
from pipelines import SCHEDULES, load
from stability import distances
from sweep import WORDS, against, model_spec
from sweep_conditions import forget_statistics
from sweeping import command_line, rounds, tell
from tiny_models import PUBLISHED_SCHEDULER, SDXL_SCHEDULER, build, randomise

SOLVERS = ["euler", "ddim", "heun", "dpmpp-2m", "unipc", "deis", "euler-ancestral", "lcm",
           "dpmpp-2m-sde", "ddpm", "dpm2"]
SPACED = ("euler", "dpmpp-2m", "unipc", "heun")


# --- models ------------------------------------------------------------------------------------


def xl_model(rng, work, label, channels=4):
    """diffusers makes ControlNets only of UNets with a middle and as many layers on every level."""
    while True:
        spec = model_spec(rng, rng.randrange(10**6))
        unet = spec["unet"]
        if isinstance(unet["layers_per_block"], int) and unet.get("mid_block_type", "") is not None:
            break
    forget_statistics(spec)
    unet["in_channels"] = channels
    build(label, spec, work / label)
    return work / label, load(work / label)


def sd_model(rng, work, label):
    groups, levels = rng.choice([2, 4]), rng.choice([2, 3, 4])
    widths = tuple(groups * rng.choice([2, 4]) for _ in range(levels))
    crosses = [rng.random() < 0.7 for _ in range(levels)]
    crosses[rng.randrange(levels)] = True
    second = rng.random() < 0.5
    heads = tuple(rng.choice([1, 2, 4]) for _ in widths) if second else rng.choice([2, 4])
    text_heads = rng.choice([1, 2])
    scheduling = dict(other_layouts.PUBLISHED)
    if second and rng.random() < 0.5:
        scheduling["prediction_type"] = "v_prediction"
    spec = dict(
        seed=rng.randrange(10**5), vocabulary=540, act="gelu" if second else "quick_gelu",
        layers=rng.choice([2, 3]), hidden=text_heads * rng.choice([8, 12]), heads=text_heads,
        pad="!" if second else "<|endoftext|>",
        scheduler=diffusers.PNDMScheduler(skip_prk_steps=True, **scheduling),
        unet=dict(
            sample_size=8, block_out_channels=widths, layers_per_block=rng.choice([1, 2]),
            norm_num_groups=groups, use_linear_projection=second,
            down_block_types=tuple(
                "CrossAttnDownBlock2D" if c else "DownBlock2D" for c in crosses),
            up_block_types=tuple(
                "CrossAttnUpBlock2D" if c else "UpBlock2D" for c in reversed(crosses)),
            attention_head_dim=heads))
    other_layouts.build(spec, work / label)
    # The keys that published models have: without them diffusers' pipelines change some by themselves.
    config = work / label / "scheduler" / "scheduler_config.json"
    config.write_text(json.dumps({**PUBLISHED_SCHEDULER, **json.loads(config.read_text())}))
    pipeline = diffusers.StableDiffusionPipeline.from_pretrained(
        work / label, torch_dtype=torch.float32, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    return work / label, pipeline


def refiner_of(rng, base, folder):
    encoder = base.text_encoder_2
    while True:
        spec = model_spec(rng, rng.randrange(10**6))["unet"]
        if spec.get("mid_block_type") is not None:
            break
    unet = UNet2DConditionModel(
        **spec, cross_attention_dim=encoder.config.hidden_size, addition_embed_type="text_time",
        projection_class_embeddings_input_dim=5 * spec["addition_time_embed_dim"]
        + encoder.config.projection_dim).eval()
    randomise(unet, rng.randrange(10**6))
    pipeline = diffusers.StableDiffusionXLImg2ImgPipeline(
        vae=base.vae, text_encoder=None, tokenizer=None, text_encoder_2=encoder,
        tokenizer_2=base.tokenizer_2, unet=unet,
        scheduler=diffusers.EulerDiscreteScheduler(**SDXL_SCHEDULER),
        requires_aesthetics_score=True, force_zeros_for_empty_prompt=False, add_watermarker=False)
    pipeline.save_pretrained(folder)
    return pipeline


def nets_of(rng, pipeline, work, label):
    # A copy of the UNet reads nine channels where that does, and diffusers gives it four.
    kinds = ("full", "small", "bare") if pipeline.unet.config.in_channels == 4 else ("small", "bare")
    nets = {}
    for kind in kinds:
        net = controls.make(pipeline, kind, rng.randrange(10**6))
        net.half().save_pretrained(work / f"{label}-{kind}")
        nets[str(work / f"{label}-{kind}")] = net.float()
    return nets


def methods_of(pipeline):
    """Where diffusers can say what the methods mean."""
    unet = pipeline.unet.config
    methods = {"full": lambda scale: scale}
    up = pipeline.unet.up_blocks[0]
    if not getattr(pipeline.unet.mid_block, "attentions", None) or not hasattr(pipeline, "text_encoder_2"):
        return methods
    if isinstance(unet.layers_per_block, int) and hasattr(up, "attentions"):
        count = len(up.attentions)
        methods["style"] = lambda scale: {
            "up": {"block_0": [scale if i == 1 else 0.0 for i in range(count)]}}
    down = unet.down_block_types
    if unet.layers_per_block == 2 and len(down) > 2 and down[2].startswith("Cross"):
        methods["composition"] = lambda scale: {"down": {"block_2": [0.0, scale]}}
    return methods


class Setting:
    """A random model with all that may stand beside it, on disk and in diffusers."""

    def __init__(self, rng, family, work, label):
        self.rng, self.work, self.label, self.family = rng, work, label, family
        make = sd_model if family == "sd" else xl_model
        more = dict(channels=9) if family == "nine" else {}
        self.folder, pipeline = make(rng, work, label, **more)
        self.is_xl = family != "sd"
        vision = image_prompts.encoder()
        vision.half().save_pretrained(work / "image_encoder")
        vision.float()
        self.adapters = []
        for kind in ("base", "plus"):
            path = work / f"{label}-{kind}.safetensors"
            save_file(image_prompts.adapter(pipeline.unet, kind, rng.randrange(10**6)), path)
            self.adapters.append(str(path))
        nets = nets_of(rng, pipeline, work, label)
        self.refiner = work / f"{label}-refiner"
        refiner = refiner_of(rng, pipeline, self.refiner) if family == "xl" else None
        self.methods = methods_of(pipeline)
        self.reference = Reference(pipeline, nets, vision, refiner, self.methods)
        self.words = [self.word(pipeline, index) for index in range(2)] if self.is_xl else []
        if refiner is not None:
            # It knows the words; LoRAs are the base model's alone.
            refiner.register_modules(text_encoder_2=copy.deepcopy(refiner.text_encoder_2))
        self.before = {"unet": pipeline.unet, "te1": pipeline.text_encoder}
        if self.is_xl:
            self.before["te2"] = pipeline.text_encoder_2
        self.before = {
            k: {n: v.clone() for n, v in m.state_dict().items()} for k, m in self.before.items()}

    def word(self, pipeline, index):
        vectors, name = self.rng.choice([1, 3]), f"my{index}cat"
        tables = [(torch.randn(vectors, e.config.hidden_size) * 0.6).half()
                  for e in (pipeline.text_encoder, pipeline.text_encoder_2)]
        path = self.work / f"{self.label}-{name}.safetensors"
        save_file({"clip_l": tables[0], "clip_g": tables[1]}, path)
        for table, encoder, tokenizer in (
            (tables[0], pipeline.text_encoder, pipeline.tokenizer),
            (tables[1], pipeline.text_encoder_2, pipeline.tokenizer_2),
        ):
            pipeline.load_textual_inversion(
                table.float(), token=name, text_encoder=encoder, tokenizer=tokenizer)
        return {"token": name, "path": str(path)}

    # --- requests ---

    def saved(self, name, picture):
        path = self.work / f"{name}-{self.rng.randrange(10**9)}.png"
        picture.save(path)
        return str(path)

    def white(self, name, size):
        values = np.zeros(size[::-1], np.uint8)
        values[self.rng.randint(0, 20):self.rng.randint(30, 60),
               self.rng.randint(0, 20):self.rng.randint(30, 60)] = 255
        return self.saved(name, Image.fromarray(values))

    def text(self):
        return " ".join(self.rng.choice(WORDS) for _ in range(self.rng.choice([1, 5, 12, 60])))

    def request(self):
        rng = self.rng
        size = 8 * rng.randint(8, 12), 8 * rng.randint(8, 12)
        wanted = dict(
            version=1, model=str(self.folder), prompt=self.text(), negativePrompt=self.text(),
            width=size[0], height=size[1], steps=rng.randint(4, 9),
            guidanceScale=rng.choice([1.0, 3.0, 5.0, 7.5]), seeds=[rng.randrange(2**40)],
            promptWeighting="none", precision="f32", sampler=rng.choice(SOLVERS))
        if wanted["sampler"] in SPACED and rng.random() < 0.3:
            wanted["schedule"] = rng.choice(list(SCHEDULES))
        place = rng.choice(["text", "image", "mask"]) if self.family != "nine" else "mask"
        if place != "text":
            wanted.update(
                initImage=self.saved("input", image_prompts.picture(rng.randrange(999), size)),
                strength=rng.choice([0.5, 0.7, 0.9, 1.0]))
        if place == "mask":
            wanted["maskImage"] = self.white("mask", size)
        if rng.random() < 0.6:
            wanted["controls"] = self.controls(size)
        if rng.random() < 0.5:
            wanted["imagePrompts"] = self.pictures(size)
        self.prompts(wanted)
        self.passes(wanted, place)
        if rng.random() < 0.2:
            wanted["tiling"] = rng.choice(["x", "y", "both"])
        if rng.random() < 0.2 and (self.is_xl or place == "text") and (
                "controls" not in wanted or (place == "mask" and self.is_xl)):
            wanted["guidanceRescale"] = 0.7
        # diffusers draws the noise of a second pass itself.
        passes = "hires" in wanted or "refinerStrength" in wanted
        if place == "text" and not passes and rng.random() < 0.2:
            wanted.update(
                variationSeed=rng.randrange(2**33), variationStrength=round(rng.uniform(0.05, 1), 2))
        return wanted

    def controls(self, size):
        rng = self.rng
        names = rng.sample(sorted(self.reference.nets), rng.choice([1, 1, 2]))
        return [
            dict(model=name, scale=round(rng.uniform(0.2, 1.2), 2), start=rng.choice([0.0, 0.2]),
                 end=rng.choice([1.0, 0.8]), image=self.saved(
                     "control", controls.control_picture(rng.randrange(999)).resize(size)))
            for name in names]

    def pictures(self, size):
        rng = self.rng
        picture = lambda: self.saved(  # noqa: E731
            "prompt", image_prompts.picture(rng.randrange(999), (rng.randint(40, 99), rng.randint(40, 99))))
        first = dict(model=rng.choice(self.adapters), image=picture(),
                     scale=round(rng.uniform(0.3, 1.0), 2), method=rng.choice(list(self.methods)))
        more = rng.choice(["none", "picture", "masks", "adapter"])
        if more == "none" or first["method"] != "full":
            return [first]
        second = {**first, "image": picture()}
        if more == "masks":
            first["mask"], second["mask"] = self.white("left", size), self.white("right", size)
            second["scale"] = round(rng.uniform(0.3, 1.0), 2)
        if more == "adapter":
            second["model"] = next(file for file in self.adapters if file != first["model"])
        return [first, second]

    def prompts(self, wanted):
        rng = self.rng
        if rng.random() < 0.3:
            wanted["clipSkip"] = rng.choice([1, 3] if self.is_xl else [2])
        if not self.is_xl:
            return
        if rng.random() < 0.3:
            wanted["prompt2"] = self.text()
        if rng.random() < 0.2:
            wanted["negativePrompt2"] = self.text()
        kind = rng.choice(["plain", "plain", "words", "weights"])
        if kind == "words":
            wanted["embeddings"] = self.words
            wanted["prompt"] = f"{wanted['prompt']} my0cat and my1cat"
        if kind == "weights":
            wanted["promptWeighting"] = rng.choice(["a1111", "comfy"])
            wanted["prompt"] = f"(a lake:1.3), {wanted['prompt']} (castle)"
            wanted["negativePrompt"] += " (fog:0.6)"

    def passes(self, wanted, place):
        """Perhaps a second pass or a refiner."""
        rng, kind = self.rng, self.rng.choice(["none", "none", "hires", "refiner"])
        if kind == "hires":
            wanted["hires"] = dict(
                scale=rng.choice([1.25, 1.5]), strength=rng.choice([0.5, 0.7]),
                upscaler=rng.choice(["latent", "pixels"]))
            if place == "mask" and ("controls" in wanted or self.family != "xl"):
                wanted["hires"]["upscaler"] = "pixels"
        if kind != "refiner" or self.family != "xl" or wanted["promptWeighting"] != "none":
            return
        wanted["refiner"] = str(self.refiner)
        if place != "text" or rng.random() < 0.3:
            wanted["refinerStrength"] = rng.choice([0.3, 0.5, 0.7])
        else:
            wanted["highNoiseFraction"] = rng.choice([0.4, 0.55, 0.7, 0.8])
        if rng.random() < 0.4:
            wanted.update(aestheticScore=7.5, negativeAestheticScore=1.5)

    def loras(self, wanted, number):
        """Puts LoRAs into the request; returns what they change."""
        rng, changes = self.rng, {k: {} for k in self.before}
        if rng.random() < 0.6:
            return {}
        wanted["loras"] = []
        for index in range(rng.choice([1, 2])):
            # Random ones outweigh what they change: at full strength rounding decides the picture.
            weight, text = round(rng.uniform(0.05, 0.3), 2), rng.choice([None, 0.2])
            path = self.work / f"{self.label}-{number}-{index}.safetensors"
            path, found = lora_file(rng, self.before, path, weight, text)
            found.pop("kind")
            wanted["loras"].append(
                {"name": str(path), "weight": weight, **({"textEncoderWeight": text} if text else {})})
            for network, values in found.items():
                for name, change in values.items():
                    changes[network][name] = changes[network].get(name, 0) + change
        names = dict(unet="unet", te1="text_encoder", te2="text_encoder_2")
        return {names[network]: values for network, values in changes.items() if values}


def run(reference, wanted):
    given = {}
    if "variationSeed" in wanted:
        shape = (4, wanted["height"] // 8, wanted["width"] // 8)
        low, high = (torch.randn(shape, generator=torch.Generator().manual_seed(s))
                     for s in (wanted["seeds"][0], wanted["variationSeed"]))
        kind = reference.pipeline.unet.conv_in.weight.dtype
        given["latents"] = noise_mixing.slerp(wanted["variationStrength"], low, high)[None].to(kind)
    return reference(wanted, **given)


def judged(setting, wanted, exact, line):
    """Asks float64 who is off: rounding that a request amplifies moves diffusers' float32 as far."""
    truth = run(setting.reference.reduced(torch.float64), wanted)
    found = load_file(setting.work / "latents.safetensors")["latents"]
    theirs, mine = (
        ((latents.double() - truth[0]).abs().max() / truth[0].abs().max()).item()
        for latents in (exact[0], found))
    return f"{line}; from float64 diffusers {theirs:.1e}, latent {mine:.1e}", mine <= 3 * theirs


def compare(binary, setting, wanted, changes, bf16):
    """One line about a request, and whether it is within bounds."""
    with changed(setting.reference.pipeline, changes), exact_draws():
        make = lambda: run(setting.reference, wanted)  # noqa: E731
        try:
            exact = make()
            if bf16:
                _, lost, _ = distances(*exact, *run(setting.reference.reduced(), wanted))
        except Exception as error:  # diffusers refuses some combinations: nothing to compare.
            return f"skipped, diffusers: {type(error).__name__} {str(error)[:90]}", True
        if not bf16:
            line, fits = against(binary, setting.folder, wanted, setting.work, *exact, make)
            if fits or line.startswith("FAILED"):
                return line, fits
            return judged(setting, wanted, exact, line)
    line, _ = against(
        binary, setting.folder, {**wanted, "precision": "bf16"}, setting.work, *exact)
    if line.startswith("FAILED"):
        return line, False
    kept = float(line.split(" dB")[0].split()[-1])
    return f"{kept:.1f} dB, diffusers {lost:.1f} dB", kept >= lost - 3


SHORT = dict(
    controls="control", imagePrompts="ip", loras="lora", refiner="refiner", hires="hires",
    tiling="tiling", clipSkip="skip", prompt2="prompt2", embeddings="words",
    guidanceRescale="rescale", variationSeed="variation", schedule="schedule")


def named(wanted):
    place = "mask" if "maskImage" in wanted else "image" if "initImage" in wanted else "text"
    parts = [place, wanted["sampler"]] + [v for k, v in SHORT.items() if k in wanted]
    if wanted["promptWeighting"] != "none":
        parts.append(wanted["promptWeighting"])
    return "+".join(parts)


@torch.no_grad()
def main():
    options = command_line(3, 4, families="xl,nine,sd", bf16=False)
    CLIPTextModel.text_model = property(lambda self: self)
    bad = 0
    for family, rng, work, label in rounds(options, options.families):
        setting = Setting(rng, family, work, label)
        for number in range(options.requests):
            wanted = setting.request()
            changes = setting.loras(wanted, number)
            line, fits = compare(options.latent, setting, wanted, changes, options.bf16)
            bad += tell(f"{label} {number}: {named(wanted)}", line, fits, wanted)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
