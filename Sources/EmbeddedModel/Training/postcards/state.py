"""Checkpoints that survive an interruption at any moment, and a log of plain lines."""

import os
import time

import torch


#: Seconds of training between two checkpoints.
EVERY = 60.0


def save(path, **things):
    """Writes a checkpoint beside the old one and moves it into place."""
    torch.save(things, path + ".new")
    os.replace(path + ".new", path)


def load(path):
    """The checkpoint, or None."""
    return torch.load(path, weights_only=False) if os.path.exists(path) else None


class Log:
    """Appends lines to a file and prints them."""

    def __init__(self, path):
        self.path = path

    def __call__(self, line):
        line = time.strftime("%H:%M:%S ") + line
        print(line, flush=True)
        with open(self.path, "a") as f:
            f.write(line + "\n")
