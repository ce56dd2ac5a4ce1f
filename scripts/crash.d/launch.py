"""Starts the driver again inside namespaces of its own (processes, network, names, IPC), where that is permitted.

Whatever is started in there, servers and networks included, is taken away by the kernel when the driver ends, however
it ends. Out here remains a launcher, which waits; the driver notices its end by a pipe that closes.
"""

import os
import signal
import subprocess
import sys

from processes import environment

NAMESPACES = ("--pid", "--fork", "--kill-child", "--mount-proc", "--ipc", "--net", "--uts")
# For whoever is not root, where the system lets them be so in a namespace.
OF_A_USER = ("--user", "--map-current-user", "--keep-caps")
NEEDED = """
ip link add name wire type bridge && ip link add name one type veth peer name two && bridge link show >/dev/null &&
socat -V >/dev/null
"""
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def namespaces():
    """The arguments of `unshare` that are permitted here, and why none are."""
    choices = [()] if os.geteuid() == 0 else [OF_A_USER]
    for more in choices:
        words = ["unshare", *more, *NAMESPACES, "sh", "-c", NEEDED]
        try:
            tried = subprocess.run(
                words, capture_output=True, text=True, timeout=30, check=False, env=environment())
        except (OSError, subprocess.TimeoutExpired) as problem:
            return None, str(problem)
        if tried.returncode == 0:
            return [*more, *NAMESPACES], None
        reason = (tried.stderr.strip().splitlines() or ["unshare failed"])[-1]
    return None, reason


def run_inside(flags, arguments):
    """Runs the driver inside, and gives its exit status."""
    reading, writing = os.pipe()
    words = ["unshare", *flags, sys.executable, *arguments, "--lifeline", str(reading)]
    child = subprocess.Popen(words, pass_fds=[reading], start_new_session=True)
    os.close(reading)
    received = []

    def let_go(number, _):
        # The driver cleans up and ends; a second signal finds it at that.
        if not received:
            os.close(writing)
        received.append(number)

    for number in SIGNALS:
        signal.signal(number, let_go)
    while True:
        try:
            status = child.wait()
            return 128 + received[0] if received else status
        except InterruptedError:
            continue
