"""CPU time of one link that a ledger on a disk remembers, beside the same without one and beside curl.

The script gives every link a key of its own. With a ledger each key is claimed on the disk before its request is sent,
and each reply is recorded on the disk before the script goes on.
"""

from functools import partial

import server
from measure import Contender, race
from report import Aim, Row, Table, ratio, times
from sections import links

NEEDS = ("nginx", "curl")
ROUNDS = 3
WIDTH = links.WIDTH
CPU_AIM = 75  # microseconds a link

OURS = "paylink run, ledger on disk"
FORGETFUL = "the same, ledger in memory"
CURL = links.CURL


def run(bench):
    if "nginx" in bench.tools.missing:
        rows = [Row(label="all clients", problem=f"skipped: nginx {bench.tools.missing['nginx']}")]
        return Table("One durable link", headings=[], rows=rows)
    ledger = bench.scratch / "durable.db"
    with server.running(bench.tools.paths["nginx"], bench.scratch) as origin:
        contenders = make_contenders(bench, origin, ledger)
        race("durable", contenders, bench.rounds_or(ROUNDS), partial(run_client, bench, origin, ledger))
    return Table(
        title=f"One durable link: {bench.links} links, {WIDTH} at a time, keys of their own; client's time, medians",
        headings=["cpu µs", "user", "system", "spread", "wall µs", "KB written", "cpu to ours"],
        rows=[row_of(contender, contenders) for contender in contenders],
        notes=[f"The ledger lies on {file_system(bench.scratch)}; written is the log, and once more the file that its content is "
               "moved to. curl remembers nothing, does not parse the reply."],
        ratios=ratios(*contenders),
    )


def ratios(ours, forgetful, curl):
    return {
        "durable link, CPU to curl's": ratio(links.cpu_of(ours), links.cpu_of(curl)),
        "durable link, CPU to one in memory": ratio(links.cpu_of(ours), links.cpu_of(forgetful)),
        "durable link, wall time to one in memory": ratio(wall_of(ours), wall_of(forgetful)),
    }


def wall_of(contender):
    return contender.median(lambda sample: links.per_link(sample, sample.wall)) if contender.measured else None


def make_contenders(bench, origin, ledger):
    def script(place):
        return [bench.paylink, "run", "--ledger", place, str(bench.parts / "durable.lua"), str(bench.links), str(WIDTH)]

    curl = [bench.tools.paths.get("curl", "curl"), "--no-progress-meter", "--parallel", "--parallel-max", str(WIDTH)]
    return [
        Contender(OURS, script(str(ledger))),
        Contender(FORGETFUL, script(":memory:")),
        Contender(
            CURL,
            [*curl, "--fail-early", "--config", links.write_curl_own_bodies(bench, origin)],
            skipped=bench.tools.missing.get("curl"),
        ),
    ]


def run_client(bench, origin, ledger, contender):
    """One run on an empty ledger: what is recorded already would cost no request."""
    forget(ledger)
    return links.run_client(bench, origin, contender)


def forget(ledger):
    for path in ledger.parent.glob(f"{ledger.name}*"):
        path.unlink()


def row_of(contender, contenders):
    if not contender.measured:
        return Row.without_result(contender)
    ours, _, curl = contenders
    cpu = links.cpu_of(contender)
    return Row(
        label=contender.name,
        cells=[
            f"{cpu:.1f}",
            f"{contender.median(lambda sample: links.per_link(sample, sample.user)):.1f}",
            f"{contender.median(lambda sample: links.per_link(sample, sample.system)):.1f}",
            f"{contender.spread(lambda sample: links.per_link(sample, sample.cpu)):.0%}",
            f"{wall_of(contender):.1f}",
            f"{contender.median(lambda sample: sample.written / sample.facts['links']) / 1e3:.1f}",
            times(ratio(cpu, links.cpu_of(ours))),
        ],
        aims=aims(cpu, links.cpu_of(curl)) if contender is ours else [],
        samples=[
            {"user": sample.user, "system": sample.system, "wall": sample.wall, **sample.facts}
            for sample in contender.samples
        ],
    )


def aims(ours, curl):
    found = [Aim(f"≤ {CPU_AIM} µs cpu", ours <= CPU_AIM)]
    if curl is not None:
        found.append(Aim(f"< {CURL}", ours < curl))
    return found


def file_system(path):
    """The type of the file system below `path`, as /proc/mounts has it."""
    path, found, longest = str(path.resolve()), "an unknown file system", -1
    with open("/proc/mounts", encoding="utf-8", errors="replace") as mounts:
        for line in mounts:
            _, place, kind, *_ = line.split()
            inside = path == place or path.startswith(place.rstrip("/") + "/")
            if inside and len(place) >= longest:
                found, longest = kind, len(place)
    return found
