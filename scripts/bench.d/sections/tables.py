"""Rows a second through a CSV file of 1,000,000 rows and five columns, and the memory that it takes.

Every program adds up the column `amount` and must find the same sum. paylink and Python see each row as a table keyed
by column, Miller has the sum as a verb of its own.
"""

from dataclasses import replace

import orders
from measure import ChildFailed, Contender, race, run as run_child
from report import Aim, Row, Table, ratio, times

NEEDS = ("mlr",)
ROUNDS = 5
ROWS = 1_000_000
FEWER_ROWS = 100_000
SPEED_AIM = 3  # times DictReader
MEMORY_AIM = 100  # MB
CONSTANCY_AIM = 0.10  # by how much memory may differ between many and few rows

OURS = "paylink run, csv.rows"
OURS_CHOSEN = "paylink run, csv.rows with columns = { \"amount\" }"
OURS_FEWER = f"the same on {FEWER_ROWS:,} rows"
PYTHON = "Python, csv.DictReader"
MILLER = "Miller, stats1"


def run(bench):
    many = orders.write(bench.scratch / "orders.csv", ROWS)
    fewer = orders.write(bench.scratch / "fewer.csv", FEWER_ROWS)
    contenders = {contender.name: contender for contender in make_contenders(bench, str(many), str(fewer))}
    race("csv", list(contenders.values()), bench.rounds_or(ROUNDS), lambda contender: run_reader(bench, contender))
    many.unlink()
    check_sums(contenders)
    return Table(
        title=f"Reading a CSV file: {ROWS:,} rows, 5 columns, the sum of one of them; medians",
        headings=["rows/s", "wall s", "spread", "cpu s", "peak MB", "speed to ours"],
        rows=[row_of(contender, contenders) for contender in contenders.values()],
        notes=["rows/s counts the whole process, its start included; Miller computes on several threads."],
        ratios={
            "a table's rows, wall time to DictReader's": ratio(
                speed_of(contenders[PYTHON]), speed_of(contenders[OURS]))},
    )


def make_contenders(bench, many, fewer):
    ours = [bench.paylink, "run", "--ledger", ":memory:", "--allow-read", str(bench.scratch)]
    script = str(bench.parts / "csv_rows.lua")
    miller = [bench.tools.paths.get("mlr", "mlr"), "--icsv", "--ojson", "stats1", "-a", "count,sum", "-f", "amount"]
    return [
        Contender(OURS, [*ours, script, many]),
        Contender(OURS_CHOSEN, [*ours, script, many, "amount"]),
        Contender(OURS_FEWER, [*ours, script, fewer]),
        Contender(PYTHON, [bench.tools.paths["python3"], str(bench.parts / "clients" / "csv_rows.py"), many]),
        Contender(MILLER, [*miller, many], skipped=bench.tools.missing.get("mlr")),
    ]


def run_reader(bench, contender):
    sample = run_child(contender.command, bench.environment, watch_memory=True)
    return replace(sample, facts={"rows": FEWER_ROWS if contender.name == OURS_FEWER else ROWS})


def check_sums(contenders):
    """A reader that is fast because it reads something else is no comparison."""
    python = contenders[PYTHON]
    for ours in (contenders[OURS], contenders[OURS_CHOSEN]):
        if ours.measured and python.measured and ours.samples[0].output != python.samples[0].output:
            found = f"{ours.name} finds {ours.samples[0].output!r}, Python {python.samples[0].output!r}"
            raise ChildFailed(f"the sums differ: {found}")


def row_of(contender, contenders):
    if not contender.measured:
        return Row.without_result(contender)
    speed = speed_of(contender)
    return Row(
        label=contender.name,
        cells=[
            f"{speed:,.0f}",
            f"{contender.median(lambda sample: sample.wall):.2f}",
            f"{contender.spread(lambda sample: sample.wall):.0%}",
            f"{contender.median(lambda sample: sample.cpu):.2f}",
            f"{megabytes(contender):.1f}",
            times(ratio(speed, speed_of(contenders[OURS]))) if contender.name != OURS_FEWER else "-",
        ],
        aims=aims(contenders, contender) if contender.name in (OURS, OURS_CHOSEN) else [],
        samples=[
            {"user": sample.user, "system": sample.system, "wall": sample.wall, "peak": sample.peak, **sample.facts}
            for sample in contender.samples
        ],
    )


def aims(contenders, ours):
    fewer, python = contenders[OURS_FEWER], contenders[PYTHON]
    found = [Aim(f"< {MEMORY_AIM} MB", megabytes(ours) < MEMORY_AIM)]
    if python.measured:
        found.insert(0, Aim(f"≥ {SPEED_AIM}x DictReader", speed_of(ours) >= SPEED_AIM * speed_of(python)))
    if fewer.measured and ours.name == OURS:
        change = abs(megabytes(ours) / megabytes(fewer) - 1)
        found.append(Aim(f"memory as for {FEWER_ROWS:,} rows ± {CONSTANCY_AIM:.0%}", change <= CONSTANCY_AIM))
    return found


def speed_of(contender):
    return contender.median(lambda sample: sample.facts["rows"] / sample.wall) if contender.measured else None


def megabytes(contender):
    return contender.median(lambda sample: sample.peak or 0) / 1e6
