"""Driver of scripts/crash-test --postgres: batches on several hosts share a ledger on a PostgreSQL server, and what can
break is broken; what the sandbox's record says in the end decides.

Four hosts are network namespaces, the servers a primary and its synchronous standby in two more. Processes are killed
and stopped, the primary is crashed, hosts are cut off for shorter and longer than the lease, the standby is promoted.

- `plan.py`: all of it, made beforehand from the seed.
- `launch.py`, `network.py`, `processes.py`: where programs run, and that none outlives the test.
- `servers.py`, `service.py`, `hosts.py`: the parts that take part.
- `trial.py`, `verdict.py`, `report.py`: what is done with them, what must hold, what is told. `self_test.py` plants
  each kind of fault and looks whether the verdict finds it.

Without the right to make namespaces it runs in short: one server, no network to cut, nothing to promote. It says so.
The exit status is 0 when nothing was violated, 1 when something was, 70 when the test itself could not be carried out.
"""

import argparse
import asyncio
import os
import random
import shutil
import signal
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import launch
import self_test
import servers
from network import Network
from processes import HERE, Place, ProgramFailed
from report import Log, show, summary
from service import RELAY_PORT, Sandbox
from trial import Trial

FAILED = 70
# In the subnet of the network: the servers' addresses, and from where on those of the hosts are.
SERVERS = {"db1": 11, "db2": 12}
FIRST_HOST = 101


def main():
    options = parse_arguments()
    if self_test.main():
        return FAILED
    reason = "the ledger is a file" if options.ledger else "--loopback was given" if options.loopback else None
    if options.lifeline is None and reason is None:
        flags, reason = launch.namespaces()
        if flags:
            return launch.run_inside(flags, [__file__, *sys.argv[1:], "--seed", str(options.seed)])
    if options.lifeline is None:
        print(f"crash-test: no network of its own, so nothing is cut off or promoted: {reason}", file=sys.stderr)
        options.cuts = options.promotions = 0
        if options.ledger:
            options.restarts = 0
    folder = Path(tempfile.mkdtemp(prefix="paylink-crash-"))
    folder.chmod(0o755)
    try:
        status = asyncio.run(drive(options, folder))
    except (ProgramFailed, AssertionError) as problem:
        print(f"crash-test: {problem}", file=sys.stderr)
        status = FAILED
    except asyncio.CancelledError:
        print("crash-test: interrupted", file=sys.stderr)
        status = 128 + signal.SIGTERM
    if status in (1, FAILED) or options.keep:
        print(f"crash-test: the evidence is in {folder}; --seed {options.seed} repeats the plan", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return status


async def drive(options, folder):
    """Puts the parts up, lets the trial happen, and takes them down."""
    end_when_told(asyncio.current_task(), options.lifeline)
    log = Log(folder / "events.log")
    print(f"crash-test: seed {options.seed}; the log is {folder}/events.log", file=sys.stderr)
    network = Network() if options.lifeline is not None else None
    async with AsyncExitStack() as stack:
        if network:
            await network.begin()
        sandbox = Sandbox(options.paylink, folder)
        stack.push_async_callback(sandbox.close)
        await sandbox.begin(options.seed)
        places, relays, base_url = [], {}, sandbox.address
        if network:
            await sandbox.open_relays()
            base_url = f"http://127.0.0.1:{RELAY_PORT}"
        for number in range(options.hosts):
            name = f"h{number + 1}"
            if network:
                place, _ = await network.add(name, FIRST_HOST + number)
                relays[name] = await sandbox.relay(place)
            else:
                place = Place(name)
            places.append(place)
        cluster = None
        if not options.ledger:
            cluster = servers.Cluster(await make_servers(network, folder), network, log)
            stack.push_async_callback(cluster.close)
            await cluster.begin()
        trial = Trial(options, folder, log, cluster, network, sandbox, places, relays, base_url)
        findings = await trial.perform()
    show(summary(trial, findings), findings, options.json)
    return 1 if findings.violations else 0


async def make_servers(network, folder):
    if not network:
        return [servers.Server("db1", HERE, None, folder / "db1")]
    made = []
    for name, number in SERVERS.items():
        place, address = await network.add(name, number)
        made.append(servers.Server(name, place, address, folder / name))
    return made


def end_when_told(task, lifeline):
    """Cancels a task at a signal, or when the launcher has gone."""
    loop = asyncio.get_running_loop()
    for number in launch.SIGNALS:
        loop.add_signal_handler(number, task.cancel)
    if lifeline is not None:
        os.set_inheritable(lifeline, False)

        def gone():
            loop.remove_reader(lifeline)
            task.cancel()

        loop.add_reader(lifeline, gone)


# Option, its number, that of the short form, what it counts.
NUMBERS = (
    ("rows", 2000, 200, "rows of each table of orders"),
    ("hosts", 4, 4, "hosts, each with a batch over the same table"),
    ("concurrency", 8, 8, "requests of a batch in flight"),
    ("kills", 500, 20, "batches that are killed"),
    ("stops", 10, 1, "batches that are stopped for longer than the lease"),
    ("restarts", 30, 2, "crashes of the primary, which starts again"),
    ("cuts", 30, 2, "hosts that are cut off, for longer and shorter than the lease by turns"),
    ("promotions", 10, 1, "promotions of the standby"),
    ("lease", 20, 20, "seconds for which a process that is silent counts as alive"),
)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/crash-test --postgres", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--paylink", type=executable, required=True, metavar="FILE", help="a build of paylink")
    for name, long, short, meaning in NUMBERS:
        meaning += f" (default: {long}, in short {short})"
        parser.add_argument(f"--{name}", type=number, metavar="N", help=meaning)
    parser.add_argument("--seed", type=number, metavar="N", help="of the plan (default: by chance)")
    parser.add_argument("--short", action="store_true", help="the short form: little of everything, a minute or so")
    parser.add_argument("--ledger", metavar="FILE", help="a file as the ledger, in place of servers")
    parser.add_argument("--loopback", action="store_true", help="no network of its own, as where none may be made")
    parser.add_argument("--keep", action="store_true", help="keep the evidence of a good day as well")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument("--lifeline", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    for name, long, short, _ in NUMBERS:
        if getattr(options, name) is None:
            setattr(options, name, short if options.short else long)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    if not 1 <= options.hosts <= 100 or not options.rows or not options.concurrency:
        parser.error("--hosts is 1 to 100, --rows and --concurrency are 1 or more")
    if not options.ledger and servers.programs() is None:
        parser.error("PostgreSQL's server programs are missing: install postgresql-15")
    return options


def number(text):
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def executable(text):
    if not os.access(text, os.X_OK):
        raise argparse.ArgumentTypeError(f"{text} is not an executable file")
    return str(Path(text).resolve())


if __name__ == "__main__":
    sys.exit(main())
