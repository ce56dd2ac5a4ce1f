"""How soon a watch notices a payment that another host has made known, through nothing but the ledger that they share.

One process pays links at the sandbox, one after the other, and looks at each: that records the payment. A second one
watches, with a request budget so small that its own looks find nothing. A delay runs from the first one's line, which
it prints after the payment is recorded, to the second one's follow-up. The two have homes of their own, and one machine.
"""

import statistics
import time

from measure import ChildFailed, Contender, Sample, race
from postgres import ledger, together
from report import Aim, Row, Table
from sections.waits import Client, Sandbox

PAYMENTS = 60
OTHERS = 100  # that nobody pays
PAUSE = "400ms"
BUDGET = "0.01"  # the watch's own requests a second
MEDIAN_AIM = 0.1  # seconds
PATIENCE = 15  # seconds after the last payment
DATABASE = "notice"

OURS = "ledger on PostgreSQL"
FILE = "ledger in a file, two processes"


def measure(bench, cluster, rounds):
    contenders = [Contender(OURS, []), Contender(FILE, [])]
    with Sandbox(bench) as sandbox:
        race("postgres: noticing", contenders, rounds, lambda contender: run_one(bench, cluster, sandbox, contender))
    return Table(
        title=f"A payment that another process has recorded, until a watch's follow-up: {PAYMENTS} payments a round",
        headings=["median ms", "95th ms", "longest ms", "watch's cpu ms"],
        rows=[row_of(contender) for contender in contenders],
        notes=["The watch's own looks are too few to find them. Its time of processor is for the whole round."],
    )


def run_one(bench, cluster, sandbox, contender):
    place = bench.scratch / "notice.db"
    for left in bench.scratch.glob(f"{place.name}*"):
        left.unlink()
    address = ledger.fresh(bench, cluster, DATABASE) if contender.name == OURS else str(place)
    here, there = (environment_of(bench, cluster, sandbox, name) for name in ("here", "there"))
    scripts = bench.parts / "postgres"
    made = Client(
        [bench.paylink, "run", "--ledger", address, str(scripts / "notice_links.lua"), str(PAYMENTS + OTHERS),
         f"{time.time_ns()}:"], here).finish()[1]
    if len(made) != PAYMENTS + OTHERS:
        raise ChildFailed(f"{len(made)} links of {PAYMENTS + OTHERS} were made")
    file = bench.scratch / "notice.csv"
    file.write_text("id\n" + "\n".join(list(made)[:PAYMENTS]) + "\n", encoding="utf-8")
    watch = [bench.paylink, "watch", "--poll-rate", BUDGET, "--ledger", address, str(scripts / "notice_watch.lua")]
    pay = [bench.paylink, "run", "--ledger", address, "--allow-net", "127.0.0.1", "--allow-read", str(bench.scratch),
           str(scripts / "notice_pay.lua"), str(file), sandbox.base, PAUSE]
    with together.Service(watch, there, bench.scratch) as watching:
        watching.wait_for(lambda state: "READY=1" in state, "ready")
        known = Client(pay, here).finish()[1]
        deadline = time.monotonic() + PATIENCE
        while not known.keys() <= watching.lines.keys() and time.monotonic() < deadline:
            time.sleep(0.05)
        missed = known.keys() - watching.lines.keys()
        cpu = watching.end()
        if missed or len(known) != PAYMENTS:
            raise ChildFailed(f"{len(known)} payments made known, {len(missed)} not noticed: {watching.complaint()}")
    delays = sorted(max(0.0, watching.lines[link] - known[link]) for link in known)
    return Sample(cpu, 0, 0, "", {"delays": delays})


def environment_of(bench, cluster, sandbox, name):
    home = bench.scratch / f"home-{name}"
    home.mkdir(exist_ok=True)
    return bench.environment | cluster.environment | sandbox.variables | {"HOME": str(home)}


def row_of(contender):
    if not contender.measured:
        return Row.without_result(contender)
    delays = sorted(delay for sample in contender.samples for delay in sample.facts["delays"])
    median = statistics.median(delays)
    return Row(
        label=contender.name,
        cells=[
            f"{1e3 * median:.1f}", f"{1e3 * delays[int(0.95 * len(delays))]:.1f}", f"{1e3 * delays[-1]:.1f}",
            f"{1e3 * contender.median(lambda sample: sample.cpu):.0f}",
        ],
        aims=[Aim(f"median < {1e3 * MEDIAN_AIM:.0f} ms", median < MEDIAN_AIM)] if contender.name == OURS else [],
        samples=[{"cpu": sample.cpu, **sample.facts} for sample in contender.samples],
    )
