"""Possible orphans that are none: requests that went into a kept connection which the server had closed already.

Two servers close kept connections without announcing it: one some milliseconds after every tenth reply, and nginx,
whose workers close what is idle when it is reloaded. No request is lost by either: each doubt that is counted is a
false one. `--against` names another build of paylink, such as one from before a change, to be measured beside ours.
"""

import os
import signal
import subprocess
import threading
import json

import server
from measure import ChildFailed, Contender, race, run as run_child
from report import Row, Table

NEEDS = ("nginx",)
ROUNDS = 3
WIDTH = 8
REPLIES, LONGEST = 10, 5.0  # replies on a connection; milliseconds from the last to the close
PAUSE = 0.2  # seconds between two reloads


def run(bench):
    rows = []
    with closing(bench) as base:
        rows += measure(bench, f"closed up to {LONGEST:.0f} ms after every {REPLIES}th reply", base, None)
    if "nginx" in bench.tools.missing:
        rows.append(Row(label="nginx, reloaded", problem=f"skipped: nginx {bench.tools.missing['nginx']}"))
    else:
        with server.running(bench.tools.paths["nginx"], bench.scratch) as origin:
            rows += measure(bench, f"nginx, reloaded every {PAUSE} s", origin.base_url, reloading(bench))
    return Table(
        title=f"False doubts: {bench.links} links, {WIDTH} at a time, servers that close kept connections unannounced",
        headings=["doubts", "for 1,000 links", "cpu µs a link"],
        rows=rows,
    )


def measure(bench, label, base, disturb):
    binaries = [("", bench.paylink)] + ([(", the other build", bench.against)] if bench.against else [])
    contenders = [
        Contender(label + name, [binary, "run", "--ledger", ":memory:", str(bench.parts / "doubts.lua"),
                                 str(bench.links), str(WIDTH)])
        for name, binary in binaries
    ]
    race("doubts", contenders, bench.rounds_or(ROUNDS), lambda contender: run_client(bench, base, disturb, contender))
    return [row_of(bench, contender) for contender in contenders]


def run_client(bench, base, disturb, contender):
    environment = bench.environment | {"PAYLINK_BASE_URL": base}
    if disturb is None:
        return run_child(contender.command, environment)
    over = threading.Event()
    reloads = threading.Thread(target=disturb, args=(over,))
    reloads.start()
    try:
        return run_child(contender.command, environment)
    finally:
        over.set()
        reloads.join()


def reloading(bench):
    """Reloads nginx until it is told to stop."""
    def body(over):
        while not over.wait(PAUSE):
            for file in bench.scratch.glob("nginx-*/nginx.pid"):
                os.kill(int(file.read_text()), signal.SIGHUP)
    return body


def row_of(bench, contender):
    if not contender.measured:
        return Row.without_result(contender)
    doubts = [int(sample.output.split()[-1]) for sample in contender.samples]
    links = bench.links * len(doubts)
    return Row(
        label=contender.name,
        cells=[
            f"{sum(doubts)} of {links:,}", f"{1000 * sum(doubts) / links:.2f}",
            f"{contender.median(lambda sample: sample.cpu) / bench.links * 1e6:.1f}",
        ],
        samples=[{"doubts": count, "cpu": sample.cpu} for count, sample in zip(doubts, contender.samples)],
    )


class closing:
    """The server that closes after every so many replies, as a process of its own."""

    def __init__(self, bench):
        self.bench = bench

    def __enter__(self):
        self.process = subprocess.Popen(
            [self.bench.tools.paths["python3"], str(self.bench.parts / "closing_server.py"), str(REPLIES), str(LONGEST),
             json.dumps(server.TOKEN), json.dumps(server.PAY_LINK)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, preexec_fn=server.end_with_parent)
        port = self.process.stdout.readline().strip()
        if not port:
            raise ChildFailed("the server that closes did not start")
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_):
        server.stop(self.process)
