"""How much of the time that a slow server takes is all the time there is: 64 links at once, replies after 50 ms.

The ideal is links / 64 x 50 ms. wrk, which computes nothing, shows how much of it the server and the machine allow.
Links are recorded in a ledger on a disk.
"""

import re
from dataclasses import replace

import delayed
import orders
import server
from measure import ChildFailed, Contender, race, run as run_child
from report import Aim, Row, Table
from sections import durable, links, resume

NEEDS = ("cc", "wrk")
ROUNDS = 3
WIDTH = links.WIDTH
LATENCY = 50  # milliseconds
WRK_SECONDS = 8
EFFICIENCY_AIM = 0.95

SCRIPT = "paylink run, durable"
BATCH = "paylink batch"
WRK = "wrk (ceiling)"


def run(bench):
    title = f"A server that takes {LATENCY} ms: {bench.links} links, {WIDTH} at a time, ledger on disk; medians"
    if "cc" in bench.tools.missing:
        return Table(title, headings=[], rows=[Row("all rows", problem=f"skipped: cc {bench.tools.missing['cc']}")])
    source = bench.parts / "delay_server.c"
    with delayed.running(bench.tools.paths["cc"], source, bench.scratch, LATENCY) as (origin, process):
        contenders = make_contenders(bench, origin)
        race("efficiency", contenders, bench.rounds_or(ROUNDS), lambda each: run_client(bench, origin, process, each))
    ceiling = efficiency_of(contenders[-1])
    return Table(
        title=title,
        headings=["wall s", "ideal s", "efficiency", "of wrk's", "spread", "cpu µs", "server's cpu µs"],
        rows=[row_of(contender, ceiling) for contender in contenders],
        notes=["Server and client share the machine; the wall time includes the start and the token's request."],
    )


def make_contenders(bench, origin):
    table = orders.write(bench.scratch / "slow.csv", bench.links, orders.STATIC_AMOUNT)
    script = [str(bench.parts / "durable.lua"), str(bench.links), str(WIDTH)]
    wrk = [bench.tools.paths.get("wrk", "wrk"), "--threads", "1", "--connections", str(WIDTH)]
    wrk_script = ["--script", str(bench.parts / "clients" / "links_wrk.lua"), origin.links_url, "--"]
    return [
        Contender(SCRIPT, [bench.paylink, "run", "--ledger", str(bench.scratch / "slow-run.db"), *script]),
        Contender(BATCH, resume.batch_command(bench, table, "slow")),
        Contender(
            WRK,
            [*wrk, "--duration", f"{WRK_SECONDS}s", *wrk_script, server.ACCESS_TOKEN],
            skipped=bench.tools.missing.get("wrk"),
        ),
    ]


def run_client(bench, origin, process, contender):
    for name in ("slow-run.db", "slow.db"):
        durable.forget(bench.scratch / name)
    (bench.scratch / "slow.out.csv").unlink(missing_ok=True)
    before, busy = origin.counts(), cpu_of_process(process.pid)
    sample = run_child(contender.command, bench.environment | {"PAYLINK_BASE_URL": origin.base_url})
    seen, busy = origin.counts().requests - before.requests - 1, cpu_of_process(process.pid) - busy
    count = bench.links
    wall = sample.wall
    if contender.name == WRK:
        # wrk runs for a time, not for a number of requests, and cuts off those in flight at the end.
        count, wall = links.links_of_wrk(sample.output), seconds_of_wrk(sample.output)
    if seen < count:
        raise ChildFailed(f"the server saw {seen} requests for {count} links")
    ideal = count / WIDTH * LATENCY / 1e3
    return replace(sample, wall=wall, facts={"links": count, "ideal": ideal, "server": busy / seen})


def cpu_of_process(process):
    """Seconds of processor time that a running process has used."""
    with open(f"/proc/{process}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def seconds_of_wrk(output):
    found = re.search(r"requests in ([\d.]+)s", output)
    if not found:
        raise ChildFailed("wrk does not say how long it took")
    return float(found[1])


def row_of(contender, ceiling):
    if not contender.measured:
        return Row.without_result(contender)
    efficiency = efficiency_of(contender)
    return Row(
        label=contender.name,
        cells=[
            f"{contender.median(lambda sample: sample.wall):.2f}",
            f"{contender.median(lambda sample: sample.facts['ideal']):.2f}",
            f"{efficiency:.1%}",
            f"{efficiency / ceiling:.1%}" if ceiling else "-",
            f"{contender.spread(lambda sample: sample.wall):.1%}",
            f"{contender.median(lambda sample: links.per_link(sample, sample.cpu)):.1f}",
            f"{contender.median(lambda sample: sample.facts['server']) * 1e6:.1f}",
        ],
        aims=[Aim(f"≥ {EFFICIENCY_AIM:.0%} of the ideal", efficiency >= EFFICIENCY_AIM)]
        if contender.name != WRK
        else [],
        samples=[
            {"user": sample.user, "system": sample.system, "wall": sample.wall, **sample.facts}
            for sample in contender.samples
        ],
    )


def efficiency_of(contender):
    if not contender.measured:
        return None
    return contender.median(lambda sample: sample.facts["ideal"] / sample.wall)
