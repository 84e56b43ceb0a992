"""What sweeps of random cases have in common: the command line, one random source per round, a line per case."""

import argparse
import json
import random
import tempfile
from pathlib import Path

import diffusers
import torch
import transformers


def command_line(models: int, requests: int, **more):
    """Reads the arguments that all sweeps take, and those of `more`: a default text, or False for a switch."""
    parser = argparse.ArgumentParser()
    parser.add_argument("latent")
    parser.add_argument("--models", type=int, default=models)
    parser.add_argument("--requests", type=int, default=requests)
    parser.add_argument("--seed", type=int, default=0)
    for name, default in more.items():
        parser.add_argument(f"--{name}", **({"default": default} if default else {"action": "store_true"}))
    torch.set_num_threads(1)
    diffusers.utils.logging.set_verbosity_error()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return parser.parse_args()


def rounds(options, kinds: str):
    """Each kind of a list with commas, as often as there are models: kind, random source, folder, label."""
    for kind in kinds.split(","):
        for index in range(options.models):
            rng = random.Random(f"{options.seed} {kind} {index}")
            torch.manual_seed(rng.randrange(10**6))
            yield kind, rng, Path(tempfile.mkdtemp()), f"{kind}-{options.seed}-{index}"


def tell(label: str, line: str, fits: bool, wanted: dict) -> bool:
    """Prints what came of a case, with the request where it is off; whether it is off."""
    print(f"{'  ' if fits else '! '}{label}: {line}", flush=True)
    if not fits:
        print("    " + json.dumps(wanted), flush=True)
    return not fits
