"""The interpolation of noises by which A1111's variation seeds are made."""

import torch


def slerp(amount, low, high):
    """Spherical interpolation over dimension 1, linear with swapped ends when nearly parallel."""
    low_unit = low / torch.norm(low, dim=1, keepdim=True)
    high_unit = high / torch.norm(high, dim=1, keepdim=True)
    cosine = (low_unit * high_unit).sum(1)
    if cosine.mean() > 0.9995:
        return low * amount + high * (1 - amount)
    omega = torch.acos(cosine)
    sine = torch.sin(omega)
    return ((torch.sin((1.0 - amount) * omega) / sine).unsqueeze(1) * low
            + (torch.sin(amount * omega) / sine).unsqueeze(1) * high)
