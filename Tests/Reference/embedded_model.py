"""Runs diffusers on the model that ships and writes what the engine must reproduce.

    python embedded_model.py

Writes ../DiffusionTests/Fixtures/expected/postcards.requests.json (keys as in a GenerationRequest) and
postcards.pictures.safetensors (final latents and 8-bit pixels of each). To be run whenever the weights change.
"""

import json

import torch
from safetensors.torch import save_file

from pipelines import EXPECTED, HERE, load, run

MODEL = HERE.parent.parent / "Sources" / "EmbeddedModel" / "Model"


def main():
    defaults = json.loads((MODEL / "model.json").read_text())["defaults"]
    base = dict(
        version=1, prompt="a lighthouse on a cliff at sunset", negativePrompt=None, width=defaults["width"],
        height=defaults["height"], steps=defaults["steps"], guidanceScale=defaults["guidanceScale"], seeds=[0],
        promptWeighting="none", precision="f32",
    )
    wanted = [
        base,
        {**base, "prompt": "meadow, sunset", "negativePrompt": "house", "width": 128, "height": 128, "seeds": [3]},
    ]
    pipeline = load(MODEL)
    out = {}
    with torch.no_grad():
        for index, request in enumerate(wanted):
            latents, pixels = run(pipeline, request)
            out[f"{index}.latents"], out[f"{index}.pixels"] = latents.contiguous(), pixels.contiguous()
    EXPECTED.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(request) for request in wanted)
    (EXPECTED / "postcards.requests.json").write_text("[\n" + lines + "\n]\n")
    save_file(out, EXPECTED / "postcards.pictures.safetensors")


main()
