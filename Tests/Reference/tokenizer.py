"""Token ids of transformers' CLIPTokenizer for Tests/DiffusionTests/Tokenizer.

    python Tests/Reference/tokenizer.py fixtures   writes Tests/DiffusionTests/Fixtures/tokenizer*
    python Tests/Reference/tokenizer.py merges     writes Sources/Diffusion/Resources/clip-merges.bin
    python Tests/Reference/tokenizer.py sweep FILE [COUNT] [SEED]
        writes random texts and their ids; run the tests with LATENT_TOKENIZER_SWEEP=FILE
    python Tests/Reference/tokenizer.py scalars FILE
        writes class, lower case and NFC of every scalar; run with LATENT_TOKENIZER_SCALARS=FILE

Needs transformers 5 and open-clip-torch, whose wheel holds the merges of OpenAI's CLIP.
"""

import gzip
import json
import os
import random
import shutil
import struct
import sys
import tempfile

import open_clip
from open_clip.tokenizer import bytes_to_unicode
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIXTURES = os.path.join(ROOT, "Tests/DiffusionTests/Fixtures")
BEGIN, END = "<|startoftext|>", "<|endoftext|>"


def clip_merges():
    path = os.path.join(os.path.dirname(open_clip.__file__), "bpe_simple_vocab_16e6.txt.gz")
    lines = gzip.open(path).read().decode("utf-8").split("\n")
    return lines[1 : 49152 - 256 - 2 + 1]


def clip_vocabulary(merges):
    tokens = list(bytes_to_unicode().values())
    tokens += [token + "</w>" for token in tokens]
    tokens += ["".join(merge.split()) for merge in merges]
    tokens += [BEGIN, END]
    return {token: index for index, token in enumerate(tokens)}


def named(content):
    """A named token as SDXL's repositories write it: searched in the normalised text."""
    return {"__type": "AddedToken", "content": content, "lstrip": False, "normalized": True,
            "rstrip": False, "single_word": False}


def write_folder(folder, vocabulary, merges, pad, normalized=False):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "vocab.json"), "w") as file:
        json.dump(vocabulary, file, ensure_ascii=True)
    with open(os.path.join(folder, "merges.txt"), "w") as file:
        file.write("#version: 0.2\n" + "\n".join(merges) + "\n")
    begin, end = (named(BEGIN), named(END)) if normalized else (BEGIN, END)
    configuration = {"bos_token": begin, "eos_token": end, "unk_token": end, "pad_token": pad,
                     "model_max_length": 77, "tokenizer_class": "CLIPTokenizer"}
    with open(os.path.join(folder, "tokenizer_config.json"), "w") as file:
        json.dump(configuration, file)


def clip_tokenizers():
    merges = clip_merges()
    vocabulary = clip_vocabulary(merges)
    with tempfile.TemporaryDirectory() as folder:
        result = []
        for pad in (END, "!"):
            write_folder(folder, vocabulary, merges, pad)
            result.append(CLIPTokenizer.from_pretrained(folder))
        return result


TEXTS = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "tokenizer-texts.txt"),
             encoding="utf-8").read().split("\n")


def texts():
    """One text a line; \\u{...} stands for a scalar that editors would spoil."""
    import re

    def scalar(match):
        return chr(int(match.group(1), 16))

    lines = [re.sub(r"\\u\{([0-9A-Fa-f]+)\}", scalar, line) for line in TEXTS if line]
    return [""] + lines + [
        " ", "   \t\n ", "a\tb\nc\r\nd\x0be\x0cf", "\x00", "a\x00b\x01c\x1fd\x7fe\x80f\x9fg",
        "x" * 300, "supercalifragilisticexpialidocious" * 12, "ab" * 2000, "!" * 400, "\u0301" * 50,
        "a" + "\u0301" * 40 + "b", "word " * 120, "a, " * 100, "7" * 90, "\U0001f600" * 60,
        "\u4e2d\u6587" * 60, "cat<|endoftext|>" * 30, "\u00e9" * 200, "e\u0301" * 200,
    ]


def ids(tokenizer, text):
    return tokenizer(text).input_ids


def padded(tokenizer, text):
    return tokenizer(text, padding="max_length", max_length=77, truncation=True).input_ids


def pairs(tokenizers, list_of_texts):
    """Ids of both tokenizers without begin and end; null where the second gives the same."""
    result = []
    for text in list_of_texts:
        first, second = (ids(tokenizer, text)[1:-1] for tokenizer in tokenizers)
        result.append({"text": text, "first": first, "second": None if first == second else second})
    return result


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=True, separators=(",", ":"))
        file.write("\n")


CORPUS = """a lighthouse on a cliff at sunset, oil painting, warm light, calm sea, the old harbour
a red barn in a snowy field under the northern lights, a fox in the fog, mountains and a lake
don't won't it's we're they've I'm you'll he'd a castle by the river in spring 1 2 3 2048
ein kleines Haus am See, un petit bateau, una montaña nevada, Zürich, São Paulo, naïve café
дом у моря, гора и озеро, 山と湖, 海辺の灯台, 바다와 산, جبل وبحيرة, पहाड़ और झील, ภูเขาและทะเล
"""


def small_folders():
    """Vocabularies of about 700 tokens in the three shapes that repositories use."""
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token=END))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    trainer = trainers.BpeTrainer(
        vocab_size=700, show_progress=False, special_tokens=["!", BEGIN, END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), end_of_word_suffix="</w>")
    tokenizer.train_from_iterator(CORPUS.split("\n") * 3, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    folders = {}
    for name, pad, normalized in (("tokenizer-files", END, False),
                                  ("tokenizer-normalized", "!", True)):
        folder = os.path.join(FIXTURES, name)
        shutil.rmtree(folder, ignore_errors=True)
        write_folder(folder, model["vocab"], merges, pad, normalized)
        folders[name] = folder
    folder = os.path.join(FIXTURES, "tokenizer-single")
    shutil.rmtree(folder, ignore_errors=True)
    CLIPTokenizer.from_pretrained(folders["tokenizer-normalized"]).save_pretrained(folder)
    path = os.path.join(folder, "tokenizer.json")
    write_json(path, json.load(open(path)))
    folders["tokenizer-single"] = folder
    return folders


def write_fixtures():
    os.makedirs(FIXTURES, exist_ok=True)
    both = clip_tokenizers()
    all_texts = texts()
    rows = [{"text": text, "first": padded(both[0], text), "second": padded(both[1], text)}
            for text in all_texts if len(text) % 5 == 0]
    write_json(os.path.join(FIXTURES, "tokenizer.json"),
               {"texts": pairs(both, all_texts), "padded": rows})
    extra = ["a lighthouse, at sea!", BEGIN + "x!! a!b ! " + END + "c", "A" + BEGIN.upper() + "!!",
             "don't STOP, it's 1234", "\u4e2d\u6587 \U0001f600 caf\u00e9", "\u05e9\u05dc\u05d5\u05dd"]
    small = {}
    for name, folder in small_folders().items():
        tokenizer = CLIPTokenizer.from_pretrained(folder)
        small[name] = [{"text": text, "ids": padded(tokenizer, text)}
                       for text in all_texts[:60] + extra]
    write_json(os.path.join(FIXTURES, "tokenizer-small.json"), small)
    print(len(all_texts), "texts")


def write_merges():
    merges = clip_merges()
    vocabulary = clip_vocabulary(merges)
    path = os.path.join(ROOT, "Sources/Diffusion/Resources/clip-merges.bin")
    with open(path, "wb") as file:
        for merge in merges:
            left, right = merge.split()
            file.write(struct.pack("<HH", vocabulary[left], vocabulary[right]))


BLOCKS = [(0x20, 0x7F), (0x20, 0x7F), (0x20, 0x7F), (0, 0x250), (0x250, 0x600), (0x600, 0xE00),
          (0x900, 0xE00), (0xE00, 0x1200), (0x1100, 0x1200), (0x1E00, 0x2100), (0x2000, 0x2800),
          (0x3040, 0x3200), (0x4E00, 0x9FFF), (0xA640, 0xABFF), (0xAC00, 0xD7A4), (0xF900, 0xFB50),
          (0x300, 0x370), (0x10000, 0x12000), (0x1D000, 0x1E000), (0x1F300, 0x1FB00),
          (0x2F800, 0x2FA20), (0xE0000, 0xE0200)]
PIECES = [BEGIN, END, BEGIN.upper(), "'s", "'LL", "!", "!!", "  ", "\u200d", "\ufe0f", "\u0301",
          "photo", "The", "\u0130", "\u03a3", "\u1e9e", "\ufb01", "<|", "|>", "12", "\u0345\u0301"]


def write_sweep(path, count, seed):
    draw = random.Random(seed)

    def text():
        parts = []
        for _ in range(draw.randint(1, 30)):
            if draw.random() < 0.25:
                parts.append(draw.choice(PIECES))
            else:
                low, high = draw.choice(BLOCKS)
                parts += [chr(draw.randrange(low, high)) for _ in range(draw.randint(1, 4))]
        return "".join(parts)

    write_json(path, {"texts": pairs(clip_tokenizers(), [text() for _ in range(count)]),
                      "padded": []})


def write_scalars(path):
    backend = clip_tokenizers()[0].backend_tokenizer
    split, lower, compose = backend.pre_tokenizer, normalizers.Lowercase(), normalizers.NFC()
    classes, folded, composed = [], {}, {}
    for value in range(0x110000):
        if 0xD800 <= value < 0xE000:
            classes.append("-")
            continue
        text = chr(value)
        if not split.pre_tokenize_str(text):
            classes.append("S")
        elif len(split.pre_tokenize_str("a" + text)) == 1:
            classes.append("L")
        else:
            classes.append("O" if len(split.pre_tokenize_str("!" + text)) == 1 else "N")
        if lower.normalize_str(text) != text:
            folded[value] = [ord(c) for c in lower.normalize_str(text)]
        if compose.normalize_str(text) != text:
            composed[value] = [ord(c) for c in compose.normalize_str(text)]
    write_json(path, {"classes": "".join(classes), "folded": folded, "composed": composed})


if __name__ == "__main__":
    command = sys.argv[1]
    if command == "fixtures":
        write_fixtures()
    elif command == "merges":
        write_merges()
    elif command == "sweep":
        write_sweep(sys.argv[2], int((sys.argv[3:] or [20000])[0]), int((sys.argv[4:] or [1])[0]))
    elif command == "scalars":
        write_scalars(sys.argv[2])
    else:
        sys.exit(__doc__)
