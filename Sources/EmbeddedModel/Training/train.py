"""Repeats the training of the embedded model: `python train.py all --out DIR`; see README.md."""

import argparse
import os
import sys

import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=["all", "render", "vae", "text", "latents", "unet", "export", "probe", "measure"])
    parser.add_argument("--out", required=True, help="folder for pictures, latents and checkpoints")
    parser.add_argument("--model", help="folder of the exported model (default: OUT/model)")
    parser.add_argument("--shards", type=int, default=16, help="2,000 pictures each")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--vae-seconds", type=float, default=840)
    parser.add_argument("--text-seconds", type=float, default=200)
    parser.add_argument("--unet-seconds", type=float, default=5500)
    parser.add_argument("--probe-steps", type=int, default=1000)
    parser.add_argument("--results", help="folder of the table and the grid (default: OUT/results)")
    parser.add_argument("--pictures", type=int, default=200, help="how many pictures the measure draws")
    parser.add_argument("--steps", type=int, help="instead of the model's default")
    parser.add_argument("--guidance", type=float, help="instead of the model's default")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    from postcards import data, export, latents, measure, probe, state, text, unet, vae

    os.makedirs(a.out, exist_ok=True)
    log = state.Log(os.path.join(a.out, "training.log"))

    def missing(name):
        return a.stage != "all" or not os.path.exists(os.path.join(a.out, name))

    if a.stage in ("all", "render"):
        data.render(os.path.join(a.out, "pictures"), a.shards)
    if a.stage in ("all", "vae") and missing("vae-final.pt"):
        vae.train(a.out, a.vae_seconds, log=log)
    if a.stage in ("all", "text") and missing("text.pt"):
        text.train(a.out, a.text_seconds, log=log)
    if a.stage in ("all", "latents"):
        latents.encode(a.out, a.shards, log=log)
    if a.stage in ("all", "unet"):
        unet.train(a.out, a.unet_seconds, log=log)
    model = a.model or os.path.join(a.out, "model")
    results = a.results or os.path.join(a.out, "results")
    if a.stage in ("all", "export"):
        size = export.export(a.out, model)
        log(f"exported {size / 1e6:.1f} MB")
    if a.stage in ("all", "probe") and missing("probe.pt"):
        probe.train(a.out, a.probe_steps, log=log)
    if a.stage in ("all", "measure"):
        print("\n".join(measure.measure(a.out, model, results, a.pictures, steps=a.steps, guidance=a.guidance, log=log)))


main()
