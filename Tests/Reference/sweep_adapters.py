"""Compares `latent` with diffusers on LoRAs, words, second models and second passes, on random tiny
models that no test has seen.

    python sweep_adapters.py LATENT [--models N] [--requests N] [--seed N] [--kinds A,B]

Kinds: lora (pairs, DoRA, LoHa, LoKr, (IA)^3 and differences under kohya's, original and peft's names,
several files at once), word (textual inversion), picture (image to image, tiling), nine (inpainting
networks with nine channels), refiner (as an expert and as a pass of its own), hires, variation, and
weights (long prompts with weights, A1111's and ComfyUI's). Bounds as in sweep.py.
"""

import sys

import numpy as np
import torch
from diffusers import StableDiffusionXLImg2ImgPipeline, UNet2DConditionModel
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPTextModel

import conditions
import image_prompts
import noise_mixing
import pipelines
from adapter_files import lora_file
from long_prompts import embeddings
from sweep import against, model_spec
from sweep_conditions import DETERMINISTIC, forget_statistics, plain, random_model, shown
from sweeping import command_line, rounds, tell
from tiny_models import build, randomise

SOLVERS = DETERMINISTIC + ["euler-ancestral", "lcm", "dpmpp-2m-sde", "ddpm", "pndm", "dpm2"]


def lora(rng, work, label, count):
    folder, pipeline = random_model(rng, work, label)
    networks = {"unet": pipeline.unet, "te1": pipeline.text_encoder, "te2": pipeline.text_encoder_2}
    before = {k: {n: v.clone() for n, v in m.state_dict().items()} for k, m in networks.items()}
    for number in range(count):
        wanted = plain(rng)
        wanted["loras"] = []
        changes = {k: {} for k in networks}
        for index in range(rng.choice([1, 1, 2, 3])):
            weight = round(rng.uniform(-0.5, 1.2), 2)
            text = rng.choice([None, round(rng.uniform(0.1, 1), 2)])
            path, found = lora_file(
                rng, before, work / f"{label}-{number}-{index}.safetensors", weight, text)
            print(f"    {path.name}: {found.pop('kind')}", flush=True)
            wanted["loras"].append(
                {"name": str(path), "weight": weight, **({"textEncoderWeight": text} if text else {})})
            for network, values in found.items():
                for name, change in values.items():
                    changes[network][name] = changes[network].get(name, 0) + change
        for network, module in networks.items():
            state = module.state_dict()
            for name, value in before[network].items():
                state[name].copy_(value + changes[network].get(name, 0))
        yield folder, wanted, lambda: pipelines.run(pipeline, wanted)


def word(rng, work, label, count):
    CLIPTextModel.text_model = property(lambda self: self)
    folder, pipeline = random_model(rng, work, label)
    words, references = [], []
    for index in range(3):
        vectors = rng.choice([1, 2, 5])
        # Of several vectors diffusers itself reads one where the name has capitals.
        name = rng.choice(["<w{}>", "word-{}", "my{}cat", "<big {}>", "<Big {}>"]).format(index)
        name = name.lower() if vectors > 1 else name
        tables = [torch.randn(vectors, e.config.hidden_size) * 0.6
                  for e in (pipeline.text_encoder, pipeline.text_encoder_2)]
        storage = rng.choice([torch.float32, torch.float16])
        tables = [t.to(storage).float() for t in tables]
        path = work / f"{label}-{index}.safetensors"
        save_file({"clip_l": tables[0].to(storage), "clip_g": tables[1].to(storage)}, path)
        for table, encoder, tokenizer in (
            (tables[0], pipeline.text_encoder, pipeline.tokenizer),
            (tables[1], pipeline.text_encoder_2, pipeline.tokenizer_2),
        ):
            pipeline.load_textual_inversion(
                table, token=name, text_encoder=encoder, tokenizer=tokenizer)
        words.append(name)
        references.append({"token": name, "path": str(path)})
    for _ in range(count):
        wanted = plain(rng)
        text = lambda: " ".join(  # noqa: E731
            rng.choice(words + ["a lake", "red,", "castle"]) for _ in range(rng.choice([1, 4, 40])))
        wanted.update(prompt=text(), embeddings=references)
        if rng.random() < 0.6:
            wanted["negativePrompt"] = text()
        yield folder, wanted, lambda: pipelines.run(pipeline, wanted)


def input_picture(rng, work, size):
    image_prompts.picture(rng.randrange(999), size).save(work / "input.png")
    return str(work / "input.png")


def picture(rng, work, label, count):
    folder, _ = random_model(rng, work, label)
    for _ in range(count):
        wanted = plain(rng)
        size = wanted["width"], wanted["height"]
        wanted.update(
            model=str(folder), initImage=input_picture(rng, work, size), steps=rng.randint(3, 12),
            strength=rng.choice([0.3, 0.45, 0.58, 0.75, 0.9, 1.0]), sampler=rng.choice(SOLVERS))
        if int(wanted["steps"] * wanted["strength"]) < 1:
            wanted["strength"] = 0.9
        if rng.random() < 0.3:
            wanted["tiling"] = rng.choice(["x", "y", "both"])
        yield folder, wanted, lambda: shown(*conditions.run(wanted))


def nine(rng, work, label, count):
    spec = model_spec(rng, rng.randrange(10**6))
    spec["unet"]["in_channels"] = 9
    forget_statistics(spec)
    folder = work / label
    build(label, spec, folder)
    for _ in range(count):
        wanted = plain(rng)
        size = wanted["width"], wanted["height"]
        white = np.zeros(size[::-1], np.uint8)
        white[rng.randint(0, 20):rng.randint(30, 60), rng.randint(0, 20):rng.randint(30, 60)] = 255
        Image.fromarray(white).save(work / "mask.png")
        wanted.update(
            model=str(folder), initImage=input_picture(rng, work, size),
            maskImage=str(work / "mask.png"), strength=rng.choice([0.5, 0.8, 1.0]),
            sampler=rng.choice(SOLVERS))
        yield folder, wanted, lambda: shown(*conditions.run(wanted))


def refiner(rng, work, label, count):
    folder, base = random_model(rng, work, label)
    encoder = base.text_encoder_2
    while True:
        spec = model_spec(rng, rng.randrange(10**6))["unet"]
        if spec.get("mid_block_type") is not None:
            break
    unet = UNet2DConditionModel(
        **spec, cross_attention_dim=encoder.config.hidden_size, addition_embed_type="text_time",
        projection_class_embeddings_input_dim=5 * spec["addition_time_embed_dim"]
        + encoder.config.projection_dim).eval()
    randomise(unet, rng.randrange(10**6))
    second = work / f"{label}-refiner"
    StableDiffusionXLImg2ImgPipeline(
        vae=base.vae, text_encoder=None, tokenizer=None, text_encoder_2=encoder,
        tokenizer_2=base.tokenizer_2, unet=unet, scheduler=base.scheduler,
        requires_aesthetics_score=True, force_zeros_for_empty_prompt=False, add_watermarker=False,
    ).save_pretrained(second)
    for _ in range(count):
        wanted = plain(rng)
        wanted.update(model=str(folder), refiner=str(second), steps=rng.randint(4, 10))
        if rng.random() < 0.3:
            wanted["refinerStrength"] = rng.choice([0.3, 0.5, 0.7])
        else:
            wanted["highNoiseFraction"] = rng.choice([0.4, 0.55, 0.7, 0.8])
            wanted["sampler"] = rng.choice(SOLVERS)
        if rng.random() < 0.4:
            wanted.update(aestheticScore=7.5, negativeAestheticScore=1.5)
        yield folder, wanted, lambda: shown(*conditions.run(wanted))


def hires(rng, work, label, count):
    folder, _ = random_model(rng, work, label)
    for _ in range(count):
        wanted = plain(rng)
        wanted.update(
            model=str(folder), sampler=rng.choice(SOLVERS),
            hires=dict(scale=rng.choice([1.25, 1.5, 1.9]), strength=rng.choice([0.4, 0.7, 1.0]),
                       upscaler=rng.choice(["latent", "pixels"])))
        if int(wanted["steps"] * wanted["hires"]["strength"]) < 1:
            wanted["hires"]["strength"] = 0.7
        yield folder, wanted, lambda: shown(*conditions.run(wanted))


def variation(rng, work, label, count):
    folder, pipeline = random_model(rng, work, label)
    for _ in range(count):
        wanted = plain(rng)
        wanted.update(
            variationSeed=rng.randrange(2**33), variationStrength=round(rng.uniform(0.05, 1), 2))
        shape = (4, wanted["height"] // 8, wanted["width"] // 8)
        low, high = (torch.randn(shape, generator=torch.Generator().manual_seed(s))
                     for s in (wanted["seeds"][0], wanted["variationSeed"]))
        mixed = noise_mixing.slerp(wanted["variationStrength"], low, high)[None]
        yield folder, wanted, lambda: pipelines.run(pipeline, wanted, latents=mixed)


def weights(rng, work, label, count):
    CLIPTextModel.text_model = property(lambda self: self)
    folder, pipeline = random_model(rng, work, label)
    words = "a lighthouse castle on cliff lake fog sunset, night rain; red! 3 pines (old), é".split()

    def text():
        parts = []
        for _ in range(rng.choice([3, 12, 60, 120])):
            part = rng.choice(words)
            if rng.random() < 0.15:
                part = rng.choice(["({}:1.3)", "(({}))", "[{}]", "({}:0.4)", "({} (x:1.1) y)"]).format(
                    part.strip("()"))
            if rng.random() < 0.03:
                part = "BREAK"
            parts.append(part)
        return " ".join(parts)

    for _ in range(count):
        wanted = plain(rng)
        wanted.update(
            promptWeighting=rng.choice(["a1111", "comfy"]), prompt=text(), negativePrompt=text(),
            guidanceScale=rng.choice([1.0, 4.0]))
        if rng.random() < 0.3:
            wanted["prompt2"] = text()
        print(f"    {wanted['promptWeighting']} {len(wanted['prompt'])} letters", flush=True)
        yield folder, wanted, lambda: pipelines.run(
            pipeline, wanted, embeddings=embeddings(pipeline, wanted))


KINDS = dict(lora=lora, word=word, picture=picture, nine=nine, refiner=refiner, hires=hires,
             variation=variation, weights=weights)


@torch.no_grad()
def main():
    options = command_line(3, 3, kinds=",".join(KINDS))
    bad = 0
    for kind, rng, work, label in rounds(options, options.kinds):
        for number, (model, wanted, make) in enumerate(KINDS[kind](rng, work, label, options.requests)):
            line, fits = against(options.latent, model, wanted, work, *make(), make)
            bad += tell(f"{label} {number}: {wanted.get('sampler', '-')}", line, fits, wanted)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
