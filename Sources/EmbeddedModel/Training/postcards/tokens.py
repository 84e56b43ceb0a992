"""A byte-level BPE vocabulary of CLIP's kind in which every word of the grammar is one token."""

import json
import os
from collections import Counter

LENGTH = 77
START, END = "<|startoftext|>", "<|endoftext|>"


def byte_letters():
    """CLIP's table from bytes to printable letters, in its order."""
    bs = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    cs = bs[:]
    n = 0
    for b in range(256):
        if b not in bs:
            bs.append(b)
            cs.append(256 + n)
            n += 1
    return dict(zip(bs, map(chr, cs)))


def learn(words):
    """Merges by which each word becomes a single token."""
    split = {w: tuple(w[:-1]) + (w[-1] + "</w>",) for w in words}
    merges = []
    while True:
        pairs = Counter()
        for parts in split.values():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += 1
        if not pairs:
            return merges
        best = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(best)
        split = {w: merge(parts, best) for w, parts in split.items()}


def merge(parts, pair):
    out, i = [], 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            out.append(parts[i] + parts[i + 1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return tuple(out)


class Tokens:
    """Vocabulary and a small encoder that is enough for the grammar's captions and for noise words."""

    def __init__(self, words):
        letters = list(byte_letters().values())
        words = [w for w in words if w.isalpha() and len(w) > 1]
        self.merges = learn(words)
        names = letters + [x + "</w>" for x in letters] + list(dict.fromkeys(a + b for a, b in self.merges)) + [START, END]
        names = list(dict.fromkeys(names))
        self.vocabulary = {name: i for i, name in enumerate(names)}
        self.rank = {pair: i for i, pair in enumerate(self.merges)}
        self.start, self.end = self.vocabulary[START], self.vocabulary[END]
        self.cache = {}

    def word(self, w):
        """Token ids of one word of ASCII letters, digits or punctuation."""
        if w not in self.cache:
            parts = tuple(w[:-1]) + (w[-1] + "</w>",)
            while len(parts) > 1:
                pair = min(zip(parts, parts[1:]), key=lambda p: self.rank.get(p, 1e9))
                if pair not in self.rank:
                    break
                parts = merge(parts, pair)
            self.cache[w] = [self.vocabulary[p] for p in parts]
        return self.cache[w]

    def save(self, folder, pad):
        """Writes the files of a CLIP tokenizer."""
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "vocab.json"), "w") as f:
            json.dump(self.vocabulary, f, ensure_ascii=False, separators=(",", ":"))
        with open(os.path.join(folder, "merges.txt"), "w", encoding="utf-8") as f:
            f.write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in self.merges))
        special = {"bos_token": START, "eos_token": END, "pad_token": pad, "unk_token": END}
        with open(os.path.join(folder, "special_tokens_map.json"), "w") as f:
            json.dump(special, f, indent=2)
        with open(os.path.join(folder, "tokenizer_config.json"), "w") as f:
            json.dump({"add_prefix_space": False, "do_lower_case": True, "errors": "replace", "model_max_length": LENGTH,
                       "tokenizer_class": "CLIPTokenizer", **special}, f, indent=2)
