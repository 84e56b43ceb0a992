"""Compares `latent` with diffusers on long weighted prompts with words of textual inversions, for SDXL
and for Stable Diffusion 1 and 2, on random tiny models that no test has seen.

    python sweep_words.py LATENT [--models N] [--requests N] [--seed N] [--families A,B]

Families: xl, sd. Prompts are cut and weighed as A1111 and ComfyUI do (long_prompts.py), with words of one
to many vectors that stay together in a chunk, clip skip and a second prompt. Bounds as in sweep.py.
"""

import re
import sys

import torch
from safetensors.torch import save_file
from transformers import CLIPTextModel

import other_layouts
import pipelines
from long_prompts import LENGTH, comfy_chunks, tokens_of, webui_chunks
from sweep import against
from sweep_combined import sd_model
from sweep_conditions import plain, random_model
from sweeping import command_line, rounds, tell

WORDS = "a lighthouse castle on cliff lake fog sunset, night rain; red! 3 pines (old), é 雪".split()


class Encoder:
    """One text encoder, its tokenizer and its words."""

    def __init__(self, encoder, tokenizer, normalizes):
        self.encoder, self.tokenizer, self.normalizes = encoder, tokenizer, normalizes
        self.words = {}

    def add(self, pipeline, name, table):
        pipeline.load_textual_inversion(
            table, token=name, text_encoder=self.encoder, tokenizer=self.tokenizer)
        first = self.tokenizer.convert_tokens_to_ids(name)
        self.words[name] = [first + i for i in range(len(table))]

    def groups(self, text):
        """Tokens by what stays together: ordinary ones alone, vectors of a word in one list."""
        if not self.words:
            return [[t] for t in tokens_of(self.tokenizer, text)]
        found = []
        for part in re.split("(" + "|".join(self.words) + ")", text):
            if part in self.words:
                found.append(self.words[part])
            else:
                found += [[t] for t in tokens_of(self.tokenizer, part)]
        return found

    def states(self, chunks, skip, arithmetic):
        begin, end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        pad = self.tokenizer.pad_token_id

        def ids(chunk):
            row = [begin] + [t for t, _ in chunk] + [end]
            return row + [pad] * (LENGTH + 2 - len(row))

        rows = torch.tensor([ids(chunk) for chunk in chunks] + [ids([])])
        output = self.encoder(rows, output_hidden_states=True)
        hidden = output.hidden_states[-skip].clone()
        if self.normalizes:
            hidden = self.encoder.final_layer_norm(hidden)
        result = []
        for number, chunk in enumerate(chunks):
            factor = torch.ones(LENGTH + 2, 1)
            for place, (_, weight) in enumerate(chunk):
                factor[place + 1] = weight
            z = hidden[number]
            if arithmetic == "comfy":
                z = (z - hidden[-1]) * factor + hidden[-1]
            else:
                mean = z.mean()
                z = z * factor
                z = z * (mean / z.mean())
            result.append(z)
        pooled = output[0][:1] if output[0].dim() == 2 else None
        return torch.cat(result)[None], pooled


def arguments(encoders, wanted):
    cut = webui_chunks if wanted["promptWeighting"] == "a1111" else comfy_chunks
    sides = {"": ("prompt", "prompt2"), "negative_": ("negativePrompt", "negativePrompt2")}
    if wanted["guidanceScale"] <= 1:
        del sides["negative_"]
    chunked = {side: [cut(e.tokenizer, wanted[one] if i == 0 else wanted.get(two) or wanted[one], e.groups)
                      for i, e in enumerate(encoders)] for side, (one, two) in sides.items()}
    longest = max(len(chunks) for both in chunked.values() for chunks in both)
    own = 2 if len(encoders) == 2 else 1
    result = {}
    for side, both in chunked.items():
        found = []
        for chunks, encoder in zip(both, encoders):
            skip = own if side else wanted.get("clipSkip", own)
            hidden, pooled = encoder.states(
                chunks + [[]] * (longest - len(chunks)), skip, wanted["promptWeighting"])
            found.append(hidden)
        result[side + "prompt_embeds"] = torch.cat(found, -1)
        if pooled is not None:
            result[side + "pooled_prompt_embeds"] = pooled
    if "negative_" not in chunked:
        for key in list(result):
            result["negative_" + key] = torch.zeros_like(result[key])
    return result


def text(rng, words):
    parts = []
    for _ in range(rng.choice([0, 2, 12, 40, 70, 120])):
        part = rng.choice(WORDS)
        if words and rng.random() < 0.12:
            part = rng.choice(words)
        if rng.random() < 0.2:
            part = rng.choice(["({}:1.3)", "(({}))", "[{}]", "({}:0.4)", "({} (x:1.1) y)", "({}:0)", "{},"]).format(
                part.strip("(),"))
        if rng.random() < 0.02:
            part = "BREAK"
        parts.append(part)
    return " ".join(parts)


def cases(rng, family, work, label, count):
    is_xl = family == "xl"
    make = random_model if is_xl else sd_model
    folder, pipeline = make(rng, work, label)
    encoders = [Encoder(pipeline.text_encoder, pipeline.tokenizer, not is_xl)]
    if is_xl:
        encoders.append(Encoder(pipeline.text_encoder_2, pipeline.tokenizer_2, False))
    references = []
    for index in range(3):
        vectors, name = rng.choice([1, 2, 6, 11, 30]), f"my{index}cat"
        tables = [(torch.randn(vectors, e.encoder.config.hidden_size) * 0.6).half() for e in encoders]
        path = work / f"{label}-{name}.safetensors"
        names = ["clip_l", "clip_g"] if is_xl else [rng.choice(["emb_params", name])]
        save_file(dict(zip(names, tables)), path)
        for encoder, table in zip(encoders, tables):
            encoder.add(pipeline, name, table.float())
        references.append({"token": name, "path": str(path)})
    for number in range(count):
        wanted = plain(rng)
        words = [r["token"] for r in references] if rng.random() < 0.7 else []
        wanted.update(
            promptWeighting=rng.choice(["a1111", "comfy"]), prompt=text(rng, words),
            negativePrompt=text(rng, words), guidanceScale=rng.choice([1.0, 4.0]), embeddings=references)
        if not is_xl:
            wanted["sampler"] = rng.choice(["euler", "ddim", "dpmpp-2m"])
        if is_xl and rng.random() < 0.3:
            wanted["prompt2"] = text(rng, words)
        if rng.random() < 0.3:
            wanted["clipSkip"] = rng.choice([1, 2, 3] if is_xl else [1, 2])
        if is_xl:
            run = lambda: pipelines.run(pipeline, wanted, embeddings=arguments(encoders, wanted))  # noqa: E731
        else:
            run = lambda: old(pipeline, wanted, arguments(encoders, wanted))  # noqa: E731
        yield folder, wanted, run


def old(pipeline, wanted, embeddings):
    """other_layouts.run with embeddings in place of texts."""
    class Given:
        scheduler = property(
            lambda self: pipeline.scheduler, lambda self, value: setattr(pipeline, "scheduler", value))

        def __call__(self, prompt, negative_prompt, clip_skip, **more):
            return pipeline(**embeddings, **more)

    return other_layouts.run(Given(), wanted)


@torch.no_grad()
def main():
    options = command_line(3, 4, families="xl,sd")
    CLIPTextModel.text_model = property(lambda self: self)
    bad = 0
    for family, rng, work, label in rounds(options, options.families):
        for number, (model, wanted, make) in enumerate(cases(rng, family, work, label, options.requests)):
            line, fits = against(options.latent, model, wanted, work, *make(), make)
            size = f"{wanted['promptWeighting']} {len(wanted['prompt'])}+{len(wanted['negativePrompt'])}"
            bad += tell(f"{label} {number}: {wanted['sampler']} {size}", line, fits, wanted)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
