"""What a process of its own costs a script (decision 17), beside the run in paylink's own process.

child_driver.c measures the process by itself, with a parent in C and beside the floor: as many bytes to and fro between
two processes that do nothing else. Whole runs show what is left of that in the product.
"""

import os
import re
import subprocess
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from measure import ChildFailed, Contender, race, run as run_child
from report import Aim, Row, Table

NEEDS = ("cc",)
ROUNDS = 10
CHILDREN = 20  # for each round
CALLS = 10_000  # for each round
LEAST_RUNS = 25  # of an empty script
AIMS = {"first": 1.5, "end": 0.5, "memory": 2.0, "one": 15, "two": 60, "empty": 3, "crossings": 6}
HEADINGS = ["median", "least", "most", "to floor"]
INSIDE = ("CLuaHost", "CPosix")  # whose headers the driver takes


def run(bench):
    program = Path(bench.paylink).with_name("paylink-script")
    if not os.access(program, os.X_OK):
        raise ChildFailed(f"{program} is missing; it belongs beside paylink")
    if "cc" in bench.tools.missing:
        driven = [Row("the process by itself", problem=f"skipped: {bench.tools.missing['cc']}")]
    else:
        driven = driven_rows(bench, build_driver(bench), str(program))
    rounds = bench.rounds_or(ROUNDS)
    return Table(
        title=f"A script's own process: {rounds} rounds, {max(LEAST_RUNS, rounds)} of whole runs",
        headings=HEADINGS,
        rows=[*driven, *empty_rows(bench), *call_rows(bench), *memory_rows(bench), *crossings_rows(bench)],
        notes=["floor: as many bytes between two processes that do nothing else, on the same cores"],
    )


# The process by itself


def build_driver(bench):
    sources = bench.parts.parent.parent / "Sources"
    driver = bench.scratch / "child_driver"
    built = subprocess.run(
        [bench.tools.paths["cc"], "-O2", "-o", str(driver), *(f"-I{sources}/{name}/include" for name in INSIDE),
         str(bench.parts / "child_driver.c"), str(sources / "CPosix" / "child.c")],
        capture_output=True, text=True, check=False)
    if built.returncode != 0:
        raise ChildFailed(f"child_driver.c does not compile: {built.stderr.strip()[:200]}")
    return str(driver)


def driven_rows(bench, driver, program):
    alone = None if len(os.sched_getaffinity(0)) > 1 else "needs two cores"
    start = Contender("start", [driver, "start", program, str(CHILDREN)])
    calls = {where: Contender(f"call, {where}", [driver, "call", where, program, str(CALLS)],
                              skipped=alone if where == "two" else None) for where in ("one", "two")}
    floors = {where: Contender(f"floor, {where}", [driver, "floor", where, str(CALLS)], skipped=call.skipped)
              for where, call in calls.items()}
    race("isolation", [start, *calls.values(), *floors.values()], bench.rounds_or(ROUNDS),
         lambda contender: run_driver(bench, contender))
    return [*start_rows(start), *(row for where in calls for row in floor_rows(where, calls[where], floors[where]))]


def run_driver(bench, contender):
    """Every line of its output is a tuple of numbers."""
    sample = run_child(contender.command, bench.environment)
    try:
        lines = [tuple(map(float, line.split())) for line in sample.output.splitlines()]
    except ValueError:
        raise ChildFailed(f"child_driver printed {sample.output[:80]!r}") from None
    return replace(sample, facts={"lines": lines})


def start_rows(start):
    if not start.measured:
        return [Row.without_result(start)]
    first, walled, memory, end = zip(*(line for sample in start.samples for line in sample.facts["lines"]))
    return [
        row("first message after the spawn", scaled(first, 1e6), "ms", AIMS["first"]),
        row("behind its wall after the spawn", scaled(walled, 1e6), "ms"),
        row("resident then", scaled(memory, 1 << 20), "MB", AIMS["memory"]),
        row("killed and reaped, 1 MB held", scaled(end, 1e6), "ms", AIMS["end"]),
    ]


def floor_rows(where, call, floor):
    cores = "one core" if where == "one" else "two cores"
    rows = []
    for contender, label, aim in ((call, f"a call, {cores}", AIMS[where]), (floor, f"the floor, {cores}", None)):
        if contender.measured:
            rows.append(row(label, driven(contender), "µs", aim))
        else:
            rows.append(replace(Row.without_result(contender), label=label))
    if call.measured and floor.measured:
        rows[0].cells[-1] = f"{median(driven(call)) / median(driven(floor)):.2f}x"
    return rows


def driven(contender):
    return [line[0] / 1e3 for sample in contender.samples for line in sample.facts["lines"]]


# Whole runs


def command(bench, isolation, *arguments):
    return [bench.paylink, "run", "--isolation", isolation, "--bench-calls", *map(str, arguments)]


def empty_rows(bench):
    script = bench.scratch / "empty.lua"
    script.write_text("")
    apart, within = (Contender(f"an empty run, {text}", command(bench, isolation, script))
                     for isolation, text in (("process", "own process"), ("none", "in paylink's")))
    race("isolation: empty", [apart, within], 1, lambda contender: run_child(contender.command, bench.environment))
    for contender in (apart, within):
        contender.samples.clear()  # the first one reads the program from disk
    race("isolation: empty", [apart, within], max(LEAST_RUNS, bench.rounds_or(ROUNDS)),
         lambda contender: run_child(contender.command, bench.environment))
    if not (apart.measured and within.measured):
        return [Row.without_result(contender) for contender in (apart, within) if not contender.measured]
    walls = [[sample.wall * 1e3 for sample in contender.samples] for contender in (apart, within)]
    pairs = [one - other for one, other in zip(*walls)]
    more = row("an empty run, the difference", pairs, "ms", AIMS["empty"], median(walls[0]) - median(walls[1]))
    return [row(apart.name, walls[0], "ms"), row(within.name, walls[1], "ms"), more]


def call_rows(bench):
    """Whole runs with and without calls, one after the other; what a call adds to the wall time."""
    cores = sorted(os.sched_getaffinity(0))
    contenders = []
    for count, places in ((1, "one core"), (2, "two cores")):
        skipped = None if len(cores) >= count else "needs two cores"
        for kind, text, many in (("call", "a call", CALLS * 200), ("wait", "a wait", CALLS * 20)):
            contenders += [
                (Contender(f"{text} of a script, {places}, {where}", command(bench, isolation), skipped=skipped),
                 set(cores[:count]), kind, calls)
                for isolation, where, calls in (("process", "own process", CALLS), ("none", "in paylink's", many))
            ]
    plans = {contender.name: plan for contender, *plan in contenders}
    script = str(bench.parts / "isolation_calls.lua")

    def run_one(contender):
        allowed, kind, calls = plans[contender.name]
        with pinned(allowed):
            without = run_child([*contender.command, script, "0", kind], bench.environment)
            sample = run_child([*contender.command, script, str(calls), kind], bench.environment)
        if sample.output.strip() != str(calls):
            raise ChildFailed(f"expected {calls} on standard output, found {sample.output[:80]!r}")
        return replace(sample, facts={"µs": (sample.wall - without.wall) / calls * 1e6})

    race("isolation: calls", [contender for contender, *_ in contenders], bench.rounds_or(ROUNDS), run_one)
    return [
        row(contender.name, [sample.facts["µs"] for sample in contender.samples], "µs")
        if contender.measured else Row.without_result(contender)
        for contender, *_ in contenders
    ]


@contextmanager
def pinned(cores):
    """What is started inside runs on these cores."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def memory_rows(bench):
    """Of the child of a real run, at the first wait of a script that does nothing else."""
    label = "resident in a run, before the script's work"
    try:
        values = [resident_in_run(bench) for _ in range(bench.rounds_or(ROUNDS))]
    except ChildFailed as problem:
        return [Row(label, problem=f"FAILED: {problem}")]
    return [row(label, scaled(values, 1 << 20), "MB", AIMS["memory"])]


def resident_in_run(bench):
    process = subprocess.Popen(
        command(bench, "process", "-e", "print('here') sleep('60s')"), env=bench.environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        if process.stdout.readline() != b"here\n":
            raise ChildFailed("a script that sleeps did not start")
        return resident_of_child(process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def resident_of_child(parent):
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            facts = dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines() if ":\t" in line)
        except OSError:
            continue  # it has ended
        if facts["PPid"] == str(parent) and facts["Name"] == "paylink-script":
            return int(facts["VmRSS"].split()[0]) * 1024
    raise ChildFailed("there is no process paylink-script")


def crossings_rows(bench):
    label = "checkout.lua: crossings"
    example = bench.parts.parent.parent / "docs" / "examples" / "checkout.lua"
    ran = subprocess.run(
        command(bench, "process", "--sandbox", "--pay-after", "50ms", example, "order-1001"),
        env=bench.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
    found = re.search(r"crossings: (\d+)", ran.stderr)
    if ran.returncode != 0 or not found:
        return [Row(label, problem=f"FAILED: status {ran.returncode}: {ran.stderr.strip()[-200:]}")]
    return [row(label, [int(found[1])], "", AIMS["crossings"])]


# Rows


def scaled(values, by):
    return [value / by for value in values]


def row(label, values, unit, aim=None, middle=None):
    """`middle`: where it is not the values' own median."""
    middle = median(values) if middle is None else middle
    digits = 0 if not unit else 1 if abs(middle) >= 10 else 2

    def shown(value):
        return f"{value:.{digits}f} {unit}".rstrip()

    return Row(
        label=label,
        cells=[shown(middle), shown(min(values)), shown(max(values)), ""],
        aims=[Aim(f"≤ {aim} {unit}".rstrip(), middle <= aim)] if aim is not None else [],
        samples=[{unit or "count": value} for value in values],
    )
