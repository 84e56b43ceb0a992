"""Writes what LoRAs with a weight per block give, for the files that loras.py made.

    python lora_blocks.py

The first requests use diffusers' own weights per block (`set_adapters` with a dictionary); the last
puts changes on the weights by their original names, as A1111's block weights count blocks. Writes
blocks.requests.json and blocks.pictures.safetensors into Tests/DiffusionTests/Fixtures/loras.
"""

import json

import torch
from safetensors.torch import load_file, save_file

from loras import MODEL, TARGET, Applied
from pipelines import load, run
from single_file import unet_names
from tiny_models import MODELS

ALL = ["BASE"] + [f"IN{i:02}" for i in range(12)] + ["M00"] + [f"OUT{i:02}" for i in range(12)]
TWELVE = ["BASE", "IN04", "IN05", "IN07", "IN08", "M00"] + [f"OUT{i:02}" for i in range(6)]


def block(name: str):
    """The block of an original name, None outside of blocks."""
    parts = name.removeprefix("model.diffusion_model.").split(".")
    if parts[0] == "middle_block":
        return "M00"
    prefix = {"input_blocks": "IN", "output_blocks": "OUT"}.get(parts[0])
    return f"{prefix}{int(parts[1]):02}" if prefix else None


def changes(pipeline, state, weights):
    """Changes by tensor, each times its block's weight."""
    layers = [pipeline.unet.config.layers_per_block] * len(pipeline.unet.config.block_out_channels)
    names = unet_names(pipeline.unet.state_dict(), layers)
    result = {}
    for name, original in names.items():
        if not name.endswith(".weight"):
            continue
        key = "lora_unet_" + original.removeprefix("model.diffusion_model.")[:-7].replace(".", "_")
        if key + ".lora_up.weight" not in state:
            continue
        up, down = (state[f"{key}.lora_{part}.weight"].float() for part in ("up", "down"))
        shape = pipeline.unet.state_dict()[name].shape
        delta = (up.flatten(1) @ down.flatten(1)).reshape(shape)
        scale = (state[key + ".alpha"].float() / down.shape[0]).item()
        result[name] = delta * scale * weights.get(block(original), 1.0)
    return result


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    base = dict(
        version=1, prompt="a lighthouse on a cliff at sunset", negativePrompt="blurry, text",
        width=64, height=64, steps=3, guidanceScale=5.0, seeds=[7], promptWeighting="none",
        precision="f32",
    )
    wanted, results = [], {}

    def record(pipeline, name, weight, names, blocks):
        index = len(wanted)
        numbers = [blocks.get(n, 1.0 if len(names) == 26 else 0.0) for n in names]
        wanted.append({**base, "loras": [
            {"name": f"{name}.safetensors", "weight": weight, "blockWeights": numbers}]})
        results[f"{index}.latents"], results[f"{index}.pixels"] = run(pipeline, base)

    pipeline = load(MODELS / MODEL)
    pipeline.load_lora_weights(TARGET, weight_name="peft.safetensors", adapter_name="peft")
    for scales, blocks in (
        # diffusers' weight of the middle leaves its ResNet blocks out, so it stays 1 here.
        ({"down": {"block_1": 0.5, "block_2": 0.2}, "mid": 1.0,
          "up": {"block_0": [0.7, 0.1], "block_1": [0.0, 1.5]}},
         dict(IN03=0.5, IN05=0.2, OUT00=0.7, OUT01=0.1, OUT02=0.0, OUT03=1.5)),
        ({"down": 0.0, "mid": 1.0, "up": 2.0},
         dict(IN03=0.0, IN05=0.0, OUT00=2.0, OUT01=2.0, OUT02=2.0, OUT03=2.0)),
    ):
        pipeline.set_adapters(["peft"], [{"unet": scales}])
        record(pipeline, "peft", 1.0, ALL, blocks)
    plain = load(MODELS / MODEL)
    state = load_file(TARGET / "original.safetensors")
    blocks = dict(BASE=1.0, IN04=0.5, IN05=1.0, M00=0.3, OUT00=1.0, OUT02=0.6, OUT05=0.8)
    weights = {**dict.fromkeys(ALL, 0.0), **blocks}
    with Applied(plain.unet, changes(plain, state, weights), 0.9):
        record(plain, "original", 0.9, TWELVE, blocks)
    lines = ",\n".join(json.dumps(request) for request in wanted)
    (TARGET / "blocks.requests.json").write_text(f"[\n{lines}\n]\n")
    save_file({k: v.contiguous() for k, v in results.items()}, TARGET / "blocks.pictures.safetensors")
    print([results[f"{i}.pixels"].float().mean().item() for i in range(len(wanted))])


if __name__ == "__main__":
    main()
