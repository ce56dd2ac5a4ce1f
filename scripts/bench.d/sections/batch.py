"""`paylink batch` with as many rows as --rows says (a million): the first run, and the same again when all is done.

Every row has a key of its own. What the first run leaves is shown for one link: the ledger's file, and the log that was
written on the way (its frames, before the file gets their content).
"""

import filecmp
from dataclasses import replace

import orders
import server
from measure import ChildFailed, Contender, race, run as run_child
from report import Aim, Row, Table
from sections import durable, resume

NEEDS = ("nginx",)
ROUNDS = 1
MOST = 1_000_000
FIRST_AIM, AGAIN_AIM, FILE_AIM = 30, 2.5, 600  # seconds, seconds, bytes a row
LIMIT = 900  # seconds
FIRST, AGAIN = "the first run", "the same again"


def run(bench):
    if "nginx" in bench.tools.missing:
        rows = [Row(label="all rows", problem=f"skipped: nginx {bench.tools.missing['nginx']}")]
        return Table("A batch", headings=[], rows=rows)
    count = min(bench.rows, MOST)
    table = orders.write(bench.scratch / "million.csv", count, orders.STATIC_AMOUNT)
    command = resume.batch_command(bench, table, "million")
    contenders = [Contender(FIRST, command), Contender(AGAIN, command)]
    with server.running(bench.tools.paths["nginx"], bench.scratch) as origin:
        race("batch", contenders, bench.rounds_or(ROUNDS), lambda contender: run_one(bench, origin, contender, count))
    return Table(
        title=f"A batch of {count:,} rows, {durable.WIDTH} at a time, no latency: medians",
        headings=["wall s", "cpu s", "peak MB", "ledger MB", "KB written a row"],
        rows=[row_of(contender, count) for contender in contenders],
        notes=["Written is the log, and once more the file that its content is moved to, and the results."],
    )


def run_one(bench, origin, contender, count):
    ledger, results = bench.scratch / "million.db", bench.scratch / "million.out.csv"
    kept = bench.scratch / "million.first.csv"
    if contender.name == FIRST:
        durable.forget(ledger)
        results.unlink(missing_ok=True)
    elif not ledger.exists():
        raise ChildFailed("there is no first run")
    before = origin.counts()
    environment = bench.environment | {"PAYLINK_BASE_URL": origin.base_url}
    sample = run_child(contender.command, environment, timeout=LIMIT, watch_memory=True)
    requests = origin.counts().requests - before.requests - 1
    if contender.name == FIRST:
        results.rename(kept)
    elif requests or not filecmp.cmp(kept, results, shallow=False):
        raise ChildFailed(f"{requests} requests were sent, or the results differ from those of the first run")
    return replace(sample, facts={"file": ledger.stat().st_size, "requests": requests})


def row_of(contender, count):
    if not contender.measured:
        return Row.without_result(contender)
    wall = contender.median(lambda sample: sample.wall)
    size = contender.median(lambda sample: sample.facts["file"])
    is_first = contender.name == FIRST
    limit = (FIRST_AIM if is_first else AGAIN_AIM) * count / MOST
    aims = [Aim(f"≤ {limit:g} s", wall <= limit)]
    if is_first:
        aims.append(Aim(f"≤ {FILE_AIM * count / 1e6:.0f} MB", size <= FILE_AIM * count))
    return Row(
        label=contender.name,
        cells=[
            f"{wall:.1f}", f"{contender.median(lambda sample: sample.cpu):.1f}",
            f"{contender.median(lambda sample: sample.peak or 0) / 1e6:.0f}", f"{size / 1e6:.0f}",
            f"{contender.median(lambda sample: sample.written) / count / 1e3:.2f}",
        ],
        aims=aims,
        samples=[{"wall": sample.wall, "cpu": sample.cpu, "peak": sample.peak, **sample.facts} for sample in contender.samples],
    )
