"""Makes textual inversions for the tiny models three-levels and sd1, and diffusers' pictures of
prompts with their words.

    python textual_inversion.py

Writes Tests/DiffusionTests/Fixtures/embeddings.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    StableDiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline,
)
from safetensors.torch import save_file
from transformers import CLIPTextModel

import conditions
import other_layouts
from pipelines import load, run
from tiny_models import HERE, MODELS

TARGET = HERE.parent / "DiffusionTests" / "Fixtures" / "embeddings"
GENERATOR = torch.Generator().manual_seed(78)


def random(*shape):
    return torch.randn(shape, generator=GENERATOR) * 0.7


def refiner(base, results):
    """A word that both the base model and its refiner read."""
    request = {
        **base, "model": "models/conv-projection", "refiner": "models-conditions/refiner", "steps": 6,
        "prompt": "a photo of <both> on a cliff", "negativePrompt": "blurry", "highNoiseFraction": 0.5,
        "embeddings": [{"token": "<both>", "path": "both.safetensors"}]}
    one = conditions.pipeline_for(request, StableDiffusionXLPipeline)
    two = conditions.pipeline_for(
        {**request, "model": request["refiner"]}, StableDiffusionXLImg2ImgPipeline)
    tables = {"clip_l": random(2, one.text_encoder.config.hidden_size),
              "clip_g": random(2, one.text_encoder_2.config.hidden_size)}
    save_file(tables, TARGET / "both.safetensors")
    for pipeline, part, table in ((one, "", "clip_l"), (one, "_2", "clip_g"), (two, "_2", "clip_g")):
        pipeline.load_textual_inversion(
            tables[table], token="<both>", text_encoder=getattr(pipeline, "text_encoder" + part),
            tokenizer=getattr(pipeline, "tokenizer" + part))
    latents, picture = conditions.run(request)
    results["refiner.latents"] = latents.float()
    results["refiner.pixels"] = torch.from_numpy(np.array(picture.convert("RGB")))[None]
    return request


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    CLIPTextModel.text_model = property(lambda self: self)
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    pipeline = load(MODELS / "three-levels")
    widths = pipeline.text_encoder.config.hidden_size, pipeline.text_encoder_2.config.hidden_size
    tables = {
        "cat": (random(3, widths[0]), random(3, widths[1])),
        "style": (random(1, widths[0]), random(1, widths[1])),
    }
    for name, (first, second) in tables.items():
        save_file({"clip_l": first, "clip_g": second}, TARGET / f"{name}.safetensors")
        for table, encoder, tokenizer in (
            (first, pipeline.text_encoder, pipeline.tokenizer),
            (second, pipeline.text_encoder_2, pipeline.tokenizer_2),
        ):
            pipeline.load_textual_inversion(
                table, token=f"<{name}>", text_encoder=encoder, tokenizer=tokenizer)
    base = dict(
        version=1, prompt="a photo of <cat> on a cliff", negativePrompt="blurry <style>",
        width=64, height=64, steps=3, guidanceScale=5.0, seeds=[7], promptWeighting="none",
        precision="f32", embeddings=[{"token": f"<{n}>", "path": f"{n}.safetensors"} for n in tables],
    )
    wanted = [base, {**base, "prompt": "<cat> <cat> in <style> style", "negativePrompt": None},
              {**base, "prompt": "a lake at night, " * 20 + "<cat>", "seeds": [3]}]
    results = {}
    for index, request in enumerate(wanted):
        results[f"{index}.latents"], results[f"{index}.pixels"] = run(pipeline, request)
    # Stable Diffusion 1, in the form that A1111 keeps.
    pipeline = StableDiffusionPipeline.from_pretrained(
        other_layouts.LAYOUTS / "sd1", torch_dtype=torch.float32, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    table = random(2, pipeline.text_encoder.config.hidden_size)
    save_file({"emb_params": table}, TARGET / "old.safetensors")
    pipeline.load_textual_inversion(table, token="<old>")
    request = {**base, "prompt": "a house, <old>", "negativePrompt": "text",
               "embeddings": [{"token": "<old>", "path": "old.safetensors"}]}
    results["sd1.latents"], results["sd1.pixels"] = other_layouts.run(pipeline, request)
    second = refiner(base, results)
    (TARGET / "requests.json").write_text(
        "[\n" + ",\n".join(json.dumps(r) for r in [*wanted, request, second]) + "\n]\n")
    save_file({k: v.contiguous() for k, v in results.items()}, TARGET / "pictures.safetensors")
    print({k: round(v.float().std().item(), 1) for k, v in results.items() if "pix" in k})


if __name__ == "__main__":
    main()
