"""Times the full SDXL shape in another library and in `latent bench`, side by side.

    python compare_speed.py --against torch --part unet -W 512 -H 512 --latent .build/release/latent
    latent bench unet -W 512 -H 512 --compare openvino --python ~/venv/bin/python

Runs alternate, so that a noisy machine disturbs both alike; the last line is the ratio of the
medians. Needs torch and diffusers, and openvino to compare with that. Weights are random, nothing is
downloaded. OpenVINO's model is converted from torch's once and kept in the folder --cache (5 GB).
"""

import argparse
import json
import os
import statistics
import subprocess
import time
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

UNET = dict(
    sample_size=128, block_out_channels=(320, 640, 1280),
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    transformer_layers_per_block=(1, 2, 10), attention_head_dim=(5, 10, 20),
    cross_attention_dim=2048, use_linear_projection=True, addition_embed_type="text_time",
    addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816)
VAE = dict(
    block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4,
    down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
    sample_size=1024, scaling_factor=0.13025)


def network(part, dtype):
    """The full-size network with random weights, channels last."""
    torch.manual_seed(0)
    with torch.device("meta"):
        made = UNet2DConditionModel(**UNET) if part == "unet" else AutoencoderKL(**VAE)
    made = made.to(dtype).to_empty(device="cpu")
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.uniform_(-0.035, 0.035)
    return made.eval().to(memory_format=torch.channels_last)


def inputs(arguments, dtype):
    height, width, batch = arguments.height // 8, arguments.width // 8, arguments.batch
    if arguments.part == "vae":
        return (torch.randn(1, 4, height, width, dtype=dtype),)
    sizes = [arguments.height, arguments.width, 0, 0, arguments.height, arguments.width]
    return (
        torch.randn(batch, 4, height, width, dtype=dtype), torch.tensor(500),
        torch.randn(batch, 77, 2048, dtype=dtype), torch.randn(batch, 1280, dtype=dtype),
        torch.tensor([sizes] * batch, dtype=dtype))


class Plain(torch.nn.Module):
    """A network as a function of tensors alone."""

    def __init__(self, module, part):
        super().__init__()
        self.module, self.part = module, part

    def forward(self, sample, *others):
        if self.part == "vae":
            return self.module.decode(sample, return_dict=False)[0]
        time_step, context, pooled, sizes = others
        return self.module(
            sample, time_step, encoder_hidden_states=context,
            added_cond_kwargs={"text_embeds": pooled, "time_ids": sizes}, return_dict=False)[0]


def torch_runner(arguments):
    """A function that runs the network once in PyTorch."""
    dtype = torch.bfloat16 if arguments.precision == "bf16" else torch.float32
    module = Plain(network(arguments.part, dtype), arguments.part)
    sample = inputs(arguments, dtype)

    def run():
        with torch.inference_mode():
            module(*sample)

    return run, f"torch {torch.__version__}"


def openvino_runner(arguments):
    """A function that runs the network once in OpenVINO, converted when the cache lacks it."""
    import openvino

    path = Path(arguments.cache) / f"sdxl-{arguments.part}.xml"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        small = argparse.Namespace(**{**vars(arguments), "width": 256, "height": 256})
        # Traced in f32, where PyTorch is fast on every CPU; the hint below decides the arithmetic.
        module = Plain(network(arguments.part, torch.float32), arguments.part)
        with torch.no_grad():
            model = openvino.convert_model(module, example_input=inputs(small, torch.float32))
        openvino.save_model(model, path, compress_to_fp16=True)
        del module, model
    core = openvino.Core()
    model = core.read_model(path)
    shapes = [list(value.shape) for value in inputs(arguments, torch.float32)]
    model.reshape(dict(zip(model.inputs, shapes)))
    hint = "bf16" if arguments.precision == "bf16" else "f32"
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": hint})
    request = compiled.create_infer_request()
    values = [
        value.numpy().astype(port.get_element_type().to_dtype())
        for value, port in zip(inputs(arguments, torch.float32), compiled.inputs)]
    return lambda: request.infer(values), f"OpenVINO {openvino.__version__.split('-')[0]}"


def latent_run(arguments):
    """Seconds of one run as `latent bench` reports them, the fastest of its repeats, and bytes."""
    command = [
        arguments.latent, "bench", arguments.part, "--shape", "sdxl", "-W", str(arguments.width),
        "-H", str(arguments.height), "--batch", str(arguments.batch), "--precision",
        arguments.precision, "--repeat", str(arguments.repeat), "--json"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return min(report["seconds"]), report["peakMemoryBytes"]


def own_peak():
    """The most memory this process had so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def compare(arguments):
    """Interleaved runs; prints each, returns the ratio of the medians and both peaks."""
    make = torch_runner if arguments.against == "torch" else openvino_runner
    run, name = make(arguments)
    run()
    ours, theirs, peak = [], [], 0
    for _ in range(arguments.rounds):
        for _ in range(arguments.repeat):
            start = time.perf_counter()
            run()
            seconds = time.perf_counter() - start
            theirs.append(seconds)
        best = min(theirs[-arguments.repeat:])
        del theirs[-arguments.repeat:]
        theirs.append(best)
        seconds, peak = latent_run(arguments)
        ours.append(seconds)
        print(f"{name} {best:.2f} s   latent {seconds:.2f} s", flush=True)
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"peak memory: {name} {own_peak() / 1e9:.2f} GB, latent {peak / 1e9:.2f} GB")
    print(f"latent / {name}: {ratio:.2f}")
    return ratio


def parser():
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--against", choices=["torch", "openvino"], default="torch")
    made.add_argument("--part", choices=["unet", "vae"], default="unet")
    made.add_argument("--latent", default=".build/release/latent")
    made.add_argument("-W", "--width", type=int, default=512)
    made.add_argument("-H", "--height", type=int, default=512)
    made.add_argument("--batch", type=int, default=2)
    made.add_argument("--precision", choices=["bf16", "f32"], default="bf16")
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--repeat", type=int, default=2)
    made.add_argument(
        "--cache", default=os.path.expanduser("~/.cache/latent-openvino"),
        help="where OpenVINO's converted model is kept")
    return made


if __name__ == "__main__":
    compare(parser().parse_args())
