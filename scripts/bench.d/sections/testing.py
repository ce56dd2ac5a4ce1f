"""A thousand tests of a checkout whose customer pays after three days: `paylink test` beside busted with a fake world
written by hand. The lines of both are counted: what a user has to write."""

from measure import Contender, race, run as run_child
from report import Aim, Row, Table, ratio, times

NEEDS = ("busted",)
ROUNDS = 3
WALL_AIM = 10  # seconds
CODE = ("checkout_test.lua", "busted_spec.lua")


def run(bench):
    folder = bench.parts / "testing"
    busted = Contender(
        "busted, a world by hand", [bench.tools.paths.get("busted", "busted"), "--output=TAP", CODE[1]],
        skipped=bench.tools.missing.get("busted"))
    contenders = [Contender("paylink test", [bench.paylink, "test", "--format", "tap", CODE[0]]), busted]

    def run_one(contender):
        return run_child(
            ["env", "-C", str(folder), *contender.command], bench.environment, timeout=600, watch_memory=True)

    race("testing", contenders, bench.rounds_or(ROUNDS), run_one)
    return Table(
        title="1,000 tests of a checkout that is paid after three days",
        headings=["wall s", "cpu s", "peak MB", "lines of test", "wall to ours"],
        rows=[row_of(contender, contenders, folder / code) for contender, code in zip(contenders, CODE, strict=True)],
    )


def row_of(contender, contenders, code):
    if not contender.measured:
        return Row.without_result(contender)
    wall = contender.median(lambda sample: sample.wall)
    lines = sum(1 for line in code.read_text().splitlines() if line.strip() and not line.strip().startswith("--"))
    ours = contenders[0]
    return Row(
        label=contender.name,
        cells=[
            f"{wall:.2f}",
            f"{contender.median(lambda sample: sample.cpu):.2f}",
            f"{contender.median(lambda sample: sample.peak or 0) / 1e6:.0f}",
            str(lines),
            times(ratio(wall, ours.median(lambda sample: sample.wall))),
        ],
        aims=[Aim(f"< {WALL_AIM} s", wall < WALL_AIM)] if contender is ours else [],
        samples=[{"user": s.user, "system": s.system, "wall": s.wall, "peak": s.peak} for s in contender.samples],
    )
