"""CPU and wall time of one created link: paylink beside other clients, all against one static nginx worker.

Every client sends the same POST over 64 kept-alive connections. paylink, Node and Python check status and id of
each reply, curl checks the status, wrk only counts errors: it is the ceiling, not an alternative.
"""

import json
import re
from dataclasses import replace
from functools import partial

import server
from measure import ChildFailed, Contender, race, run as run_child
from report import Aim, Row, Table, ratio, times

NEEDS = ("nginx", "curl", "node", "aiohttp", "wrk")
ROUNDS = 3
WIDTH = 64
WRK_SECONDS = 2
CPU_AIM = 50  # microseconds a link
LEDGER = ["--ledger", ":memory:"]  # what keeping one costs is the section durable

OURS = "paylink run"
CURL = "curl --parallel"
CURL_ONE_BODY = "curl, one body for all"
WRK = "wrk (ceiling)"

REQUEST = json.dumps({"amount": 12.5, "description": server.DESCRIPTION, "reuseable": False})
CURL_OPTIONS = f"""fail
data = {json.dumps(REQUEST)}
header = "Content-Type: application/json"
header = "Authorization: Bearer {server.ACCESS_TOKEN}"
"""


def run(bench):
    ratios = {}
    if "nginx" in bench.tools.missing:
        rows = [Row(label="all clients", problem=f"skipped: nginx {bench.tools.missing['nginx']}")]
    else:
        with server.running(bench.tools.paths["nginx"], bench.scratch) as origin:
            contenders = make_contenders(bench, origin)
            race("links", contenders, bench.rounds_or(ROUNDS), partial(run_client, bench, origin))
        by_name = {each.name: each for each in contenders}
        rows = [row_of(contender, by_name) for contender in contenders]
        ratios["link, CPU to curl's"] = ratio(cpu_of(by_name[OURS]), cpu_of(by_name[CURL]))
    return Table(
        title=f"One created link: {bench.links} links, {WIDTH} at a time, nothing kept; client's time, medians",
        headings=["cpu µs", "user", "system", "spread", "wall µs", "connections", "cpu to ours"],
        rows=rows,
        notes=["curl and wrk send prepared bytes and do not parse the reply; wrk is the ceiling."],
        ratios=ratios,
    )


def make_contenders(bench, origin):
    clients = bench.parts / "clients"
    arguments = [origin.links_url, server.ACCESS_TOKEN, str(bench.links), str(WIDTH)]
    curl = ["--no-progress-meter", "--parallel", "--parallel-max", str(WIDTH), "--fail-early", "--config"]
    wrk = ["--threads", "1", "--connections", str(WIDTH), "--duration", f"{WRK_SECONDS}s"]
    wrk_script = ["--script", str(clients / "links_wrk.lua"), origin.links_url, "--", server.ACCESS_TOKEN]

    def client(name, tool, *command):
        path = bench.tools.paths.get(tool, tool)
        return Contender(name, [path, *command], skipped=bench.tools.missing.get(tool))

    return [
        Contender(OURS, [bench.paylink, "run", *LEDGER, str(bench.parts / "links.lua"), str(bench.links), str(WIDTH)]),
        client(CURL, "curl", *curl, write_curl_own_bodies(bench, origin)),
        client(CURL_ONE_BODY, "curl", *curl, write_curl_one_body(bench, origin)),
        client("Node fetch", "node", str(clients / "links.mjs"), *arguments),
        client("Python aiohttp", "aiohttp", str(clients / "links_aiohttp.py"), *arguments),
        client(WRK, "wrk", *wrk, *wrk_script),
    ]


def write_curl_own_bodies(bench, origin):
    """Every request with its own headers and body: what links that differ need."""
    request = CURL_OPTIONS + curl_transfer(origin)
    return write(bench.scratch / "curl-own-bodies.conf", "next\n".join([request] * bench.links))


def write_curl_one_body(bench, origin):
    """One set of headers, one body, many addresses: cheaper, and good only for equal links."""
    return write(bench.scratch / "curl-one-body.conf", CURL_OPTIONS + curl_transfer(origin) * bench.links)


def curl_transfer(origin):
    return f'url = "{origin.links_url}"\noutput = "/dev/null"\n'


def write(path, text):
    path.write_text(text)
    return str(path)


def run_client(bench, origin, contender):
    """One run, believed only if the server saw every request."""
    before = origin.counts()
    sample = run_child(contender.command, bench.environment | {"PAYLINK_BASE_URL": origin.base_url})
    after = origin.counts()
    links = links_of_wrk(sample.output) if contender.name == WRK else bench.links
    seen = after.requests - before.requests - 1
    if seen < links:
        raise ChildFailed(f"the server saw {seen} requests for {links} links")
    return replace(sample, facts={"links": links, "connections": after.connections - before.connections - 1})


def links_of_wrk(output):
    errors = re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", output)
    done = re.search(r"(\d+) requests in", output)
    if errors or not done:
        raise ChildFailed(f"wrk reports {errors.group() if errors else 'no requests'}")
    return int(done[1])


def row_of(contender, contenders):
    if not contender.measured:
        return Row.without_result(contender)
    cpu = cpu_of(contender)
    return Row(
        label=contender.name,
        cells=[
            f"{cpu:.1f}",
            f"{contender.median(lambda sample: per_link(sample, sample.user)):.1f}",
            f"{contender.median(lambda sample: per_link(sample, sample.system)):.1f}",
            f"{contender.spread(lambda sample: per_link(sample, sample.cpu)):.0%}",
            f"{contender.median(lambda sample: per_link(sample, sample.wall)):.1f}",
            f"{contender.median(lambda sample: sample.facts['connections']):.0f}",
            times(ratio(cpu, cpu_of(contenders[OURS]))),
        ],
        aims=aims(contenders) if contender.name == OURS else [],
        samples=[
            {"user": sample.user, "system": sample.system, "wall": sample.wall, **sample.facts}
            for sample in contender.samples
        ],
    )


def aims(contenders):
    ours = cpu_of(contenders[OURS])
    rivals = [contenders[name] for name in (CURL, CURL_ONE_BODY)]
    return [Aim(f"≤ {CPU_AIM} µs cpu", ours <= CPU_AIM)] + [
        Aim(f"< {rival.name}", ours < cpu_of(rival)) for rival in rivals if rival.measured
    ]


def cpu_of(contender):
    return contender.median(lambda sample: per_link(sample, sample.cpu)) if contender.measured else None


def per_link(sample, seconds):
    """Microseconds of `seconds` for each link of the run."""
    return seconds / sample.facts["links"] * 1e6
