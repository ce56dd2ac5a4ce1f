"""How the cost of one call grows with a ledger in a file, from 1,000 links to as many as --rows says.

The ledgers are filled by SQL, as a shop with 1,000 open links would have left them. A cost is the client's time of
processors for one call, less what an empty run takes. With --svg FILE the curves are drawn.
"""

import json
import sqlite3
import subprocess
import time

import server
from measure import ChildFailed, Contender, Sample, race, run as run_child
from postgres import together
from report import Aim, Row, Table, ratio, times
from sections import links

NEEDS = ("nginx",)
ROUNDS = 3
OPEN = 1_000
PREFIX_AIM = 5_000  # µs
LIMIT = 900  # seconds for one run
EMPTY = "an empty run"
CLAIM, RESUME, NEW_WATCH, OLD_WATCH = "claim", "resume", "start of a new watch", "start of a watch that saw it grow"
# What is done, and how often in one run.
CALLS = {CLAIM: 1_000, "find": 1_000, "list": 100, "prefix": 100, "open": 20, RESUME: 1_000, NEW_WATCH: 1, OLD_WATCH: 1}
LABELS = {
    CLAIM: "claim, request and end of a link", "find": "find by key", "list": "list, the first 100",
    "prefix": "list by prefix, 100 of them", "open": "list of 100 that are active", RESUME: "a row of a batch that is done",
}


def run(bench):
    if "nginx" in bench.tools.missing:
        rows = [Row(label="all rows", problem=f"skipped: nginx {bench.tools.missing['nginx']}")]
        return Table("Growth", headings=[], rows=rows)
    sizes = [10 ** power for power in range(3, 10) if 10 ** power <= bench.rows]
    with server.running(bench.tools.paths["nginx"], bench.scratch) as origin:
        ledgers = {size: bench.scratch / f"growth-{size}.db" for size in sizes}
        for size, path in ledgers.items():
            fill(bench, path, origin.base_url, size)
        contenders = {(call, size): Contender(f"{call}, {size:,}", [call, size]) for call in CALLS for size in sizes}
        empty = Contender(EMPTY, [EMPTY, sizes[0]])
        race("growth", [empty, *contenders.values()], bench.rounds_or(ROUNDS),
             lambda contender: run_one(bench, origin, ledgers, contender))
    spent = empty.median(lambda sample: sample.cpu) if empty.measured else 0.0
    costs = {
        call: {size: cost_of(contenders[call, size], spent) for size in sizes if contenders[call, size].measured}
        for call in CALLS}
    if bench.svg:
        draw(bench, costs)
    return Table(
        title=f"One call on ledgers in files, {OPEN:,} links open in each: client's CPU µs, medians",
        headings=[*(f"{size:,} links" for size in sizes), "growth", "calls"],
        rows=[row_of(call, [contenders[call, size] for size in sizes], costs[call]) for call in CALLS],
        notes=[f"Growth is that from 1,000 links to {sizes[-1]:,}. {EMPTY.capitalize()} takes {spent * 1e3:.1f} ms, "
               "which is not in the figures."],
        ratios={
            f"{LABELS.get(call, call)}: at 1,000,000 links to 1,000": ratio(found.get(10 ** 6), found.get(10 ** 3))
            for call, found in costs.items()},
    )


def fill(bench, path, base_url, size, still_open=None):
    made = [bench.paylink, "run", "--ledger", str(path), "-e", "paylink.once('made', function() return true end)"]
    run_child(made, bench.environment | {"PAYLINK_BASE_URL": base_url}, timeout=60)
    with sqlite3.connect(path, isolation_level=None) as database:
        account = bench.environment["ONESHOT_USER_ID"]
        scope = database.execute("SELECT id FROM scopes").fetchone()[0]
        given = {"rows": size, "still_open": still_open or min(OPEN, size // 2), "moment": int(time.time()), "scope": scope, "run": 1,
                 "base_url": base_url, "account": account}
        database.executescript("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -500000; BEGIN;")
        indexes = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND name <> 'links_by_link_id'"
        ).fetchall()
        for name, _ in indexes:
            database.execute(f"DROP INDEX {name}")
        script = (bench.parts / "growth" / "fill.sql").read_text(encoding="utf-8")
        for statement in filter(None, map(str.strip, script.split(";\n"))):
            database.execute(statement, given)
        for _, text in indexes:
            database.execute(text)
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def run_one(bench, origin, ledgers, contender):
    call, size = contender.command
    environment = bench.environment | {"PAYLINK_BASE_URL": origin.base_url}
    ledger, scripts = str(ledgers[size]), bench.parts / "postgres"
    name = f"{time.monotonic_ns()}"
    if call in (NEW_WATCH, OLD_WATCH):
        options = ["--name", "bench" if call == OLD_WATCH else f"new-{name}", "--poll-rate", "0.01"]
        watch = [bench.paylink, "watch", *options, "--ledger", ledger, str(scripts / "follow.lua")]
        with together.Service(watch, environment, bench.scratch) as watching:
            watching.wait_for(lambda state: "READY=1" in state, "ready")
            watching.wait_until_quiet(lambda: 0)
            return Sample(watching.end(), 0, 0, "")
    if call == RESUME:
        table = bench.scratch / "growth.csv"
        step = size // CALLS[RESUME]
        table.write_text("order_id,amount,description\n" + "".join(
            f"order-{1 + number * step:08d},12.50,Order\n" for number in range(CALLS[RESUME])), encoding="utf-8")
        out = bench.scratch / f"growth-{name}.csv"
        command = [bench.paylink, "batch", str(table), "--out", str(out), "--ledger", ledger]
    elif call == CLAIM:
        command = [bench.paylink, "run", "--ledger", ledger, str(scripts / "links.lua"), str(CALLS[CLAIM]),
                   str(links.WIDTH), f"new-{name}:"]
    elif call == EMPTY:
        nothing = bench.scratch / "nothing.lua"
        nothing.write_text("")
        command = [bench.paylink, "run", "--ledger", ":memory:", str(nothing)]
    else:
        command = [bench.paylink, "run", "--ledger", ledger, str(scripts / "queries.lua"), call, str(size), str(CALLS[call])]
    return run_child(command, environment, timeout=LIMIT)


def cost_of(contender, spent):
    """Microseconds for one call."""
    return max(contender.median(lambda sample: sample.cpu) - spent, 0) / CALLS[contender.command[0]] * 1e6


def row_of(call, contenders, costs):
    label = LABELS.get(call, call)
    failed = [each for each in contenders if not each.measured]
    if failed:
        return Row(label, problem=f"FAILED: {failed[0].name}: {failed[0].failed}")
    growth = ratio(costs[max(costs)], costs[min(costs)])
    aims = [Aim(f"≤ {PREFIX_AIM / 1e3:.0f} ms", costs[max(costs)] <= PREFIX_AIM)] if call == "prefix" else []
    return Row(
        label=label,
        cells=[*(f"{costs[size]:,.0f}" for size in sorted(costs)), times(growth), f"{CALLS[call]:,}"],
        aims=aims,
        samples=[{"links": each.command[1], "cpu": sample.cpu} for each in contenders for sample in each.samples],
    )


def draw(bench, costs):
    """In an environment of its own: matplotlib is needed for nothing else."""
    place = bench.scratch / "drawing"
    python = str(place / "bin" / "python")
    given = {
        "title": f"A ledger in a file, {OPEN:,} of its links open",
        "curves": {LABELS.get(call, call): found for call, found in costs.items()},
    }
    for command, text in (
        ([bench.tools.paths["python3"], "-m", "venv", str(place)], None),
        ([python, "-m", "pip", "install", "--quiet", "--requirement", str(bench.parts / "growth" / "requirements.txt")], None),
        ([python, str(bench.parts / "growth" / "curves.py"), str(bench.svg)], json.dumps(given)),
    ):
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ChildFailed(f"{' '.join(command[1:3])} failed: {done.stderr.strip()[-300:]}")
