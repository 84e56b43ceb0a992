"""Repeats the training of the embedded model: `python train.py all --out DIR`; see README.md."""

import argparse
import os
import sys

import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

MODEL = ["render", "vae", "text", "latents", "unet", "polish", "export", "probe", "measure"]
JUDGE = ["adopt", "render", "probe", "measure"]
COMPANIONS = ["tiny", "lora", "inversion", "control", "fewsteps", "examples"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=["all", "model", "companions", "judge", "adopt"] + MODEL + COMPANIONS)
    parser.add_argument("--out", required=True, help="folder for pictures, latents and checkpoints")
    parser.add_argument("--model", help="folder of the exported model (default: OUT/model)")
    parser.add_argument("--companions", help="folder of the companions (default: OUT/companions)")
    parser.add_argument("--results", help="folder of tables and grids (default: OUT/results)")
    parser.add_argument("--shards", type=int, help="2,000 pictures each (default 16, to judge 4)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--vae-seconds", type=float, default=840)
    parser.add_argument("--text-seconds", type=float, default=200)
    parser.add_argument("--unet-seconds", type=float, default=7500)
    parser.add_argument("--polish-seconds", type=float, default=300)
    parser.add_argument("--companion-seconds", type=float, help="for one companion, instead of its own time")
    parser.add_argument("--probe-steps", type=int, default=1500)
    parser.add_argument("--pictures", type=int, default=300, help="how many pictures the measure draws")
    parser.add_argument("--steps", type=int, help="instead of the model's default")
    parser.add_argument("--guidance", type=float, help="instead of the model's default")
    parser.add_argument("--adapter", help="measure: a few-step LoRA to measure with")
    parser.add_argument("--tiny", action="store_true", help="a few seconds a stage, to see that everything runs; the model is worth nothing")
    a = parser.parse_args()
    a.shards = a.shards or (4 if a.stage == "judge" else 16)
    if a.tiny:
        a.shards, a.probe_steps, a.pictures, a.companion_seconds = 2, 20, 8, 8.0
        a.vae_seconds, a.text_seconds, a.unet_seconds, a.polish_seconds = 10.0, 5.0, 20.0, 6.0
    a.model = a.model or os.path.join(a.out, "model")
    a.companions = a.companions or os.path.join(a.out, "companions")
    a.results = a.results or os.path.join(a.out, "results")
    return a


def main():
    a = arguments()
    torch.set_num_threads(a.threads)
    from postcards import adopt, control, data, examples, export, fewsteps, inversion, latents, lora, measure, probe, state, text, tiny, unet, vae

    if a.tiny:
        data.SHARD, state.EVERY = 320, 2.0
    os.makedirs(a.out, exist_ok=True)
    log = state.Log(os.path.join(a.out, "training.log"))
    several = {"all": MODEL + COMPANIONS, "model": MODEL, "companions": COMPANIONS, "judge": JUDGE}

    def path(name):
        return os.path.join(a.companions, name)

    def finished(name):
        """A stage of a training is skipped once its last file is there; asked for alone, it runs again."""
        return a.stage in several and os.path.exists(name)

    def once(name, train):
        if not finished(name):
            train()

    def companion(train, target):
        own = {} if a.companion_seconds is None else {"seconds": a.companion_seconds}
        if a.tiny and train is not tiny.train:
            own["count"] = 100
        once(target, lambda: train(a.out, a.model, target, log=log, **own))

    def table():
        if a.stage == "judge" or not finished(os.path.join(a.results, "table.md")):
            print("\n".join(measure.measure(
                a.out, a.model, a.results, a.pictures, steps=a.steps, guidance=a.guidance, adapter=a.adapter, log=log)))

    def fewer_steps():
        target = path("four-steps.safetensors")
        companion(fewsteps.train, target)
        if finished(os.path.join(a.results, "table-four-steps.md")):
            return
        print("\n".join(measure.measure(a.out, a.model, a.results, a.pictures, steps=4, guidance=1.0, adapter=target, log=log)))

    stages = {
        "adopt": lambda: adopt.adopt(a.model, a.out),
        "render": lambda: data.render(os.path.join(a.out, "pictures"), a.shards),
        "vae": lambda: once(os.path.join(a.out, "vae-final.pt"), lambda: vae.train(a.out, a.vae_seconds, log=log)),
        "text": lambda: once(os.path.join(a.out, "text.pt"), lambda: text.train(a.out, a.text_seconds, log=log)),
        "latents": lambda: latents.encode(a.out, a.shards, log=log),
        "unet": lambda: unet.train(a.out, a.unet_seconds, log=log),
        "polish": lambda: vae.polish(a.out, a.polish_seconds, log=log),
        "export": lambda: log(f"exported {export.export(a.out, a.model) / 1e6:.1f} MB"),
        "probe": lambda: once(os.path.join(a.out, "probe.pt"), lambda: probe.train(a.out, a.probe_steps, shards=min(4, a.shards), log=log)),
        "measure": table,
        "tiny": lambda: companion(tiny.train, os.path.join(a.model, "taesd")),
        "lora": lambda: companion(lora.train, path("old-photo.safetensors")),
        "inversion": lambda: companion(inversion.train, path("winter-home.safetensors")),
        "control": lambda: companion(control.train, path("canny")),
        "fewsteps": fewer_steps,
        "examples": lambda: examples.everything(a.out, a.model, a.companions, a.results, 4 if a.tiny else 24, log=log),
    }
    for stage in several.get(a.stage, [a.stage]):
        stages[stage]()


main()
