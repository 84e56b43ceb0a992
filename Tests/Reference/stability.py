"""How far the reference's own result moves when its network rounds a little differently.

Some requests amplify the last bits of the arithmetic by thousands: multistep solvers that extrapolate
over few steps (PNDM, LMS), and second passes over enlarged pictures, between whose passes lie bytes
that are rounded one way or the other. diffusers itself gives another picture there for another number
of threads. A difference is excused only where a nudge of 1e-6 moves the reference's own latents as far.
"""

from contextlib import contextmanager

import numpy as np
from diffusers import UNet2DConditionModel

NUDGE = 1e-6
# Rounding happens in every layer of every call, the nudge once.
MARGIN = 20


@contextmanager
def nudged():
    """Scales the first prediction of a UNet by 1 + NUDGE, which is a few units in the last place."""
    original, calls = UNet2DConditionModel.forward, [0]

    def forward(self, *arguments, **named):
        output = original(self, *arguments, **named)
        calls[0] += 1
        if calls[0] > 1:
            return output
        if isinstance(output, tuple):
            return (output[0] * (1 + NUDGE), *output[1:])
        output.sample = output.sample * (1 + NUDGE)
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
    with nudged():
        relative, decibels, largest = distances(*plain, *make())
    excused = found <= MARGIN * relative and relative > 1e-5
    return f"the reference itself moves by {relative:.1e}, {decibels:.1f} dB, {largest:.0f}", excused
