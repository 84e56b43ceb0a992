"""Compares `latent` with diffusers on pictures and masks of every mode and size, at odd strengths and
few steps, and with other VAEs, on random tiny models that no test has seen.

    python sweep_pictures.py LATENT [--models N] [--requests N] [--seed N] [--kinds A,B]

Kinds: picture (image to image), mask (four channels), nine (nine channels), area (the masked area
alone), vae (a VAE from a folder or a file of its own, in diffusers' or the original names, with another
scale, shift or statistics). Bounds as in sweep.py.
"""

import sys

import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image, ImageOps
from safetensors.torch import save_file

import conditions
import image_prompts
import pipelines
from combined import Reference
from single_file import vae_names
from sweep import against, request
from sweep_combined import sd_model, xl_model
from sweep_conditions import shown
from sweeping import command_line, rounds, tell
from tiny_models import randomise

SOLVERS = ["euler", "ddim", "heun", "dpmpp-2m", "unipc", "deis", "euler-ancestral", "lcm", "dpmpp-2m-sde",
           "dpm2", "ddpm", "dpmpp-2s-ancestral"]


def picture(rng, path, size, mask=False):
    """A picture of a random mode and kind of file; returns its path and what it shows upright."""
    if mask:
        values = np.zeros(size[::-1], np.uint8)
        for _ in range(rng.choice([1, 2])):
            left, top = rng.randint(0, size[0] // 2), rng.randint(0, size[1] // 2)
            values[top:top + rng.randint(12, 60), left:left + rng.randint(12, 60)] = rng.choice([255, 255, 140])
        image = Image.fromarray(values)
        mode = rng.choice(["L", "1", "RGB", "P", "RGBA"])
    else:
        image = image_prompts.picture(rng.randrange(999), size)
        mode = rng.choice(["RGB", "RGB", "L", "P", "1", "jpeg", "turned"])
    if mode in ("jpeg", "turned"):
        path = path.with_suffix(".jpg")
        exif = Image.Exif()
        if mode == "turned":
            exif[0x0112] = rng.choice([2, 3, 4, 5, 6, 7, 8])
        image.save(path, quality=95, exif=exif)
    else:
        path = path.with_suffix(".png")
        image.convert(mode).save(path)
    return str(path), ImageOps.exif_transpose(Image.open(path))


def base(rng):
    wanted = request(rng)
    for key in ("schedule", "clipSkip", "prompt2", "negativePrompt2", "guidanceRescale"):
        wanted.pop(key, None)
    wanted["negativePrompt"] = wanted["negativePrompt"] or "fog"
    wanted.update(
        sampler=rng.choice(SOLVERS), steps=rng.choice([1, 2, 3, 4, 6, 9]),
        guidanceScale=rng.choice([0.0, 0.5, 1.0, 1.01, 4.0]),
        width=8 * rng.randint(8, 17), height=8 * rng.randint(8, 13))
    return wanted


def strengths(rng, wanted):
    while True:
        strength = rng.choice([0.01, 0.1, 0.25, 0.34, 0.5, 0.58, 0.67, 0.75, 0.999, 1.0])
        if int(wanted["steps"] * strength) >= 1:
            return strength


class Pictures(Reference):
    """Pictures are turned upright before they are read."""

    def first(self, wanted, generator, pictures, **given):
        size = wanted["width"], wanted["height"]
        place = "text"
        if "initImage" in wanted:
            place, self_image = "image", ImageOps.exif_transpose(Image.open(wanted["initImage"]))
            given.update(image=self_image.convert("RGB"), strength=wanted["strength"])
            if not wanted.get("maskImage"):
                # The pipeline takes its size from the picture.
                given["image"] = given["image"].resize(size, Image.LANCZOS)
        if "maskImage" in wanted:
            place = "mask"
            # As load_image gives it; a palette would be resized by nearest neighbour.
            given["mask_image"] = Image.open(wanted["maskImage"]).convert("RGB")
        return self.one(wanted, place, generator, pictures, *size, **given)


def images(rng, work, label, count, kind="picture"):
    channels = 9 if kind == "nine" else 4
    if kind != "nine" and rng.random() < 0.35:
        folder, pipeline = sd_model(rng, work, label)
    else:
        folder, pipeline = xl_model(rng, work, label, channels)
    reference = Pictures(pipeline)
    for number in range(count):
        wanted = base(rng)
        near = lambda side: max(32, side + 8 * rng.choice([0, 0, -2, 3]) + rng.choice([0, 0, 5]))  # noqa: E731
        size = wanted["width"], wanted["height"]
        file, _ = picture(rng, work / f"input-{number}", tuple(near(s) for s in size))
        wanted.update(initImage=file, strength=strengths(rng, wanted))
        if kind != "picture":
            wanted["maskImage"], _ = picture(
                rng, work / f"mask-{number}", tuple(near(s) for s in size), mask=True)
        yield folder, wanted, lambda: reference(wanted)


def area(rng, work, label, count):
    folder, _ = xl_model(rng, work, label)
    for number in range(count):
        wanted = base(rng)
        size = 8 * rng.randint(9, 20), 8 * rng.randint(9, 16)
        image = image_prompts.picture(rng.randrange(999), size)
        image.save(work / f"input-{number}.png")
        values = np.zeros(size[::-1], np.uint8)
        left, top = rng.randint(0, size[0] // 2), rng.randint(0, size[1] // 2)
        values[top:top + rng.randint(9, 40), left:left + rng.randint(9, 50)] = 255
        Image.fromarray(values).save(work / f"mask-{number}.png")
        wanted.update(
            model=str(folder), initImage=str(work / f"input-{number}.png"),
            maskImage=str(work / f"mask-{number}.png"), strength=strengths(rng, wanted),
            maskPadding=rng.choice([0, 4, 17, 32, 200]))
        if rng.random() < 0.4:
            wanted["maskFeather"] = rng.choice([1, 3, 8])
        yield folder, wanted, lambda: shown(*conditions.run(wanted))


def vae(rng, work, label, count):
    """Another VAE in place of the model's."""
    folder, _ = xl_model(rng, work, label)
    for number in range(count):
        pipeline = pipelines.load(folder)
        kind = rng.choice(["folder", "file", "original", "bare"])
        groups = 32 if kind != "folder" else rng.choice([2, 4])
        config = dict(
            block_out_channels=tuple(groups * rng.choice([1, 2]) for _ in range(4)),
            layers_per_block=rng.choice([1, 2]), norm_num_groups=groups, latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
            scaling_factor=pipeline.vae.config.scaling_factor)
        if kind == "folder":
            config.update(scaling_factor=rng.choice([0.13025, 0.18215, 0.9]),
                          use_quant_conv=rng.random() < 0.7, use_post_quant_conv=rng.random() < 0.7,
                          mid_block_add_attention=rng.random() < 0.7)
            if rng.random() < 0.4:
                config.update(latents_mean=tuple(rng.uniform(-0.5, 0.5) for _ in range(4)),
                              latents_std=tuple(rng.uniform(0.5, 1.5) for _ in range(4)))
        other = AutoencoderKL(**config).eval()
        randomise(other, rng.randrange(10**6))
        storage = rng.choice([torch.float32, torch.float16, torch.bfloat16])
        for weight in other.parameters():
            weight.data.copy_(weight.data.to(storage).float())
        place = work / f"{label}-vae-{number}"
        if kind == "folder":
            other.save_pretrained(place)
        else:
            place = place.with_suffix(".safetensors")
            state = {k: v.to(storage) for k, v in other.state_dict().items()}
            if kind != "file":
                names = vae_names(state, 4)
                state = {names[k]: v[:, :, None, None] if "attentions" in k and v.dim() == 2 else v
                         for k, v in state.items()}
                if kind == "bare":
                    state = {k.removeprefix("first_stage_model."): v for k, v in state.items()}
            save_file({k: v.contiguous() for k, v in state.items()}, place)
        pipeline.vae = other
        wanted = base(rng)
        wanted["steps"] = max(2, wanted["steps"])
        wanted["vae"] = str(place)
        if rng.random() < 0.5 and not config.get("latents_mean"):
            image_prompts.picture(rng.randrange(999), (wanted["width"], wanted["height"])).save(
                work / f"input-{number}.png")
            wanted.update(initImage=str(work / f"input-{number}.png"), strength=strengths(rng, wanted))
        print(f"    {kind} {storage} {sorted(config)[-1]}", flush=True)
        reference = Reference(pipeline)
        yield folder, wanted, lambda: reference(wanted)


KINDS = dict(
    picture=images, mask=lambda *a: images(*a, kind="mask"), nine=lambda *a: images(*a, kind="nine"),
    area=area, vae=vae)


@torch.no_grad()
def main():
    options = command_line(3, 4, kinds=",".join(KINDS))
    bad = 0
    for kind, rng, work, label in rounds(options, options.kinds):
        for number, (model, wanted, make) in enumerate(KINDS[kind](rng, work, label, options.requests)):
            try:
                exact = make()
            except Exception as error:  # diffusers refuses some combinations: nothing to compare.
                print(f"   {label} {number}: skipped, diffusers: {type(error).__name__} {str(error)[:100]}",
                      flush=True)
                continue
            line, fits = against(options.latent, model, wanted, work, *exact, make)
            # Where blurring leaves no white the program says so; diffusers repaints nothing.
            fits = fits or "nothing white" in line
            name = f"{wanted['sampler']} {wanted['steps']} steps, strength {wanted.get('strength')}"
            bad += tell(f"{label} {number}: {name}", line, fits, wanted)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
