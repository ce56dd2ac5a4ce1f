"""Starts programs, each in a place of its own (a host's namespaces, if there are any), so that none outlives this one.

Knows nothing of what the programs are. Everything is started from the main thread: the kernel ends a child when the
thread that started it ends.
"""

import asyncio
import os
import signal
from dataclasses import dataclass

ENDING = 5  # seconds for a program to end by itself once it was told to


class ProgramFailed(Exception):
    """A program could not be started, ended with an error or ran out of time; the text says which and why."""


@dataclass(frozen=True)
class Place:
    """Where a program runs: the namespaces that the process `holder` keeps, or this process's own without one."""

    name: str
    holder: int | None = None

    def command(self, words, user=None, death="KILL"):
        prefix = ["nsenter", f"--target={self.holder}", "--net", "--uts", "--"] if self.holder else []
        prefix += ["setpriv", f"--pdeathsig={death}"]
        if user:
            prefix += [f"--reuid={user}", f"--regid={user}", "--init-groups"]
        return [*prefix, *map(str, words)]


HERE = Place("here")


def environment(**more):
    """Nothing of the caller's own, so that no setting of theirs takes part."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    path = kept.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"
    return {"LANG": "C.UTF-8"} | kept | {"PATH": path} | {name: str(value) for name, value in more.items()}


async def spawn(place, words, *, user=None, death="KILL", env=None, output=None, errors=None, folder="/"):
    """Starts a program as the leader of a session of its own. `output` and `errors` are open files; none: nowhere."""
    nowhere = asyncio.subprocess.DEVNULL
    try:
        return await asyncio.create_subprocess_exec(
            *place.command(words, user, death),
            stdin=nowhere,
            stdout=nowhere if output is None else output,
            stderr=nowhere if errors is None else errors,
            env=environment() if env is None else env,
            cwd=folder,
            start_new_session=True,
        )
    except OSError as problem:
        raise ProgramFailed(f"{words[0]} does not start: {problem.strerror}") from problem


async def run(place, words, *, limit=60, user=None, env=None, folder="/", allowed=(0,)):
    """Runs a program to its end and gives what it wrote to standard output.

    :raises ProgramFailed: it took longer than `limit` seconds, or its status is none of those `allowed`.
    """
    pipe = asyncio.subprocess.PIPE
    process = await spawn(place, words, user=user, env=env, output=pipe, errors=pipe, folder=folder)
    shown = f"{place.name}: {' '.join(map(str, words))[:160]}"
    try:
        output, errors = await asyncio.wait_for(process.communicate(), limit)
    except asyncio.TimeoutError as problem:
        raise ProgramFailed(f"{shown}: stopped after {limit} s") from problem
    finally:
        if process.returncode is None:
            send(process, signal.SIGKILL)
    if process.returncode not in allowed:
        said = errors.decode(errors="replace").strip()
        raise ProgramFailed(f"{shown}: status {process.returncode}: {said[-600:]}")
    return output.decode(errors="replace")


def send(process, number):
    """Sends a signal, unless the process has ended. Whether it was there to get it.

    Not by the process's own method: that may take the exit status away from whoever waits for it.
    """
    if process is None or process.returncode is not None:
        return False
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return False
    return True


def send_to_group(process, number):
    """The same to all that a leader of a session has started and that stayed with it."""
    if process is None or process.returncode is not None:
        return False
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True


async def end(process):
    """Ends a process, gently first."""
    if not send(process, signal.SIGTERM):
        return
    try:
        await asyncio.wait_for(process.wait(), ENDING)
    except asyncio.TimeoutError:
        send(process, signal.SIGKILL)
        await process.wait()
