"""CPU time of one durable step on PostgreSQL: `paylink.once` and follow-ups of a watch, beside PyPI's neighbours.

A step is recorded before it runs and after it, and does nothing itself. Each neighbour is a program as its
documentation would have it for throughput; jobs of a queue are in it before, which is not measured, although to ask for
`paylink.once` and to claim it is one. What each promises where a process dies is said beside it: only at most once is
the same promise. Every program runs once with few steps and once with many: what is shown is what a step more costs.
"""

import subprocess
from dataclasses import asdict, replace

from measure import ChildFailed, Contender, race, run as run_child
from postgres import ledger
from report import Aim, Row, Table, ratio, times
from sections import links

WIDTH = links.WIDTH
FEW = 64
SHARE_AIM = 0.1  # of the cheapest neighbour's
PROMISE = "at most once"  # ours, where a process dies in a step
DATABASE = "steps"

ONCE = "paylink.once"
FOLLOWING = "paylink watch, follow-ups"
IN_FILE = "paylink.once, ledger in a file"
# The program, what follows its arguments, how many steps, its promise. Starts of Python take half a second to one, and
# differ by a tenth of that: many steps where a step costs little.
NEIGHBOURS = {
    "PgQueuer": ("steps_pgqueuer.py", [], 10_000, "at least once"),
    "procrastinate": ("steps_procrastinate.py", [], 1_000, "at most once"),
    "DBOS, a bare workflow": ("steps_dbos.py", ["bare"], 1_000, "at least once"),
    "DBOS, a workflow of one step": ("steps_dbos.py", [], 1_000, "at least once"),
}


def measure(bench, cluster, origin, rounds):
    python, problem = make_environment(bench)
    contenders = [Contender(name, []) for name in (ONCE, FOLLOWING, IN_FILE)]
    contenders += [Contender(name, [], skipped=problem) for name in NEIGHBOURS]
    race("postgres: steps", contenders, rounds, lambda contender: run_one(bench, cluster, origin, python, contender))
    return Table(
        title=f"One durable step on PostgreSQL {cluster.version}, {WIDTH} at a time; client's time, medians",
        headings=["cpu µs", "spread", "to ours", "steps/s", "server cpu µs", "commits", "promise", "steps"],
        rows=[row_of(bench, contender, contenders) for contender in contenders],
        notes=[
            "Jobs of the queues were in them before. Steps a second are those of a server on the same cores.",
        ],
    )


def make_environment(bench):
    """A Python that has the neighbours, in the scratch folder; or why there is none."""
    place = bench.scratch / "neighbours"
    wanted = bench.parts / "postgres" / "requirements.txt"
    if not bench.installs:
        return None, "needs packages from PyPI"
    for command in (
        [bench.tools.paths["python3"], "-m", "venv", str(place)],
        [str(place / "bin" / "pip"), "install", "--quiet", "--no-deps", "--requirement", str(wanted)],
    ):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
            return None, f"{' '.join(command[1:3])} failed: {said[-1]}"
    return str(place / "bin" / "python"), None


def steps_of(bench, contender):
    return NEIGHBOURS[contender.name][2] if contender.name in NEIGHBOURS else max(4 * FEW, bench.links)


def run_one(bench, cluster, origin, python, contender):
    """A run of many steps, with what one of few took."""
    few, many = (
        run_steps(bench, cluster, origin, python, contender, count) for count in (FEW, steps_of(bench, contender)))
    return replace(many, facts=many.facts | {"few": {"cpu": few.cpu, "wall": few.wall, **few.facts}})


def run_steps(bench, cluster, origin, python, contender, count):
    environment = bench.environment | cluster.environment | {
        "PGDATABASE": DATABASE, "PAYLINK_BASE_URL": origin.base_url}
    scripts = bench.parts / "postgres"
    if contender.name == IN_FILE:
        path = bench.scratch / "steps.db"
        for left in path.parent.glob(f"{path.name}*"):
            left.unlink()
        sample = run_child(once(bench, str(path), count), environment)
        return replace(sample, facts={"steps": count, "server": {}})
    if contender.name in NEIGHBOURS:
        file, more, _, _ = NEIGHBOURS[contender.name]
        cluster.make(DATABASE)
        program = [python, "-B", str(scripts / file)]
        run_child([*program, "prepare", str(count)], environment)
        command = [*program, "run", str(count), str(WIDTH), *more]
    else:
        address = ledger.fresh(bench, cluster, DATABASE)
        if contender.name == ONCE:
            command = once(bench, address, count)
        else:
            ledger.fill(
                cluster, DATABASE, origin.base_url, bench.environment["ONESHOT_USER_ID"], count,
                expired_each=count + 1, is_followed=False)
            options = ["--once", "--name", "bench", "--concurrency", str(WIDTH), "--ledger", address]
            command = [bench.paylink, "watch", *options, str(scripts / "follow.lua")]
    before = cluster.counts(DATABASE)
    sample = run_child(command, environment)
    used = cluster.counts(DATABASE) - before
    if contender.name not in NEIGHBOURS and (done := ledger.effects_done(cluster, DATABASE)) != count:
        raise ChildFailed(f"{done} effects of {count} are recorded as done")
    return replace(sample, facts={"steps": count, "server": asdict(used)})


def once(bench, place, count):
    return [bench.paylink, "run", "--ledger", place, str(bench.parts / "postgres" / "once.lua"), str(count), str(WIDTH)]


def row_of(bench, contender, contenders):
    if not contender.measured:
        return Row.without_result(contender)
    ours = contenders[0]
    promise = NEIGHBOURS[contender.name][3] if contender.name in NEIGHBOURS else PROMISE
    return Row(
        label=contender.name,
        cells=[
            f"{cpu_of(contender):.1f}",
            f"{contender.spread(lambda sample: sample.cpu):.0%}",
            times(ratio(cpu_of(contender), cpu_of(ours) if ours.measured else None)),
            f"{1e6 / of_step(contender, lambda sample: sample.wall, lambda few: few['wall']):,.0f}",
            *server_cells(contender),
            promise,
            f"{steps_of(bench, contender):,}",
        ],
        aims=aims(contender, contenders),
        samples=[
            {"user": sample.user, "system": sample.system, "wall": sample.wall, **sample.facts}
            for sample in contender.samples
        ],
    )


def server_cells(contender):
    if not contender.samples[0].facts["server"]:
        return ["-", "-"]
    cpu, commits = (
        of_step(contender, lambda sample: sample.facts["server"][name], lambda few: few["server"][name])
        for name in ("cpu", "commits"))
    return [f"{cpu:.1f}", f"{commits / 1e6:.2f}"]


def aims(contender, contenders):
    """Beside the cheapest of all, and the cheapest of those that promise the same."""
    neighbours = [each for each in contenders if each.name in NEIGHBOURS and each.measured]
    if contender.name != ONCE:
        return []
    alike = [each for each in neighbours if NEIGHBOURS[each.name][3] == PROMISE]
    cheapest = dict.fromkeys(min(some, key=cpu_of).name for some in (neighbours, alike) if some)
    by_name = {each.name: each for each in neighbours}
    return [
        Aim(f"≤ {SHARE_AIM} of {name}", cpu_of(contender) <= SHARE_AIM * cpu_of(by_name[name])) for name in cheapest]


def cpu_of(contender):
    return of_step(contender, lambda sample: sample.cpu, lambda few: few["cpu"])


def of_step(contender, quantity, quantity_of_few):
    """Millionths of a quantity for each step that was more, by the medians of both kinds of run."""
    few = contender.median(lambda sample: quantity_of_few(sample.facts["few"]))
    return (contender.median(quantity) - few) / (contender.samples[0].facts["steps"] - FEW) * 1e6
