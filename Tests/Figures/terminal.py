"""A pseudo-terminal that answers queries as xterm with sixel does, and notes every byte with its time."""

import fcntl, os, pty, re, select, shutil, signal, struct, tempfile, termios, time

ANSWERS = {
    b"\x1b[c": b"\x1b[?64;1;2;4;6;9;15;16;17;18;21;22;28c",
    b"\x1b[>q": b"\x1bP>|XTerm(379)\x1b\\",
    b"\x1b[?1;1;0S": b"\x1b[?1;0;1024S",
    b"\x1b[?2;1;0S": b"\x1b[?2;0;4096;4096S",
    b"\x1b]11;?\x1b\\": b"\x1b]11;rgb:0000/0000/0000\x1b\\",
}


class Terminal:
    """A program on a terminal of `columns` x `rows` cells of 10x20 pixels."""

    def __init__(self, command, columns=140, rows=45, home=None, environment=None, rate=None, sixel=True):
        self.home = home or tempfile.mkdtemp(prefix="latent-figures-")
        self.columns, self.rows, self.rate, self.sixel = columns, rows, rate, sixel
        self.bytes, self.stamps = bytearray(), []  # stamps: (time, length so far)
        self.ended = False
        self.started = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.clear()
            os.environ.update(
                {"LATENT_HOME": self.home, "HOME": self.home, "TERM": "xterm-256color", "LANG": "C.UTF-8",
                 "PATH": "/usr/bin:/bin"} | (environment or {}))
            time.sleep(0.05)  # until the window has its size
            os.execv(command[0], command)
        self.resize(columns, rows)
        self.budget, self.refilled = 0.0, time.monotonic()

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, columns * 10, rows * 20))

    def send(self, data):
        data = data.encode() if isinstance(data, str) else data
        os.write(self.fd, data)
        return time.monotonic()

    def pump(self, seconds):
        """Reads for so long; with a rate no faster than that."""
        end = time.monotonic() + seconds
        while True:
            now = time.monotonic()
            left = end - now
            if left < 0:
                return
            size = 65536
            if self.rate:
                self.budget = min(4096.0, self.budget + (now - self.refilled) * self.rate)
                self.refilled = now
                if self.budget < 512:
                    time.sleep(min(left, 0.001))
                    continue
                size = int(self.budget)
            if not select.select([self.fd], [], [], min(left, 0.05))[0]:
                continue
            try:
                data = os.read(self.fd, size)
            except OSError:
                self.ended = True
                return
            self.budget -= len(data)
            before = max(0, len(self.bytes) - 40)
            self.bytes += data
            self.stamps.append((time.monotonic(), len(self.bytes)))
            tail = bytes(self.bytes[before:])
            fresh = len(self.bytes) - len(data) - before
            for query, answer in ANSWERS.items():
                at = tail.find(query)
                if at >= 0 and at + len(query) > fresh:
                    if query == b"\x1b[c" and not self.sixel:
                        answer = b"\x1b[?62;22c"
                    os.write(self.fd, answer)
            for match in re.finditer(rb"\x1b\[(14|16|18)t", tail):
                if match.end() > fresh:
                    values = {b"14": (4, self.rows * 20, self.columns * 10), b"16": (6, 20, 10),
                              b"18": (8, self.rows, self.columns)}[match[1]]
                    os.write(self.fd, b"\x1b[%d;%d;%dt" % values)

    def until(self, text, seconds=60, start=0):
        """The time at which the output held a text behind offset `start`; None if it never did."""
        wanted = text.encode() if isinstance(text, str) else text
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.ended:
            at = self.bytes.find(wanted, start)
            if at >= 0:
                return next(t for t, length in self.stamps if length >= at + len(wanted))
            self.pump(0.002)
        return None

    def quiet(self, seconds=0.3, longest=20):
        """Reads until nothing came for so long."""
        end = time.monotonic() + longest
        while time.monotonic() < end:
            before = len(self.bytes)
            self.pump(seconds)
            if len(self.bytes) == before:
                return

    def cpu(self):
        """Seconds of CPU of the program so far."""
        fields = open(f"/proc/{self.pid}/stat").read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Resident megabytes."""
        return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.pid}/status").read())[1]) / 1024

    def end(self):
        try:
            os.kill(self.pid, signal.SIGTERM)
            for _ in range(100):
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    break
                self.pump(0.05)
            else:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.fd)
        shutil.rmtree(self.home, ignore_errors=True)


def sixels(data):
    """The lengths of the sixel pictures in a stream."""
    return [len(m[0]) for m in re.finditer(rb"\x1bP[0-9;]*q.*?\x1b\\", bytes(data), re.S)]


def without_pictures(data):
    return re.sub(rb"\x1bP[0-9;]*q.*?\x1b\\", b"", bytes(data), flags=re.S)


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]
