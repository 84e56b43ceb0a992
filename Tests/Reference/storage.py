"""Stores a tiny model's UNet in 8-bit floats and writes what diffusers makes of those numbers.

    python storage.py [MODELS [FOLDER]]

Writes FOLDER/unet-TYPE.safetensors for e4m3fn and e5m2 (FOLDER defaults to
Tests/DiffusionTests/Fixtures/storage), FOLDER/requests.json and FOLDER/TYPE.pictures.safetensors.
Like published fp8 checkpoints the files keep biases and norms in half precision.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from pipelines import load, run
from tiny_models import HERE, MODELS

FOLDER = HERE.parent / "DiffusionTests" / "Fixtures" / "storage"
TYPES = {"e4m3fn": torch.float8_e4m3fn, "e5m2": torch.float8_e5m2}


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    models = Path(sys.argv[1]) if len(sys.argv) > 1 else MODELS
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    base = dict(
        version=1, prompt="a lighthouse on a cliff at sunset", negativePrompt="blurry, text",
        width=64, height=64, steps=4, guidanceScale=5.0, seeds=[7], promptWeighting="none",
        precision="f32",
    )
    wanted = [base, {**base, "sampler": "dpmpp-2m", "steps": 5, "seeds": [3]}]
    (folder / "requests.json").write_text(json.dumps(wanted, indent=1) + "\n")
    for name, dtype in TYPES.items():
        pipeline = load(models / "distilled")
        state = {
            key: value.to(dtype if value.dim() > 1 else torch.float16).contiguous()
            for key, value in pipeline.unet.state_dict().items()
        }
        save_file(state, folder / f"unet-{name}.safetensors")
        pipeline.unet.load_state_dict({key: value.float() for key, value in state.items()})
        results = {}
        for index, request in enumerate(wanted):
            latents, pictures = run(pipeline, request)
            results[f"{index}.latents"] = latents.contiguous()
            results[f"{index}.pixels"] = pictures.contiguous()
        save_file(results, folder / f"{name}.pictures.safetensors")
        print(name, [round(v.float().std().item(), 1) for v in results.values()])


if __name__ == "__main__":
    main()
