"""Compares `latent` with diffusers on single files of every layout with all that such files carry, on
random tiny models that no test has seen.

    python sweep_files.py LATENT [--models N] [--requests N] [--seed N] [--layouts A,B]

Layouts: those of single_file.py with random widths and depths, with the refiner beside a base model. A
file may hold EMA copies, positions, schedules, scales and projections that nobody reads, markers of
v-prediction and zero terminal SNR, weights in f32, f16, bf16 or fp8, and may leave its VAE or its
encoders out. Bounds as in sweep.py.
"""

import shutil
import sys

import torch
from diffusers import (
    EulerDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline,
)
from safetensors.torch import save_file

import single_file
from combined import Reference
from other_layouts import PUBLISHED
from sweep import against
from sweep_conditions import STORAGE, tokenizers
from sweep_pictures import Pictures, base, picture, strengths
from sweeping import command_line, rounds, tell
from tiny_models import PUBLISHED_SCHEDULER, SDXL_SCHEDULER, randomise


def layout(rng, name):
    """A layout of single_file.py with other widths and depths."""
    found = dict(single_file.LAYOUTS[name])
    unet = dict(found["unet"])
    count = len(unet["block_out_channels"])
    widths = tuple(64 * rng.choice([1, 2]) for _ in range(count))
    unet["block_out_channels"] = widths
    if name not in ("sd1",):
        unet["attention_head_dim"] = tuple(w // 64 for w in widths)
    if name in ("base", "inpainting"):
        unet["transformer_layers_per_block"] = tuple(rng.choice([1, 2, 3]) for _ in widths)
        unet["layers_per_block"] = rng.choice([1, 2])
    if name.startswith("sd"):
        unet["layers_per_block"] = rng.choice([1, 2])
    found["unet"] = unet
    return found


def rounded(parts, storage, rng):
    """Weights as the file holds them; matrices alone in 8 bits."""
    for module in (parts.unet, parts.vae, parts.text_encoder, parts.text_encoder_2):
        if module is None:
            continue
        randomise(module, rng.randrange(10**6))
        for weight in module.parameters():
            weight.data.copy_(weight.data.to(kind(weight, storage)).float())


def kind(weight, storage):
    return storage if weight.dim() > 1 or storage.itemsize > 1 else torch.float16


def dressed(rng, name, state):
    """The file with what others write beside the weights."""
    some = lambda chance=0.4: rng.random() < chance  # noqa: E731
    state = dict(state)
    if some():
        state.update({k: torch.rand(1000) for k in ("betas", "alphas_cumprod", "sqrt_alphas_cumprod")})
    if some() and name.startswith("sd"):
        for key in [k for k in state if k.startswith("model.diffusion_model.")][:40]:
            state["model_ema." + key.removeprefix("model.").replace(".", "")] = state[key].clone()
        state["model_ema.decay"], state["model_ema.num_updates"] = torch.tensor(0.9999), torch.tensor(7)
    clip = "cond_stage_model.transformer." if name == "sd1" else "conditioner.embedders.0.transformer."
    if any(k.startswith(clip) for k in state):
        if some():
            state[clip + "text_model.embeddings.position_ids"] = torch.arange(77)[None]
        if some(0.3):
            state[clip + "text_projection.weight"] = torch.rand(64, 64)
            state[clip + "logit_scale"] = torch.tensor(4.6)
        if some(0.3) and name == "sd1":
            state = {k.replace(clip + "text_model.", clip): v for k, v in state.items()}
    for big in ("conditioner.embedders.1.model.", "conditioner.embedders.0.model."):
        if any(k.startswith(big) for k in state):
            if some():
                state[big + "logit_scale"] = torch.tensor(4.6)
            if some(0.3):
                state[big + "attn_mask"] = torch.zeros(77, 77)
            if some(0.3):
                # ComfyUI keeps the projection as a layer.
                state[big + "text_projection.weight"] = state.pop(big + "text_projection").T.contiguous()
    return state


def cases(rng, work, label, name, count):
    chosen = layout(rng, name)
    parts = single_file.tiny(chosen)
    storage = rng.choice(STORAGE)
    rounded(parts, storage, rng)
    prefixes = chosen.get("clip", single_file.CLIP), chosen.get("big", single_file.BIG)
    state, _ = single_file.original(parts, *prefixes)
    state = {k: v.to(kind(v, storage)) for k, v in state.items()}
    if name == "sd2":
        for key in [k for k in state if ".resblocks.1." in k]:
            state[key.replace(".resblocks.1.", ".resblocks.2.")] = state[key].clone()
    state, notes, extra = dressed(rng, name, state), [name, str(storage)[6:]], {}
    scheduling, metadata = dict(SDXL_SCHEDULER, **PUBLISHED_SCHEDULER), {}
    if name in ("base", "inpainting", "ssd-1b") and rng.random() < 0.5:
        scheduling["prediction_type"] = "v_prediction"
        if rng.random() < 0.3:
            metadata["modelspec.prediction_type"] = "v"
        else:
            state["v_pred"] = torch.zeros(rng.choice([0, 1]))
        if rng.random() < 0.6:
            state["ztsnr"] = torch.zeros(0)
            scheduling["rescale_betas_zero_snr"] = True
        notes.append("v")
    if name != "refiner" and rng.random() < 0.3:
        vae = {k: state.pop(k) for k in [k for k in state if k.startswith("first_stage_model.")]}
        extra["vae"] = str(work / f"{label}-vae.safetensors")
        save_file({k: v.contiguous() for k, v in vae.items()}, extra["vae"])
        notes.append("no VAE")
    file = work / f"{label}.safetensors"
    save_file({k: v.contiguous() for k, v in state.items()}, file, metadata=metadata or None)
    first, second = tokenizers()
    if name.startswith("sd"):
        more = {"prediction_type": "v_prediction"} if name == "sd2" else {}
        pipeline = StableDiffusionPipeline(
            vae=parts.vae, text_encoder=parts.text_encoder,
            tokenizer=second if name == "sd2" else first, unet=parts.unet,
            scheduler=PNDMScheduler(skip_prk_steps=True, **more, **PUBLISHED),
            safety_checker=None, feature_extractor=None, requires_safety_checker=False)
        # What published configurations say for other solvers.
        pipeline.scheduler.register_to_config(**PUBLISHED_SCHEDULER)
        reference, model = Reference(pipeline), file
    elif name == "refiner":
        model, reference = beside_base(rng, work, label, parts, file, (first, second))
        extra["refiner"] = str(file)
    else:
        pipeline = xl(parts, first, second, scheduling)
        reference, model = Pictures(pipeline), file
    for number in range(count):
        wanted = base(rng)
        wanted.update(width=8 * rng.randint(8, 9), height=8 * rng.randint(8, 9), **extra,
                      steps=rng.choice([3, 4]), sampler=rng.choice(["euler", "dpmpp-2m", "ddim", "euler-ancestral"]))
        if name == "refiner":
            wanted.update(rng.choice([dict(highNoiseFraction=0.5), dict(refinerStrength=0.7)]))
        if name == "inpainting":
            size = wanted["width"], wanted["height"]
            wanted["initImage"], _ = picture(rng, work / f"i{number}", size)
            wanted["maskImage"], _ = picture(rng, work / f"m{number}", size, mask=True)
            wanted["strength"] = strengths(rng, wanted)
        yield ", ".join(notes), model, wanted, lambda: reference(wanted)


def xl(parts, first, second, scheduling=SDXL_SCHEDULER):
    pipeline = StableDiffusionXLPipeline(
        vae=parts.vae, text_encoder=parts.text_encoder, text_encoder_2=parts.text_encoder_2,
        tokenizer=first, tokenizer_2=second, unet=parts.unet,
        scheduler=EulerDiscreteScheduler(**{
            k: v for k, v in scheduling.items() if k not in PUBLISHED_SCHEDULER}), add_watermarker=False)
    pipeline.scheduler.register_to_config(**PUBLISHED_SCHEDULER)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def beside_base(rng, work, label, parts, file, tokens):
    """A base model in a file of its own, and both in diffusers."""
    chosen = layout(rng, "base")
    own = single_file.tiny(chosen)
    rounded(own, torch.float16, rng)
    own.vae = parts.vae
    state, _ = single_file.original(own)
    model = work / f"{label}-base.safetensors"
    save_file({k: v.half().contiguous() for k, v in state.items()}, model)
    for weight in own.vae.parameters():
        weight.data.copy_(weight.data.half().float())
    second = StableDiffusionXLImg2ImgPipeline(
        vae=parts.vae, text_encoder=None, tokenizer=None, text_encoder_2=parts.text_encoder_2,
        tokenizer_2=tokens[1], unet=parts.unet, scheduler=EulerDiscreteScheduler(**SDXL_SCHEDULER),
        requires_aesthetics_score=True, force_zeros_for_empty_prompt=False, add_watermarker=False)
    second.scheduler.register_to_config(**PUBLISHED_SCHEDULER)
    return model, Reference(xl(own, *tokens), refiner=second)


@torch.no_grad()
def main():
    options = command_line(2, 2, layouts=",".join(single_file.LAYOUTS))
    bad = 0
    for name, rng, work, label in rounds(options, options.layouts):
        for number, (note, model, wanted, make) in enumerate(cases(rng, work, label, name, options.requests)):
            line, fits = against(options.latent, model, wanted, work, *make(), make)
            bad += tell(f"{label} {number}: {note}, {wanted['sampler']}", line, fits, wanted)
        shutil.rmtree(work)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
