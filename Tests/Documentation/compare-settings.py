#!/usr/bin/env python3
"""What settings cost in quality on the embedded model: PSNR and time against its defaults, for the 24
prompts of prompts.txt with seeds 0 to 23, and the grid of bf16 beside int8 in the README.

    python Tests/Documentation/compare-settings.py .build/release/latent

Needs numpy and Pillow.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
SETTINGS = {
    "bf16 again": [],
    "f32": ["--precision", "f32"],
    "int8": ["--precision", "int8"],
    "guidance in 0 to 0.5": ["--cfg-end", "0.5"],
    "guidance in 0.1 to 0.8": ["--cfg-start", "0.1", "--cfg-end", "0.8"],
    "inner levels every 2 steps": ["--reuse-features", "2"],
    "inner levels every 3 steps": ["--reuse-features", "3"],
}


def picture(program, prompt, seed, options, folder):
    """The pixels and the seconds of denoising."""
    path = Path(folder) / "picture.png"
    path.unlink(missing_ok=True)
    chosen = options if "--precision" in options else ["--precision", "bf16", *options]
    command = [
        program, "generate", prompt, "-s", str(seed), "--no-history", "--json", "-o",
        str(path), *chosen]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return np.asarray(Image.open(path).convert("RGB")), json.loads(output)["timing"]["denoise"]


def decibels(found, expected):
    error = np.mean((found.astype(float) - expected.astype(float)) ** 2)
    return float("inf") if error == 0 else 10 * np.log10(255**2 / error)


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else ".build/release/latent"
    prompts = (HERE / "prompts.txt").read_text().splitlines()
    with tempfile.TemporaryDirectory() as folder:
        plain = [picture(program, text, seed, [], folder) for seed, text in enumerate(prompts)]
        print("| | PSNR to bf16, mean | least | denoising, of bf16's time |\n|---|---|---|---|")
        for name, options in SETTINGS.items():
            made = [
                picture(program, text, seed, options, folder) for seed, text in enumerate(prompts)]
            values = [decibels(a[0], b[0]) for a, b in zip(made, plain)]
            time = statistics.median(a[1] / b[1] for a, b in zip(made, plain))
            mean = "identical" if min(values) == float("inf") else f"{np.mean(values):.1f} dB"
            print(f"| {name} | {mean} | {min(values):.1f} dB | {time:.2f} |", flush=True)
            if name != "int8":
                continue
            rows = [
                np.concatenate([side[i][0] for i in range(start, start + 6)], axis=1)
                for start in range(0, 12, 6) for side in (plain, made)]
            Image.fromarray(np.concatenate(rows)).save(HERE / "int8.jpg", quality=85)


if __name__ == "__main__":
    main()
