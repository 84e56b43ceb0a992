"""Random LoRA files of every kind and naming for sweep_adapters.py, with what they do to weights."""

import math
import re

import torch
from safetensors.torch import save_file

from single_file import unet_names

TEXT = ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")


def divisor(rng, number):
    return rng.choice([d for d in range(1, number + 1) if number % d == 0])


def tucker(core, up, down):
    """up [o, r], core [r, s, ...], down [s, i]."""
    return torch.einsum("rs...,or,si->oi...", core, up, down)


class Maker:
    """Makes the tensors of one module; numbers are rounded to the file's type first."""

    def __init__(self, rng, storage):
        self.rng, self.storage = rng, storage

    def random(self, *shape, gain=0.35):
        return (torch.randn(shape) * gain).to(self.storage).float()

    def pair(self, weight, cores=True):
        """LoRA or LoCon: tensors, the change at strength 1."""
        rank, shape = self.rng.choice([1, 2, 4, 9]), weight.shape
        alpha = self.rng.choice([None, 1.0, rank / 2, 8.0])
        ones = [1] * (len(shape) - 2)
        up = self.random(shape[0], rank)
        tensors = {"lora_up.weight": up.reshape(shape[0], rank, *ones)}
        if cores and len(shape) == 4 and shape[2] > 1 and self.rng.random() < 0.3:
            core, down = self.random(rank, rank, *shape[2:]), self.random(rank, shape[1])
            tensors["lora_mid.weight"] = core
            tensors["lora_down.weight"] = down.reshape(rank, shape[1], *ones)
            delta = tucker(core, up, down)
        else:
            down = self.random(rank, *shape[1:])
            tensors["lora_down.weight"] = down
            delta = (up @ down.reshape(rank, -1)).reshape(shape)
        if alpha is not None:
            tensors["alpha"] = torch.tensor(alpha)
        return tensors, delta * (1 if alpha is None else alpha / rank)

    def loha(self, weight):
        rank, shape = self.rng.choice([1, 2, 3]), weight.shape
        alpha, columns = self.rng.choice([1.0, float(rank)]), math.prod(shape[1:])
        tensors, product = {}, 1
        cored = len(shape) == 4 and shape[2] > 1 and self.rng.random() < 0.4
        for part in ("1", "2"):
            if cored:
                core, a = self.random(rank, rank, *shape[2:]), self.random(rank, shape[0])
                b = self.random(rank, shape[1])
                tensors[f"hada_t{part}"], factor = core, tucker(core, a.T, b)
            else:
                a, b = self.random(shape[0], rank), self.random(rank, columns)
                factor = (a @ b).reshape(shape)
            tensors[f"hada_w{part}_a"], tensors[f"hada_w{part}_b"] = a, b
            product = product * factor
        tensors["alpha"] = torch.tensor(alpha)
        return tensors, product * alpha / rank

    def lokr(self, weight):
        shape, rank = weight.shape, self.rng.choice([1, 2])
        outer = divisor(self.rng, shape[0]), divisor(self.rng, shape[1])
        inner = shape[0] // outer[0], shape[1] // outer[1]
        alpha, scale, tensors = self.rng.choice([1.0, 2.0]), 1.0, {}
        if self.rng.random() < 0.5:
            first = self.random(*outer)
            tensors["lokr_w1"] = first
        else:
            a, b = self.random(outer[0], rank), self.random(rank, outer[1])
            tensors["lokr_w1_a"], tensors["lokr_w1_b"] = a, b
            first, scale = a @ b, alpha / rank
        window = shape[2:]
        kind = self.rng.choice(["whole", "pair", "core"])
        if kind == "core" and len(window) == 2 and window[0] > 1:
            core, a, b = (self.random(rank, rank, *window), self.random(rank, inner[0]),
                          self.random(rank, inner[1]))
            tensors.update(lokr_t2=core, lokr_w2_a=a, lokr_w2_b=b)
            second, scale = tucker(core, a.T, b), alpha / rank
        elif kind == "pair":
            a, b = self.random(inner[0], rank), self.random(rank, inner[1] * math.prod(window))
            tensors.update(lokr_w2_a=a, lokr_w2_b=b)
            second, scale = (a @ b).reshape(*inner, *window), alpha / rank
        else:
            second = self.random(*inner, *window)
            tensors["lokr_w2"] = second
        tensors["alpha"] = torch.tensor(alpha)
        first = first.reshape(*first.shape, *[1] * len(window))
        return tensors, torch.kron(first.contiguous(), second.contiguous()) * scale

    def ia3(self, weight):
        on_input = self.rng.random() < 0.5
        factor = self.random(weight.shape[1 if on_input else 0])
        ones = [1] * (weight.dim() - 2)
        spread = factor.reshape(1, -1, *ones) if on_input else factor.reshape(-1, 1, *ones)
        stored = factor.reshape(1, -1, *ones) if weight.dim() == 4 else factor
        return {"weight": stored, "on_input": torch.tensor(int(on_input))}, weight * spread

    def difference(self, weight):
        values = self.random(*weight.shape, gain=0.1)
        return {"diff": values}, values

    def lengths(self, weight):
        norm = weight.flatten(1).norm(dim=1)
        return (norm * (1 + self.random(len(norm), gain=0.2))).to(self.storage).float()


def decomposed(weight, change, lengths):
    """The change of a weight whose rows get given lengths."""
    total = weight + change
    factor = lengths / total.flatten(1).norm(dim=1)
    return total * factor.reshape(-1, *[1] * (weight.dim() - 1)) - weight


def lora_file(rng, before, path, strength, text_strength):
    """Writes a file; returns it, and the changes by network and tensor at the given strengths."""
    storage = rng.choice([torch.float32, torch.float16, torch.bfloat16])
    maker = Maker(rng, storage)
    kind = rng.choice(["pair", "pair", "dora", "loha", "lokr", "ia3", "difference", "loha-dora"])
    naming = rng.choice(["kohya", "original", "peft"] if kind in ("pair", "dora") else
                        ["kohya", "original", "lycoris"])
    unet = before["unet"]
    names = [n[:-7] for n, v in unet.items() if n.endswith(".weight") and v.dim() > 1]
    chosen = rng.sample(names, max(1, int(len(names) * rng.choice([0.1, 0.4, 1.0]))))
    originals = unet_names(unet, layers(unet))
    state, changes = {}, {"kind": f"{kind}, {naming}, {str(storage)[6:]}", "unet": {}}
    for module in chosen:
        weight = unet[module + ".weight"]
        if naming == "original":
            name = originals[module + ".weight"].removeprefix("model.diffusion_model.")[:-7]
            key = "lora_unet_" + name.replace(".", "_")
        elif naming == "peft":
            key = "unet." + module
        else:
            key = ("lycoris_" if naming == "lycoris" else "lora_unet_") + module.replace(".", "_")
        base = {"dora": "pair", "loha-dora": "loha"}.get(kind, kind)
        if base == "pair":
            tensors, delta = maker.pair(weight, cores=kind == "pair" and naming != "peft")
        else:
            tensors, delta = getattr(maker, base)(weight)
        if kind == "dora":
            lengths = maker.lengths(weight)
            tensors["dora_scale"] = lengths.reshape(-1, *[1] * (weight.dim() - 1))
            change = decomposed(weight, delta * strength, lengths)
        elif kind == "loha-dora":
            lengths = maker.lengths(weight)
            tensors["dora_scale"] = lengths.reshape(-1, *[1] * (weight.dim() - 1))
            change = decomposed(weight, delta, lengths) * strength
        else:
            change = delta * strength
        if naming == "peft":
            alpha = tensors.pop("alpha", None)
            names = {"lora_up.weight": "lora_B.weight", "lora_down.weight": "lora_A.weight"}
            tensors = {names.get(k, k): v for k, v in tensors.items()}
            if alpha is not None:
                tensors["alpha"] = alpha
            if "dora_scale" in tensors:
                tensors["lora_magnitude_vector"] = tensors.pop("dora_scale").flatten()
        state.update({f"{key}.{part}": value for part, value in tensors.items()})
        changes["unet"][module + ".weight"] = change
    if kind == "pair" and rng.random() < 0.6:
        for number, network in ((1, "te1"), (2, "te2")):
            if network not in before:
                continue
            changes[network] = encoder(
                rng, maker, before[network], number, naming, state,
                strength if text_strength is None else text_strength, alone="te2" not in before)
    save_file({k: stored(k, v, storage) for k, v in state.items()}, path)
    return path, changes


def layers(unet):
    """ResNet blocks of each level on the way down."""
    found = {}
    for name in unet:
        match = re.match(r"down_blocks\.(\d+)\.resnets\.(\d+)\.", name)
        if match:
            level, layer = int(match[1]), int(match[2])
            found[level] = max(found.get(level, 0), layer + 1)
    return [found[level] for level in sorted(found)]


def encoder(rng, maker, weights, number, naming, state, strength, alone=False):
    """Pairs for a text encoder; that of a model which has no other goes by a name of its own."""
    changes = {}
    for name, weight in weights.items():
        if not name.endswith(tuple(part + ".weight" for part in TEXT)) or rng.random() < 0.3:
            continue
        module = name[:-7].removeprefix("text_model.")
        if naming == "peft":
            key = ["text_encoder", "text_encoder_2"][number - 1] + ".text_model." + module
            parts = "lora_A.weight", "lora_B.weight"
        else:
            place = "lora_te" if alone else f"lora_te{number}"
            key = f"{place}_text_model_" + module.replace(".", "_")
            parts = "lora_down.weight", "lora_up.weight"
        up, down = maker.random(weight.shape[0], 2), maker.random(2, weight.shape[1])
        state[f"{key}.{parts[0]}"], state[f"{key}.{parts[1]}"] = down, up
        changes[name] = up @ down * strength
    return changes


def stored(name, value, storage):
    return value if name.endswith("on_input") else value.to(storage).contiguous().clone()
