"""Weights that stable-diffusion-webui and ComfyUI read in prompts, for Tests/PromptingTests.

    python Tests/Reference/prompt_weights.py fixtures     writes Tests/PromptingTests/Fixtures/weights.json
    python Tests/Reference/prompt_weights.py sweep FILE   writes random prompts; run the tests with
                                                          LATENT_WEIGHTS_SWEEP=FILE

Written from the two programs' documented behaviour: webui takes a prompt apart with one regular
expression and multiplies ranges when a bracket closes; ComfyUI cuts at outermost brackets and recurses.
"""

import json
import os
import random
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PIECE = re.compile(r"\\[()\[\]\\]|\\|[(\[]|:\s*([+-]?[.\d]+)\s*\)|[)\]]|[^\\()\[\]:]+|:")
BREAK = re.compile(r"\s*\bBREAK\b\s*")


def webui(prompt):
    texts, weights = [], []
    opened = {"(": [], "[": []}

    def scale(start, factor):
        for index in range(start, len(weights)):
            weights[index] *= factor

    def add(text, weight=1.0):
        texts.append(text)
        weights.append(weight)

    for match in PIECE.finditer(prompt):
        piece, number = match.group(0), match.group(1)
        if piece[0] == "\\":
            add(piece[1:])
        elif piece in opened:
            opened[piece].append(len(texts))
        elif number is not None and opened["("]:
            scale(opened["("].pop(), float(number))
        elif piece == ")" and opened["("]:
            scale(opened["("].pop(), 1.1)
        elif piece == "]" and opened["["]:
            scale(opened["["].pop(), 1 / 1.1)
        else:
            for index, part in enumerate(BREAK.split(piece)):
                if index:
                    add("BREAK", -1)
                add(part)
    for start in opened["("]:
        scale(start, 1.1)
    for start in opened["["]:
        scale(start, 1 / 1.1)
    merged = []
    for text, weight in zip(texts, weights):
        if merged and merged[-1][1] == weight:
            merged[-1][0] += text
        else:
            merged.append([text, weight])
    return merged or [["", 1.0]]


def comfy(prompt):
    hidden = prompt.replace("\\)", "\0\1").replace("\\(", "\0\2")
    return [[text.replace("\0\1", ")").replace("\0\2", "("), weight]
            for text, weight in comfy_group(hidden, 1.0)]


def outermost(text):
    items, item, level = [], "", 0
    for character in text:
        if character == "(" and level == 0:
            if item:
                items.append(item)
            item = ""
        item += character
        level += {"(": 1, ")": -1}.get(character, 0)
        if character == ")" and level == 0:
            items.append(item)
            item = ""
    return items + [item] if item else items


def comfy_group(text, weight):
    result = []
    for item in outermost(text):
        if len(item) < 2 or item[0] != "(" or item[-1] != ")":
            result.append([item, weight])
            continue
        inside, inner = item[1:-1], weight * 1.1
        colon = inside.rfind(":")
        if colon > 0:
            try:
                inner = float(inside[colon + 1:])
                inside = inside[:colon]
            except ValueError:
                pass
        result += comfy_group(inside, inner)
    return result


PARTS = ["(", ")", "[", "]", "(", ")", "((", "))", ":", ":1.2)", ":0.5)", ": 1.3 )", ":-1)", ":.5)", ":2.)",
         ":+1)", ":0)", "\\(", "\\)", "\\[", "\\", "\\\\", "BREAK", " BREAK ", "BREAKS", "word", " ", ", ",
         "\u4e2d", "\u00e9", "a:b", "|", "\n", "\u0661", ":\u0661.\u0662)", "_BREAK", "BREAK\u0301", "1.5"]


def prompts(count, seed):
    draw = random.Random(seed)
    fixed = ["", "normal text", "an (important) word", "(unbalanced", "\\(literal\\]", "(unnecessary)(parens)",
             "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).", "(a BREAK b:1.2)", "a BREAK b", "BREAK BREAK",
             "(x:nan)", "a) (b:1.2) c", "((a:1.5)b:0.5)", "(a (b)", "a) ((b))", "(a:1.2", "[[a]:1.2]", "(:1.2)",
             "(x:1_000)", "(x:1__0)", "(x:_1)", "(x:1_)", "(x:1_0.5_0)", "(x:1e9)", "(x:-1)", "(x:1e-3)",
             "(x: 2 )", "(x:+.5e1_0)", "(x:1_.5)", "(x:1._5)", "(x:1e_5)", "(a:1_000:2)"]
    return fixed + ["".join(draw.choice(PARTS) for _ in range(draw.randint(1, 25)))
                    for _ in range(count)]


def write(path, count, seed):
    rows = []
    for prompt in prompts(count, seed):
        try:
            rows.append({"prompt": prompt, "webui": webui(prompt), "comfy": comfy(prompt)})
        except ValueError:
            continue  # webui fails on weights such as 1.2.3
    rows = [row for row in rows if not any(weight != weight or abs(weight) > 1e29
                                           for _, weight in row["webui"] + row["comfy"])]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(rows, file, ensure_ascii=True, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    if sys.argv[1] == "fixtures":
        write(os.path.join(ROOT, "Tests/PromptingTests/Fixtures/weights.json"), 250, 3)
    elif sys.argv[1] == "sweep":
        write(sys.argv[2], 30000, 11)
    else:
        sys.exit(__doc__)
