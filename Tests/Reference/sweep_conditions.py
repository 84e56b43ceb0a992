"""Compares `latent` with diffusers where a request has more than a prompt, on random tiny models that
no test has seen.

    python sweep_conditions.py LATENT [--models N] [--requests N] [--seed N] [--kinds A,B]

Kinds: control (ControlNets), t2i (T2I-Adapters), ip (IP-Adapters with every method), mask
(inpainting with four channels, with a second pass at times), file (single files of every layout in
f32, f16, bf16 and fp8) and safety (verdicts of random checkers). Bounds as in sweep.py.
"""

import argparse
import gzip
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

import conditions
import controls
import image_prompts
import pipelines
import safety
import single_file
import t2i
from pipelines import SAMPLERS, load
from sweep import against, model_spec, request
from tiny_models import build, randomise

DETERMINISTIC = ["euler", "ddim", "heun", "dpmpp-2m", "unipc", "lms", "deis"]
STORAGE = [torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2]


def forget_statistics(spec):
    """diffusers' inpainting heeds mean and deviation of the latents when it decodes, and forgets them
    when it encodes; the program heeds them in both places."""
    for key in ("latents_mean", "latents_std"):
        spec["vae"].pop(key, None)


def random_model(rng, work, label, levels=None, masked=False, anything=False):
    """A random model's folder and pipeline. diffusers makes most conditions only for UNets with a middle
    and as many layers on every level; `anything` takes the others too."""
    while True:
        spec = model_spec(rng, rng.randrange(10**6))
        count = len(spec["unet"]["block_out_channels"])
        unet = spec["unet"]
        uniform = isinstance(unet["layers_per_block"], int) and unet.get("mid_block_type", "") is not None
        if (uniform or anything) and (levels is None or count in levels):
            break
    if masked:
        forget_statistics(spec)
    folder = work / label
    build(label, spec, folder)
    return folder, load(folder)


def absolute(wanted, folder):
    """The request with the paths of its pictures and networks spelt out."""
    wanted = json.loads(json.dumps(wanted))
    for key in ("controls", "imagePrompts"):
        for reference in wanted.get(key, []):
            for name in ("model", "image", "mask"):
                if reference.get(name):
                    reference[name] = str(folder / reference[name])
    return wanted


def shown(latents, picture):
    return latents.float(), torch.from_numpy(np.array(picture.convert("RGB")))[None]


def plain(rng):
    wanted = request(rng)
    for key in ("schedule", "clipSkip", "prompt2", "negativePrompt2", "guidanceRescale"):
        wanted.pop(key, None)
    wanted["sampler"] = rng.choice(DETERMINISTIC)
    wanted["steps"] = max(4, wanted["steps"])
    return wanted


def control(rng, work, label, count):
    folder, pipeline = random_model(rng, work, label)
    nets = {}
    for kind in ("full", "small", "bare"):
        net = controls.make(pipeline, kind, rng.randrange(10**6))
        net.half().save_pretrained(work / f"{label}-{kind}")
        nets[f"{label}-{kind}"] = net.float()
    controls.control_picture(rng.randrange(999)).save(work / "control.png")
    for _ in range(count):
        wanted = plain(rng)
        chosen = rng.sample(sorted(nets), rng.choice([1, 1, 2, 3]))
        wanted["controls"] = [
            dict(model=name, image="control.png", scale=round(rng.uniform(0.2, 1.2), 2),
                 start=rng.choice([0.0, 0.2]), end=rng.choice([1.0, 0.8])) for name in chosen]
        # Pictures are resized by the program and by diffusers alike; here they fit.
        Image.open(work / "control.png").resize((wanted["width"], wanted["height"])).save(
            work / "control.png")
        yield folder, absolute(wanted, work), lambda: controls.run(pipeline, nets, wanted, work)


def adapter(rng, work, label, count):
    while True:
        folder, pipeline = random_model(rng, work, label, levels=[3], anything=True)
        unet = pipeline.unet.config
        crosses = [kind.startswith("Cross") for kind in unet["down_block_types"]]
        if crosses[1] and (crosses[0] or crosses[2]):
            break
    widths = list(unet["block_out_channels"])
    config = dict(in_channels=rng.choice([1, 3]), num_res_blocks=rng.choice([1, 2]))
    if not crosses[0]:
        # The layout for SDXL: without attention first, then two levels with it.
        config.update(channels=widths + widths[-1:], downscale_factor=16,
                      adapter_type="full_adapter_xl")
    elif widths[1] == widths[2] and rng.random() < 0.7:
        config.update(channels=widths[:2], downscale_factor=8, adapter_type="light_adapter")
    else:
        config.update(channels=widths, downscale_factor=8, adapter_type="full_adapter")
    net = t2i.make(config, rng.randrange(10**6))
    net.half().save_pretrained(work / f"{label}-t2i")
    net.float()
    for _ in range(count):
        wanted = plain(rng)
        wanted.update(width=16 * rng.randint(4, 6), height=16 * rng.randint(4, 6))
        controls.control_picture(rng.randrange(999)).resize(
            (wanted["width"], wanted["height"])).save(work / "control.png")
        wanted["controls"] = [dict(model=f"{label}-t2i", image="control.png", start=0.0,
                                   scale=round(rng.uniform(0.3, 1.0), 2),
                                   end=rng.choice([1.0, 0.5]))]
        yield folder, absolute(wanted, work), lambda: t2i.run(
            pipeline, {f"{label}-t2i": net}, wanted, work)


def further_prompts(rng, work, wanted, first, files):
    """Perhaps a second picture of the same adapter, with masks or not, or one of the other adapter."""
    kind = rng.choice(["none", "picture", "masks", "adapter"])
    if kind == "none" or first["method"] != "full":
        return []
    second = {**first, "image": f"prompt-{rng.choice([1, 2])}.png"}
    if kind == "masks":
        white = np.zeros((wanted["height"], wanted["width"]), np.uint8)
        white[:, : rng.randint(20, 60)] = 255
        for number, values in ((1, white), (2, 255 - white)):
            Image.fromarray(values).save(work / f"mask-{number}.png")
        first["mask"] = "mask-1.png"
        second.update(mask="mask-2.png", scale=round(rng.uniform(0.3, 1.0), 2))
    if kind == "adapter":
        second["model"] = next(file for file in files.values() if file != first["model"])
        second["scale"] = round(rng.uniform(0.3, 1.0), 2)
    return [second]


def image_prompt(rng, work, label, count):
    folder, pipeline = random_model(rng, work, label)
    vision = image_prompts.encoder()
    vision.half().save_pretrained(work / "image_encoder")
    vision.float()
    files = {}
    for kind in ("base", "plus"):
        files[kind] = f"{label}-{kind}.safetensors"
        save_file(image_prompts.adapter(pipeline.unet, kind, rng.randrange(10**6)),
                  work / files[kind])
    layers = pipeline.unet.config.layers_per_block
    down = pipeline.unet.config.down_block_types
    methods = {"full": lambda scale: scale}
    # One transformer of the third level on the way down, one of the first on the way up.
    up = pipeline.unet.up_blocks[0]
    middle = getattr(pipeline.unet.mid_block, "attentions", None)
    # diffusers sets scales of single layers only where the middle has attention too.
    if isinstance(layers, int) and hasattr(up, "attentions") and middle:
        count_up = len(up.attentions)
        methods["style"] = lambda scale: {
            "up": {"block_0": [scale if i == 1 else 0.0 for i in range(count_up)]}}
    if layers == 2 and len(down) > 2 and down[2].startswith("Cross") and middle:
        methods["composition"] = lambda scale: {"down": {"block_2": [0.0, scale]}}
    image_prompts.METHODS = methods
    for number in (1, 2):
        image_prompts.picture(rng.randrange(999), (rng.randint(40, 120), rng.randint(40, 120))).save(
            work / f"prompt-{number}.png")
    for index in range(count):
        wanted = plain(rng)
        wanted.pop("sampler")
        name = list(methods)[index % len(methods)]
        first = dict(
            model=files[rng.choice(["base", "plus"])], image=f"prompt-{rng.choice([1, 2])}.png",
            scale=round(rng.uniform(0.3, 1.0), 2), method=name)
        wanted["imagePrompts"] = [first] + further_prompts(rng, work, wanted, first, files)
        wanted.setdefault("negativePrompt", None)
        yield folder, absolute(wanted, work), lambda: image_prompts.run(pipeline, vision, wanted, work)


def mask(rng, work, label, count):
    folder, _ = random_model(rng, work, label, masked=True)
    size = 8 * rng.randint(8, 11), 8 * rng.randint(8, 11)
    image_prompts.picture(rng.randrange(999), size).save(work / "input.png")
    white = np.zeros(size[::-1], np.uint8)
    white[rng.randint(0, 20):rng.randint(30, 60), rng.randint(0, 20):rng.randint(30, 60)] = 255
    Image.fromarray(white).save(work / "mask.png")
    for _ in range(count):
        wanted = plain(rng)
        wanted.update(
            model=str(folder), width=size[0], height=size[1], strength=rng.choice([0.5, 0.7, 1.0]),
            initImage=str(work / "input.png"), maskImage=str(work / "mask.png"))
        if rng.random() < 0.3:
            wanted["maskFeather"] = rng.choice([3, 6])
        if rng.random() < 0.5 and "maskFeather" not in wanted:
            wanted["hires"] = dict(scale=rng.choice([1.3, 1.5]), strength=rng.choice([0.5, 0.8]),
                                   upscaler=rng.choice(["latent", "pixels"]))
        yield folder, wanted, lambda: shown(*conditions.run(wanted))


def tokenizers():
    """CLIP's own vocabulary, from open_clip's list of merges."""
    import open_clip
    from transformers import CLIPTokenizer

    from open_clip.tokenizer import bytes_to_unicode

    path = Path(open_clip.__file__).parent / "bpe_simple_vocab_16e6.txt.gz"
    lines = gzip.open(path).read().decode().split("\n")[1 : 49152 - 256 - 2 + 1]
    merges = [tuple(line.split()) for line in lines]
    tokens = list(bytes_to_unicode().values())
    tokens += [token + "</w>" for token in tokens] + ["".join(pair) for pair in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    make = lambda pad: CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77,
                                     pad_token=pad)
    return make("<|endoftext|>"), make("!")


def files(rng, work, label, count):
    from diffusers import (EulerDiscreteScheduler, PNDMScheduler, StableDiffusionPipeline,
                           StableDiffusionXLPipeline)

    from other_layouts import PUBLISHED
    from other_layouts import run as run_old
    from tiny_models import SDXL_SCHEDULER

    name = rng.choice(["base", "ssd-1b", "vega", "sd1", "sd2"])
    layout = single_file.LAYOUTS[name]
    parts = single_file.tiny(layout)
    storage = rng.choice(STORAGE)
    modules = [m for m in (parts.unet, parts.vae, parts.text_encoder, parts.text_encoder_2) if m]
    for module in modules:
        randomise(module, rng.randrange(10**6))
        for weight in module.parameters():
            kind = storage if weight.dim() > 1 or storage.itemsize > 1 else torch.float16
            weight.data.copy_(weight.data.to(kind).float())
    prefixes = layout.get("clip", single_file.CLIP), layout.get("big", single_file.BIG)
    state, _ = single_file.original(parts, *prefixes)
    state = {k: v.to(storage if v.dim() > 1 or storage.itemsize > 1 else torch.float16)
             for k, v in state.items()}
    if name == "sd2":
        # The layer that nothing reads.
        for key in [k for k in state if ".resblocks.1." in k]:
            state[key.replace(".resblocks.1.", ".resblocks.2.")] = state[key].clone()
    file = work / f"{label}.safetensors"
    save_file(state, file)
    first, second = tokenizers()
    if name.startswith("sd"):
        prediction = "v_prediction" if name == "sd2" else "epsilon"
        pipeline = StableDiffusionPipeline(
            vae=parts.vae, text_encoder=parts.text_encoder,
            tokenizer=second if name == "sd2" else first, unet=parts.unet,
            scheduler=PNDMScheduler(skip_prk_steps=True, prediction_type=prediction, **PUBLISHED),
            safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    else:
        pipeline = StableDiffusionXLPipeline(
            vae=parts.vae, text_encoder=parts.text_encoder, text_encoder_2=parts.text_encoder_2,
            tokenizer=first, tokenizer_2=second, unet=parts.unet,
            scheduler=EulerDiscreteScheduler(**SDXL_SCHEDULER), add_watermarker=False)
    pipeline.set_progress_bar_config(disable=True)
    for _ in range(count):
        wanted = plain(rng)
        wanted.update(width=64, height=72, steps=4)
        wanted["sampler"] = rng.choice(["euler", "dpmpp-2m"])
        run = run_old if name.startswith("sd") else pipelines.run
        print(f"    {name} {storage}", flush=True)
        yield file, wanted, lambda: run(pipeline, wanted)


def verdicts(binary, rng, work, label, count):
    """Lines about a random checker's verdicts on pictures of the embedded model."""
    safety.FOLDER = work / label
    torch.manual_seed(rng.randrange(10**6))
    model = safety.checker()
    randomise(model.vision_model, rng.randrange(10**6))
    for table in (model.concept_embeds, model.special_care_embeds):
        table.data.copy_(torch.randn(table.shape))
    for weights in (model.concept_embeds_weights, model.special_care_embeds_weights):
        weights.data.copy_(torch.rand(weights.shape) * 0.8)
    model.half().save_pretrained(work / label)
    model.float()
    size = {"height": safety.SIDE, "width": safety.SIDE}
    processor = safety.CLIPImageProcessor(size={"shortest_edge": safety.SIDE}, crop_size=size)
    for _ in range(count):
        result = subprocess.run(
            [binary, "generate", rng.choice(["a castle", "a lake", "red tree"]), "--steps", "2",
             "--seed", str(rng.randrange(999)), "--safety", "flag", "--safety-checker",
             work / label, "--output", work / "out.png", "--json", "--no-history", "-W",
             str(8 * rng.randint(8, 20)), "-H", str(8 * rng.randint(8, 20))],
            capture_output=True, text=True,
            env={"LATENT_HOME": str(work / "home"), "PATH": "/usr/bin"})
        found = json.loads(result.stdout)["images"][0]
        pixels = processor(Image.open(work / "out.png"), return_tensors="pt").pixel_values
        _, flagged = model(pixels, [np.ones((4, 4, 3))])
        fits = flagged[0] == found["isFlagged"] or abs(found["safetyScore"]) <= 0.001
        yield f"flagged {found['isFlagged']}, score {found['safetyScore']}", fits


KINDS = dict(control=control, t2i=adapter, ip=image_prompt, mask=mask, file=files)


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("latent")
    parser.add_argument("--models", type=int, default=3)
    parser.add_argument("--requests", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default=",".join([*KINDS, "safety"]))
    options = parser.parse_args()
    torch.set_num_threads(1)
    bad = 0
    for kind in options.kinds.split(","):
        for index in range(options.models):
            rng = random.Random(f"{options.seed} {kind} {index}")
            work = Path(tempfile.mkdtemp())
            label = f"{kind}-{options.seed}-{index}"
            if kind == "safety":
                lines = verdicts(options.latent, rng, work, label, options.requests)
            else:
                lines = (
                    (f"{wanted.get('sampler', '-')} "
                     + (line := against(options.latent, model, wanted, work, *make(), make))[0], line[1])
                    for model, wanted, make in KINDS[kind](rng, work, label, options.requests))
            for number, (line, fits) in enumerate(lines):
                bad += not fits
                print(f"{'  ' if fits else '! '}{label} {number}: {line}", flush=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
