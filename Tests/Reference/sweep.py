"""Compares `latent` with diffusers on random tiny models and random requests that no test has seen.

    python sweep.py LATENT [--models N] [--requests N] [--seed N] [--keep FOLDER] [--bf16]

LATENT is the built binary. Prints one line per request and fails when a picture is further off
than the parity bounds (latents 5e-4 of the largest value, 50 dB, 2 of 255). Stochastic and
deterministic samplers alike. The models have the scheduler keys that published ones have: without
`clip_sample: false`, DDIM cuts its estimate off and diffusers itself moves by 2e-3 of the largest
latent when its UNet's output changes by 1e-6. With `--bf16` both sides compute in bfloat16, and the
picture may be 3 dB further from diffusers' float32 than diffusers' own bfloat16 is.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from pipelines import SAMPLERS, SCHEDULES, load, run
from stability import distances, verdict
from tiny_models import build

WORDS = "a lighthouse castle on in the cliff lake fog sunset, night rain; red! 3 pines (old) é 雪".split()


def model_spec(rng: random.Random, seed: int) -> dict:
    groups = rng.choice([2, 4])
    levels = rng.choice([1, 2, 2, 3, 3, 4])
    widths = [groups * rng.choice([2, 3, 4]) for _ in range(levels)]
    crosses = [rng.random() < 0.6 for _ in range(levels)]
    if not any(crosses):
        crosses[-1] = True
    heads = [rng.choice([h for h in (1, 2, 3, 4) if w % h == 0]) for w in widths]
    latents = dict(
        latents_mean=tuple(rng.uniform(-0.5, 0.5) for _ in range(4)),
        latents_std=tuple(rng.uniform(0.5, 1.5) for _ in range(4)),
    )
    hidden = rng.choice([8, 12, 16]), rng.choice([16, 20, 24])
    vae_groups = rng.choice([2, 4])
    return dict(
        seed=seed, vocabulary=rng.choice([520, 600]), old_tokenizer=rng.random() < 0.5,
        variant=rng.choice([None, "fp16"]), force_zeros=rng.random() < 0.5,
        **rng.choice([{"prefix": True}, {"prefix": False}, {"shard": "30KB"}]),
        published_scheduler=True,
        text1=dict(hidden=hidden[0], layers=rng.choice([2, 3]), heads=rng.choice([1, 2, 4]),
                   act=rng.choice(["quick_gelu", "gelu"]), projection=8),
        text2=dict(hidden=hidden[1], layers=rng.choice([2, 4]), heads=rng.choice([1, 2, 4]),
                   act=rng.choice(["quick_gelu", "gelu"]), projection=rng.choice([10, 16, 24]),
                   eos=True if rng.random() < 0.5 else None),
        unet=dict(
            sample_size=8, block_out_channels=tuple(widths), norm_num_groups=groups,
            layers_per_block=rng.choice([1, 2, tuple(rng.choice([1, 2]) for _ in range(levels))]),
            down_block_types=tuple(
                "CrossAttnDownBlock2D" if c else "DownBlock2D" for c in crosses),
            up_block_types=tuple(
                "CrossAttnUpBlock2D" if c else "UpBlock2D" for c in reversed(crosses)),
            mid_block_type=rng.choice(["UNetMidBlock2DCrossAttn"] * 3 + ["UNetMidBlock2D", None]),
            attention_head_dim=tuple(heads),
            transformer_layers_per_block=rng.choice(
                [1, tuple(rng.choice([1, 2, 3]) for _ in range(levels))]),
            use_linear_projection=rng.random() < 0.5, addition_time_embed_dim=rng.choice([4, 8]),
            flip_sin_to_cos=rng.random() < 0.8, freq_shift=rng.choice([0, 0, 1]),
        ),
        vae=dict(
            block_out_channels=tuple(vae_groups * rng.choice([1, 2, 3]) for _ in range(4)),
            layers_per_block=rng.choice([1, 2]), norm_num_groups=vae_groups, latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            scaling_factor=rng.choice([0.13025, 0.5, 1.0]),
            mid_block_add_attention=rng.random() < 0.7, use_quant_conv=rng.random() < 0.7,
            use_post_quant_conv=rng.random() < 0.7,
            **(latents if rng.random() < 0.3 else {}),
        ),
        scheduler=rng.choice([
            {}, {}, {"timestep_spacing": "trailing"}, {"timestep_spacing": "linspace"},
            {"prediction_type": "v_prediction"},
            {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True,
             "timestep_spacing": "trailing"},
        ]),
    )


def request(rng: random.Random) -> dict:
    text = lambda: " ".join(rng.choice(WORDS) for _ in range(rng.choice([0, 1, 5, 12, 60])))
    value = dict(
        version=1, prompt=text(), negativePrompt=rng.choice([None, "", text()]),
        width=8 * rng.randint(8, 13), height=8 * rng.randint(8, 13), steps=rng.randint(2, 9),
        guidanceScale=rng.choice([1.0, 2.5, 5.0, 7.5]), seeds=[rng.randrange(2**40)],
        promptWeighting="none", precision="f32",
    )
    if rng.random() < 0.8:
        value["sampler"] = rng.choice(list(SAMPLERS))
    if rng.random() < 0.3 and value.get("sampler") in ("euler", "dpmpp-2m", "unipc", "heun", "lms"):
        value["schedule"] = rng.choice(list(SCHEDULES))
    if rng.random() < 0.3:
        value["guidanceRescale"] = 0.7
    if rng.random() < 0.3:
        value["clipSkip"] = rng.choice([1, 3])
    if rng.random() < 0.3:
        value["prompt2"] = text() or "a lake"
    if rng.random() < 0.2 and value["negativePrompt"]:
        value["negativePrompt2"] = text() or "fog"
    return value


def compare(binary: str, folder: Path, wanted: dict, work: Path, pipeline):
    """One line about a request, and whether it is within bounds."""
    try:
        latents, pixels = run(pipeline, wanted)
    except Exception as error:  # diffusers refuses some combinations: nothing to compare.
        return f"skipped, diffusers: {str(error)[:80]}", True
    return against(
        binary, folder, wanted, work, latents, pixels, lambda: run(pipeline, wanted))


def against(binary: str, model: Path, wanted: dict, work: Path, latents, pixels, make=None):
    """One line about what `latent` makes of a request beside the given result, and whether it is within
    bounds; `make` gives the result again, to find out whether it is a stable one."""
    file = work / "request.json"
    file.write_text(json.dumps(wanted))
    result = subprocess.run(
        [binary, "generate", "--request", file, "--model", model, "--latents-out",
         work / "latents.safetensors", "--output", work / "out.png", "--no-history",
         "--threads", "1"],
        capture_output=True, text=True, env={"LATENT_HOME": str(work / "home"), "PATH": "/usr/bin"})
    if result.returncode != 0:
        return f"FAILED {result.returncode}: {result.stderr[-300:]}", False
    from PIL import Image

    found = load_file(work / "latents.safetensors")["latents"]
    picture = torch.from_numpy(np.array(Image.open(work / "out.png").convert("RGB")))[None]
    relative, decibels, largest = distances(latents, pixels, found, picture)
    fits = relative < 5e-4 and decibels >= 50 and largest <= 2
    line = f"latents {relative:.1e}, {decibels:.1f} dB, {largest:.0f}"
    if not fits and make:
        reason, fits = verdict(relative, make)
        line += "; " + reason
    return line, fits


def compare_reduced(binary: str, folder: Path, wanted: dict, work: Path, pipeline, reduced):
    """The same in bfloat16, where diffusers loses something too."""
    try:
        exact, own = run(pipeline, wanted), run(reduced, wanted)
    except Exception as error:
        return f"skipped, diffusers: {str(error)[:80]}", True
    _, lost, _ = distances(*exact, *own)
    line, _ = against(binary, folder, {**wanted, "precision": "bf16"}, work, *exact)
    if line.startswith("FAILED"):
        return line, False
    kept = float(line.split(" dB")[0].split()[-1])
    return f"{kept:.1f} dB, diffusers {lost:.1f} dB", kept >= lost - 3


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("latent")
    parser.add_argument("--models", type=int, default=10)
    parser.add_argument("--requests", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--bf16", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    work = options.keep or Path(tempfile.mkdtemp())
    work.mkdir(parents=True, exist_ok=True)
    bad = 0
    for index in range(options.models):
        rng = random.Random(options.seed * 1000 + index)
        spec = model_spec(rng, index)
        folder = work / f"model-{options.seed}-{index}"
        build(folder.name, spec, folder)
        pipeline = load(folder)
        reduced = load(folder, torch.bfloat16) if options.bf16 else None
        for number in range(options.requests):
            wanted = request(rng)
            if reduced:
                line, fits = compare_reduced(
                    options.latent, folder, wanted, work, pipeline, reduced)
            else:
                line, fits = compare(options.latent, folder, wanted, work, pipeline)
            bad += not fits
            label = f"{wanted.get('sampler', '-')} {wanted.get('schedule', '')}"
            print(f"{'  ' if fits else '! '}{folder.name} {number} {label}: {line}", flush=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
