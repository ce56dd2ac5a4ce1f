"""`paylink watch` over a ledger in a file with as many open links as --rows says: how soon it looks, and what it holds.

The ledger is filled by SQL. The service is a small server of the bench's own, which notes when the first look came; the
links that it shows stay open. A watch is ended once everything has been read and nothing but looks goes on.
"""

import json
import os
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from measure import ChildFailed, Contender, Sample, memory_peak, race
from postgres import cluster, together
from report import Aim, Row, Table
from sections import growth

NEEDS = ()
ROUNDS = 3
FIRST_LOOK_AIM, MEMORY_AIM = 1.0, 150  # seconds, MB
SETTLED = 3  # seconds of looking, after all is read


def run(bench):
    sizes = [size for size in (1_000, bench.rows) if size <= bench.rows]
    with service() as (base_url, looks):
        ledgers = {size: bench.scratch / f"watch-{size}.db" for size in sizes}
        for size, path in ledgers.items():
            growth.fill(bench, path, base_url, size, still_open=size)
        contenders = [Contender(f"{size:,} open links", [size]) for size in sizes]
        race("watch", contenders, bench.rounds_or(ROUNDS),
             lambda contender: run_one(bench, base_url, looks, ledgers[contender.command[0]]))
    return Table(
        title="A watch over links that are all open, in a file",
        headings=["first look s", "all read s", "MB at most", "cpu s until then"],
        rows=[row_of(contender) for contender in contenders],
        ratios={"a watch's memory, at all open links to 1,000": memory_ratio(contenders)},
    )


def memory_ratio(contenders):
    if not all(each.measured for each in contenders):
        return None
    few, many = contenders[0], contenders[-1]
    return many.median(lambda sample: sample.peak) / few.median(lambda sample: sample.peak)


def row_of(contender):
    if not contender.measured:
        return Row(contender.name, problem=f"FAILED: {contender.failed}")
    first = contender.median(lambda sample: sample.facts["first"])
    peak = contender.median(lambda sample: sample.peak) / 1e6
    return Row(
        label=contender.name,
        cells=[f"{first:.2f}", f"{contender.median(lambda sample: sample.wall):.2f}", f"{peak:.0f}",
               f"{contender.median(lambda sample: sample.cpu):.2f}"],
        aims=[Aim(f"first look ≤ {FIRST_LOOK_AIM:.0f} s", first <= FIRST_LOOK_AIM),
              Aim(f"≤ {MEMORY_AIM} MB", peak <= MEMORY_AIM)],
        samples=[{"first": sample.facts["first"], "all": sample.wall, "peak": sample.peak, "cpu": sample.cpu}
                 for sample in contender.samples],
    )


def run_one(bench, base_url, looks, ledger):
    environment = bench.environment | {"PAYLINK_BASE_URL": base_url}
    looks.clear()
    began = time.monotonic()
    command = [bench.paylink, "watch", "--name", f"watch-{time.monotonic_ns()}", "--ledger", str(ledger),
               str(bench.parts / "postgres" / "follow.lua")]
    with together.Service(command, environment, bench.scratch) as watching:
        ready = watching.wait_for(lambda state: "READY=1" in state, "ready")
        used = sum(cluster.times_of(watching.process.pid)[:2]) / os.sysconf("SC_CLK_TCK")
        deadline = time.monotonic() + 60
        while not looks and time.monotonic() < deadline:
            time.sleep(0.005)
        if not looks:
            raise ChildFailed("no look came within 60 s")
        time.sleep(SETTLED)
        peak = memory_peak(watching.process.pid)
        watching.end()
    return Sample(used, 0, ready, "", facts={"first": looks[0] - began}, peak=peak)


@contextmanager
def service():
    """A 1ShotPay that shows any link as open. Gives its address, and the times at which links were looked at."""
    looks = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer({"access_token": "a.b.c", "token_type": "Bearer", "expires_in": 3_600})

        def do_GET(self):
            looks.append(time.monotonic())
            now = int(time.time())
            self.answer({
                "id": self.path.rsplit("/", 1)[1], "userId": None, "status": 0, "amount": 12_500_000, "description": "Order",
                "expirationTimestamp": now + 31_536_000, "reuseable": False, "payerDefinedAmount": False,
                "archived": False, "ignoredByRequestedPayer": False, "paymentCount": 0, "deletable": True,
                "mostRecentPayment": None, "createdTimestamp": now - 86_400, "updatedTimestamp": now - 86_400})

        def answer(self, value):
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", looks
        finally:
            server.shutdown()
