"""The table of what the engine must reach, with this machine's own figures beside each bar.

    python Tests/Reference/bars.py --latent .build/release/latent --model FOLDER

FOLDER is what full_size_model.py writes (6.9 GB; made here when it is missing). Everything runs on
this machine, each ratio from alternating runs; --only picks rows by number. Needs torch and
diffusers, and openvino for its rows; allow 24 GB of memory and an hour.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import compare_speed


def comparison(against, part, side, precision):
    """The ratio of Latent's time to another library's, measured in a process of its own."""

    def measure(arguments):
        command = [
            sys.executable, str(Path(__file__).with_name("compare_speed.py")), "--against", against,
            "--part", part, "-W", str(side), "-H", str(side), "--precision", precision,
            "--latent", arguments.latent, "--cache", arguments.cache, "--rounds",
            str(arguments.rounds)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return float(output.strip().splitlines()[-1].split(":")[-1])

    return measure


def bench(arguments, *options):
    """Seconds of `latent bench`, the fastest of two."""
    command = [arguments.latent, "bench", "unet", "--repeat", "2", "--json", *options]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return min(report["seconds"])


def ratio(arguments, first, second):
    """The median ratio of two measurements that alternate."""
    pairs = [(first(), second()) for _ in range(arguments.rounds)]
    return statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)


def int8_ratio(arguments):
    size = ["-W", "1024", "-H", "1024"]
    return ratio(
        arguments, lambda: bench(arguments, "--precision", "int8", *size),
        lambda: bench(arguments, "--precision", "bf16", *size))


def generate(arguments, *options):
    """A whole run: its wall time, its peak memory as the kernel counted it, and its report."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            arguments.latent, "generate", "a lighthouse at dusk", "-n", "fog", "--seed", "1",
            "--no-history", "--json", "-o", f"{folder}/a.png", *options]
        before = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - before
    if status:
        raise SystemExit(f"{' '.join(command)} ended with status {status}")
    return wall, usage.ru_maxrss * 1024, json.loads(output)


def whole_run(arguments, memory):
    return generate(
        arguments, "-m", arguments.model, "-W", "1024", "-H", "1024", "--steps", "2",
        "--precision", "bf16", "--memory", memory)


def resident_peak(arguments):
    return whole_run(arguments, "resident")[1] / 1e9


def streamed_peak(arguments):
    return whole_run(arguments, "streamed")[1] / 1e9


def streamed_ratio(arguments):
    """Denoising, two steps: what reading the weights anew at each step costs."""
    seconds = lambda memory: bench(  # noqa: E731
        arguments, "-W", "1024", "-H", "1024", "--precision", "bf16", "--shape", arguments.model,
        "--memory", memory)
    return ratio(arguments, lambda: seconds("streamed"), lambda: seconds("resident"))


def first_step(arguments, *options):
    """Seconds from the start of the process to the first denoising step."""
    command = [
        arguments.latent, "generate", "a lighthouse at dusk", "-n", "fog", "--seed", "1", "--steps",
        "1", "--no-history", "--progress-json", "-o", tempfile.mkdtemp() + "/a.png", *options]
    best = float("inf")
    for _ in range(arguments.rounds):
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        found = None
        for line in process.stderr:
            if found is None and '"sampling"' in line:
                found = time.perf_counter() - start
                process.terminate()
        process.wait()
        best = min(best, found if found is not None else float("inf"))
    return best


def first_step_full(arguments):
    return first_step(arguments, "-m", arguments.model, "-W", "1024", "-H", "1024")


def prompt_to_picture(arguments):
    return min(generate(arguments)[2]["timing"]["total"] for _ in range(arguments.rounds))


ROWS = [
    ("bf16 UNet step 1024x1024, of OpenVINO's time", 0.87, "",
     comparison("openvino", "unet", 1024, "bf16")),
    ("the same, of PyTorch's", 0.60, "", comparison("torch", "unet", 1024, "bf16")),
    ("bf16 UNet step 512x512, of OpenVINO's time", 0.87, "",
     comparison("openvino", "unet", 512, "bf16")),
    ("f32 UNet step 512x512, of PyTorch's time", 0.60, "",
     comparison("torch", "unet", 512, "f32")),
    ("VAE decode 1024x1024, of PyTorch's bf16 time", 0.70, "",
     comparison("torch", "vae", 1024, "bf16")),
    ("peak memory, whole 1024x1024 run, weights resident", 6.0, "GB", resident_peak),
    ("peak memory, the same streamed", 1.5, "GB", streamed_peak),
    ("streamed, of the resident time", 1.25, "", streamed_ratio),
    ("int8 UNet step 1024x1024, of our bf16 time", 0.65, "", int8_ratio),
    ("start to first denoising step, full size", 4.0, "s", first_step_full),
    ("start to first denoising step, embedded model", 0.3, "s", first_step),
    ("embedded model, prompt to picture", 1.5, "s", prompt_to_picture),
]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latent", default=".build/release/latent")
    parser.add_argument("--model", required=True)
    parser.add_argument("--cache", default=compare_speed.parser().get_default("cache"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", type=int, nargs="*", help="numbers of rows, from 1")
    arguments = parser.parse_args()
    if not Path(arguments.model, "model_index.json").exists():
        script = Path(__file__).with_name("full_size_model.py")
        subprocess.run([sys.executable, str(script), arguments.model], check=True)
    print("| | bar | here |\n|---|---|---|", flush=True)
    missed = 0
    for number, (name, bar, unit, measure) in enumerate(ROWS, 1):
        if arguments.only and number not in arguments.only:
            continue
        try:
            found = measure(arguments)
        except subprocess.CalledProcessError as error:
            lines = (error.stderr or "").strip().splitlines()
            print(f"| {name} | {bar} {unit} | not measured: {lines[-1] if lines else error} |")
            missed += 1
            continue
        missed += found > bar
        mark = "" if found <= bar else " (missed)"
        print(f"| {name} | at most {bar} {unit} | {found:.2f} {unit}{mark} |", flush=True)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
