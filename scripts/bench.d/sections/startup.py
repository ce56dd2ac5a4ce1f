"""Start-up: `paylink run` on an empty script beside other interpreters on theirs.

The time is that from before fork to the end of the process, so `true` shows what every row includes.
"""

import shutil

from measure import Contender, race, run as run_child
from report import Aim, Row, Table, ratio, times

NEEDS = ("lua5.4", "node")
ROUNDS = 25
LEAST_ROUNDS = 20
WALL_AIM = 10  # milliseconds
NODE_AIM = 8  # times as fast as node


def run(bench):
    contenders = make_contenders(bench)
    for contender in contenders:
        warm_up(bench, contender)
    rounds = max(LEAST_ROUNDS, bench.rounds_or(ROUNDS))
    race("startup", contenders, rounds, lambda contender: run_child(contender.command, bench.environment, timeout=60))
    return Table(
        title=f"Start-up on an empty script: medians of {rounds} runs",
        headings=["wall ms", "least", "cpu ms", "wall to ours", "wall to node"],
        rows=[row_of(contender, contenders) for contender in contenders],
        ratios={"start, wall time to node's": ratio(wall_of(contenders[0]), wall_of(contenders[2]))},
    )


def make_contenders(bench):
    def interpreter(tool, script):
        path = bench.scratch / script
        path.write_text("")
        return Contender(tool, [bench.tools.paths.get(tool, tool), str(path)], skipped=bench.tools.missing.get(tool))

    lua = interpreter("lua5.4", "empty.lua")
    return [
        Contender("paylink run", [bench.paylink, "run", lua.command[1]]),
        lua,
        interpreter("node", "empty.js"),
        interpreter("python3", "empty.py"),
        Contender("true", [shutil.which("true")]),
    ]


def warm_up(bench, contender):
    """One uncounted run, so that no row pays for reading the program from disk."""
    race("startup", [contender], 1, lambda contender: run_child(contender.command, bench.environment, timeout=60))
    contender.samples.clear()


def row_of(contender, contenders):
    if not contender.measured:
        return Row.without_result(contender)
    ours, node = contenders[0], contenders[2]
    wall = wall_of(contender)
    return Row(
        label=contender.name,
        cells=[
            f"{wall:.2f}",
            f"{min(sample.wall for sample in contender.samples) * 1e3:.2f}",
            f"{contender.median(lambda sample: sample.cpu) * 1e3:.2f}",
            times(ratio(wall, wall_of(ours))),
            times(ratio(wall, wall_of(node))),
        ],
        aims=aims(wall, wall_of(node)) if contender is ours else [],
        samples=[{"user": sample.user, "system": sample.system, "wall": sample.wall} for sample in contender.samples],
    )


def aims(ours, node):
    found = [Aim(f"≤ {WALL_AIM} ms", ours <= WALL_AIM)]
    if node is not None:
        found.append(Aim(f"< 1/{NODE_AIM} of node", ours < node / NODE_AIM))
    return found


def wall_of(contender):
    return contender.median(lambda sample: sample.wall) * 1e3 if contender.measured else None
