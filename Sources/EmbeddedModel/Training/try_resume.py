"""Runs `train.py all --tiny` from an empty folder, kills it again and again, and says whether it went on and finished.

    python try_resume.py DIR [SECONDS]

A run is killed (SIGKILL) after SECONDS (default 25), the next one after 1.3 times as long, until one ends by itself: a run that does not go
on where the last one stopped never ends. Then every file that the stages promise has to be there, and the log has to tell of resumptions.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROMISED = [
    "model/model_index.json", "model/unet/diffusion_pytorch_model.safetensors", "model/taesd/config.json", "results/table.md", "results/grid.png",
    "companions/old-photo.safetensors", "companions/winter-home.safetensors", "companions/canny/config.json", "companions/four-steps.safetensors",
    "results/table-four-steps.md", "results/companions.md",
]


def main():
    folder, patience = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 25.0
    if os.path.exists(folder) and os.listdir(folder):
        sys.exit(f"{folder} is not empty")
    killed = 0
    while True:
        run = subprocess.Popen([sys.executable, os.path.join(HERE, "train.py"), "all", "--tiny", "--out", folder], stdout=subprocess.DEVNULL)
        try:
            code = run.wait(patience)
            break
        except subprocess.TimeoutExpired:
            run.kill()
            run.wait()
            killed, patience = killed + 1, patience * 1.3
            print(f"killed run {killed}", flush=True)
    if code:
        sys.exit(f"a run ended with {code}")
    missing = [name for name in PROMISED if not os.path.exists(os.path.join(folder, name))]
    if missing:
        sys.exit("missing: " + ", ".join(missing))
    with open(os.path.join(folder, "training.log")) as f:
        resumed = re.findall(r"(\w+) resumes at step (\d+)", f.read())
    print(f"finished after {killed} kills; resumed: " + ", ".join(f"{name} at step {step}" for name, step in resumed))
    if killed and not resumed:
        sys.exit("no stage was resumed")


main()
