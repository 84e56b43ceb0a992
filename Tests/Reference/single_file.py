"""Writes the names that a tiny SDXL model has in an original-format single file.

    python single_file.py [MODEL_OUT.safetensors FOLDER]

Makes the original names of tiny models of every layout, lets diffusers' own single-file conversion
translate them back, checks that every tensor returns to its place, and writes each table to
Tests/DiffusionTests/Fixtures/single-file/LAYOUT/names.json together with the configurations. With
arguments it instead converts the SDXL diffusers folder FOLDER into a single file.
"""

import json
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionXLPipeline, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_clip_checkpoint,
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
    convert_open_clip_checkpoint,
)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from tiny_models import HERE, randomise

TARGET = HERE.parent / "DiffusionTests" / "Fixtures" / "single-file"

RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}


def unet_names(names, layers):
    """diffusers name -> original name, for a UNet with `layers` ResNet blocks per down level."""
    levels = len(layers)
    first = [1 + sum(layers[:i]) + i for i in range(levels)]
    ups = [n + 1 for n in reversed(layers)]
    has = lambda prefix: any(n.startswith(prefix) for n in names)
    outer = {
        "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
        "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
        "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
        "mid_block.resnets.0": "middle_block.0", "mid_block.attentions.0": "middle_block.1",
        "mid_block.resnets.1": "middle_block.2",
    }
    for level, count in enumerate(layers):
        for layer in range(count):
            block = f"input_blocks.{first[level] + layer}"
            outer[f"down_blocks.{level}.resnets.{layer}"] = block + ".0"
            outer[f"down_blocks.{level}.attentions.{layer}"] = block + ".1"
        outer[f"down_blocks.{level}.downsamplers.0"] = f"input_blocks.{first[level] + count}.0"
    number = 0
    for level, count in enumerate(ups):
        for layer in range(count):
            outer[f"up_blocks.{level}.resnets.{layer}"] = f"output_blocks.{number}.0"
            outer[f"up_blocks.{level}.attentions.{layer}"] = f"output_blocks.{number}.1"
            if layer == count - 1:
                place = 2 if has(f"up_blocks.{level}.attentions.") else 1
                outer[f"up_blocks.{level}.upsamplers.0"] = f"output_blocks.{number}.{place}"
            number += 1
    result = {}
    for name in names:
        prefix = max((p for p in outer if name.startswith(p + ".")), key=len)
        rest = name[len(prefix) + 1 :]
        if ".resnets." in prefix:
            part = rest.split(".")[0]
            rest = RESNET[part] + rest[len(part) :]
        if ".downsamplers." in prefix:
            rest = rest.replace("conv.", "op.")
        result[name] = f"model.diffusion_model.{outer[prefix]}.{rest}"
    return result


def vae_names(names, levels):
    result = {}
    for name in names:
        new = name
        for level in range(levels):
            new = new.replace(f"encoder.down_blocks.{level}.", f"encoder.down.{level}.")
            new = new.replace(f"decoder.up_blocks.{level}.", f"decoder.up.{levels - 1 - level}.")
        for old, own in (
            ("mid_block.resnets.0.", "mid.block_1."), ("mid_block.resnets.1.", "mid.block_2."),
            ("mid_block.attentions.0.group_norm.", "mid.attn_1.norm."),
            ("mid_block.attentions.0.to_q.", "mid.attn_1.q."),
            ("mid_block.attentions.0.to_k.", "mid.attn_1.k."),
            ("mid_block.attentions.0.to_v.", "mid.attn_1.v."),
            ("mid_block.attentions.0.to_out.0.", "mid.attn_1.proj_out."),
            (".resnets.", ".block."), ("conv_norm_out", "norm_out"),
            ("conv_shortcut", "nin_shortcut"), ("downsamplers.0.", "downsample."),
            ("upsamplers.0.", "upsample."),
        ):
            new = new.replace(old, own)
        result[name] = "first_stage_model." + new
    return result


CLIP = "conditioner.embedders.0.transformer.text_model."
BIG = "conditioner.embedders.1.model."


def open_clip_names(names, prefix=BIG):
    """diffusers name -> (original name, which third or None, transposed)."""
    BIG = prefix
    result = {}
    for name in names:
        if name == "text_projection.weight":
            result[name] = (BIG + "text_projection", None, True)
            continue
        rest = name.removeprefix("text_model.")
        outer = {
            "embeddings.token_embedding.weight": "token_embedding.weight",
            "embeddings.position_embedding.weight": "positional_embedding",
            "final_layer_norm.weight": "ln_final.weight", "final_layer_norm.bias": "ln_final.bias",
        }
        if rest in outer:
            result[name] = (BIG + outer[rest], None, False)
            continue
        _, _, number, inner = rest.split(".", 3)
        block = f"{BIG}transformer.resblocks.{number}."
        third = None
        for index, letter in enumerate("qkv"):
            if inner.startswith(f"self_attn.{letter}_proj."):
                third = index
                inner = "attn.in_proj_" + inner.split(".")[-1]
        for old, own in (
            ("layer_norm1", "ln_1"), ("layer_norm2", "ln_2"),
            ("self_attn.out_proj", "attn.out_proj"), ("mlp.fc1", "mlp.c_fc"),
            ("mlp.fc2", "mlp.c_proj"),
        ):
            inner = inner.replace(old, own)
        result[name] = (block + inner, third, False)
    return result


def original(pipeline, clip=CLIP, big_prefix=BIG):
    """The state dict of a single file, and the table of names; either encoder may be missing."""
    state, table = {}, []
    layers = pipeline.unet.config.layers_per_block
    levels = len(pipeline.unet.config.block_out_channels)
    layers = [layers] * levels if isinstance(layers, int) else list(layers)
    unet = pipeline.unet.state_dict()
    for name, target in unet_names(unet, layers).items():
        state[target] = unet[name]
        table.append(["unet", name, target, None, False])
    vae = pipeline.vae.state_dict()
    for name, target in vae_names(vae, len(pipeline.vae.config.block_out_channels)).items():
        matrix = ".attentions." in name and name.endswith("weight") and vae[name].dim() == 2
        state[target] = vae[name][:, :, None, None] if matrix else vae[name]
        table.append(["vae", name, target, None, False])
    first, second, component = pipeline.text_encoder, pipeline.text_encoder_2, "text_encoder_2"
    if clip is None:
        first, second, component = None, first, "text_encoder"
    if first is not None:
        for name, value in first.state_dict().items():
            target = clip + name.removeprefix("text_model.")
            state[target] = value
            table.append(["text_encoder", name, target, None, False])
    big = second.state_dict() if second is not None else {}
    thirds = {}
    for name, (target, third, transposed) in open_clip_names(big, big_prefix).items():
        table.append([component, name, target, third, transposed])
        if third is None:
            state[target] = big[name].T.contiguous() if transposed else big[name]
        else:
            thirds.setdefault(target, [None] * 3)[third] = big[name]
    state.update({target: torch.cat(parts) for target, parts in thirds.items()})
    return {key: value.contiguous() for key, value in state.items()}, table


def check(pipeline, state, clip=CLIP, big_prefix=BIG):
    """diffusers' own conversion must bring every tensor back."""
    pairs = [
        (convert_ldm_unet_checkpoint(dict(state), dict(pipeline.unet.config)), pipeline.unet),
        (convert_ldm_vae_checkpoint(dict(state), dict(pipeline.vae.config)), pipeline.vae),
    ]
    if clip and pipeline.text_encoder is not None:
        remove = clip.removesuffix("text_model.")
        pairs.append(
            (convert_ldm_clip_checkpoint(dict(state), remove_prefix=remove), pipeline.text_encoder))
    second = pipeline.text_encoder if clip is None else pipeline.text_encoder_2
    if second is not None:
        pairs.append((convert_open_clip_checkpoint(second, dict(state), prefix=big_prefix), second))
    for found, module in pairs:
        wanted = module.state_dict()
        strip = lambda key: key.removeprefix("text_model.")
        found = {strip(key): value for key, value in found.items()}
        wanted = {strip(key): value for key, value in wanted.items()}
        found.pop("embeddings.position_ids", None)
        assert set(found) == set(wanted), set(found) ^ set(wanted)
        for key, value in wanted.items():
            assert torch.equal(found[key].reshape(value.shape), value), key


XL_UNET = dict(
    sample_size=16, block_out_channels=(64, 128, 64), layers_per_block=1,
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    attention_head_dim=(1, 2, 1), transformer_layers_per_block=(1, 1, 2),
    use_linear_projection=True, cross_attention_dim=192, addition_embed_type="text_time",
    addition_time_embed_dim=256, projection_class_embeddings_input_dim=6 * 256 + 96,
)
# Depths of the two distilled networks as their own configurations say them.
DISTILLED = dict(XL_UNET, layers_per_block=2, mid_block_type="UNetMidBlock2D")
SD_UNET = dict(
    sample_size=16, block_out_channels=(64, 128, 64), layers_per_block=1,
    down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
)
XL = "conditioner.embedders."
# The UNet, the encoders that there are, and the prefixes of their names where they differ.
LAYOUTS = {
    "base": dict(unet=XL_UNET, encoders="lg"),
    "inpainting": dict(unet=dict(XL_UNET, in_channels=9), encoders="lg"),
    "refiner": dict(
        unet=dict(
            XL_UNET, block_out_channels=(64, 128, 64, 64), transformer_layers_per_block=2,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D",
                              "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            attention_head_dim=(1, 2, 1, 1), cross_attention_dim=128,
            projection_class_embeddings_input_dim=5 * 256 + 96),
        encoders="g", big=XL + "0.model."),
    "ssd-1b": dict(
        unet=dict(DISTILLED, transformer_layers_per_block=((1, 1), (2, 2), (4, 4)),
                  reverse_transformer_layers_per_block=((4, 4, 10), (2, 1, 1), (1, 1, 1))),
        encoders="lg"),
    "vega": dict(
        unet=dict(DISTILLED, transformer_layers_per_block=((1, 1), (1, 1), (2, 1)),
                  reverse_transformer_layers_per_block=((2, 2, 2), (1, 1, 1), (1, 1, 1))),
        encoders="lg"),
    "sd1": dict(
        unet=dict(SD_UNET, attention_head_dim=8, cross_attention_dim=64), encoders="l",
        clip="cond_stage_model.transformer.text_model.", scaling=0.18215),
    "sd2": dict(
        unet=dict(SD_UNET, attention_head_dim=(1, 2, 1), use_linear_projection=True,
                  cross_attention_dim=128),
        encoders="h", clip=None, big="cond_stage_model.model.", scaling=0.18215),
}


def tiny(layout=LAYOUTS["base"]):
    """Widths in multiples of 64 with 64 channels a head: what a file without configs must have."""
    common = dict(vocab_size=49408, max_position_embeddings=77, num_hidden_layers=2)
    big = dict(hidden_size=128, intermediate_size=256, num_attention_heads=2, hidden_act="gelu")
    encoder = CLIPTextModel(
        CLIPTextConfig(hidden_size=64, intermediate_size=128, num_attention_heads=1,
                       hidden_act="quick_gelu", projection_dim=64, **common))
    encoder_2 = CLIPTextModelWithProjection(CLIPTextConfig(**big, projection_dim=96, **common))
    if layout["encoders"] == "h":
        encoder = CLIPTextModel(CLIPTextConfig(**big, projection_dim=128, **common))
    unet = UNet2DConditionModel(**layout["unet"])
    vae = AutoencoderKL(
        block_out_channels=(32, 32, 64, 64), layers_per_block=1, norm_num_groups=32,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4, scaling_factor=layout.get("scaling", 0.13025))
    for index, module in enumerate((encoder, encoder_2, unet, vae)):
        randomise(module.eval(), 70 + index)
    pipeline = type("Pipeline", (), {})()
    pipeline.text_encoder = encoder if layout["encoders"] != "g" else None
    pipeline.text_encoder_2 = encoder_2 if "g" in layout["encoders"] else None
    pipeline.unet, pipeline.vae = unet, vae
    return pipeline


def main():
    if len(sys.argv) > 2:
        pipeline = StableDiffusionXLPipeline.from_pretrained(sys.argv[2], add_watermarker=False)
        state, _ = original(pipeline)
        save_file(state, sys.argv[1])
        return
    for name, layout in LAYOUTS.items():
        write(TARGET / name, layout)


def write(target, layout):
    """The table and the configurations of one layout."""
    pipeline = tiny(layout)
    prefixes = layout.get("clip", CLIP), layout.get("big", BIG)
    state, table = original(pipeline, *prefixes)
    check(pipeline, state, *prefixes)
    target.mkdir(parents=True, exist_ok=True)
    for name in ("unet", "vae", "text_encoder", "text_encoder_2"):
        if getattr(pipeline, name) is None:
            continue
        config = getattr(pipeline, name).config
        text = config.to_json_string() if hasattr(config, "to_json_string") else None
        text = text or json.dumps({k: v for k, v in dict(config).items()}, indent=1)
        (target / f"{name}.json").write_text(text)
    rows = ",\n".join(json.dumps(row) for row in table)
    (target / "names.json").write_text(f"[\n{rows}\n]\n")
    print(target.name, len(table), "names")


if __name__ == "__main__":
    main()
