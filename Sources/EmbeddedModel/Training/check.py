"""Checks exported folders: their size, that diffusers loads them, and that each does something to a picture.

    python check.py ../Model [../Companions]
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import numpy as np  # noqa: E402
import torch  # noqa: E402
from diffusers import AutoencoderTiny, ControlNetModel, StableDiffusionXLControlNetPipeline  # noqa: E402
from PIL import Image  # noqa: E402
from postcards import control, inversion, sample  # noqa: E402
from safetensors import safe_open  # noqa: E402

torch.set_num_threads(1)

PROMPT = "a lighthouse on a cliff at sunset"
MODEL_LIMIT, LIMIT = 20e6, 30e6


def size_of(folder):
    return sum(os.path.getsize(os.path.join(root, f)) for root, _, files in os.walk(folder) for f in files)


def report(name, picture, base=None):
    """Says what was drawn; a companion has to change the picture."""
    change = "" if base is None else f", {np.abs(picture.astype(float) - base).mean():.1f} from the plain picture"
    print(f"{name}: mean {picture.mean():.1f}, deviation {picture.std():.1f}{change}")
    assert picture.std() > 15, "a flat picture"
    assert base is None or np.abs(picture.astype(float) - base).mean() > 1, "it changes nothing"


def check_model(target):
    size = size_of(target)
    print(f"model {size / 1e6:.2f} MB")
    assert size <= MODEL_LIMIT, "larger than the budget"
    pipe, d = sample.load(target), sample.defaults(target)
    settings = dict(steps=d["steps"], guidance=d["guidanceScale"])
    picture = sample.draw(pipe, [PROMPT], [0], **settings)
    report("model", picture)
    if os.path.exists(os.path.join(target, "taesd")):
        z = pipe(PROMPT, width=256, height=256, num_inference_steps=d["steps"], guidance_scale=d["guidanceScale"],
                 generator=torch.Generator().manual_seed(0), output_type="latent").images
        with torch.no_grad():
            seen = AutoencoderTiny.from_pretrained(os.path.join(target, "taesd")).float().decode(z).sample
        seen = ((seen.clamp(-1, 1) + 1) * 127.5).permute(0, 2, 3, 1).numpy()
        report("taesd", seen)
        assert np.abs(seen - picture).mean() < 12, "the preview is another picture"
    return pipe, settings, picture


def check_companions(folder, pipe, settings, picture, target):
    if os.path.exists(os.path.join(folder, "blueprint.safetensors")):
        pipe.load_lora_weights(folder, weight_name="blueprint.safetensors")
        report("blueprint", sample.draw(pipe, [PROMPT], [0], **settings), picture)
        pipe.unload_lora_weights()
    path = os.path.join(folder, "winter-home.safetensors")
    if os.path.exists(path):
        with safe_open(path, "pt") as f:
            for key, encoder, tokenizer in (("clip_l", pipe.text_encoder, pipe.tokenizer), ("clip_g", pipe.text_encoder_2, pipe.tokenizer_2)):
                pipe.load_textual_inversion(f.get_tensor(key).float(), token=inversion.TOKEN, text_encoder=encoder, tokenizer=tokenizer)
        report("winter-home", sample.draw(pipe, [inversion.TOKEN], [0], **settings), picture)
    path = os.path.join(folder, "canny")
    if os.path.exists(path):
        steered = StableDiffusionXLControlNetPipeline(**pipe.components, controlnet=ControlNetModel.from_pretrained(path))
        outline = Image.fromarray(np.repeat(control.draw(4)[3][..., None].astype(np.uint8) * 255, 3, 2))
        drawn = steered(prompt=PROMPT, image=outline, width=256, height=256, num_inference_steps=settings["steps"],
                        guidance_scale=settings["guidance"], generator=torch.Generator().manual_seed(0), output_type="np").images
        report("canny", (drawn * 255).round().astype(np.uint8), picture)
    path = os.path.join(folder, "four-steps.safetensors")
    if os.path.exists(path):
        report("four-steps", sample.draw(sample.load(target, path), [PROMPT], [0], steps=4, guidance=1.0), picture)


def main():
    pipe, settings, picture = check_model(sys.argv[1])
    if len(sys.argv) > 2:
        total = size_of(sys.argv[1]) + size_of(sys.argv[2])
        print(f"with companions {total / 1e6:.2f} MB")
        assert total <= LIMIT, "larger than the budget"
        check_companions(sys.argv[2], pipe, settings, picture, sys.argv[1])


main()
