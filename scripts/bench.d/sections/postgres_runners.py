"""Links a second with 1, 2, 4 and 8 runners on one server, all on one machine, and what it was that ran out.

Each runner is a paylink of its own, with a part of the links and keys of its own, 64 at a time.
"""

import os
from dataclasses import asdict

from measure import ChildFailed, Contender, Sample, race
from postgres import ledger, together
from report import Row, Table
from sections import links

RUNNERS = (1, 2, 4, 8)
WIDTH = links.WIDTH
DATABASE = "runners"
FULL = 0.9  # of the processors: nothing is left to be had


def measure(bench, cluster, origin, rounds):
    contenders = [Contender(name_of(count), [count]) for count in RUNNERS]
    race("postgres: runners", contenders, rounds, lambda contender: run_one(bench, cluster, origin, contender))
    return Table(
        title=f"{bench.links} durable links by several runners on one PostgreSQL {cluster.version}, {WIDTH} at a time "
        "each; medians",
        headings=["links/s", "to one", "spread", "client cpu µs", "server cpu µs", "commits", "flushes", "in use"],
        rows=[row_of(contender, contenders[0]) for contender in contenders],
        notes=[
            f"All share {os.cpu_count()} processors; the last column is how much of them runners and server had.",
            *limits(contenders)],
    )


def name_of(count):
    return "1 runner" if count == 1 else f"{count} runners"


def run_one(bench, cluster, origin, contender):
    count = contender.command[0]
    share = bench.links // count
    address = ledger.fresh(bench, cluster, DATABASE)
    links_lua = str(bench.parts / "postgres" / "links.lua")
    script = [bench.paylink, "run", "--ledger", address, links_lua, str(share), str(WIDTH)]
    environment = bench.environment | cluster.environment | {"PAYLINK_BASE_URL": origin.base_url}
    before = cluster.counts(DATABASE)
    samples, wall = together.run_all([[*script, f"runner-{number}:"] for number in range(count)], environment)
    used = cluster.counts(DATABASE) - before
    if (done := ledger.links_done(cluster, DATABASE)) != share * count:
        raise ChildFailed(f"the ledger has {done} links of {share * count}")
    facts = {"links": share * count, "server": asdict(used)}
    return Sample(sum(each.user for each in samples), sum(each.system for each in samples), wall, "", facts)


def row_of(contender, one):
    if not contender.measured:
        return Row.without_result(contender)

    def share(name):
        return contender.median(lambda sample: sample.facts["server"][name] / sample.facts["links"])

    rate = rate_of(contender)
    return Row(
        label=contender.name,
        cells=[
            f"{rate:,.0f}",
            f"{rate / rate_of(one):.2f}x" if one.measured else "-",
            f"{contender.spread(lambda sample: sample.wall):.0%}",
            f"{contender.median(lambda sample: links.per_link(sample, sample.cpu)):.1f}",
            f"{share('cpu') * 1e6:.1f}", f"{share('commits'):.3f}", f"{share('flushes'):.3f}", f"{busy(contender):.0%}",
        ],
        samples=[
            {"user": sample.user, "system": sample.system, "wall": sample.wall, **sample.facts}
            for sample in contender.samples
        ],
    )


def rate_of(contender):
    return contender.median(lambda sample: sample.facts["links"] / sample.wall)


def busy(contender):
    """How much of the machine's processors the runners and the server had."""
    return contender.median(
        lambda sample: (sample.cpu + sample.facts["server"]["cpu"]) / sample.wall / (os.cpu_count() or 1))


def limits(contenders):
    """What it is that more runners do not bring more of, in a sentence."""
    measured = [contender for contender in contenders if contender.measured]
    if not measured:
        return []
    best = max(measured, key=rate_of)
    if busy(best) >= FULL:
        return [f"With {best.name} the processors are used up: on machines of their own runners would not share them."]
    waits = best.median(lambda sample: sample.facts["server"]["flushes"] / sample.wall)
    return [
        f"With {best.name} the rest of them is the service's, other work's, and time in which all wait for the disk: "
        f"{waits:,.0f} flushes a second."]
