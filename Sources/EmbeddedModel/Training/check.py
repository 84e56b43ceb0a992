"""Checks exported folders: their size, that diffusers loads them, that each companion does something to a picture, and, with `--engine`,
that Latent draws the same pictures from the same seeds.

    python check.py ../Model ../Companions --engine ../../../.build/release/latent
"""

import argparse
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import numpy as np  # noqa: E402
import torch  # noqa: E402
from diffusers import AutoencoderTiny, ControlNetModel, EulerDiscreteScheduler, StableDiffusionXLControlNetPipeline  # noqa: E402
from PIL import Image  # noqa: E402
from postcards import control, inversion, sample  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

torch.set_num_threads(1)

PROMPTS = ["a lighthouse on a cliff at sunset", "pixel art of two blue sailboats on the sea", "a neon city in the rain at night"]
MODEL_LIMIT, LIMIT = 20e6, 30e6
#: Signal to noise ratio in decibels above which two pictures are the same: float32 sums in another order, then bytes.
SAME = 40.0


def size_of(folder):
    return sum(os.path.getsize(os.path.join(root, f)) for root, _, files in os.walk(folder) for f in files)


def psnr(a, b):
    return -10 * np.log10(max(np.square(a.astype(float) - b).mean(), 1e-3) / 255 ** 2)


class Check:
    """One folder, its companions, and the program that is to draw the same."""

    def __init__(self, target, companions, engine):
        self.target, self.companions, self.engine = target, companions, engine
        self.pipe, d = sample.load(target), sample.defaults(target)
        self.settings = dict(num_inference_steps=d["steps"], guidance_scale=d["guidanceScale"])

    def diffusers(self, pipe, prompt, **more):
        """One picture in float32 from seed 0."""
        with torch.no_grad():
            image = pipe(prompt, width=256, height=256, generator=torch.Generator().manual_seed(0), output_type="np", **(self.settings | more)).images[0]
        return (image * 255).round().astype(np.uint8)

    def ours(self, prompt, *options):
        """The same by the program."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "picture.png")
            subprocess.run([self.engine, "generate", prompt, "--model", self.target, "--seed", "0", "--precision", "f32", "--no-history",
                            "--output", path, *options], check=True, capture_output=True, env=os.environ | {"LATENT_HOME": folder})
            return np.asarray(Image.open(path).convert("RGB"))

    def report(self, name, pictures, plain=None, options=None, prompts=PROMPTS):
        """Says what was drawn; a companion has to change the pictures, and the program has to draw them too."""
        line = f"{name}: deviation {min(p.std() for p in pictures):.0f} or more"
        assert min(p.std() for p in pictures) > 10, f"{name}: a flat picture"
        if plain is not None:
            change = min(np.abs(p.astype(float) - q).mean() for p, q in zip(pictures, plain))
            line += f"; {change:.1f} or more from the plain pictures"
            assert change > 1, f"{name} changes nothing"
        if self.engine and options is not None:
            same = min(psnr(p, self.ours(prompt, *options)) for p, prompt in zip(pictures, prompts))
            line += f"; {same:.1f} dB or more to the program's"
            assert same > SAME, f"{name}: the program draws another picture ({same:.1f} dB)"
        print(line, flush=True)

    def model(self):
        size = size_of(self.target)
        print(f"model {size / 1e6:.2f} MB")
        assert size <= MODEL_LIMIT, "larger than the budget"
        plain = [self.diffusers(self.pipe, p) for p in PROMPTS]
        self.report("model", plain, options=[])
        path = os.path.join(self.target, "taesd")
        if os.path.exists(path):
            z = self.pipe(PROMPTS[0], width=256, height=256, generator=torch.Generator().manual_seed(0), output_type="latent", **self.settings).images
            with torch.no_grad():
                seen = AutoencoderTiny.from_pretrained(path).float().decode(z).sample
            seen = ((seen[0].clamp(-1, 1) + 1) * 127.5).permute(1, 2, 0).numpy()
            self.report("taesd", [seen])
            assert np.abs(seen - plain[0]).mean() < 12, "the preview is another picture"
        return plain

    def lora(self, file, plain, options=(), scheduler=None, **more):
        """Loads one LoRA, draws with it, and takes it out again."""
        usual = self.pipe.scheduler
        self.pipe.scheduler = scheduler or usual
        self.pipe.load_lora_weights(self.companions, weight_name=file)
        pictures = [self.diffusers(self.pipe, p, **more) for p in PROMPTS]
        self.pipe.unload_lora_weights()
        self.pipe.scheduler = usual
        self.report(file, pictures, plain, ["--lora", os.path.join(self.companions, file), *options])

    def canny(self, path):
        """The same edges under every prompt: a scene whose sun and object stand where the model would not put them."""
        steered = StableDiffusionXLControlNetPipeline(**self.pipe.components, controlnet=ControlNetModel.from_pretrained(path))
        steered.set_progress_bar_config(disable=True)
        edges = Image.fromarray(np.repeat(control.draw(4, seed=1501)[3][..., None].astype(np.uint8) * 255, 3, 2))
        plain = [self.diffusers(self.pipe, p) for p in PROMPTS]
        pictures = [self.diffusers(steered, p, image=edges) for p in PROMPTS]
        with tempfile.TemporaryDirectory() as folder:
            edges.save(os.path.join(folder, "edges.png"))
            self.report("canny", pictures, plain, ["--control", path, "--control-image", os.path.join(folder, "edges.png")])

    def token(self, path):
        """The token alone and in a sentence, beside the same prompts with its name as plain words."""
        def with_token(word):
            return [word, f"a watercolour of {word}"]
        plain = [self.diffusers(self.pipe, p) for p in with_token("winter home")]
        vectors = load_file(path)
        for key, encoder, tokenizer in (("clip_l", self.pipe.text_encoder, self.pipe.tokenizer), ("clip_g", self.pipe.text_encoder_2, self.pipe.tokenizer_2)):
            self.pipe.load_textual_inversion(vectors[key].float(), token=inversion.TOKEN, text_encoder=encoder, tokenizer=tokenizer)
        prompts = with_token(inversion.TOKEN)
        pictures = [self.diffusers(self.pipe, p) for p in prompts]
        self.report("winter-home", pictures, plain, ["--embedding", f"{inversion.TOKEN}={path}"], prompts)

    def everything(self):
        plain = self.model()
        if not self.companions:
            return
        total = size_of(self.target) + size_of(self.companions)
        print(f"with companions {total / 1e6:.2f} MB")
        assert total <= LIMIT, "larger than the budget"
        have = set(os.listdir(self.companions))
        if "old-photo.safetensors" in have:
            self.lora("old-photo.safetensors", plain)
        if "four-steps.safetensors" in have:
            euler = EulerDiscreteScheduler.from_config(self.pipe.scheduler.config)
            self.lora("four-steps.safetensors", plain, ["--steps", "4", "--cfg", "1", "--sampler", "euler"], euler, num_inference_steps=4, guidance_scale=1.0)
        if "canny" in have:
            self.canny(os.path.join(self.companions, "canny"))
        if "winter-home.safetensors" in have:
            self.token(os.path.join(self.companions, "winter-home.safetensors"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("companions", nargs="?")
    parser.add_argument("--engine", help="the program `latent`")
    a = parser.parse_args()
    folders = [os.path.abspath(f) if f else None for f in (a.model, a.companions, a.engine)]
    Check(*folders).everything()


main()
