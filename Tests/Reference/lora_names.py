"""Makes LoRA files with rarer names and kinds for the tiny model three-levels, and what they do to its
pictures.

    python lora_names.py

Names of text encoders' projections from before diffusers used peft, GLoRA on matrices and convolutions
(LyCORIS), and a file of a kind that the program does not know (OFT). Writes names.requests.json,
names.pictures.safetensors and the files into Tests/DiffusionTests/Fixtures/loras.
"""

import contextlib
import json

import torch
from safetensors.torch import save_file

from loras import MODEL, TARGET, Applied, store
from pipelines import load, run
from tiny_models import MODELS

GENERATOR = torch.Generator().manual_seed(79)


def random(*shape, gain=0.4):
    return torch.randn(shape, generator=GENERATOR) * gain


def old_encoders(pipeline):
    """`self_attn.to_q_lora` and its like, for both encoders."""
    state, applied = {}, []
    for part in ("text_encoder", "text_encoder_2"):
        encoder = getattr(pipeline, part)
        for name, weight in encoder.state_dict().items():
            if ".self_attn." not in name or not name.endswith("_proj.weight"):
                continue
            outer, inner = name.removesuffix("_proj.weight").removeprefix("text_model.").rsplit(".", 1)
            key = f"{part}.text_model.{outer}.to_{inner}_lora"
            up, down = random(weight.shape[0], 2), random(2, weight.shape[1])
            state[key + ".up.weight"], state[key + ".down.weight"] = up, down
            applied.append((encoder, {name: up @ down}))
    store("encoders-old", state)
    return applied


def glora(pipeline):
    """W a1 a2 + b1 b2, as lycoris/modules/glora.py has it."""
    state, changes = {}, {}
    rank, alpha = 2, 1.0
    for name, weight in pipeline.unet.state_dict().items():
        if not name.endswith(("attn2.to_k.weight", "ff.net.2.weight", "conv1.weight", "proj_in.weight")):
            continue
        key = "lycoris_" + name.removesuffix(".weight").replace(".", "_")
        ones = [1] * (weight.dim() - 2)
        a1, a2 = random(weight.shape[1], rank), random(rank, weight.shape[1])
        b1, b2 = random(weight.shape[0], rank), random(rank, *weight.shape[1:])
        for part, value in (("a1", a1), ("a2", a2), ("b1", b1)):
            state[f"{key}.{part}.weight"] = value.reshape(*value.shape, *ones)
        state[f"{key}.b2.weight"], state[f"{key}.alpha"] = b2, torch.tensor(alpha)
        mixed = torch.einsum("o i ..., i r, r j -> o j ...", weight, a1, a2)
        added = (b1 @ b2.flatten(1)).reshape(weight.shape)
        changes[name] = (mixed + added) * alpha / rank
    store("glora", state)
    return [(pipeline.unet, changes)]


def rotations(pipeline):
    """OFT, which turns weights instead of adding to them."""
    state = {}
    for name in pipeline.unet.state_dict():
        if name.endswith("attn1.to_q.weight"):
            key = "lycoris_" + name.removesuffix(".weight").replace(".", "_")
            state[key + ".oft_blocks"], state[key + ".alpha"] = random(2, 4, 4), torch.tensor(1.0)
    store("oft", state)


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    base = dict(
        version=1, prompt="a lighthouse on a cliff at sunset", negativePrompt="blurry, text",
        width=64, height=64, steps=3, guidanceScale=5.0, seeds=[7], promptWeighting="none",
        precision="f32",
    )
    pipeline = load(MODELS / MODEL)
    wanted, results = [], {}
    for name, applied, weight in (
        ("encoders-old", old_encoders(pipeline), 0.8), ("glora", glora(pipeline), 0.5),
    ):
        with contextlib.ExitStack() as stack:
            for module, changes in applied:
                stack.enter_context(Applied(module, changes, weight))
            index = len(wanted)
            wanted.append({**base, "loras": [{"name": f"{name}.safetensors", "weight": weight}]})
            results[f"{index}.latents"], results[f"{index}.pixels"] = run(pipeline, base)
    rotations(pipeline)
    lines = ",\n".join(json.dumps(request) for request in wanted)
    (TARGET / "names.requests.json").write_text(f"[\n{lines}\n]\n")
    save_file({k: v.contiguous() for k, v in results.items()}, TARGET / "names.pictures.safetensors")
    print({k: round(v.float().std().item(), 1) for k, v in results.items() if "pix" in k})


if __name__ == "__main__":
    main()
