"""Writes tables and traces of diffusers' schedulers for Tests/DiffusionTests/Schedulers.

    python Tests/Reference/schedulers.py Tests/DiffusionTests/Fixtures/schedulers.json
    python Tests/Reference/schedulers.py /tmp/sweep.json --random 2000 --seed 1

Needs diffusers 0.42, torch, scipy and torchsde. Each case runs one scheduler, built from a
checkpoint's configuration as a pipeline does it, on a small sample with an analytic stand-in for
the UNet. Arrays are base64 of little-endian float32. The second form draws random configurations;
LATENT_SCHEDULER_SWEEP=/tmp/sweep.json swift test --filter Sweep compares them.
"""

import argparse
import base64
import json
import random
import warnings

import diffusers
import numpy as np
import torch

torch.set_num_threads(1)
warnings.simplefilter("ignore")
diffusers.utils.logging.set_verbosity_error()

SHAPE = (1, 4, 4, 5)

CLASSES = {
    "euler": ("EulerDiscreteScheduler", {}),
    "euler-ancestral": ("EulerAncestralDiscreteScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "lms": ("LMSDiscreteScheduler", {}),
    "ddim": ("DDIMScheduler", {}),
    "ddpm": ("DDPMScheduler", {}),
    "pndm": ("PNDMScheduler", {}),
    "dpm2": ("KDPM2DiscreteScheduler", {}),
    "dpm2-ancestral": ("KDPM2AncestralDiscreteScheduler", {}),
    "dpmpp-2m": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++", "solver_order": 2}),
    "dpmpp-2m-sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++", "solver_order": 2}),
    "dpmpp-3m-sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++", "solver_order": 3}),
    "dpmpp-2s-ancestral": ("DPMSolverSinglestepScheduler", {"algorithm_type": "dpmsolver++", "solver_order": 2}),
    "dpmpp-sde": ("DPMSolverSDEScheduler", {}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "deis": ("DEISMultistepScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "tcd": ("TCDScheduler", {}),
}
WHOLE_TIMESTEPS = ("ddim", "ddpm", "pndm", "lcm", "tcd")
SIGMA_FLAGS = ("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas")

SDXL = {
    "_class_name": "EulerDiscreteScheduler",
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "epsilon",
    "timestep_spacing": "leading",
    "steps_offset": 1,
    "interpolation_type": "linear",
    "use_karras_sigmas": False,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "clip_sample": False,
    "sample_max_value": 1.0,
    "trained_betas": None,
}
TURBO = dict(SDXL, _class_name="EulerAncestralDiscreteScheduler", timestep_spacing="trailing")
ZERO_SNR = dict(SDXL, prediction_type="v_prediction", rescale_betas_zero_snr=True,
                timestep_spacing="trailing")
LINSPACE = dict(SDXL, timestep_spacing="linspace", steps_offset=0)
SAMPLE = dict(SDXL, prediction_type="sample")
BARE = {"_class_name": "DDIMScheduler"}
DPM3 = dict(SDXL, _class_name="DPMSolverMultistepScheduler", solver_order=3, solver_type="heun",
            final_sigmas_type="sigma_min", euler_at_final=True, lower_order_final=False)


def schedule_overrides(schedule):
    if schedule == "default":
        return {}
    overrides = {flag: flag == f"use_{schedule}_sigmas" for flag in SIGMA_FLAGS}
    overrides["use_lu_lambdas"] = False
    if schedule == "trailing":
        overrides["timestep_spacing"] = "trailing"
    return overrides


def build(case):
    """The scheduler of a case, with its timesteps set."""
    config, sampler, steps = case["config"], case["sampler"], case["steps"]
    own = getattr(diffusers, config["_class_name"])
    loaded = own.from_config({k: v for k, v in config.items()}).config
    if sampler is None:
        name, fixed = config["_class_name"], {}
    else:
        name, fixed = CLASSES[sampler]
    kwargs = {**fixed, **schedule_overrides(case["schedule"])}
    if name == "DPMSolverSDEScheduler":
        kwargs["noise_sampler_seed"] = case["seed"]
    scheduler = getattr(diffusers, name).from_config(loaded, **kwargs)
    if sampler == "dpmpp-2s-ancestral" and case["schedule"] == "trailing":
        twin = diffusers.DPMSolverMultistepScheduler.from_config(loaded, **kwargs)
        twin.set_timesteps(steps)
        scheduler.set_timesteps(timesteps=twin.timesteps.tolist())
    else:
        scheduler.set_timesteps(steps)
    if sampler == "euler-ancestral" and case["schedule"] in ("karras", "exponential", "beta"):
        keys = {k: loaded[k] for k in loaded if k not in (
            "interpolation_type", "final_sigmas_type", "timestep_type")}
        twin = diffusers.EulerDiscreteScheduler.from_config(keys, **kwargs)
        twin.set_timesteps(steps)
        scheduler.sigmas, scheduler.timesteps = twin.sigmas, twin.timesteps
    return scheduler


def fake_unet(sample, timestep):
    """A smooth stand-in for a UNet, in doubles and rounded once, so that it ports exactly."""
    x = sample.numpy().astype(np.float64)
    place = np.arange(x.size, dtype=np.float64).reshape(x.shape)
    wave = np.sin(1.3 * x + 0.006 * float(np.float32(timestep)) + 0.37 * place)
    return torch.from_numpy((0.6 * wave + 0.3 * x).astype(np.float32))


def encode(values):
    array = np.asarray(values, dtype="<f4").ravel()
    return base64.b64encode(array.tobytes()).decode()


def run(case):
    """Runs a case and returns it with what the reference computed."""
    result = dict(case)
    try:
        scheduler = build(case)
        generator = torch.Generator().manual_seed(case["seed"])
        timesteps = scheduler.timesteps
        result["timesteps"] = encode(timesteps)
        result["sigmas"] = encode(scheduler.sigmas) if hasattr(scheduler, "sigmas") else ""
        result["initial"] = float(scheduler.init_noise_sigma)
        noise = torch.randn(SHAPE, generator=generator)
        start = 0
        if case.get("strength") is None:
            latents = noise * scheduler.init_noise_sigma
        else:
            kept = min(int(case["steps"] * case["strength"]), case["steps"])
            start = max(case["steps"] - kept, 0) * scheduler.order
            timesteps = timesteps[start:]
            if hasattr(scheduler, "set_begin_index"):
                scheduler.set_begin_index(start)
            original = torch.from_numpy(
                np.sin(0.7 * np.arange(80)).astype(np.float32).reshape(SHAPE))
            latents = scheduler.add_noise(original, noise, timesteps[:1])
        trace = []
        for timestep in timesteps:
            scaled = scheduler.scale_model_input(latents, timestep)
            output = fake_unet(scaled, timestep)
            kwargs = {}
            names = scheduler.step.__wrapped__ if hasattr(scheduler.step, "__wrapped__") else scheduler.step
            arguments = names.__code__.co_varnames
            if "generator" in arguments:
                kwargs["generator"] = generator
            if "eta" in arguments:
                kwargs["eta"] = 0.0
            latents = scheduler.step(output, timestep, latents, return_dict=False, **kwargs)[0]
            if case.get("traced"):
                trace.append(encode(latents))
        result["final"] = encode(latents)
        if trace:
            result["trace"] = trace
    except Exception as error:  # the reference refuses: so must we, or be better on purpose
        for key in ("timesteps", "sigmas", "initial"):
            result.pop(key, None)
        result["error"] = f"{type(error).__name__}: {error}"[:160]
    return result


def case(name, config, sampler, steps, schedule="default", seed=None, **more):
    digits = [steps, len(name), len(str(sampler)), len(schedule)]
    seed = seed if seed is not None else sum(d * 7 ** i for i, d in enumerate(digits))
    return {"name": name, "config": config, "sampler": sampler, "steps": steps,
            "schedule": schedule, "seed": seed, **more}


def committed_cases():
    for sampler in CLASSES:
        for steps in (1, 2, 4, 7, 20, 25):
            yield case("sdxl", SDXL, sampler, steps, traced=steps == 7)
        for steps in (3, 7, 25):
            yield case("trailing", TURBO, sampler, steps)
            yield case("linspace", LINSPACE, sampler, steps)
        for steps in (4, 12):
            yield case("zero-snr", ZERO_SNR, sampler, steps)
            yield case("dpm3", DPM3, sampler, steps)
        yield case("sample", SAMPLE, sampler, 9)
        yield case("bare", BARE, sampler, 11)
        yield case("image-to-image", SDXL, sampler, 10, strength=0.58)
        yield case("image-to-image", SDXL, sampler, 50, strength=0.58)
        yield case("large seed", SDXL, sampler, 3, seed=2 ** 63 + 2 ** 32 + 12345)
        schedules = ("trailing",) if sampler in WHOLE_TIMESTEPS else (
            "karras", "exponential", "beta", "trailing")
        for schedule in schedules:
            for steps in (1, 4, 13, 30):
                yield case("sdxl", SDXL, sampler, steps, schedule)
            yield case("zero-snr", ZERO_SNR, sampler, 8, schedule)


def random_config(draw):
    config = {"_class_name": draw.choice(sorted({name for name, _ in CLASSES.values()}))}
    def maybe(key, values, chance=0.5):
        if draw.random() < chance:
            config[key] = draw.choice(values)
    maybe("num_train_timesteps", [1000, 1000, 1000, 500, 100], 0.8)
    if draw.random() < 0.8:
        config["beta_start"] = draw.choice([0.00085, 0.0001, draw.uniform(0.0001, 0.001)])
        config["beta_end"] = draw.choice([0.012, 0.02, draw.uniform(0.01, 0.02)])
    maybe("beta_schedule", ["scaled_linear", "scaled_linear", "linear", "squaredcos_cap_v2"], 0.8)
    maybe("prediction_type", ["epsilon", "v_prediction", "v_prediction", "sample"], 0.7)
    maybe("timestep_spacing", ["leading", "linspace", "trailing"], 0.7)
    maybe("steps_offset", [0, 1, 2], 0.6)
    maybe("rescale_betas_zero_snr", [True, False], 0.3)
    maybe("interpolation_type", ["linear", "linear", "log_linear"], 0.2)
    maybe("final_sigmas_type", ["zero", "sigma_min"], 0.3)
    maybe("sigma_min", [0.03, 0.1], 0.1)
    maybe("sigma_max", [14.6, 10.0], 0.1)
    maybe(draw.choice(SIGMA_FLAGS), [True, False], 0.25)
    maybe("use_lu_lambdas", [True], 0.05)
    maybe("set_alpha_to_one", [True, False])
    maybe("skip_prk_steps", [True, True, False])
    maybe("clip_sample", [True, False])
    maybe("clip_sample_range", [1.0, 2.5], 0.3)
    maybe("thresholding", [True], 0.1)
    maybe("dynamic_thresholding_ratio", [0.995, 0.9], 0.2)
    maybe("sample_max_value", [1.0, 1.5], 0.3)
    maybe("variance_type", ["fixed_small", "fixed_small_log", "fixed_large"], 0.2)
    maybe("solver_order", [1, 2, 2, 3], 0.5)
    maybe("solver_type", ["midpoint", "heun", "bh1", "bh2", "logrho"], 0.4)
    maybe("algorithm_type", ["dpmsolver++", "dpmsolver++", "sde-dpmsolver++", "dpmsolver", "deis"], 0.3)
    maybe("lower_order_final", [True, False], 0.4)
    maybe("euler_at_final", [True, False], 0.3)
    maybe("lambda_min_clipped", [-5.1, -3.0], 0.1)
    maybe("predict_x0", [True, False], 0.2)
    maybe("disable_corrector", [[], [0], [0, 1]], 0.2)
    maybe("original_inference_steps", [50, 25, 100], 0.3)
    maybe("timestep_scaling", [10.0, 5.0], 0.2)
    maybe("timestep_type", ["discrete", "continuous"], 0.1)
    return config


def random_cases(count, seed):
    draw = random.Random(seed)
    for index in range(count):
        sampler = draw.choice(list(CLASSES) + [None])
        schedule = draw.choice(["default"] * 3 + ["karras", "exponential", "beta", "trailing"])
        if (sampler in WHOLE_TIMESTEPS or sampler is None) and schedule != "trailing":
            schedule = "default"
        steps = draw.choice([draw.randint(1, 8), draw.randint(1, 60)])
        strength = draw.choice([None, None, None, draw.uniform(0.3, 1.0)])
        if strength is not None and int(steps * strength) < 1:
            strength = None
        yield case(f"random {index}", random_config(draw), sampler, steps, schedule,
                   seed=draw.getrandbits(draw.choice([8, 32, 63])),
                   strength=strength)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output")
    parser.add_argument("--random", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    cases = random_cases(options.random, options.seed) if options.random else committed_cases()
    results = [run(c) for c in cases]
    configs = {json.dumps(r["config"], sort_keys=True): r["config"] for r in results}
    order = list(configs)
    for result in results:
        result["config"] = order.index(json.dumps(result["config"], sort_keys=True))
    lines = ",\n".join(json.dumps(r, separators=(",", ":")) for r in results)
    with open(options.output, "w") as file:
        file.write('{"configs":' + json.dumps(list(configs.values())) + ',\n"cases":[\n' + lines + "\n]}\n")
    errors = sum("error" in r for r in results)
    print(f"{len(results)} cases, {errors} refused by the reference")


main()
