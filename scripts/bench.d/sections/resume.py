"""`paylink batch` where nothing is to be sent: a batch of 100,000 rows that is done, and a dry run of 1,000,000 rows.

The batch is made once, against the static server; how long that takes is shown, too. Each measured run then finds all
rows recorded: it reads the table, asks the ledger, and writes the same results again.
"""

import filecmp
from dataclasses import replace

import orders
import server
from measure import ChildFailed, Contender, race, run as run_child
from report import Aim, Row, Table
from sections import durable

NEEDS = ("nginx",)
ROUNDS = 5
ROWS = 100_000
DRY_ROWS = 1_000_000
WALL_AIM = 1.5  # seconds
MEMORY_AIM = 100  # MB

FIRST = f"first run, {ROWS:,} rows"
AGAIN = f"resumed, {ROWS:,} rows done"
DRY = f"--dry-run, {DRY_ROWS:,} rows"


def run(bench):
    if "nginx" in bench.tools.missing:
        rows = [Row(label="all rows", problem=f"skipped: nginx {bench.tools.missing['nginx']}")]
        return Table("Batches without requests", headings=[], rows=rows)
    with server.running(bench.tools.paths["nginx"], bench.scratch) as origin:
        first, again, dry = make_contenders(bench)
        race("resume: the first run", [first], 1, lambda contender: run_batch(bench, origin, contender, ROWS))
        if not first.measured:
            again.failed = "the first run failed"
        else:
            results_of(bench).rename(bench.scratch / "first.out.csv")
        race("resume", [again, dry], bench.rounds_or(ROUNDS), lambda contender: run_batch(bench, origin, contender, 0))
    return Table(
        title="Batches in which nothing is to be sent: medians",
        headings=["wall s", "spread", "cpu s", "requests", "peak MB"],
        rows=[row_of(contender) for contender in (first, again, dry)],
        notes=["A resumed run must send nothing and write the same bytes as the first."],
    )


def make_contenders(bench):
    batch = batch_command(bench, orders.write(bench.scratch / "batch.csv", ROWS, orders.STATIC_AMOUNT), "batch")
    table = orders.write(bench.scratch / "dry.csv", DRY_ROWS, orders.STATIC_AMOUNT)
    return [
        Contender(FIRST, batch),
        Contender(AGAIN, batch),
        Contender(DRY, [*batch_command(bench, table, "dry"), "--dry-run"]),
    ]


def batch_command(bench, table, name):
    options = ["--key", "order_id", "--concurrency", str(durable.WIDTH), "--quiet"]
    return [
        *[bench.paylink, "batch", str(table), *options],
        *["--ledger", str(bench.scratch / f"{name}.db"), "--out", str(bench.scratch / f"{name}.out.csv")],
    ]


def results_of(bench):
    return bench.scratch / "batch.out.csv"


def run_batch(bench, origin, contender, expected):
    """One run, believed only if the server saw as many links as expected."""
    before = origin.counts()
    environment = bench.environment | {"PAYLINK_BASE_URL": origin.base_url}
    sample = run_child(contender.command, environment, watch_memory=True)
    requests = origin.counts().requests - before.requests - 1
    if expected == 0 and requests != 0 or requests < expected:
        raise ChildFailed(f"the server saw {requests} requests where {expected} links were to be made")
    if contender.name == AGAIN:
        first = bench.scratch / "first.out.csv"
        if not filecmp.cmp(first, results_of(bench), shallow=False):
            raise ChildFailed("the results differ from those of the first run")
    return replace(sample, facts={"requests": requests})


def row_of(contender):
    if not contender.measured:
        return Row.without_result(contender)
    wall = contender.median(lambda sample: sample.wall)
    peak = contender.median(lambda sample: sample.peak or 0) / 1e6
    aims = {
        FIRST: [],
        AGAIN: [Aim(f"< {WALL_AIM} s", wall < WALL_AIM), Aim("no request", True)],
        DRY: [Aim(f"< {MEMORY_AIM} MB", peak < MEMORY_AIM)],
    }
    return Row(
        label=contender.name,
        cells=[
            f"{wall:.2f}",
            f"{contender.spread(lambda sample: sample.wall):.0%}",
            f"{contender.median(lambda sample: sample.cpu):.2f}",
            f"{contender.median(lambda sample: sample.facts['requests']):,.0f}",
            f"{peak:.1f}",
        ],
        aims=aims[contender.name],
        samples=[
            {"user": sample.user, "system": sample.system, "wall": sample.wall, "peak": sample.peak, **sample.facts}
            for sample in contender.samples
        ],
    )
