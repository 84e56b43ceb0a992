#!/usr/bin/env python3
"""The studio's figures: how fast keys are painted, what is sent, what it costs when idle.

    python3 Tests/Figures/studio.py PROGRAM [FIGURE ...]

PROGRAM is a release build. Needs nothing but Python. Each figure prints one line; times mean something
on a machine that does nothing else.
"""

import glob, json, os, random, statistics, subprocess, sys, tempfile, time, uuid

from terminal import Terminal, percentile, sixels, without_pictures

PROGRAM = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
FIRST = "lighthouse"
ENTER, SELECT_ALL = "\r", "\x1ba"


def draft(home, **fields):
    """Puts parameters in place before the studio starts."""
    request = {"prompt": "", "backend": "local"} | fields
    os.makedirs(f"{home}/state", exist_ok=True)
    with open(f"{home}/state/draft.json", "w") as file:
        json.dump({"prompt": "a lighthouse on a cliff at sunset", "negative": "", "request": request,
                   "seed": {"mode": "fixed", "value": 1}, "count": 1, "waiting": []}, file)


def busy(home):
    """A job of the embedded model that takes minutes on all cores."""
    draft(home, width=512, height=512, steps=1000)


def typed_latencies(terminal, count, pause, first=0x4E00):
    """Types characters that nothing else prints; milliseconds until each is in the output."""
    found = []
    for number in range(count):
        character = chr(first + number)
        start = len(terminal.bytes)
        sent = terminal.send(character)
        painted = terminal.until(character, 5, start)
        found.append((painted - sent) * 1000 if painted else 5000)
        terminal.pump(max(0, pause + random.uniform(-0.02, 0.02) - (time.monotonic() - sent)))
    return found


def moved_latencies(terminal, count, pause):
    """Moves the cursor; milliseconds until something outside of a picture is written."""
    found = []
    for number in range(count):
        terminal.quiet(0.02, 1)
        start = len(terminal.bytes)
        sent = terminal.send("\x1b[D" if number % 40 < 20 else "\x1b[C")
        while time.monotonic() - sent < 5:
            terminal.pump(0.001)
            if len(without_pictures(terminal.bytes[start:])) > 0:
                break
        found.append((time.monotonic() - sent) * 1000)
        terminal.pump(pause)
    return found


def latency():
    """Key to paint while the engine runs on all cores."""
    home = tempfile.mkdtemp(prefix="latent-figures-")
    busy(home)
    terminal = Terminal([PROGRAM], home=home)
    terminal.until(FIRST)
    terminal.send(ENTER)
    terminal.until("\x1bP")  # the first preview
    typed = typed_latencies(terminal, 300, 0.1)
    moved = moved_latencies(terminal, 200, 0.05)
    print(f"latency: typing p50 {percentile(typed, .5):.1f} p95 {percentile(typed, .95):.1f} "
          f"p99 {percentile(typed, .99):.1f} ms, moving p95 {percentile(moved, .95):.1f} "
          f"p99 {percentile(moved, .99):.1f} ms, while {len(sixels(terminal.bytes))} pictures were sent")
    terminal.end()


def slow():
    """Typing over a link of 1 MB/s while previews are sent."""
    home = tempfile.mkdtemp(prefix="latent-figures-")
    busy(home)
    terminal = Terminal([PROGRAM], home=home, rate=1_000_000)
    terminal.until(FIRST)
    terminal.send(ENTER)
    terminal.until("\x1bP")  # the first preview
    pictures = len(sixels(terminal.bytes))
    typed = typed_latencies(terminal, 150, 0.12)
    sizes = sixels(terminal.bytes)
    print(f"slow: 1 MB/s, typing p50 {percentile(typed, .5):.1f} p95 {percentile(typed, .95):.1f} "
          f"p99 {percentile(typed, .99):.1f} ms, {len(sizes) - pictures} pictures of {max(sizes, default=0)} "
          "bytes at most")
    terminal.end()


def connections(ports):
    """How many connections to these ports of this machine stand, seen from the side that opened them."""
    lines = [line.split() for line in open("/proc/net/tcp").read().splitlines()[1:]]
    return sum(1 for fields in lines if fields[3] == "01" and int(fields[2].rpartition(":")[2], 16) in ports)


def streams():
    """Key to paint without work, and while eight backends send progress and previews at once."""
    count = 8
    fakes = os.path.join(os.path.dirname(PROGRAM), "fake-services")
    if not os.access(fakes, os.X_OK):
        sys.exit(f"streams: {fakes} is missing; `swift build -c release --product fake-services` makes it")
    services = subprocess.Popen([fakes, "--only", "comfyui", "--count", str(count), "--pace", "100", "--detailed"],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    places = [services.stdout.readline().split()[1] for _ in range(count)]
    home = tempfile.mkdtemp(prefix="latent-figures-")
    os.makedirs(f"{home}/config")
    with open(f"{home}/config/config.json", "w") as file:
        json.dump({"backends": {f"gpu{number + 1}": {"kind": "comfyui", "baseURL": place}
                                for number, place in enumerate(places)}}, file)
    draft(home, backend="gpu1", width=1024, height=1024, steps=1000)
    terminal = Terminal([PROGRAM], home=home)
    terminal.until(FIRST)
    terminal.quiet(0.5)
    without = typed_latencies(terminal, 200, 0.1)
    terminal.send("\x1bm")  # several backends: the first is marked already
    terminal.quiet(0.3)
    for _ in range(count - 1):
        terminal.send("\x1b[B")
        terminal.pump(0.05)
        terminal.send(" ")
        terminal.pump(0.05)
    terminal.send(ENTER)
    terminal.pump(2)
    terminal.send("\x1b1")  # back to the prompt
    terminal.pump(0.5)
    ports = {int(place.rpartition(":")[2]) for place in places}
    before, pictures, cpu = connections(ports), len(sixels(terminal.bytes)), terminal.cpu()
    begin = time.monotonic()
    during = typed_latencies(terminal, 200, 0.1, first=0x6000)
    seconds = time.monotonic() - begin
    sessions = [os.path.join(folder, name) for folder, _, names in os.walk(home) for name in names
                if name.endswith(".jsonl")]
    records = "".join(open(session).read() for session in sessions)
    if records.count('"record":"accepted"') != count or '"record":"finished"' in records:
        sys.exit("streams: not all of the jobs were under way all the time")
    print(f"streams: typing without p50 {percentile(without, .5):.1f} p95 {percentile(without, .95):.1f} "
          f"p99 {percentile(without, .99):.1f} ms; with {min(before, connections(ports))} connections to {count} backends "
          f"that send 10 steps and previews a second each p50 {percentile(during, .5):.1f} "
          f"p95 {percentile(during, .95):.1f} p99 {percentile(during, .99):.1f} ms, "
          f"{(len(sixels(terminal.bytes)) - pictures) / seconds:.1f} pictures a second shown, "
          f"{(terminal.cpu() - cpu) / seconds * 100:.0f} % CPU")
    terminal.end()
    services.stdin.close()
    services.wait()


def idle():
    """Bytes and CPU of 60 s without work, a picture on the screen."""
    terminal = Terminal([PROGRAM])
    terminal.until(FIRST)
    terminal.send(ENTER)
    terminal.until("Done in")
    terminal.pump(3)
    before, cpu = len(terminal.bytes), terminal.cpu()
    terminal.pump(60)
    print(f"idle: {len(terminal.bytes) - before} bytes, {(terminal.cpu() - cpu) / 60 * 100:.3f} % CPU in 60 s")
    terminal.end()


def journal(home, count):
    """A journal of so many finished jobs."""
    os.makedirs(f"{home}/data/sessions")
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    def ulid(milliseconds):
        text = ""
        for _ in range(10):
            text = alphabet[milliseconds % 32] + text
            milliseconds //= 32
        return text + "".join(random.choices(alphabet, k=16))

    request = {"backend": "local", "version": 1, "width": 256, "height": 256, "steps": 14, "guidanceScale": 4.0,
               "sampler": "dpmpp-2m", "negativePrompt": "blurry"}
    each = 500
    for session in range(count // each):
        day = 1_700_000_000_000 + session * 86_400_000
        stamp = lambda at: time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(at / 1000))
        name = time.strftime("%Y-%m-%d", time.gmtime(day / 1000)) + f"-{session}"
        writer, lines = ulid(day), []
        lines.append({"version": 1, "record": "opened", "time": stamp(day), "session": ulid(day), "writer": writer,
                      "engine": {"build": "0", "cpuFeatures": [], "program": "latent"}})
        for number in range(each):
            at = day + number * 60_000
            job = ulid(at)
            made = request | {"prompt": f"a castle by the sea, {session} {number}", "seeds": [number]}
            image = {"height": 256, "width": 256, "index": 0, "path": f"/nowhere/{job}.png", "seed": number,
                     "pixelsSHA256": "0" * 64}
            lines.append({"version": 1, "record": "queued", "time": stamp(at), "job": job, "files": [],
                          "request": made, "writer": writer})
            lines.append({"version": 1, "record": "started", "time": stamp(at), "job": job, "request": made})
            lines.append({"version": 1, "record": "finished", "time": stamp(at + 5000), "job": job,
                          "images": [image], "timing": {"total": 5, "load": 0, "encode": 0, "denoise": 4,
                                                        "decode": 1, "secondsPerStep": 0.3}})
        with open(f"{home}/data/sessions/{name}.jsonl", "w") as file:
            file.write("".join(json.dumps(line) + "\n" for line in lines))


def startup():
    """Start to first paint, and to the history being there, with 10,000 and 100,000 entries."""
    for count in [0, 10_000, 100_000]:
        home = tempfile.mkdtemp(prefix="latent-figures-")
        if count:
            journal(home, count)
            environment = {"LATENT_HOME": home, "HOME": home, "PATH": "/usr/bin:/bin"}
            subprocess.run([PROGRAM, "history", "list"], env=environment, stdout=subprocess.DEVNULL, check=True)
        paints, lists = [], []
        for _ in range(7):
            terminal = Terminal([PROGRAM], home=home)
            begin = time.monotonic()
            painted = terminal.until(FIRST)
            listed = terminal.until("a castle", 20) if count else painted
            paints.append((painted - terminal.started - 0.05) * 1000)
            lists.append(((listed or begin + 99) - terminal.started - 0.05) * 1000)
            terminal.send("\x11")
            terminal.pump(0.3)
            os.close(terminal.fd)
            os.waitpid(terminal.pid, 0)
        print(f"startup: {count} entries, first paint {statistics.median(paints):.0f} ms "
              f"(worst {max(paints):.0f}), history listed {statistics.median(lists):.0f} ms")
        subprocess.run(["rm", "-rf", home])


def pictures():
    """A picture is sent once; bytes of a key under it; bytes of 512x512 in sixel."""
    home = tempfile.mkdtemp(prefix="latent-figures-")
    draft(home, width=512, height=512, steps=2)
    # A pane of about 512 pixels.
    terminal = Terminal([PROGRAM], home=home, columns=140, rows=34)
    terminal.until(FIRST)
    terminal.send(ENTER)
    terminal.until("Done in")
    terminal.quiet(1)
    sent = sixels(terminal.bytes)
    start, keys = len(terminal.bytes), 200
    typed_latencies(terminal, keys, 0.03)
    terminal.quiet(0.5)
    rest = terminal.bytes[start:]
    print(f"pictures: the largest of {len(sent)} has {max(sent)} bytes; {keys} keys under it sent "
          f"{len(sixels(rest))} pictures and {len(rest) / keys:.0f} bytes a key")
    terminal.end()


def encoding():
    """Encoding 512x512 as sixel, a finished picture of the embedded model and a preview of it."""
    home = tempfile.mkdtemp(prefix="latent-figures-")
    environment = os.environ | {"LATENT_HOME": home}
    for seed, prompt in enumerate(["a lighthouse on a cliff at sunset", "a neon city in the rain at night",
                                   "a watercolour of a forest in the snow"]):
        picture = f"{home}/{seed}.png"
        subprocess.run([PROGRAM, "generate", prompt, "-W", "512", "-H", "512", "-s", str(seed), "-o", picture],
                       env=environment, check=True, capture_output=True)
        measured = subprocess.run([PROGRAM, "view", "--measure", picture], env=environment, check=True,
                                  capture_output=True, text=True).stdout
        print("encoding:", measured.strip().split("  ", 1)[1])
    subprocess.run(["rm", "-rf", home])


def newcomer():
    """The embedded model at its default settings: Enter to the first preview and to the picture."""
    terminal = Terminal([PROGRAM])
    terminal.until(FIRST)
    terminal.quiet(0.5)
    previews, finished = [], []
    for _ in range(12):
        start = len(terminal.bytes)
        begin = terminal.send(ENTER)
        first = terminal.until("\x1bP", 20, start)
        terminal.until("Done in", 20, start)
        terminal.quiet(0.3)
        done = terminal.stamps[-1][0]  # the picture itself comes last
        previews.append((first or begin + 99) - begin)
        finished.append(done - begin)
    later = slice(1, None)  # the first run loads the model
    print(f"newcomer: first preview {previews[0] * 1000:.0f} ms in the first run, median "
          f"{statistics.median(previews[later]) * 1000:.0f} ms after it; last byte of the picture "
          f"{finished[0] * 1000:.0f} ms, median {statistics.median(finished[later]) * 1000:.0f} ms")
    terminal.end()


def engine():
    """What the engine loses while somebody types: the same run, alternating with and without."""
    def seconds(types):
        home = tempfile.mkdtemp(prefix="latent-figures-")
        draft(home, width=512, height=512, steps=40)
        terminal = Terminal([PROGRAM], home=home)
        terminal.until(FIRST)
        terminal.send(ENTER)  # loads the model
        terminal.until("Done in", 300)
        terminal.quiet(0.5)
        start = len(terminal.bytes)
        begin = terminal.send(ENTER)
        while terminal.bytes.find(b"Done in", start) < 0 and time.monotonic() - begin < 300:
            if types:
                terminal.send(random.choice("abcdefgh "))
            terminal.pump(0.1)
        done = terminal.until("Done in", 1, start)
        terminal.end()
        return done - begin

    ratios = []
    for _ in range(int(os.environ.get("RUNS", "5"))):
        without = seconds(False)
        ratios.append(seconds(True) / without)
    print(f"engine: a run while typing ten keys a second takes {statistics.median(ratios):.3f} of one without "
          f"({min(ratios):.3f} to {max(ratios):.3f})")


def interface():
    """What the engine loses to the studio: seconds per step there and in `generate`, alternating."""
    def journalled(home):
        folder = f"{home}/data/sessions"
        lines = [json.loads(line) for name in os.listdir(folder)
                 if name.endswith(".jsonl") for line in open(f"{folder}/{name}")]
        return [line["timing"]["secondsPerStep"] for line in lines if line.get("record") == "finished"][-1]

    def in_studio():
        home = tempfile.mkdtemp(prefix="latent-figures-")
        draft(home, width=512, height=512, steps=150)
        terminal = Terminal([PROGRAM], home=home)
        terminal.until(FIRST)
        start = len(terminal.bytes)
        terminal.send(ENTER)
        while terminal.bytes.find(b"Done in", start) < 0 and not terminal.ended:
            terminal.pump(0.1)
        terminal.pump(0.5)
        value = journalled(home)
        terminal.end()
        return value

    def in_generate():
        home = tempfile.mkdtemp(prefix="latent-figures-")
        environment = {"LATENT_HOME": home, "HOME": home, "PATH": "/usr/bin:/bin"}
        subprocess.run([PROGRAM, "generate", "a lighthouse on a cliff at sunset", "-W", "512", "-H", "512",
                        "--steps", "150", "--seed", "1", "-o", f"{home}/a.png"], env=environment, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        value = journalled(home)
        subprocess.run(["rm", "-rf", home])
        return value

    ratios = []
    for _ in range(int(os.environ.get("RUNS", "4"))):
        plain = in_generate()
        ratios.append(in_studio() / plain)
    print(f"interface: a step takes {statistics.median(ratios):.3f} of one in `generate` "
          f"({min(ratios):.3f} to {max(ratios):.3f})")


def cancel():
    """Ctrl-C until the job has stopped, in the middle of a step; MODEL names a full-size model of 1024x1024."""
    home = tempfile.mkdtemp(prefix="latent-figures-")
    model = os.environ.get("MODEL")
    draft(home, width=1024, height=1024, steps=1000, **({"model": os.path.abspath(model)} if model else {}))
    terminal = Terminal([PROGRAM], home=home)
    terminal.until(FIRST)
    found = []
    for number in range(int(os.environ.get("RUNS", "5"))):
        start = len(terminal.bytes)
        terminal.send(ENTER)
        if not terminal.until("\x1bP", 600, start):  # the first preview: a step is done
            sys.exit("cancel: no step was done in ten minutes")
        terminal.pump(random.uniform(0.3, 3 if model else 0.6))
        start = len(terminal.bytes)
        pressed = terminal.send("\x03")
        stopped = terminal.until("was done is in the history", 120, start)  # what it shares with "Stopping" is not sent again
        found.append((stopped or pressed + 999) - pressed)
        terminal.quiet(0.5)
    print(f"cancel: {'the embedded model' if not model else 'the model given'} at 1024x1024, Ctrl-C to stopped "
          f"{statistics.median(found):.2f} s (worst {max(found):.2f})")
    terminal.end()


def drift():
    """What stands on the screen after many jobs and resizes in tmux, against the same drawn anew."""
    jobs = int(os.environ.get("JOBS", "1000"))
    home = tempfile.mkdtemp(prefix="latent-figures-")
    socket = f"latent-figures-{os.getpid()}"

    def tmux(*arguments):
        return subprocess.run(["tmux", "-L", socket, "-f", "/dev/null", *arguments], check=True, capture_output=True,
                              text=True).stdout

    def screen():
        """As soon as it does not change any more; without the status line, whose messages a key takes away."""
        last = None
        while (now := tmux("capture-pane", "-p", "-e")) != last:
            last = now
            time.sleep(0.4)
        return now.rstrip("\n").rpartition("\n")[0]

    tmux("new-session", "-d", "-x", "140", "-y", "45", "env", f"LATENT_HOME={home}", f"HOME={home}", "LANG=C.UTF-8",
         "LATENT_FAKE_BACKEND=0", PROGRAM)
    os.makedirs(f"{home}/config", exist_ok=True)
    while FIRST not in screen():
        pass
    tmux("send-keys", "F10", "fake", "Enter")
    screen()
    finished, different, looks = Finished(f"{home}/data/sessions"), 0, 0
    panes = ["M-1", "M-2", "M-3", "M-4", "M-5"]
    for number in range(jobs):
        tmux("send-keys", "M-1", "Enter")
        deadline = time.monotonic() + 60
        while finished.count() <= number:
            if time.monotonic() > deadline:
                sys.exit(f"drift: job {number + 1} did not finish")
            time.sleep(0.003)
        if number % 10 == 9:
            tmux("resize-window", "-x", str(random.randint(30, 220)), "-y", str(random.randint(6, 70)))
            tmux("send-keys", random.choice(panes))
        if number % 50 == 49:
            before = screen()
            tmux("send-keys", "C-l")
            looks += 1
            after = screen()
            if before != after:
                different += 1
                for name, text in ("before", before), ("after", after):
                    open(f"drift-{looks}-{name}.txt", "w").write(text)
    print(f"drift: {jobs} jobs and {jobs // 10} resizes in tmux; of {looks} screens {different} changed when drawn anew")
    tmux("kill-server")
    subprocess.run(["rm", "-rf", home])


class Finished:
    """Counts the finished jobs of the one session in a folder, by what is appended to its file."""

    def __init__(self, folder):
        self.folder, self.file, self.number = folder, None, 0

    def count(self):
        if self.file is None:
            names = glob.glob(f"{self.folder}/*.jsonl")
            self.file = open(names[0], "rb") if names else None
        if self.file:
            self.number += self.file.read().count(b'"record":"finished"')
        return self.number


def day():
    """24 hours of use in minutes: 10,000 jobs of the fake backend, 1,000 resizes; memory stays flat."""
    jobs = int(os.environ.get("JOBS", "10000"))
    terminal = Terminal([PROGRAM], environment={"LATENT_FAKE_BACKEND": "0"})
    os.makedirs(f"{terminal.home}/config", exist_ok=True)
    terminal.until(FIRST)
    terminal.send("\x1b[21~fake\r")  # F10: the backend
    terminal.quiet(0.3)
    samples, finished = [], Finished(f"{terminal.home}/data/sessions")
    for number in range(jobs):
        terminal.send("\r")
        deadline = time.monotonic() + 120
        while finished.count() <= number and time.monotonic() < deadline:
            terminal.pump(0.005)
        if finished.count() <= number:
            sys.exit(f"day: job {number + 1} did not finish")
        if number % 10 == 9:
            terminal.resize(random.randint(60, 220), random.randint(16, 70))
            terminal.pump(0.01)
        if number % (jobs // 20) == jobs // 20 - 1:
            terminal.resize(140, 45)  # a larger window holds a larger picture: like is compared with like
            terminal.quiet(0.3)
            samples.append(terminal.memory())
            if os.environ.get("PROGRESS"):
                print(f"{number + 1} jobs: {samples[-1]:.1f} MB", file=sys.stderr)
        del terminal.bytes[:max(0, len(terminal.bytes) - 200_000)]
        terminal.stamps = [(terminal.stamps[-1][0], len(terminal.bytes))] if terminal.stamps else []
    terminal.resize(140, 45)
    terminal.quiet(0.5)
    print(f"day: {jobs} jobs, {jobs // 10} resizes, memory every {jobs // 20} jobs: "
          + " ".join(f"{value:.0f}" for value in samples) + " MB")
    terminal.end()


FIGURES = {f.__name__: f for f in [latency, slow, streams, idle, startup, pictures, encoding, newcomer, engine, interface, cancel, drift, day]}

if __name__ == "__main__":
    if not PROGRAM or not os.access(PROGRAM, os.X_OK):
        sys.exit(__doc__)
    for name in sys.argv[2:] or FIGURES:
        FIGURES[name]()
