"""Writes a diffusers folder of SDXL base 1.0's full shape with random float16 weights, 6.9 GB, for
tests of loading, memory and speed.

    python full_size_model.py FOLDER

Names and shapes are diffusers' own; the weights repeat one block of small random numbers, so the
pictures mean nothing. The folder brings no tokenizer: the program's own CLIP vocabulary is meant.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from tiny_models import PUBLISHED_SCHEDULER, SDXL_SCHEDULER


def networks():
    """Folder, file stem and network, on the meta device: no memory is taken."""
    with torch.device("meta"):
        yield "unet", "diffusion_pytorch_model", UNet2DConditionModel(
            sample_size=128, block_out_channels=(320, 640, 1280), layers_per_block=2,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            attention_head_dim=(5, 10, 20), transformer_layers_per_block=(1, 2, 10),
            use_linear_projection=True, cross_attention_dim=2048, addition_embed_type="text_time",
            addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816)
        yield "vae", "diffusion_pytorch_model", AutoencoderKL(
            block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 4, sample_size=1024,
            up_block_types=("UpDecoderBlock2D",) * 4, scaling_factor=0.13025)
        common = dict(vocab_size=49408, max_position_embeddings=77)
        yield "text_encoder", "model", CLIPTextModel(CLIPTextConfig(
            hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
            num_attention_heads=12, hidden_act="quick_gelu", projection_dim=768, **common))
        yield "text_encoder_2", "model", CLIPTextModelWithProjection(CLIPTextConfig(
            hidden_size=1280, intermediate_size=5120, num_hidden_layers=32,
            num_attention_heads=20, hidden_act="gelu", projection_dim=1280, **common))


def write(path: Path, module):
    """Streams the file, so that 5 GB are never in memory."""
    generator = np.random.default_rng(0)
    block = (generator.standard_normal(1 << 20, dtype=np.float32)).astype(np.float16)
    header, offset = {}, 0
    tensors = [(name, tuple(value.shape)) for name, value in module.state_dict().items()]
    for name, shape in tensors:
        size = 2 * int(np.prod(shape))
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape in tensors:
            count = int(np.prod(shape))
            if "norm" in name and name.endswith("weight"):
                file.write(np.ones(count, dtype=np.float16).tobytes())
                continue
            fan = int(np.prod(shape[1:])) if len(shape) > 1 else 10000
            data = (block * np.float16(1 / fan**0.5)).tobytes()
            while count > 0:
                piece = min(count, len(block))
                file.write(data[: 2 * piece])
                count -= piece


def main():
    folder = Path(sys.argv[1])
    for name, stem, module in networks():
        (folder / name).mkdir(parents=True, exist_ok=True)
        write(folder / name / f"{stem}.safetensors", module)
        module.config.save_pretrained(folder / name) if name.startswith("text") else \
            module.save_config(folder / name)
        print(name)
    EulerDiscreteScheduler(**SDXL_SCHEDULER).save_pretrained(folder / "scheduler")
    file = folder / "scheduler" / "scheduler_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **PUBLISHED_SCHEDULER}))
    index = {"_class_name": "StableDiffusionXLPipeline", "force_zeros_for_empty_prompt": True}
    (folder / "model_index.json").write_text(json.dumps(index))


if __name__ == "__main__":
    main()
