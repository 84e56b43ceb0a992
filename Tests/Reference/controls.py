"""Makes tiny random ControlNets for the tiny models and runs diffusers with them.

    python controls.py [MODELS [FOLDER]]

For every NAME of MODELS below writes FOLDER/NAME-*/ (ControlNets as diffusers folders),
FOLDER/NAME.requests.json with whole requests (keys as in a GenerationRequest; `controls` name folders
and pictures of FOLDER) and FOLDER/NAME.pictures.safetensors with the final latents and 8-bit pixels.
"""

import json
import sys
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import (
    ControlNetModel,
    StableDiffusionXLControlNetImg2ImgPipeline,
    StableDiffusionXLControlNetPipeline,
)
from PIL import Image
from safetensors.torch import save_file

from pipelines import EXPECTED, SAMPLERS, load
from tiny_models import HERE, MODELS

FOLDER = HERE.parent / "DiffusionTests" / "Fixtures" / "controls"


def control_picture(seed: int):
    """Lines and patches in colours."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((72, 64, 3), np.uint8)
    for _ in range(6):
        y, x = rng.integers(0, 60), rng.integers(0, 52)
        picture[y : y + rng.integers(2, 12), x : x + rng.integers(2, 12)] = rng.integers(0, 256, 3)
    return Image.fromarray(picture)


def make(pipeline, kind: str, seed: int):
    """A ControlNet whose residuals are large enough to matter."""
    torch.manual_seed(seed)
    extra = dict(conditioning_embedding_out_channels=(4, 8, 8, 12))
    config = dict(pipeline.unet.config)
    if kind == "full":
        net = ControlNetModel.from_unet(
            pipeline.unet, conditioning_embedding_out_channels=(4, 8, 8, 12)
        )
    else:
        # No attention anywhere, or transformers without a layer: the published "small" networks have
        # one in the middle, their "mid" ones elsewhere too.
        keep = (
            "block_out_channels", "layers_per_block", "cross_attention_dim", "attention_head_dim",
            "norm_num_groups", "use_linear_projection", "addition_embed_type",
            "addition_time_embed_dim", "projection_class_embeddings_input_dim",
            "flip_sin_to_cos", "freq_shift", "norm_eps",
        )
        levels = len(config["block_out_channels"])
        if kind == "small":
            layout = dict(
                down_block_types=("DownBlock2D",) * levels, mid_block_type="UNetMidBlock2D",
                transformer_layers_per_block=config["transformer_layers_per_block"])
        else:
            layout = dict(
                down_block_types=("DownBlock2D",) * (levels - 1) + ("CrossAttnDownBlock2D",),
                mid_block_type="UNetMidBlock2DCrossAttn",
                transformer_layers_per_block=[0] * levels)
        net = ControlNetModel(
            controlnet_conditioning_channel_order="bgr" if kind == "small" else "rgb",
            **layout, **{key: config[key] for key in keep}, **extra,
        )
    for name, weight in net.named_parameters():
        if "controlnet_down" in name or "controlnet_mid" in name or "cond_embedding" in name:
            torch.nn.init.normal_(weight, std=0.12)
    return net.half().float().eval()


def run(pipeline, nets: dict, request: dict, folder: Path, texts=None):
    """`texts` gives the prompt of each call where it changes on the way."""
    original = pipeline.scheduler
    references = request["controls"]
    if "sampler" in request:
        cls, extra = SAMPLERS[request["sampler"]]
        pipeline.scheduler = getattr(diffusers, cls).from_config(original.config, **extra)
    chosen = [nets[reference["model"]] for reference in references]
    pictures = [Image.open(folder / reference["image"]) for reference in references]
    values = {key: [r[key] for r in references] for key in ("scale", "start", "end")}
    single = len(chosen) == 1
    if single:
        chosen, pictures = chosen[0], pictures[0]
        values = {key: value[0] for key, value in values.items()}
    grabbed = {}

    def keep(_pipe, _step, _time, kwargs):
        grabbed["latents"] = kwargs["latents"].clone()
        if texts:
            p, n, pp, np_ = _pipe.encode_prompt(
                texts(_step + 1), negative_prompt=request["negativePrompt"],
                do_classifier_free_guidance=True)
            kwargs["prompt_embeds"] = torch.cat([n, p])
            kwargs["add_text_embeds"] = torch.cat([np_, pp])
        return kwargs

    more = ["prompt_embeds", "add_text_embeds"] if texts else []
    size = dict(width=request["width"], height=request["height"])
    if "initImage" in request:
        cls = StableDiffusionXLControlNetImg2ImgPipeline
        place = dict(
            image=Image.open(EXPECTED / request["initImage"]), control_image=pictures,
            strength=request["strength"], **size,
        )
    else:
        cls, place = StableDiffusionXLControlNetPipeline, dict(image=pictures, **size)
    runner = cls(
        **pipeline.components, controlnet=chosen, add_watermarker=False,
        force_zeros_for_empty_prompt=pipeline.config.force_zeros_for_empty_prompt)
    runner.set_progress_bar_config(disable=True)
    result = runner(
        prompt=texts(0) if texts else request["prompt"],
        negative_prompt=request.get("negativePrompt"), **place,
        num_inference_steps=request["steps"], guidance_scale=request["guidanceScale"],
        controlnet_conditioning_scale=values["scale"], control_guidance_start=values["start"],
        control_guidance_end=values["end"],
        generator=torch.Generator().manual_seed(request["seeds"][0]), output_type="np",
        callback_on_step_end=keep, callback_on_step_end_tensor_inputs=["latents"] + more,
    )
    pipeline.scheduler = original
    return grabbed["latents"].float(), torch.from_numpy(
        (result.images * 255).round().astype(np.uint8)
    )


def requests(name: str):
    base = dict(
        version=1, prompt="a lighthouse on a cliff at sunset", negativePrompt="blurry, text",
        width=64, height=72, steps=5, guidanceScale=5.0, seeds=[7], promptWeighting="none",
        precision="f32",
    )
    full = dict(model=f"{name}-full", image="control-1.png", scale=1.0, start=0.0, end=1.0)
    small = dict(model=f"{name}-small", image="control-2.png", scale=0.6, start=0.0, end=1.0)
    yield {**base, "controls": [full]}
    yield {**base, "controls": [small], "guidanceScale": 1.0}
    yield {**base, "controls": [{**full, "start": 0.2, "end": 0.7}], "sampler": "heun"}
    yield {**base, "controls": [{**full, "scale": 0.5}, small], "sampler": "dpmpp-2m"}
    yield {**base, "controls": [{**full, "model": f"{name}-bare"}]}
    yield {**base, "controls": [{**small, "end": 0.6}], "initImage": "input.png", "strength": 0.6}


def scheduled(name: str, first: dict):
    """Prompt editing, which the control network follows too; counted as in conditions.py."""
    castle, lake = "a castle at night", "a lake at night"
    request = {**first, "prompt": "a [castle:lake:0.4] at night", "promptWeighting": "a1111"}
    return request, lambda call: castle if call <= 2 else lake


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    models = Path(sys.argv[1]) if len(sys.argv) > 1 else MODELS
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for number in (1, 2):
        control_picture(number).save(folder / f"control-{number}.png")
    for name in ("three-levels", "conv-projection"):
        pipeline = load(models / name)
        nets = {}
        for seed, kind in enumerate(("full", "small", "bare")):
            net = make(pipeline, kind, seed)
            net.half().save_pretrained(folder / f"{name}-{kind}")
            nets[f"{name}-{kind}"] = net.float()
        cases, results = [(request, None) for request in requests(name)], {}
        cases.append(scheduled(name, cases[0][0]))
        wanted = [request for request, _ in cases]
        for index, (request, texts) in enumerate(cases):
            latents, pictures = run(pipeline, nets, request, folder, texts)
            results[f"{index}.latents"] = latents.contiguous()
            results[f"{index}.pixels"] = pictures.contiguous()
        lines = ",\n".join(json.dumps(request) for request in wanted)
        (folder / f"{name}.requests.json").write_text(f"[\n{lines}\n]\n")
        save_file(results, folder / f"{name}.pictures.safetensors")
        spread = {k: round(v.float().std().item(), 1) for k, v in results.items() if "pixels" in k}
        print(name, spread)


if __name__ == "__main__":
    main()
