"""Prompts of any length with weights, as A1111 and ComfyUI cut, weigh and encode them, for
sweep_adapters.py. Sides of unequal length are filled up with empty chunks."""

import torch

from prompt_weights import comfy, webui

LENGTH, BACKTRACK, WORD = 75, 20, 8


def tokens_of(tokenizer, text):
    return tokenizer(text, add_special_tokens=False, truncation=False)["input_ids"]


def single_tokens(tokenizer):
    """A text's tokens, each a group of its own."""
    return lambda text: [[token] for token in tokens_of(tokenizer, text)]


def webui_chunks(tokenizer, prompt, groups=None):
    """Lists of (token, weight), 75 at most each. `groups`: a text's tokens as lists that stay in one chunk."""
    groups = groups or single_tokens(tokenizer)
    comma = tokens_of(tokenizer, ",")[0]
    chunks, current, last_comma = [], [], -1

    def close():
        nonlocal current, last_comma
        chunks.append(current)
        current, last_comma = [], -1

    for text, weight in webui(prompt):
        if text == "BREAK" and weight == -1:
            close()
            continue
        for group in groups(text):
            if group == [comma]:
                last_comma = len(current)
            elif len(current) == LENGTH and last_comma != -1 and len(current) - last_comma <= BACKTRACK:
                moved, current = current[last_comma + 1:], current[:last_comma + 1]
                close()
                current = moved
            if len(current) + len(group) > LENGTH:
                close()
            current += [(token, weight) for token in group]
    if current or not chunks:
        close()
    return chunks


def comfy_chunks(tokenizer, prompt, groups=None):
    """The same in ComfyUI's way; a group of several tokens, a word of an inversion, is a stretch of its own."""
    groups = groups or single_tokens(tokenizer)
    chunks, current = [], []
    for text, weight in comfy(prompt):
        stretches, ordinary = [], []
        for group in groups(text):
            if len(group) > 1:
                stretches += [ordinary, group]
                ordinary = []
            else:
                ordinary += group
        for stretch in stretches + [ordinary]:
            group = [(token, weight) for token in stretch]
            large = len(group) >= WORD
            while len(group) + len(current) > LENGTH:
                if large:
                    room = LENGTH - len(current)
                    current, group = current + group[:room], group[room:]
                chunks.append(current)
                current = []
            current = current + group
    return chunks + [current]


def states(encoder, tokenizer, chunks, skip, arithmetic, pad):
    """`[1, 77 * chunks, width]`, and the first chunk's pooled vector where there is one."""
    begin, end = tokenizer.bos_token_id, tokenizer.eos_token_id

    def ids(chunk):
        row = [begin] + [t for t, _ in chunk] + [end]
        return row + [pad] * (LENGTH + 2 - len(row))

    rows = torch.tensor([ids(chunk) for chunk in chunks] + [ids([])])
    output = encoder(rows, output_hidden_states=True)
    hidden = output.hidden_states[-skip].clone()
    weights = torch.ones(len(chunks), LENGTH + 2)
    for number, chunk in enumerate(chunks):
        for place, (_, weight) in enumerate(chunk):
            weights[number, place + 1] = weight
    result = []
    for number in range(len(chunks)):
        z, factor = hidden[number], weights[number][:, None]
        if arithmetic == "comfy":
            empty = hidden[-1]
            z = (z - empty) * factor + empty
        else:
            mean = z.mean()
            z = z * factor
            z = z * (mean / z.mean())
        result.append(z)
    pooled = output[0][:1] if output[0].dim() == 2 else None
    return torch.cat(result)[None], pooled


@torch.no_grad()
def embeddings(pipeline, request):
    """The pipeline's arguments for both prompts of a request."""
    cut = webui_chunks if request["promptWeighting"] == "a1111" else comfy_chunks
    sides = {"": (request["prompt"], request.get("prompt2") or request["prompt"]),
             "negative_": (request["negativePrompt"],
                           request.get("negativePrompt2") or request["negativePrompt"])}
    parts = ((pipeline.text_encoder, pipeline.tokenizer), (pipeline.text_encoder_2, pipeline.tokenizer_2))
    chunked = {side: [cut(tokenizer, text) for text, (_, tokenizer) in zip(texts, parts)]
               for side, texts in sides.items()}
    if request["guidanceScale"] <= 1:
        del chunked["negative_"]
    longest = max(len(chunks) for both in chunked.values() for chunks in both)
    result = {}
    for side, both in chunked.items():
        found = []
        for chunks, (encoder, tokenizer) in zip(both, parts):
            chunks = chunks + [[]] * (longest - len(chunks))
            pad = tokenizer.pad_token_id
            skip = 2 if side else request.get("clipSkip", 2)
            hidden, pooled = states(
                encoder, tokenizer, chunks, skip, request["promptWeighting"], pad)
            found.append(hidden)
        result[side + "prompt_embeds"] = torch.cat(found, -1)
        result[side + ("pooled_prompt_embeds")] = pooled
    if "negative_prompt_embeds" not in result:
        for key in list(result):
            result["negative_" + key] = torch.zeros_like(result[key])
    return result
