"""The Lua VM under paylink's limits beside stock lua5.4, on the same scripts (vm/*.lua), whole process, user CPU.

Both are Lua 5.4 from Debian; what differs is the count hook, the counting allocator and paylink's own start-up.
"""

from measure import Contender, race, run as run_child
from report import Aim, Row, Table, ratio, times

NEEDS = ("lua5.4",)
ROUNDS = 5
RATIO_AIM = 1.05


def run(bench):
    return Table(
        title="The Lua VM with limits on: user CPU of the whole process, medians",
        headings=["paylink ms", "spread", "lua5.4 ms", "spread", "ours to stock"],
        rows=[row_for(bench, script) for script in sorted((bench.parts / "vm").glob("*.lua"))],
    )


def row_for(bench, script):
    stock_path = bench.tools.paths.get("lua5.4", "lua5.4")
    ours = Contender("paylink", [bench.paylink, "run", str(script)])
    stock = Contender("lua5.4", [stock_path, str(script)], skipped=bench.tools.missing.get("lua5.4"))
    race(
        f"vm {script.stem}",
        [ours, stock],
        bench.rounds_or(ROUNDS),
        lambda contender: run_child(contender.command, bench.environment),
    )
    if not ours.measured:
        return Row(script.stem, problem=Row.without_result(ours).problem)
    if stock.failed:
        return Row(script.stem, problem=Row.without_result(stock).problem)
    against = ratio(user_of(ours), user_of(stock))
    return Row(
        label=script.stem,
        cells=[*cells_of(ours), *cells_of(stock), times(against)],
        aims=[Aim(f"≤ {RATIO_AIM} of stock", against <= RATIO_AIM)] if against is not None else [],
        samples=[
            {"program": contender.name, "user": sample.user, "system": sample.system, "wall": sample.wall}
            for contender in (ours, stock)
            for sample in contender.samples
        ],
    )


def cells_of(contender):
    if not contender.measured:
        return ["skipped", "-"]
    return [f"{user_of(contender):.0f}", f"{contender.spread(lambda sample: sample.user):.0%}"]


def user_of(contender):
    return contender.median(lambda sample: sample.user) * 1e3 if contender.measured else None
