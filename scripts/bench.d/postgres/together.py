"""Small things that the sections on PostgreSQL share: commands at once, and a process that says when it is ready."""

import os
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import server
from measure import ChildFailed, run as run_child
from postgres import cluster

READY = 120  # seconds


def run_all(commands, environment, timeout=300):
    """Runs commands at once. Gives their samples, and the seconds from the first start to the last end."""
    started = time.perf_counter()
    with ThreadPoolExecutor(len(commands)) as pool:
        samples = list(pool.map(lambda command: run_child(command, environment, timeout), commands))
    return samples, time.perf_counter() - started


class Service:
    """A process that goes on until it is ended, and tells its state as services tell systemd.

    `lines` has what it printed, each with when it was read.
    """

    def __init__(self, command, environment, folder, ready=READY):
        self.place = folder / f"notify-{os.urandom(4).hex()}"
        self.command, self.environment, self.ready = command, environment, ready

    def __enter__(self):
        self.states = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.states.bind(str(self.place))
        self.lines = {}
        self.began = time.perf_counter()
        self.errors = open(self.place.with_suffix(".errors"), "w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(
            self.command, env=self.environment | {"NOTIFY_SOCKET": str(self.place)}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self.errors, text=True, start_new_session=True,
            preexec_fn=server.end_with_parent)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        return self

    def __exit__(self, *_):
        self.end()
        self.reader.join()
        self.errors.close()
        self.states.close()
        self.place.unlink(missing_ok=True)

    def read(self):
        for line in self.process.stdout:
            self.lines[line.strip()] = time.monotonic()

    def wait_for(self, is_it, what):
        """Until a state is what is wanted. Gives the seconds since the start."""
        deadline, state = time.monotonic() + self.ready, "nothing"
        while (left := deadline - time.monotonic()) > 0 and self.process.poll() is None:
            self.states.settimeout(min(left, 0.5))
            try:
                state = self.states.recv(65536).decode(errors="replace").strip()
                if is_it(state):
                    return time.perf_counter() - self.began
            except TimeoutError:
                continue
        raise ChildFailed(f"{self.command[0]} did not come to be {what}, said {state!r}: {self.complaint()}")

    def wait_until_quiet(self, cpu, pause=0.5):
        """Until neither it nor what `cpu` tells of has used a processor for a while. Gives the seconds until then."""
        deadline = time.monotonic() + self.ready
        used, last = None, time.perf_counter()
        while time.monotonic() < deadline and self.process.poll() is None:
            time.sleep(0.01)
            now = (cpu(), *cluster.times_of(self.process.pid)[:2])
            if now != used:
                used, last = now, time.perf_counter()
            elif time.perf_counter() - last > pause:
                return last - self.began
        raise ChildFailed(f"{self.command[0]} did not come to rest: {self.complaint()}")

    def end(self):
        """Ends it; gives the seconds of processor that it used, user and system."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                done, status, usage = os.wait4(self.process.pid, os.WNOHANG)
                if done:
                    break
                time.sleep(0.01)
            else:
                self.process.kill()
                _, status, usage = os.wait4(self.process.pid, 0)
            self.process.returncode = os.waitstatus_to_exitcode(status)
            self.cpu = usage.ru_utime + usage.ru_stime
        return self.cpu

    def complaint(self):
        self.errors.seek(0)
        return self.errors.read().strip()[-400:] or "no message"
