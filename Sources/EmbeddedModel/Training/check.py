"""Checks an exported folder: its size, that diffusers loads it, and that it draws. `python check.py ../Model`."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import torch  # noqa: E402
from postcards import sample  # noqa: E402

torch.set_num_threads(1)

LIMIT = 20e6

target = sys.argv[1]
size = sum(os.path.getsize(os.path.join(root, f)) for root, _, files in os.walk(target) for f in files)
print(f"{size / 1e6:.2f} MB")
assert size <= LIMIT, "larger than the budget"
d = sample.defaults(target)
picture = sample.draw(sample.load(target), ["a lighthouse on a cliff at sunset"], [0], d["width"], d["steps"], d["guidanceScale"])
print("drew", picture.shape, "mean", picture.mean().round(1), "deviation", picture.std().round(1))
assert picture.std() > 20, "a flat picture"
if len(sys.argv) > 2:
    sample.grid(picture, 1, sys.argv[2])
