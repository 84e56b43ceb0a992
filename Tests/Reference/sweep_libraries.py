"""Compares `latent` with diffusers, peft and LyCORIS on adapter files that these libraries write
themselves, on random tiny models that no test has seen.

    python sweep_libraries.py LATENT [--models N] [--requests N] [--seed N] [--kinds A,B]

Kinds: folder (what peft saves: LoRA with DoRA, rank-stabilised scales, patterns of ranks and alphas,
biases; LoHa, LoKr, (IA)^3), saved (what diffusers saves, with and without its metadata), kohya (diffusers'
own translation to kohya's names, with alphas), old (names from before peft), lycoris (the kinds of
LyCORIS but those that rotate weights; needs lycoris-lora). The reference is always the library's own
loader. Models: SDXL, and Stable Diffusion 1 or 2. Bounds as in sweep.py.
"""

import sys

import diffusers
import peft
import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
from diffusers.utils import convert_state_dict_to_kohya
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

import other_layouts
import pipelines
from sweep import against
from sweep_combined import sd_model
from sweep_conditions import plain, random_model
from sweeping import command_line, rounds, tell

TEXT = ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")
PARTS = ("text_encoder", "text_encoder_2")


def modules_of(network, kinds=(torch.nn.Linear, torch.nn.Conv2d)):
    return [name for name, module in network.named_modules() if isinstance(module, kinds)]


def chosen(rng, names):
    return rng.sample(names, max(1, int(len(names) * rng.choice([0.15, 0.5, 1.0]))))


def fill(module, gain):
    """Random numbers for every tensor of an adapter, of a size that changes a picture and no more."""
    for name, value in module.named_parameters():
        if any(part in name for part in ("lora_", "hada_", "lokr_", "ia3_", "oft_")) and "magnitude" not in name:
            base = 1.0 if "ia3_" in name else 0.0
            value.data.copy_(base + torch.randn(value.shape) * gain)
        if "magnitude" in name:
            value.data.mul_(1 + 0.1 * torch.randn(value.shape))


def lora_config(rng, names, text=False, plainly=False):
    more = {}
    if not plainly:
        more.update(use_rslora=rng.random() < 0.3, use_dora=rng.random() < 0.3)
        if rng.random() < 0.4:
            some = chosen(rng, names)
            more["rank_pattern"] = {n: rng.choice([1, 3, 5]) for n in some[: len(some) // 2]}
            more["alpha_pattern"] = {n: rng.choice([1, 2, 6]) for n in some[len(some) // 3 :]}
        # The program has no place for a bias where the model's layer has none.
        if not more["use_dora"] and rng.random() < 0.2 and not any(
                n.endswith(("to_q", "to_k", "to_v")) for n in names):
            more["lora_bias"] = True
    return peft.LoraConfig(
        r=rng.choice([1, 2, 4, 8]), lora_alpha=rng.choice([1, 2, 4, 16]), target_modules=names,
        init_lora_weights=False, **more)


def model(rng, work, label):
    """A folder, a function that loads it anew, and one that runs a request."""
    if rng.random() < 0.35:
        folder, _ = sd_model(rng, work, label)
        load = lambda: StableDiffusionPipeline.from_pretrained(  # noqa: E731
            folder, torch_dtype=torch.float32, safety_checker=None)
        run = other_layouts.run
    else:
        folder, _ = random_model(rng, work, label)
        load = lambda: pipelines.load(folder)  # noqa: E731
        run = pipelines.run

    def loaded():
        pipeline = load()
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    return folder, loaded, run


def request(rng, pipeline):
    wanted = plain(rng)
    if isinstance(pipeline, StableDiffusionXLPipeline):
        return wanted
    wanted["negativePrompt"] = wanted["negativePrompt"] or "fog"
    wanted["sampler"] = rng.choice(["euler", "ddim", "dpmpp-2m"])
    return wanted


def encoders(pipeline):
    return [part for part in PARTS if getattr(pipeline, part, None) is not None]


# --- kinds: each gives the file and a pipeline that has it ---------------------------------------


def folder_kind(rng, load, work, strength):
    pipeline = load()
    network = rng.choice(["unet", "unet", *encoders(pipeline)])
    module = getattr(pipeline, network)
    linear = modules_of(module, (torch.nn.Linear,))
    names = modules_of(module) if network == "unet" else [n for n in linear if n.endswith(TEXT)]
    kind = rng.choice(["lora", "lora", "loha", "lokr", "ia3"])
    some = chosen(rng, names)
    if kind == "lora":
        config = lora_config(rng, some)
    elif kind == "loha":
        config = peft.LoHaConfig(
            r=rng.choice([1, 2, 3]), alpha=rng.choice([1, 2, 8]), target_modules=some,
            use_effective_conv2d=rng.random() < 0.5, init_weights=False)
    elif kind == "lokr":
        config = peft.LoKrConfig(
            r=rng.choice([1, 2, 3]), alpha=rng.choice([1, 2, 8]), target_modules=some,
            use_effective_conv2d=rng.random() < 0.5, decompose_both=rng.random() < 0.5,
            decompose_factor=rng.choice([-1, 2, 4]), init_weights=False)
    else:
        some = [n for n in some if n in linear] or linear[:2]
        config = peft.IA3Config(
            target_modules=some, feedforward_modules=some[: len(some) // 2], init_ia3_weights=False)
    wrapped = peft.get_peft_model(module, config)
    fill(wrapped, 0.15 if kind in ("lora", "ia3") else 0.3)
    wrapped.save_pretrained(work)
    setattr(pipeline, network, wrapped.base_model.model)
    file = work / "adapter_model.safetensors"
    if network != "unet":
        # Nothing in the file says which network it is: peft's names are those of the module itself.
        prefix = "base_model.model."
        state = {prefix + network + "." + k.removeprefix(prefix): v for k, v in load_file(file).items()}
        save_file(state, file)
    return work, pipeline, f"{kind} {network} " + " ".join(
        k for k in ("use_dora", "use_rslora", "rank_pattern", "lora_bias", "decompose_both",
                    "use_effective_conv2d") if getattr(config, k, None))


def adapters(rng, load, plainly):
    """A pipeline with random LoRAs of its own: state by part, and their configurations."""
    pipeline = load()
    states, configs = {}, {}
    dora = not plainly and rng.random() < 0.3
    for part in ["unet", *encoders(pipeline)]:
        # diffusers loses the magnitudes of text encoders.
        if part != "unet" and (dora or rng.random() < 0.4):
            continue
        module = getattr(pipeline, part)
        names = modules_of(module)
        # diffusers loses the added embedding under kohya's names.
        names = [n for n in names if (part == "unet" and "add_emb" not in n) or n.endswith(TEXT)]
        # diffusers loses modules of text encoders where some of a kind are missing.
        config = lora_config(rng, chosen(rng, names) if part == "unet" else names, plainly=True)
        if not plainly:
            config.use_dora = dora
            if not dora and rng.random() < 0.3:
                config.rank_pattern = {n: rng.choice([1, 3]) for n in chosen(rng, names)}
        module.add_adapter(config)
        fill(module, 0.15)
        states[part] = get_peft_model_state_dict(module)
        configs[part] = config
    return pipeline, states, configs


def reloaded(load, path, strength):
    pipeline = load()
    if path.is_dir():
        pipeline.load_lora_weights(path, adapter_name="a")
    else:
        pipeline.load_lora_weights(path.parent, weight_name=path.name, adapter_name="a")
    pipeline.set_adapters(["a"], [strength])
    return pipeline


def saved_kind(rng, load, work, strength):
    pipeline, states, configs = adapters(rng, load, plainly=False)
    arguments = {f"{part}_lora_layers": state for part, state in states.items()}
    described = rng.random() < 0.5
    if described:
        arguments.update({f"{part}_lora_adapter_metadata": c.to_dict() for part, c in configs.items()})
    type(pipeline).save_lora_weights(work, **arguments)
    dora = any(c.use_dora for c in configs.values())
    return work, reloaded(load, work, strength), f"{sorted(states)} metadata {described} dora {dora}"


def kohya_kind(rng, load, work, strength):
    # diffusers leaves kohya's DoRA out.
    pipeline, states, configs = adapters(rng, load, plainly=True)
    state = {}
    for part, values in states.items():
        if part == "unet":
            values = diffusers.utils.convert_state_dict_to_diffusers(values)
        prefix = {"unet": "unet."}.get(part, part + ".")
        state.update({prefix + k: v for k, v in values.items()})
    state = diffusers.utils.convert_all_state_dict_to_peft(state)
    found = convert_state_dict_to_kohya(state)
    if len(encoders(pipeline)) == 1:
        found = {k.replace("lora_te1_", "lora_te_"): v for k, v in found.items()}
    storage = rng.choice([torch.float32, torch.float16, torch.bfloat16])
    # One alpha for all, as kohya has it: diffusers mistakes some modules for others where they differ.
    alpha = rng.choice([None, 0.5, 1.0, 3.0])
    found = {k: v if not k.endswith(".alpha") else torch.tensor(alpha) for k, v in found.items()
             if alpha or not k.endswith(".alpha")}
    found = {k: v.to(storage).contiguous() for k, v in found.items()}
    file = work / "kohya.safetensors"
    save_file(found, file)
    return file, reloaded(load, file, strength), f"{sorted(states)} alpha {alpha} {storage}"


def old_kind(rng, load, work, strength):
    """Attention processors and `lora_linear_layer`, as diffusers wrote before it used peft."""
    pipeline = load()
    state, rank = {}, rng.choice([1, 2, 4])
    pair = lambda key, weight: state.update({  # noqa: E731
        key + ".down.weight": torch.randn(rank, weight.shape[1]) * 0.15,
        key + ".up.weight": torch.randn(weight.shape[0], rank) * 0.15})
    processors = rng.random() < 0.5
    for name, module in pipeline.unet.named_modules():
        if ".attn" not in name or not name.endswith(("to_q", "to_k", "to_v", "to_out.0")):
            continue
        if processors:
            outer, inner = name.removesuffix(".0").rsplit(".", 1)
            pair(f"unet.{outer}.processor.{inner}_lora", module.weight)
        else:
            pair(f"unet.{name}.lora", module.weight)
    # diffusers takes the names of both encoders for the same kind.
    style = rng.choice(["none", "processors", "layers"])
    for part in encoders(pipeline):
        for name, module in getattr(pipeline, part).named_modules():
            if style == "none" or not name.endswith(TEXT):
                continue
            if style == "layers":
                pair(f"{part}.{name}.lora_linear_layer", module.weight)
            elif "self_attn" in name:
                outer, inner = name.rsplit(".", 1)
                inner = inner.replace("out_proj", "to_out").replace("_proj", "")
                inner = inner if inner.startswith("to_") else "to_" + inner
                pair(f"{part}.{outer}.{inner}_lora", module.weight)
    file = work / "pytorch_lora_weights.safetensors"
    save_file(state, file)
    pipeline = reloaded(load, file, strength)
    # The names that such files have; this diffusers looks for those that transformers 5 gives.
    for part in encoders(pipeline):
        state = {k.replace(part + ".encoder.", part + ".text_model.encoder."): v for k, v in state.items()}
    save_file(state, file)
    return file, pipeline, f"processors {processors}, encoders {style}"


def lycoris_kind(rng, load, work, strength):
    from lycoris import LycorisNetwork, create_lycoris
    from lycoris.logging import logger
    logger.setLevel("ERROR")

    pipeline = load()
    algo = rng.choice(["lora", "loha", "lokr", "full", "ia3", "glora", "dylora"])
    network = rng.choice(["unet", "unet", "both"])
    more = dict(use_tucker=rng.random() < 0.4, train_norm=rng.random() < 0.3)
    if algo in ("lora", "loha", "lokr") and rng.random() < 0.3:
        more["dora_wd"] = True
        more["wd_on_output"] = rng.random() < 0.5
    if algo == "lokr":
        more.update(factor=rng.choice([-1, 2, 4]), decompose_both=rng.random() < 0.5,
                    full_matrix=rng.random() < 0.2)
    if rng.random() < 0.2:
        more["use_scalar"] = True
    state = {}
    for part in ["unet"] + (encoders(pipeline) if network == "both" else []):
        module = getattr(pipeline, part)
        LycorisNetwork.apply_preset({
            "enable_conv": True, "target_module": [type(module).__name__],
            "target_name": [], "lora_prefix": "lycoris"})
        prefix = {"unet": "lora_unet", "text_encoder": "lora_te1", "text_encoder_2": "lora_te2"}[part]
        if len(encoders(pipeline)) == 1 and part != "unet":
            prefix = "lora_te"
        LycorisNetwork.LORA_PREFIX = prefix
        net = create_lycoris(
            module, strength, linear_dim=rng.choice([1, 2, 4]), linear_alpha=rng.choice([1.0, 2.0, 8.0]),
            conv_dim=rng.choice([1, 2]), conv_alpha=rng.choice([1.0, 4.0]), algo=algo, **more)
        net.apply_to()
        for lora in net.loras:
            for name, value in lora.named_parameters():
                if name.startswith(("org_", "dora")) or "magnitude" in name:
                    continue
                value.data.copy_(torch.randn(value.shape) * (0.1 if algo in ("full", "ia3") else 0.3))
        net.eval()
        state.update(net.state_dict())
    file = work / "lycoris.safetensors"
    save_file({k: v.detach().clone().contiguous() for k, v in state.items()}, file)
    return file, pipeline, f"{algo} {network} {more}"


KINDS = dict(folder=folder_kind, saved=saved_kind, kohya=kohya_kind, old=old_kind, lycoris=lycoris_kind)


def cases(kind, rng, work, label, count):
    folder, load, run = model(rng, work, label)
    for number in range(count):
        strength = 1.0 if kind in ("folder", "lycoris") else round(rng.uniform(0.2, 1.3), 2)
        place = work / f"{label}-{number}"
        place.mkdir()
        try:
            path, pipeline, note = KINDS[kind](rng, load, place, strength)
        except (ValueError, NotImplementedError, RuntimeError, KeyError, IndexError, AssertionError) as error:
            yield f"skipped, the library: {type(error).__name__} {str(error)[:150]}", None, None, None
            continue
        pipeline.set_progress_bar_config(disable=True)
        wanted = request(rng, pipeline)
        wanted["loras"] = [{"name": str(path), "weight": strength}]
        yield note, folder, wanted, lambda: run(pipeline, wanted)


@torch.no_grad()
def main():
    options = command_line(3, 3, kinds=",".join(KINDS))
    CLIPTextModel.text_model = property(lambda self: self)
    bad = 0
    for kind, rng, work, label in rounds(options, options.kinds):
        for number, (note, folder, wanted, make) in enumerate(cases(kind, rng, work, label, options.requests)):
            if make is None:
                print(f"   {label} {number}: {note}", flush=True)
                continue
            line, fits = against(options.latent, folder, wanted, work, *make(), make)
            bad += tell(f"{label} {number}: {note}", line, fits, wanted)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
