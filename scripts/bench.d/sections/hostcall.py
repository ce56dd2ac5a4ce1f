"""The cost of one call from Lua into the host: one that answers at once, one that suspends its task.

The scripts time themselves (os.clock, empty loop subtracted) and print nanoseconds a call.
"""

from dataclasses import replace

from measure import ChildFailed, Contender, race, run as run_child
from report import Aim, Row, Table

NEEDS = ()
ROUNDS = 5

# Label, script, aim in microseconds.
CALLS = [
    ("answers at once", "hostcall_sync.lua", 1),
    ("suspends its task", "hostcall_wait.lua", 3),
]


def run(bench):
    contenders = [
        Contender(label, [bench.paylink, "run", "--bench-calls", str(bench.parts / script)])
        for label, script, _ in CALLS
    ]
    race("hostcall", contenders, bench.rounds_or(ROUNDS), lambda contender: run_script(bench, contender))
    return Table(
        title="One host call from Lua: CPU, medians",
        headings=["µs", "least", "spread"],
        rows=[row_of(contender, aim) for contender, (_, _, aim) in zip(contenders, CALLS)],
    )


def run_script(bench, contender):
    sample = run_child(contender.command, bench.environment)
    try:
        nanoseconds = float(sample.output)
    except ValueError:
        raise ChildFailed(f"expected nanoseconds on standard output, found {sample.output[:80]!r}") from None
    return replace(sample, facts={"nanoseconds": nanoseconds})


def row_of(contender, aim):
    if not contender.measured:
        return Row.without_result(contender)
    cost = contender.median(microseconds)
    least = min(map(microseconds, contender.samples))
    return Row(
        label=contender.name,
        cells=[f"{cost:.3f}", f"{least:.3f}", f"{contender.spread(microseconds):.0%}"],
        aims=[Aim(f"≤ {aim} µs", cost <= aim)],
        samples=[sample.facts for sample in contender.samples],
    )


def microseconds(sample):
    return sample.facts["nanoseconds"] / 1e3
