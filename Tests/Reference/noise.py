"""Writes draws of the reference generators for Tests/DiffusionTests/Noise.

    python Tests/Reference/noise.py Tests/DiffusionTests/Fixtures/noise.json

Needs torch, torchsde, numpy and diffusers 0.42. Arrays are base64 of little-endian float32; long
draws are represented by their ends and an FNV-1a hash of all bytes.
"""

import base64
import json
import sys
import warnings

import numpy as np
import torch
import torchsde
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import rescale_noise_cfg

from noise_mixing import slerp

torch.set_num_threads(1)
warnings.simplefilter("ignore")


def encode(values):
    return base64.b64encode(np.asarray(values, dtype="<f4").tobytes()).decode()


def fnv1a(values):
    code = 0xCBF29CE484222325
    for byte in np.asarray(values, dtype="<f4").tobytes():
        code = ((code ^ byte) * 0x100000001B3) % 2**64
    return code


def torch_draws(seed, counts):
    generator = torch.Generator().manual_seed(seed)
    draws = [torch.randn(count, generator=generator).numpy() for count in counts]
    return {"seed": seed, "counts": counts, "hashes": [fnv1a(d) for d in draws],
            "ends": [encode(np.concatenate([d[:8], d[-8:]])) for d in draws]}


def philox_draws(seed, counts):
    """CUDA's generator: Philox 4x32-10 on (call, 0, element, 0), first word pair to one normal."""
    mask = np.uint64(0xFFFFFFFF)
    draws = []
    for call, count in enumerate(counts):
        words = [np.full(count, call, np.uint64), np.zeros(count, np.uint64),
                 np.arange(count, dtype=np.uint64), np.zeros(count, np.uint64)]
        low, high = seed & 0xFFFFFFFF, seed >> 32
        for _ in range(10):
            first, second = words[0] * np.uint64(0xD2511F53), words[2] * np.uint64(0xCD9E8D57)
            words = [(second >> np.uint64(32)) ^ words[1] ^ np.uint64(low), second & mask,
                     (first >> np.uint64(32)) ^ words[3] ^ np.uint64(high), first & mask]
            low, high = (low + 0x9E3779B9) & 0xFFFFFFFF, (high + 0xBB67AE85) & 0xFFFFFFFF
        step = float(np.float32(2.3283064e-10))
        turn = float(np.float32(2.3283064e-10 * 6.2831855))
        radius = np.sqrt(-2 * np.log(words[0] * step + step / 2))
        draws.append((radius * np.sin(words[1] * turn + turn / 2)).astype(np.float32))
    return {"seed": seed, "counts": counts, "draws": [encode(d) for d in draws]}


def brownian(seed, start, end, queries, count=24):
    tree = torchsde.BrownianInterval(
        t0=start, t1=end, size=(1, count), dtype=torch.float32, device="cpu", entropy=seed,
        tol=1e-6, pool_size=24, halfway_tree=True)
    return {"seed": seed, "start": start, "end": end, "count": count, "queries": queries,
            "increments": [encode(tree(a, b)) for a, b in queries]}


def variation(amount, seed, other, near=False):
    shape = (4, 6, 5)
    low = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    high = torch.randn(shape, generator=torch.Generator().manual_seed(other))
    if near:
        high = low + 0.001 * high
    return {"amount": amount, "seed": seed, "other": other, "near": near,
            "result": encode(slerp(amount, low, high))}


def guidance(scale, rescale):
    generator = torch.Generator().manual_seed(5)
    uncond, text = (torch.randn((1, 4, 6, 5), generator=generator) for _ in range(2))
    result = uncond + scale * (text - uncond)
    if rescale > 0:
        result = rescale_noise_cfg(result, text, guidance_rescale=rescale)
    return {"scale": scale, "rescale": rescale, "result": encode(result)}


def main():
    big = 2**63 + 2**32 * 5 + 99
    short = [1, 2, 3, 15, 16, 1, 17, 5, 31, 32, 33, 15, 100, 7]
    document = {
        "torch": [torch_draws(s, short) for s in (0, 7, 2**32 + 7, big, 2**64 - 1)]
        + [torch_draws(42, [4 * 64 * 64, 4 * 128 * 128, 4 * 9 * 13, 65537])],
        "philox": [philox_draws(s, [12, 1, 100]) for s in (0, 7, big)],
        "brownian": [
            brownian(7, 0.0291675, 14.6146, [(10.0, 14.6146), (3.5, 10.0), (0.5, 3.5),
                                              (0.0291675, 0.5), (1.25, 1.2500015)]),
            brownian(big, 0.1, 80.0, [(0.1, 80.0), (79.5, 80.0), (0.05, 0.2), (1.0, 1.0)]),
        ],
        "seedSequence": [
            {"entropy": e, "spawnKey": k,
             "state": np.random.SeedSequence(entropy=e, spawn_key=tuple(k), pool_size=24)
             .generate_state(4).tolist()}
            for e, k in ((0, []), (7, [2**33 + 1, 3]), (big, [0, 0]), (2**32 - 1, [5]))],
        "variation": [variation(0.3, 1, 2), variation(0.0, 1, 2), variation(1.0, 3, 4),
                      variation(0.25, 1, 2, near=True)],
        "guidance": [guidance(7.5, 0.0), guidance(5.0, 0.7), guidance(12.0, 1.0)],
    }
    with open(sys.argv[1], "w") as file:
        json.dump(document, file, separators=(",", ":"))
        file.write("\n")


main()
