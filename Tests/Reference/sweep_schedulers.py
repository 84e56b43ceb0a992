"""Compares `latent` with diffusers under random scheduler configurations, on random tiny models that no
test has seen.

    python sweep_schedulers.py LATENT [--models N] [--requests N] [--seed N] [--all]

Every key that diffusers' schedulers read takes odd values: betas, spacings, offsets, predictions, zero
terminal SNR, distributions of levels, ends, orders, algorithms, clipping and thresholding. The solver is
the configuration's own or one that the request names; a request starts from noise, a picture or a masked
picture at odd strengths and counts of steps. Bounds as in sweep.py.
"""

import json
import random
import sys
import tempfile
from pathlib import Path

import diffusers
import numpy as np
import torch
from PIL import Image
from transformers import CLIPTextModel

import image_prompts
from combined import Reference
from pipelines import SAMPLERS, SCHEDULES, load
from sweep import against, model_spec
from sweep_conditions import forget_statistics
from sweeping import command_line, tell
from tiny_models import build

WORDS = "a lighthouse castle on in the cliff lake fog sunset, night rain; red! 3 pines".split()
CLASSES = sorted({cls for cls, _ in SAMPLERS.values()})


def configuration(rng):
    """Keys of a scheduler_config.json."""
    some = lambda chance: rng.random() < chance  # noqa: E731
    found = dict(
        _class_name=rng.choice(CLASSES), num_train_timesteps=rng.choice([1000, 1000, 1000, 250]),
        beta_start=rng.choice([0.00085, 0.0001, 0.002]), beta_end=rng.choice([0.012, 0.02]),
        beta_schedule=rng.choice(["scaled_linear"] * 4 + ["linear", "squaredcos_cap_v2"]),
        timestep_spacing=rng.choice(["leading", "trailing", "linspace"]),
        steps_offset=rng.choice([0, 1, 1, 3]), clip_sample=False)
    optional = dict(
        prediction_type=["epsilon", "v_prediction", "sample"],
        rescale_betas_zero_snr=[True], set_alpha_to_one=[True, False], skip_prk_steps=[True, False],
        final_sigmas_type=["zero", "sigma_min"], interpolation_type=["linear", "log_linear"],
        timestep_type=["discrete", "continuous"], lower_order_final=[True, False],
        euler_at_final=[True, False], solver_order=[1, 2, 3],
        solver_type=["midpoint", "heun", "bh1", "bh2", "logrho"],
        algorithm_type=["dpmsolver++", "sde-dpmsolver++", "dpmsolver", "sde-dpmsolver"],
        predict_x0=[True, False], disable_corrector=[[], [0], [1, 2]],
        variance_type=["fixed_small", "fixed_large", "fixed_small_log", "fixed_large_log"],
        original_inference_steps=[50, 100], timestep_scaling=[10.0, 5.0])
    for key, values in optional.items():
        if some(0.3):
            found[key] = rng.choice(values)
    if some(0.3):
        found[rng.choice(["use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"])] = True
    if some(0.05):
        found["use_lu_lambdas"] = True
    if some(0.1):
        found["clip_sample"], found["clip_sample_range"] = True, rng.choice([1.0, 2.5])
    if some(0.05):
        found["thresholding"], found["sample_max_value"] = True, rng.choice([1.0, 3.0])
    if some(0.05):
        count = found["num_train_timesteps"]
        found["trained_betas"] = [0.001 + 0.01 * i / count for i in range(count)]
    if found.get("rescale_betas_zero_snr") and some(0.7):
        found.update(prediction_type="v_prediction", timestep_spacing="trailing")
    return found


def variant(folder, config, place):
    """The model with another scheduler."""
    place.mkdir(parents=True)
    for entry in folder.iterdir():
        if entry.name != "scheduler":
            (place / entry.name).symlink_to(entry)
    (place / "scheduler").mkdir()
    (place / "scheduler" / "scheduler_config.json").write_text(json.dumps(config))
    index = json.loads((folder / "model_index.json").read_text())
    index["scheduler"] = ["diffusers", config["_class_name"]]
    (place / "model_index.json").unlink()
    (place / "model_index.json").write_text(json.dumps(index))


def request(rng, work):
    text = lambda: " ".join(rng.choice(WORDS) for _ in range(rng.choice([0, 3, 9])))  # noqa: E731
    size = 8 * rng.randint(8, 17), 8 * rng.randint(8, 13)
    wanted = dict(
        version=1, prompt=text(), negativePrompt=text(), width=size[0], height=size[1],
        steps=rng.choice([1, 2, 3, 4, 5, 7, 11, 24]), guidanceScale=rng.choice([0.0, 1.0, 1.5, 5.0, 12.0]),
        seeds=[rng.randrange(2**40)], promptWeighting="none", precision="f32")
    if rng.random() < 0.4:
        wanted["sampler"] = rng.choice(list(SAMPLERS))
    if rng.random() < 0.2:
        wanted["schedule"] = rng.choice(list(SCHEDULES))
    place = rng.choice(["text", "text", "image", "mask"])
    if place != "text":
        image_prompts.picture(rng.randrange(999), size).save(work / "input.png")
        wanted.update(initImage=str(work / "input.png"),
                      strength=rng.choice([0.01, 0.2, 0.34, 0.5, 0.61, 0.8, 0.999, 1.0]))
    if place == "mask":
        white = np.zeros(size[::-1], np.uint8)
        white[rng.randint(0, 20):rng.randint(30, 60), rng.randint(0, 20):rng.randint(30, 60)] = 255
        Image.fromarray(white).save(work / "mask.png")
        wanted["maskImage"] = str(work / "mask.png")
    return wanted


WALKERS = {"DDIMScheduler", "DDPMScheduler", "PNDMScheduler", "LCMScheduler", "TCDScheduler"}
# Classes without the switches that the program's schedules set for them all the same.
UNSWITCHED = {"karras": "EulerAncestral", "exponential": "EulerAncestral", "trailing": "DPMSolverSinglestep"}


def is_program_own(config, wanted):
    """Whether the program says no, or has a meaning of its own, where diffusers ignores a key."""
    cls = SAMPLERS[wanted["sampler"]][0] if "sampler" in wanted else config["_class_name"]
    schedule = wanted.get("schedule")
    if cls in WALKERS and schedule not in (None, "trailing"):
        return True
    if schedule and cls.startswith(UNSWITCHED[schedule]):
        return True
    # PNDM's first timestep stands twice: diffusers runs one where strength leaves none.
    return int(wanted["steps"] * wanted.get("strength", 1)) < 1


class Exact(Reference):
    """Samplers mean what their names say: the order, and draws of the image's seed."""

    orders = {"dpmpp-2m": 2, "dpmpp-2m-sde": 2, "dpmpp-3m-sde": 3, "dpmpp-2s-ancestral": 2}

    def scheduler(self, wanted, pipeline):
        found = super().scheduler(wanted, pipeline)
        more = {}
        if wanted.get("sampler") in self.orders:
            sde = wanted["sampler"].endswith("sde")
            more = dict(solver_order=self.orders[wanted["sampler"]],
                        algorithm_type="sde-dpmsolver++" if sde else "dpmsolver++")
        if type(found).__name__ == "DPMSolverSDEScheduler":
            more["noise_sampler_seed"] = wanted["seeds"][0]
        return type(found).from_config(found.config, **more)


@torch.no_grad()
def main():
    options = command_line(4, 10, all=False)  # --all: print what diffusers refuses, too
    CLIPTextModel.text_model = property(lambda self: self)
    bad = counted = refused = 0
    for index in range(options.models):
        rng = random.Random(f"{options.seed} {index}")
        torch.manual_seed(rng.randrange(10**6))
        work = Path(tempfile.mkdtemp())
        spec = model_spec(rng, rng.randrange(10**6))
        forget_statistics(spec)
        build("model", spec, work / "model")
        pipeline = load(work / "model")
        for number in range(options.requests):
            config, wanted = configuration(rng), request(rng, work)
            if wanted.get("schedule") == "trailing":
                # The program's name for it takes the place of what the file says about levels.
                config = {k: v for k, v in config.items() if not k.endswith(("_sigmas", "_lambdas"))}
            if is_program_own(config, wanted):
                continue
            place = work / f"variant-{number}"
            variant(work / "model", config, place)
            label = f"schedulers-{options.seed}-{index} {number}"
            try:
                pipeline.scheduler = getattr(diffusers, config["_class_name"]).from_pretrained(
                    place / "scheduler")
                make = lambda: Exact(pipeline)(wanted)  # noqa: E731
                exact = make()
                if not torch.isfinite(exact[0]).all():
                    raise ValueError("latents that are not finite")
            except Exception as error:  # diffusers refuses some combinations: nothing to compare.
                refused += 1
                if options.all:
                    print(f"   {label}: {type(error).__name__} {str(error)[:90]}", flush=True)
                continue
            line, fits = against(options.latent, place, wanted, work, *exact, make)
            counted += 1
            name = f"{config['_class_name']} -> {wanted.get('sampler', 'own')} {wanted.get('schedule', '')}"
            config.pop("trained_betas", None)  # a thousand numbers
            bad += tell(f"{label}: {name}", line, fits, {"scheduler": config, "request": wanted})
    print(f"{counted} compared, {bad} off, {refused} refused by diffusers")
    sys.exit(1 if bad or not counted else 0)


if __name__ == "__main__":
    main()
