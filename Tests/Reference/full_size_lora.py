"""Writes a LoRA of random numbers for every attention and feed-forward matrix of a model's UNet, in
kohya's names and float16, for measurements with full_size_model.py's folder.

    python full_size_lora.py MODEL FILE [--rank 16] [--seed 1]
    latent bench unet --shape MODEL -W 512 -H 512 --lora FILE
"""

import argparse
import json
import struct
from pathlib import Path

import torch
from safetensors.torch import save_file

PARTS = ("to_q", "to_k", "to_v", "to_out.0", "ff.net", "proj_in", "proj_out")


def shapes(folder: Path):
    for file in sorted((folder / "unet").glob("*.safetensors")):
        with open(file, "rb") as opened:
            header = json.loads(opened.read(struct.unpack("<Q", opened.read(8))[0]))
        for name, entry in header.items():
            if name.endswith(".weight") and len(entry["shape"]) == 2:
                yield name.removesuffix(".weight"), entry["shape"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("file")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    state = {}
    for name, (outputs, inputs) in shapes(options.model):
        if not any(part in name for part in PARTS):
            continue
        key = "lora_unet_" + name.replace(".", "_")
        state[key + ".lora_up.weight"] = (torch.randn(outputs, options.rank) * 0.01).half()
        state[key + ".lora_down.weight"] = (torch.randn(options.rank, inputs) * 0.02).half()
        state[key + ".alpha"] = torch.tensor(options.rank / 2).half()
    save_file(state, options.file)
    print(f"{len(state) // 3} matrices")


if __name__ == "__main__":
    main()
