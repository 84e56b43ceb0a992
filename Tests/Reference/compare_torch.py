"""Times one UNet step of the full SDXL shape in PyTorch and in `latent bench`, side by side.

    python Tests/Reference/compare_torch.py --latent .build/release/latent --width 512 --height 512

Runs alternate, so that a noisy machine disturbs both alike; the last line is the ratio of the
medians. Needs torch and diffusers; weights are random, nothing is downloaded.
"""

import argparse
import json
import statistics
import subprocess
import time

import torch
from diffusers import UNet2DConditionModel

SDXL = dict(
    sample_size=128,
    block_out_channels=(320, 640, 1280),
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    transformer_layers_per_block=(1, 2, 10),
    attention_head_dim=(5, 10, 20),
    cross_attention_dim=2048,
    use_linear_projection=True,
    addition_embed_type="text_time",
    addition_time_embed_dim=256,
    projection_class_embeddings_input_dim=2816,
)


def torch_unet(dtype):
    """The full-size UNet with random weights, channels last."""
    torch.manual_seed(0)
    with torch.device("meta"):
        unet = UNet2DConditionModel(**SDXL)
    unet = unet.to_empty(device="cpu").to(dtype)
    with torch.no_grad():
        for parameter in unet.parameters():
            parameter.normal_(0, 0.02)
    return unet.eval().to(memory_format=torch.channels_last)


def torch_step(unet, dtype, width, height, batch):
    """Seconds of one call of the UNet."""
    sample = torch.randn(batch, 4, height // 8, width // 8, dtype=dtype)
    context = torch.randn(batch, 77, 2048, dtype=dtype)
    added = {
        "text_embeds": torch.randn(batch, 1280, dtype=dtype),
        "time_ids": torch.tensor([[height, width, 0, 0, height, width]] * batch, dtype=dtype),
    }
    start = time.perf_counter()
    with torch.inference_mode():
        unet(sample, 500, encoder_hidden_states=context, added_cond_kwargs=added)
    return time.perf_counter() - start


def latent_step(arguments):
    """Seconds of one step as `latent bench` reports them, the fastest of its repeats."""
    command = [
        arguments.latent, "bench", "unet", "--shape", "sdxl", "-W", str(arguments.width),
        "-H", str(arguments.height), "--batch", str(arguments.batch), "--precision",
        arguments.precision, "--repeat", "2", "--json",
    ]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return min(report["seconds"]), report["peakMemoryBytes"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latent", default=".build/release/latent")
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--height", type=int, default=512)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--precision", choices=["bf16", "f32"], default="bf16")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    dtype = torch.bfloat16 if arguments.precision == "bf16" else torch.float32
    unet = torch_unet(dtype)
    shape = (unet, dtype, arguments.width, arguments.height, arguments.batch)
    torch_step(*shape)
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        theirs.append(torch_step(*shape))
        seconds, peak = latent_step(arguments)
        ours.append(seconds)
        print(f"torch {theirs[-1]:.2f} s   latent {seconds:.2f} s   peak {peak / 1e9:.2f} GB")
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"latent / torch {torch.__version__}: {ratio:.2f}")


if __name__ == "__main__":
    main()
