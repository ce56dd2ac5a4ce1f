"""Runs one child at a time and measures its process tree; races contenders against each other in turns.

Knows nothing of what is measured, nor of how it is shown.
"""

import os
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field


MEMORY_INTERVAL = 0.01  # seconds


class ChildFailed(Exception):
    """A program could not be started, ended with an error or ran out of time; the text says which and why."""


@dataclass(frozen=True)
class Sample:
    """One run. CPU times cover the child and every descendant it waited for. Seconds; `peak` is bytes, if watched, and
    `written` those that files were given."""

    user: float
    system: float
    wall: float
    output: str
    facts: dict = field(default_factory=dict)
    peak: int | None = None
    written: int = 0

    @property
    def cpu(self):
        return self.user + self.system


@dataclass
class Contender:
    """A command in a race, what it yielded so far, and why it has no more samples if it has none."""

    name: str
    command: list
    skipped: str | None = None
    failed: str | None = None
    samples: list = field(default_factory=list)

    @property
    def measured(self):
        return bool(self.samples) and not self.failed

    def median(self, quantity):
        return statistics.median(quantity(sample) for sample in self.samples)

    def spread(self, quantity):
        """Largest minus smallest, as a share of the median."""
        values = [quantity(sample) for sample in self.samples]
        return (max(values) - min(values)) / statistics.median(values)


def race(title, contenders, rounds, run_one):
    """Gives every contender one run a round, starting each round with another, so that drift hits all alike."""
    for turn in range(rounds):
        progress(f"{title}: round {turn + 1} of {rounds}")
        shift = turn % len(contenders)
        for contender in contenders[shift:] + contenders[:shift]:
            if contender.skipped or contender.failed:
                continue
            try:
                contender.samples.append(run_one(contender))
            except ChildFailed as problem:
                contender.failed = str(problem)
    progress("")


def run(command, environment, timeout=300, watch_memory=False):
    """Runs a command to its end with output to files, so that no reader competes with it for the processor.

    Memory is looked at from outside, every few milliseconds: what wait4 tells would count this driver's own memory too.
    """
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        started = time.perf_counter()
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env=environment,
                start_new_session=True,
            )
        except OSError as problem:
            raise ChildFailed(f"{command[0]} does not start: {problem.strerror}") from problem
        peak, in_time = wait_for_end(child, timeout, watch_memory)
        wall = time.perf_counter() - started
        usage = reap(child)
        if not in_time:
            raise ChildFailed(f"{command[0]} was stopped after {timeout} s")
        if child.returncode != 0:
            raise ChildFailed(f"{command[0]} ended with status {child.returncode}: {complaint(stderr)}")
        return Sample(usage.ru_utime, usage.ru_stime, wall, read(stdout), peak=peak, written=usage.ru_oublock * 512)


def wait_for_end(child, timeout, watch_memory):
    """The memory that the child had at most, and whether it ended by itself in time.

    Whatever else happens, Ctrl-C included, it does not outlive this call.
    """
    descriptor = os.pidfd_open(child.pid)
    deadline = time.monotonic() + timeout
    peak, ended = None, False
    try:
        while not ended and (left := deadline - time.monotonic()) > 0:
            ended = bool(select.select([descriptor], [], [], min(left, MEMORY_INTERVAL) if watch_memory else left)[0])
            if watch_memory:
                peak = memory_peak(child.pid) or peak
    finally:
        os.close(descriptor)
        if not ended:
            os.killpg(child.pid, signal.SIGKILL)
    return peak, ended


def memory_peak(process):
    """Bytes that a process held at most so far; None once it has ended."""
    try:
        with open(f"/proc/{process}/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def reap(child):
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage


def read(file):
    file.seek(0)
    return file.read().decode(errors="replace")


def complaint(file):
    """What a program said as it failed, on one line: languages put the reason first or last, traces between."""
    lines = [line.strip() for line in read(file).splitlines() if line.strip()]
    if len(lines) > 6:
        lines = [*lines[:4], "…", lines[-1]]
    return " | ".join(lines) or "no message"


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
