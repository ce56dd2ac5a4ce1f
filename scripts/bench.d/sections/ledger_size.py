"""What a ledger on PostgreSQL costs to use when it has become large: 10,000,000 links beside 100,000.

Both are filled by SQL, as a shop with 10,000 open links would have left them, and lie on one server. A cost is time of
processors, the client's and the server's, for one call; how long it takes is shown beside it. Takes long, and 2.6 KB of
disk for each link.
"""

import re
import shutil
from dataclasses import asdict

import server
from measure import Contender, Sample, race, run as run_child
from postgres import cluster, ledger, together
from report import Aim, Row, Table, ratio, times
from sections import links

NEEDS = ("nginx", "postgres")
ROUNDS = 3
SMALL = 100_000
OPEN = 10_000
GROWTH_AIM = 2
BYTES = 2_600  # of disk for each link, its payment and its follow-up, while it is made
SPARE = 8e9  # for the log and what else is written
LIMIT = 900  # seconds for one run

# What is done, with which arguments of which script, and how often in one run.
CLAIM, NEW_WATCH, OLD_WATCH = "claim", "start of a new watch", "start of a watch that saw it grow"
CALLS = {
    CLAIM: 2_000,
    "find": 2_000,
    "list": 200,
    "prefix": 200,
    "open": 1,
    NEW_WATCH: 1,
    OLD_WATCH: 1,
}
LABELS = {"list": "list, the first 100", "prefix": "list by prefix, 100 of them", "open": "list of 100 that are open"}


def run(bench):
    rows = bench.rows
    reason = missing(bench, rows)
    if reason:
        return Table("A large ledger", headings=[], rows=[Row("all rows", problem=f"skipped: {reason}")])
    # What it learns of the tables while it is measured would be learnt in the middle of somebody's turn.
    with cluster.running(bench.scratch, autovacuum="off") as database, \
            server.running(bench.tools.paths["nginx"], bench.scratch) as origin:
        sizes = {"small": SMALL, "large": rows}
        for name, size in sizes.items():
            ledger.fresh(bench, database, name)
            ledger.fill(database, name, origin.base_url, bench.environment["ONESHOT_USER_ID"], size, still_open=OPEN)
        contenders = [
            Contender(f"{call}, {name}", [call, name, size]) for call in CALLS for name, size in sizes.items()]
        race("ledger size", contenders, bench.rounds_or(ROUNDS),
             lambda contender: run_one(bench, database, origin, contender))
        disk = int(database.query("SELECT pg_database_size('large')"))
        version = database.version
    pairs = list(zip(contenders[::2], contenders[1::2]))
    return Table(
        title=f"One call on a PostgreSQL {version} ledger of {rows:,} links and on one of {SMALL:,}, {OPEN:,} of them "
        "open in each; medians",
        headings=["cpu µs", "of small", "growth", "server's", "of small", "takes ms", "of small", "calls"],
        rows=[row for pair in pairs for row in rows_of(*pair)],
        notes=[
            "cpu is the client's and the server's together, for one call of as many as 'calls' says in one run. "
            f"Claims are {links.WIDTH} at a time, and whole: request, reply, end.",
            f"The large ledger takes {disk / 1e9:.1f} GB.",
        ],
    )


def missing(bench, rows):
    if cluster.programs() is None:
        return cluster.MISSING
    if "nginx" in bench.tools.missing:
        return f"nginx {bench.tools.missing['nginx']}"
    free, needed = shutil.disk_usage(bench.scratch).free, (rows + SMALL) * BYTES + SPARE
    if free < needed:
        return f"needs {needed / 1e9:.0f} GB of disk, {free / 1e9:.0f} are free"
    return None


def run_one(bench, database, origin, contender):
    call, name, size = contender.command
    environment = bench.environment | database.environment | {"PAYLINK_BASE_URL": origin.base_url}
    address, scripts = database.address(name), bench.parts / "postgres"
    before = database.counts(name)
    if call in (NEW_WATCH, OLD_WATCH):
        options = ["--name", "bench" if call == OLD_WATCH else f"new-{before.commits}", "--poll-rate", "0.01"]
        watch = [bench.paylink, "watch", *options, "--ledger", address, str(scripts / "follow.lua")]
        with together.Service(watch, environment, bench.scratch) as watching:
            watching.wait_for(lambda state: "READY=1" in state, "ready")
            wall = watching.wait_until_quiet(database.cpu)
            watching.wait_for(follows_all, f"at {OPEN} links")
            client = watching.end()
        sample = Sample(client, 0, wall, "")
    else:
        script = [str(scripts / "queries.lua"), call, str(size), str(CALLS[call])]
        if call == CLAIM:
            script = [str(scripts / "links.lua"), str(CALLS[call]), str(links.WIDTH), f"new-{before.commits}:"]
        sample = run_child([bench.paylink, "run", "--ledger", address, *script], environment, timeout=LIMIT)
    used = database.counts(name) - before
    return Sample(sample.user, sample.system, sample.wall, "", {"calls": CALLS[call], "server": asdict(used)})


def follows_all(state):
    """With those open there are some that have ended, and may be paid late."""
    found = re.search(r"watching (\d+) links", state)
    return bool(found) and int(found[1]) >= OPEN


def rows_of(small, large):
    call = small.command[0]
    label = LABELS.get(call, call)
    failed = [each for each in (large, small) if each.failed]
    if failed:
        return [Row(f"{label} ({each.command[1]})", problem=f"FAILED: {each.failed}") for each in failed]

    def of_call(contender, quantity):
        return contender.median(lambda sample: quantity(sample) / sample.facts["calls"])

    def both(quantity, form):
        return [form.format(of_call(contender, quantity)) for contender in (large, small)]

    growth = ratio(of_call(large, whole_cpu), of_call(small, whole_cpu))
    return [Row(
        label=label,
        cells=[
            *both(lambda sample: whole_cpu(sample) * 1e6, "{:,.0f}"),
            times(growth),
            *both(lambda sample: sample.facts["server"]["cpu"] * 1e6, "{:,.0f}"),
            *both(lambda sample: sample.wall * 1e3, "{:,.2f}"),
            f"{CALLS[call]:,}",
        ],
        aims=[Aim(f"≤ {GROWTH_AIM} times", growth <= GROWTH_AIM)],
        samples=[
            {"ledger": contender.command[1], "client": sample.cpu, "wall": sample.wall, **sample.facts}
            for contender in (large, small) for sample in contender.samples
        ],
    )]


def whole_cpu(sample):
    return sample.cpu + sample.facts["server"]["cpu"]
