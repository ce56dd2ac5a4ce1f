"""What two checks cost: the look at a kept connection before each request, and the four at the ledger's names before each
transaction.

Each is measured by itself, as the system calls that it is, and set beside the CPU time of one durable link. A link takes
one look at its connection; transactions are shared, so that the names are looked at less than twice for each link.
"""

import subprocess

import server
from measure import ChildFailed, run as run_child
from report import Row, Table
from sections import durable

NEEDS = ("nginx", "cc")
ROUNDS = 3


def run(bench):
    missing = [name for name in NEEDS if name in bench.tools.missing]
    if missing:
        return Table("Checks", headings=[], rows=[Row("all rows", problem=f"skipped: {bench.tools.missing[missing[0]]}")])
    program = bench.scratch / "looks"
    built = subprocess.run(
        [bench.tools.paths["cc"], "-O2", "-o", str(program), str(bench.parts / "looks.c")],
        capture_output=True, text=True, check=False)
    if built.returncode != 0:
        raise ChildFailed(f"looks.c: {built.stderr.strip()}")
    ledger = bench.scratch / "checks.db"
    cpu = link_cpu(bench, ledger)
    names = []
    for end in ("", "-wal", "-shm", ".runs"):
        # Names are looked up, nothing is read: what the files hold does not matter.
        path = ledger.with_name(ledger.name + end)
        path.touch()
        names.append(str(path))
    samples = []
    for _ in range(bench.rounds_or(ROUNDS)):
        look, files = run_child([str(program), *names], bench.environment).output.split()
        samples.append((float(look), float(files)))
    looks, files = (sorted(column)[len(samples) // 2] for column in zip(*samples))
    return Table(
        title=f"Checks, beside {cpu:.1f} µs of CPU for one durable link; medians",
        headings=["ns", "of a link's CPU"],
        rows=[
            row("look at a kept connection: recv, MSG_PEEK", looks, cpu, [sample[0] for sample in samples]),
            row("the ledger's four names: lstat", files, cpu, [sample[1] for sample in samples]),
        ],
    )


def link_cpu(bench, ledger):
    """CPU time of one durable link, in microseconds."""
    with server.running(bench.tools.paths["nginx"], bench.scratch) as origin:
        command = [bench.paylink, "run", "--ledger", str(ledger), str(bench.parts / "durable.lua"), str(bench.links),
                   str(durable.WIDTH)]
        samples = []
        for _ in range(bench.rounds_or(ROUNDS)):
            durable.forget(ledger)
            samples.append(run_child(command, bench.environment | {"PAYLINK_BASE_URL": origin.base_url}).cpu)
    return sorted(samples)[len(samples) // 2] / bench.links * 1e6


def row(label, nanoseconds, cpu, samples):
    return Row(
        label=label, cells=[f"{nanoseconds:.0f}", f"{nanoseconds / 10 / cpu:.1f} %"],
        samples=[{"nanoseconds": sample} for sample in samples])
