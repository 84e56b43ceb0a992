"""How far the reference's own result moves when its network rounds a little differently.

Some requests amplify the last bits of the arithmetic by thousands: multistep solvers that extrapolate
over few steps (PNDM, LMS), LoRAs that outweigh what they change, and second passes over enlarged
pictures, between whose passes lie bytes that are rounded one way or the other. diffusers itself gives
another picture there for another number of threads. A difference is excused only where a nudge of 1e-6
moves the reference's own latents as far.
"""

from contextlib import contextmanager

import numpy as np
import torch
from diffusers import UNet2DConditionModel

NUDGE = 1e-6
# Rounding happens in every layer of every call, the nudge once.
MARGIN = 20


def moved(values, size, generator):
    """Every number by its own few units in the last place: a common factor would vanish in the next
    normalisation."""
    noise = torch.randn(values.shape, generator=generator).to(values.dtype)
    return values * (1 + size * noise)


@contextmanager
def nudged(size=NUDGE):
    """Moves what a UNet is told of the prompt and what it answers, at its first call."""
    original, calls = UNet2DConditionModel.forward, [0]
    generator = torch.Generator().manual_seed(5)

    def forward(self, sample, timestep, encoder_hidden_states, *arguments, **named):
        calls[0] += 1
        if calls[0] > 1:
            return original(self, sample, timestep, encoder_hidden_states, *arguments, **named)
        told = moved(encoder_hidden_states, size, generator)
        output = original(self, sample, timestep, told, *arguments, **named)
        if isinstance(output, tuple):
            return (moved(output[0], size, generator), *output[1:])
        output.sample = moved(output.sample, size, generator)
        return output

    UNet2DConditionModel.forward = forward
    try:
        yield
    finally:
        UNet2DConditionModel.forward = original


def distances(latents, picture, other, second):
    """Of the latents relative to their largest value, PSNR, and the largest 8-bit difference."""
    relative = ((other - latents).abs().max() / latents.abs().max()).item()
    distance = (second.float() - picture.float()).abs()
    decibels = 10 * np.log10(255**2 / max(distance.square().mean().item(), 1e-10))
    return relative, decibels, distance.max().item()


def verdict(found, make):
    """Whether distances `found` lie within what the reference does to itself, and a line about it.

    `make` runs the reference and returns latents and picture."""
    plain = make()
    excused = False
    # The larger nudge finds bytes that stand at an edge, too.
    for size, margin in ((NUDGE, MARGIN), (10 * NUDGE, MARGIN / 10)):
        with nudged(size):
            relative, decibels, largest = distances(*plain, *make())
        excused = excused or (found <= margin * relative and relative > 1e-5)
        if excused:
            break
    return f"the reference itself moves by {relative:.1e}, {decibels:.1f} dB, {largest:.0f}", excused
