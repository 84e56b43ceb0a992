#!/usr/bin/env python3
"""Makes conditions.jpg: what each condition does to a picture of the embedded model, labelled with the
options that did it.

    python Tests/Documentation/make-conditions.py .build/release/latent

Needs Pillow. Every picture is drawn by the program; masks and the picture that outlines are taken from
are made from what it drew before.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).resolve().parent
PROMPT = "a red house in a meadow, day"


def main():
    program = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        cells = draw(program, Path(folder))
    width = 256
    label = 44
    columns = 5
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * (width + 8) + 8, rows * (width + label) + 8), "white")
    pen = ImageDraw.Draw(sheet)
    for index, (text, image) in enumerate(cells):
        x, y = 8 + index % columns * (width + 8), 8 + index // columns * (width + label)
        image.thumbnail((width, width))
        sheet.paste(image, (x, y))
        for line, part in enumerate(text.split("\n")):
            pen.text((x, y + width + 2 + 14 * line), part, fill="black")
    sheet.save(HERE / "conditions.jpg", quality=88)


def draw(program, folder):
    """Labels and pictures, in order."""
    cells = []

    def cell(label, *options, prompt=PROMPT, seed=4):
        path = folder / f"{len(cells)}.png"
        subprocess.run(
            [program, "generate", prompt, "-s", str(seed), "--no-history", "-o", str(path),
             *map(str, options)],
            check=True, capture_output=True, env={"LATENT_HOME": str(folder / "home")})
        cells.append((label, Image.open(path).convert("RGB")))
        return path

    start = cell(f'"{PROMPT}"')
    side = Image.open(start).width
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).rectangle((side // 3, side // 4, 2 * side // 3, 3 * side // 4), fill=255)
    mask.save(folder / "mask.png")
    part = ("--init", start, "--mask", folder / "mask.png", "--strength", "0.9")
    night = PROMPT.replace("day", "night")
    cell('--init, --strength 0.6\n"... night"', "--init", start, "--strength", "0.6", prompt=night)
    cell('--mask\n"a windmill in a meadow, day"', *part, "--mask-feather", "8",
         prompt="a windmill in a meadow, day")
    cell("--mask-padding 16\n(the masked part alone)", *part, "--mask-padding", "16",
         prompt="a windmill in a meadow, day")
    cell("--outpaint 64,0,64,0", "--init", start, "--outpaint", "64,0,64,0", "--strength", "0.9")
    cell("--hires 1.5:0.5", "--hires", "1.5:0.5")
    cell("--tiling x", "--tiling", "x")
    cell("--variation-strength 0.4", "--variation-seed", "9", "--variation-strength", "0.4")
    cell('"a [house:windmill:0.3] in a\nmeadow, day"', prompt="a [house:windmill:0.3] in a meadow, day")
    cell('"(snow:1.4), ..."', prompt="(snow:1.4), " + PROMPT)
    cell("--cfg 9 --cfg-rescale 0.7", "--cfg", "9", "--cfg-rescale", "0.7")
    cell("<lora:old-photo:1>", prompt=PROMPT + " <lora:old-photo:1>")
    cell("<lora:old-photo:0.4>", prompt=PROMPT + " <lora:old-photo:0.4>")
    cell('"winter-home" (textual inversion)', prompt="winter-home")
    cell("--control canny\n(outlines of the first picture)", "--control", "canny", "--control-image", start,
         "--control-preprocess", "canny", prompt="a castle in a meadow, sunset")
    return cells


if __name__ == "__main__":
    main()
