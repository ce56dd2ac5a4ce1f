"""CPU time of one durable link with the ledger on PostgreSQL, beside the ledger in a file, and the commits of its life.

pgbench does the same two writes and nothing else: no request, no reply to read, no decision. What the ledger costs a
run of paylink is what a link costs more than with the ledger in memory. The server's own time is shown, and is nobody's
aim.
"""

from dataclasses import asdict, replace

from measure import ChildFailed, Contender, race, run as run_child
from postgres import ledger, pgbench
from report import Aim, Row, Table, ratio, times
from sections import durable, links

WIDTH = links.WIDTH
CPU_AIM = 1.1  # times what it costs with the ledger in a file
COMMITS_AIM = 2
NOTICES = 21  # commits a second by which others learn that something has changed, and that a run lives: not a link's
ALONE = 20  # the part of the links that is made one at a time

FILE = "paylink run, ledger in a file"
OURS = "paylink run, PostgreSQL"
OVER_TCP = "the same, over TCP"
ONE_BY_ONE = "the same, one link at a time"
MEMORY = "paylink run, ledger in memory"
GROUPED = f"pgbench, {WIDTH} links in a pipeline"
SINGLE = f"pgbench, {WIDTH} clients, a link each"
DATABASE = "links"


def measure(bench, cluster, origin, rounds):
    """A table of it all."""
    contenders = make_contenders(bench, cluster)
    race("postgres: links", contenders, rounds, lambda contender: run_one(bench, cluster, origin, contender))
    by_name = {contender.name: contender for contender in contenders}
    return Table(
        title=f"One durable link on PostgreSQL {cluster.version}: {bench.links} links, {WIDTH} at a time, keys of their "
        "own; client's time, medians",
        headings=["cpu µs", "user", "system", "spread", "the ledger's", "to the file's", "wall µs", "server cpu µs",
                  "commits", "flushes", "log KB"],
        rows=[row_of(contender, by_name) for contender in contenders],
        notes=[
            f"Server and file lie on {durable.file_system(bench.scratch)}; each commit is flushed. Commits, flushes and log "
            "are a link's share of them.",
            f"One at a time: {count_of(bench, ONE_BY_ONE)} links; commits are what each adds to a run of one. Among them "
            "are the up to twenty notices a second from which others learn that something has changed.",
        ],
    )


def make_contenders(bench, cluster):
    links_lua = str(bench.parts / "postgres" / "links.lua")

    def script(place, count, width):
        return [bench.paylink, "run", "--ledger", place, links_lua, str(count), str(width), "order:"]

    grouped, single = pgbench.commands(cluster, DATABASE, bench.scratch, bench.links, WIDTH)
    return [
        Contender(FILE, script(str(bench.scratch / "links.db"), bench.links, WIDTH)),
        Contender(OURS, script(cluster.address(DATABASE), bench.links, WIDTH)),
        Contender(OVER_TCP, script(cluster.address(DATABASE, over_tcp=True), bench.links, WIDTH)),
        Contender(ONE_BY_ONE, script(cluster.address(DATABASE), count_of(bench, ONE_BY_ONE), 1)),
        Contender(MEMORY, script(":memory:", bench.links, WIDTH)),
        Contender(GROUPED, grouped),
        Contender(SINGLE, single),
    ]


def count_of(bench, name):
    if name == ONE_BY_ONE:
        return max(200, bench.links // ALONE)
    return bench.links // WIDTH * WIDTH if name in (GROUPED, SINGLE) else bench.links


def run_one(bench, cluster, origin, contender):
    """One run on an empty ledger, believed only if the server or the ledger has every link."""
    expected = count_of(bench, contender.name)
    if contender.name == FILE:
        durable.forget(bench.scratch / "links.db")
    if contender.name in (FILE, MEMORY):
        return run_client(bench, origin, contender.command, expected)
    ledger.fresh(bench, cluster, DATABASE)
    if contender.name in (GROUPED, SINGLE):
        pgbench.prepare(cluster, DATABASE)
    alone = 0
    if contender.name == ONE_BY_ONE:
        command = [*contender.command[:-3], "1", "1", "first:"]
        before = cluster.counts(DATABASE)
        run_client(bench, origin, command, 1)
        alone = (cluster.counts(DATABASE) - before).commits
    before = cluster.counts(DATABASE)
    if contender.name in (GROUPED, SINGLE):
        sample = run_child(contender.command, bench.environment | cluster.environment)
        sample = replace(sample, facts={"links": expected})
    else:
        sample = run_client(bench, origin, contender.command, expected, cluster.environment)
    used = cluster.counts(DATABASE) - before
    if (done := ledger.links_done(cluster, DATABASE) - (alone > 0)) != expected:
        raise ChildFailed(f"the ledger has {done} links of {expected}")
    commits = (used.commits - alone) / (expected - 1) if alone else used.commits / expected
    return replace(sample, facts=sample.facts | {"server": asdict(used), "commits": commits})


def run_client(bench, origin, command, count, more=None):
    before = origin.counts()
    sample = run_child(command, bench.environment | (more or {}) | {"PAYLINK_BASE_URL": origin.base_url})
    seen = origin.counts().requests - before.requests - 1
    if seen < count:
        raise ChildFailed(f"the service saw {seen} requests for {count} links")
    return replace(sample, facts={"links": count})


def row_of(contender, contenders):
    if not contender.measured:
        return Row.without_result(contender)
    cpu, memory, file = (links.cpu_of(each) for each in (contender, contenders[MEMORY], contenders[FILE]))
    is_ours = contender.name in (FILE, OURS, OVER_TCP)
    own = cpu - memory if is_ours and memory is not None else cpu if contender.name in (GROUPED, SINGLE) else None
    return Row(
        label=contender.name,
        cells=[
            f"{cpu:.1f}",
            f"{contender.median(lambda sample: links.per_link(sample, sample.user)):.1f}",
            f"{contender.median(lambda sample: links.per_link(sample, sample.system)):.1f}",
            f"{contender.spread(lambda sample: links.per_link(sample, sample.cpu)):.0%}",
            "-" if own is None else f"{own:.1f}",
            times(ratio(cpu, file) if is_ours else None),
            f"{contender.median(lambda sample: links.per_link(sample, sample.wall)):.1f}",
            *server_cells(contender),
        ],
        aims=aims(contender, cpu, file),
        samples=[
            {"user": sample.user, "system": sample.system, "wall": sample.wall, **sample.facts}
            for sample in contender.samples
        ],
    )


def server_cells(contender):
    if "server" not in contender.samples[0].facts:
        return ["-"] * 4

    def share(name, factor=1):
        return contender.median(lambda sample: sample.facts["server"][name] * factor / sample.facts["links"])

    return [
        f"{share('cpu', 1e6):.1f}", f"{contender.median(lambda sample: sample.facts['commits']):.3f}",
        f"{share('flushes'):.3f}", f"{share('log', 1e-3):.2f}",
    ]


def aims(contender, cpu, file):
    if contender.name == OURS and file is not None:
        return [Aim(f"≤ {CPU_AIM} times the file's cpu", cpu <= CPU_AIM * file)]
    if contender.name == ONE_BY_ONE:
        more = contender.median(
            lambda sample: sample.facts["commits"] - NOTICES * sample.wall / sample.facts["links"])
        return [Aim(f"≤ {COMMITS_AIM} commits a link, notices apart", more <= COMMITS_AIM)]
    return []
