"""Makes LoRA files of every kind for the tiny model three-levels, and what they do to its pictures.

    python loras.py

Writes Tests/DiffusionTests/Fixtures/loras: the files, requests.json and pictures.safetensors. Files
that diffusers and peft can load are run by them; the others' changes are computed here, from the
formulas of the papers, and put on the weights.
"""

import contextlib
import json
import math
import shutil
from pathlib import Path

import torch
from peft import IA3Config, LoHaConfig, LoKrConfig, LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file

from pipelines import load, run
from single_file import unet_names
from tiny_models import HERE, MODELS

TARGET = HERE.parent / "DiffusionTests" / "Fixtures" / "loras"
MODEL = "three-levels"
GENERATOR = torch.Generator().manual_seed(77)
ATTENTION = ["to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "proj_in"]
TEXT = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]


def random(*shape, gain=0.5):
    return torch.randn(shape, generator=GENERATOR) * gain


def fill(module):
    """Random numbers in place of the zeros with which adapters begin."""
    with torch.no_grad():
        for name, parameter in sorted(module.named_parameters()):
            if any(part in name for part in ("lora_A", "lora_B", "hada_", "lokr_")):
                parameter.copy_(random(*parameter.shape, gain=0.3))
            elif "lora_magnitude" in name:
                parameter.mul_(1 + random(*parameter.shape, gain=0.2))
            elif "ia3_l" in name:
                parameter.copy_(1 + random(*parameter.shape, gain=0.3))


def with_peft(pipeline, name, unet):
    """Adds an adapter to the UNet, fills it and saves it as diffusers does."""
    pipeline.unet.add_adapter(unet, name)
    fill(pipeline.unet)
    pipeline.save_lora_weights(
        TARGET, unet_lora_layers=get_peft_model_state_dict(pipeline.unet, adapter_name=name),
        weight_name=f"{name}.safetensors", unet_lora_adapter_metadata=unet.to_dict())


def kohya(name, targets, rank=3, alpha=2.0, dora=False, prefix="lora_unet_", spell=lambda n: n):
    """kohya's names for LoRA pairs on `targets` {module: weight}."""
    state, changes = {}, {}
    for module, weight in targets.items():
        key = prefix + spell(module).replace(".", "_")
        shape = weight.shape
        down = random(rank, *shape[1:], gain=0.4)
        up = random(shape[0], rank, *([1] * (len(shape) - 2)), gain=0.4)
        state[f"{key}.lora_down.weight"], state[f"{key}.lora_up.weight"] = down, up
        state[f"{key}.alpha"] = torch.tensor(alpha)
        change = (up.reshape(shape[0], rank) @ down.reshape(rank, -1)).reshape(shape) * alpha / rank
        changes[module + ".weight"] = change
    return state, changes


def tucker(core, up, down):
    """up [o, r], core [r, s, ...], down [s, i]."""
    return torch.einsum("r s ..., o r, s i -> o i ...", core, up, down)


def lycoris(pipeline):
    """Every LyCORIS kind: file contents and the changes of diffusers' weights, by name."""
    unet = pipeline.unet.state_dict()
    attention = [n[:-7] for n in unet if n.endswith("attn1.to_q.weight")]
    cross = [n[:-7] for n in unet if n.endswith("attn2.to_k.weight")]
    feed = [n[:-7] for n in unet if n.endswith("ff.net.2.weight")]
    convs = [n[:-7] for n in unet if n.endswith("conv1.weight")]
    key = lambda module: "lycoris_" + module.replace(".", "_")
    rank, alpha = 2, 1.0

    state, changes = {}, {}  # LoHa: matrices, convolutions flat and with cores
    for index, module in enumerate(cross + convs):
        shape = unet[module + ".weight"].shape
        w1a, w2a = random(shape[0], rank), random(shape[0], rank)
        if len(shape) == 4 and index % 2:
            t1, t2 = random(rank, rank, 3, 3), random(rank, rank, 3, 3)
            w1b, w2b = random(rank, shape[1]), random(rank, shape[1])
            delta = tucker(t1, w1a, w1b) * tucker(t2, w2a, w2b)
            state[key(module) + ".hada_t1"], state[key(module) + ".hada_t2"] = t1, t2
            w1a, w2a = w1a.T, w2a.T
        else:
            columns = math.prod(shape[1:])
            w1b, w2b = random(rank, columns), random(rank, columns)
            delta = ((w1a @ w1b) * (w2a @ w2b)).reshape(shape)
        for part, value in (("w1_a", w1a), ("w1_b", w1b), ("w2_a", w2a), ("w2_b", w2b)):
            state[f"{key(module)}.hada_{part}"] = value
        state[key(module) + ".alpha"] = torch.tensor(alpha)
        changes[module + ".weight"] = delta * alpha / rank
    yield "loha", state, changes

    state, changes = {}, {}  # LoKr: whole, factored on either side, with a core
    for index, module in enumerate(attention + feed + convs):
        shape = unet[module + ".weight"].shape
        a, c = 2, 4
        b, d = shape[0] // a, shape[1] // c
        scale = 1.0
        if index % 3 == 0:
            w1 = random(a, c)
            state[key(module) + ".lokr_w1"] = w1
        else:
            w1a, w1b = random(a, 1), random(1, c)
            w1, scale = w1a @ w1b, alpha
            state[key(module) + ".lokr_w1_a"], state[key(module) + ".lokr_w1_b"] = w1a, w1b
        if len(shape) == 4 and index % 2:
            core, w2a, w2b = random(rank, rank, 3, 3), random(rank, b), random(rank, d)
            w2, scale = tucker(core, w2a.T, w2b), alpha / rank
            state[key(module) + ".lokr_t2"] = core
            state[key(module) + ".lokr_w2_a"], state[key(module) + ".lokr_w2_b"] = w2a, w2b
        elif index % 2:
            w2a, w2b = random(b, rank), random(rank, d * math.prod(shape[2:]))
            w2, scale = (w2a @ w2b).reshape(b, d, *shape[2:]), alpha / rank
            state[key(module) + ".lokr_w2_a"], state[key(module) + ".lokr_w2_b"] = w2a, w2b
        else:
            w2 = random(b, d, *shape[2:])
            state[key(module) + ".lokr_w2"] = w2
        state[key(module) + ".alpha"] = torch.tensor(alpha)
        w1 = w1.reshape(*w1.shape, *([1] * (len(shape) - 2)))
        changes[module + ".weight"] = torch.kron(w1.contiguous(), w2.contiguous()) * scale
    yield "lokr", state, changes

    state, changes = {}, {}  # LoCon: convolutions with and without cores
    for index, module in enumerate(convs):
        shape = unet[module + ".weight"].shape
        up = random(shape[0], rank, 1, 1)
        if index % 2:
            core, down = random(rank, rank, 3, 3), random(rank, shape[1], 1, 1)
            state[key(module) + ".lora_mid.weight"] = core
            delta = tucker(core, up[:, :, 0, 0], down[:, :, 0, 0])
        else:
            down = random(rank, shape[1], 3, 3)
            delta = torch.einsum("o r, r ... -> o ...", up[:, :, 0, 0], down)
        state[key(module) + ".lora_up.weight"] = up
        state[key(module) + ".lora_down.weight"] = down
        state[key(module) + ".alpha"] = torch.tensor(alpha)
        changes[module + ".weight"] = delta * alpha / rank
    yield "locon", state, changes

    state, changes = {}, {}  # (IA)^3, on inputs and on outputs
    for index, module in enumerate(attention + feed + convs):
        weight = unet[module + ".weight"]
        on_input = index % 2
        factor = random(weight.shape[1 if on_input else 0], gain=0.4)
        ones = [1] * (weight.dim() - 2)
        stored = factor.reshape(1, -1, *ones) if weight.dim() == 4 else factor
        state[key(module) + ".weight"] = stored
        state[key(module) + ".on_input"] = torch.tensor(on_input)
        spread = factor.reshape(1, -1, *ones) if on_input else factor.reshape(-1, 1, *ones)
        changes[module + ".weight"] = weight * spread
    yield "ia3", state, changes

    state, changes = {}, {}  # whole differences of weights, biases and norms
    for module in [n[:-7] for n in unet if n.endswith("norm1.weight")]:
        state[key(module) + ".w_norm"] = changes[module + ".weight"] = random(
            *unet[module + ".weight"].shape, gain=0.2)
        state[key(module) + ".b_norm"] = changes[module + ".bias"] = random(
            *unet[module + ".bias"].shape, gain=0.2)
    for module in feed + ["conv_in", "time_embedding.linear_1"]:
        state[key(module) + ".diff"] = changes[module + ".weight"] = random(
            *unet[module + ".weight"].shape, gain=0.1)
        state[key(module) + ".diff_b"] = changes[module + ".bias"] = random(
            *unet[module + ".bias"].shape, gain=0.1)
    yield "differences", state, changes


def decomposed(pipeline, strength):
    """DoRA as LyCORIS saves it beside LoHa: lengths per output, or per input in older files."""
    unet = pipeline.unet.state_dict()
    state, changes = {}, {}
    modules = [n[:-7] for n in unet if n.endswith(("attn2.to_v.weight", "conv2.weight"))]
    for index, module in enumerate(modules):
        weight = unet[module + ".weight"]
        rank, columns = 2, math.prod(weight.shape[1:])
        parts = [random(weight.shape[0], rank), random(rank, columns)] * 1
        parts += [random(weight.shape[0], rank), random(rank, columns)]
        delta = ((parts[0] @ parts[1]) * (parts[2] @ parts[3])).reshape(weight.shape)
        on_output = index % 2 == 0
        keep = 0 if on_output else 1
        other = [d for d in range(weight.dim()) if d != keep]
        total = weight + delta
        length = weight.norm(dim=other, keepdim=True) if weight.dim() == 2 else (
            weight.square().sum(dim=other, keepdim=True).sqrt())
        magnitude = length * (1 + random(*length.shape, gain=0.2))
        norm = total.square().sum(dim=other, keepdim=True).sqrt()
        name = "lora_unet_" + module.replace(".", "_")
        for part, value in zip(("w1_a", "w1_b", "w2_a", "w2_b"), parts):
            state[f"{name}.hada_{part}"] = value
        state[name + ".dora_scale"] = magnitude
        state[name + ".alpha"] = torch.tensor(float(rank))
        changes[module + ".weight"] = (total * magnitude / norm - weight) * strength
    return state, changes


def store(name, state):
    save_file({k: v.contiguous().clone() for k, v in state.items()}, TARGET / f"{name}.safetensors")


class Applied:
    """Changes on the weights for the time of a run."""

    def __init__(self, module, changes, strength):
        self.module, self.changes, self.strength = module, changes, strength

    def __enter__(self):
        state = self.module.state_dict()
        self.before = {name: state[name].clone() for name in self.changes}
        for name, change in self.changes.items():
            state[name].add_(change * self.strength)

    def __exit__(self, *_):
        state = self.module.state_dict()
        for name, value in self.before.items():
            state[name].copy_(value)


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    base = dict(
        version=1, prompt="a lighthouse on a cliff at sunset", negativePrompt="blurry, text",
        width=64, height=64, steps=3, guidanceScale=5.0, seeds=[7], promptWeighting="none",
        precision="f32",
    )
    wanted, results = [], {}

    def record(pipeline, loras):
        request = {**base, "loras": [
            {"name": name, "weight": weights[0], **({"textEncoderWeight": weights[1]}
                                                    if len(weights) > 1 else {})}
            for name, *weights in loras]}
        index = len(wanted)
        wanted.append(request)
        results[f"{index}.latents"], results[f"{index}.pixels"] = run(pipeline, base)

    folder = MODELS / MODEL
    plain = load(folder)
    record(plain, [])

    # diffusers and peft: names with dots, alpha in the header; kohya's names; both at once.
    pipeline = load(folder)
    with_peft(
        pipeline, "peft",
        LoraConfig(r=4, lora_alpha=6, target_modules=ATTENTION + ["conv1", "time_emb_proj"],
                   alpha_pattern={"to_k": 3}, rank_pattern={"to_v": 2}))
    pipeline = load(folder)
    unet = {k[:-7]: v for k, v in pipeline.unet.state_dict().items() if k.endswith(".weight")}
    chosen = {k: v for k, v in unet.items()
              if k.endswith(("to_q", "to_k", "to_out.0", "ff.net.0.proj", "conv1", "conv_shortcut"))}
    state, _ = kohya("kohya", chosen)
    store("kohya", state)
    pipeline.load_lora_weights(TARGET, weight_name="peft.safetensors", adapter_name="peft")
    pipeline.load_lora_weights(TARGET, weight_name="kohya.safetensors", adapter_name="kohya")
    for weights in ({"peft": 1.0}, {"peft": 0.7}, {"kohya": 0.8}, {"peft": 0.5, "kohya": -0.6}):
        pipeline.set_adapters(list(weights), list(weights.values()))
        record(pipeline, [(f"{name}.safetensors", value) for name, value in weights.items()])

    # Text encoders: kohya's names and the old ones of diffusers. diffusers itself does not find
    # transformers 5's encoders under these names, so the changes are put on the weights.
    for name, spell in (
        ("encoders", lambda n, i: f"lora_te{i}_text_model_" + n.replace(".", "_")),
        ("encoders-dotted", lambda n, i: ["text_encoder", "text_encoder_2"][i - 1] + ".text_model." + n),
    ):
        state, applied = {}, []
        for index, encoder in ((1, plain.text_encoder), (2, plain.text_encoder_2)):
            for k, v in encoder.state_dict().items():
                if not k.endswith(tuple(part + ".weight" for part in TEXT)):
                    continue
                key, up, down = spell(k[:-7].removeprefix("text_model."), index), random(v.shape[0], 2), random(2, v.shape[1])
                if name == "encoders":
                    state[key + ".lora_up.weight"], state[key + ".lora_down.weight"] = up, down
                    state[key + ".alpha"] = torch.tensor(1.0)
                else:
                    state[key + ".lora_linear_layer.up.weight"] = up
                    state[key + ".lora_linear_layer.down.weight"] = down
                applied.append((encoder, {k: up @ down * (0.5 if name == "encoders" else 1.0)}))
        store(name, state)
        with contextlib.ExitStack() as stack:
            for encoder, changes in applied:
                stack.enter_context(Applied(encoder, changes, 0.4))
            record(plain, [(f"{name}.safetensors", 0.9, 0.4)])

    # DoRA of peft, matrices and convolutions.
    pipeline = load(folder)
    with_peft(pipeline, "dora", LoraConfig(
        r=3, lora_alpha=3, use_dora=True, target_modules=ATTENTION + ["conv2"]))
    for weight in (1.0, 0.6):
        pipeline.set_adapters(["dora"], [weight])
        record(pipeline, [("dora.safetensors", weight)])

    # The original names of a UNet, as kohya's SDXL files have them.
    layers = [plain.unet.config.layers_per_block] * len(plain.unet.config.block_out_channels)
    names = unet_names(plain.unet.state_dict(), layers)
    original = lambda n: names[n + ".weight"].removeprefix("model.diffusion_model.").removesuffix(".weight")
    everything = {k: v for k, v in unet.items() if v.dim() > 1}
    state, changes = kohya("original", everything, rank=2, alpha=1.0, spell=original)
    store("original", state)
    with Applied(plain.unet, changes, 0.9):
        record(plain, [("original.safetensors", 0.9)])
    dotted = {"diffusion_model." + original(k) + ".lora_B.weight": random(v.shape[0], 2)
              for k, v in chosen.items() if v.dim() == 2}
    state, changes = dict(dotted), {}
    for k, v in chosen.items():
        if v.dim() == 2:
            down = random(2, v.shape[1])
            state["diffusion_model." + original(k) + ".lora_A.weight"] = down
            up = dotted["diffusion_model." + original(k) + ".lora_B.weight"]
            changes[k + ".weight"] = up @ down
    store("dotted", state)
    with Applied(plain.unet, changes, 0.3):
        record(plain, [("dotted.safetensors", 0.3)])

    # LyCORIS.
    for name, state, changes in lycoris(plain):
        store(name, state)
        with Applied(plain.unet, changes, 0.7):
            record(plain, [(f"{name}.safetensors", 0.7)])
    state, changes = decomposed(plain, 0.6)
    store("loha-dora", state)
    with Applied(plain.unet, changes, 1.0):
        record(plain, [("loha-dora.safetensors", 0.6)])

    # peft's own LoHa, LoKr and (IA)^3, in folders as peft saves them.
    for name, config in (
        ("peft-loha", LoHaConfig(r=2, alpha=3, target_modules=["to_q", "conv1"],
                                 use_effective_conv2d=True)),
        ("peft-lokr", LoKrConfig(r=2, alpha=4, target_modules=["to_k", "ff.net.2", "conv2"],
                                 use_effective_conv2d=True, decompose_both=True)),
        ("peft-ia3", IA3Config(target_modules=["to_k", "to_v", "ff.net.2"],
                               feedforward_modules=["ff.net.2"])),
    ):
        pipeline = load(folder)
        model = get_peft_model(pipeline.unet, config)
        fill(model)
        model.save_pretrained(TARGET / name)
        (TARGET / name / "README.md").unlink(missing_ok=True)
        record(pipeline, [(name, 1.0)])

    lines = ",\n".join(json.dumps(request) for request in wanted)
    (TARGET / "requests.json").write_text(f"[\n{lines}\n]\n")
    save_file({k: v.contiguous() for k, v in results.items()}, TARGET / "pictures.safetensors")
    first = results["0.pixels"].float()
    for index, request in enumerate(wanted):
        difference = (results[f"{index}.pixels"].float() - first).abs().mean().item()
        print([(l["name"], l["weight"]) for l in request["loras"]], round(difference, 1))


if __name__ == "__main__":
    main()
