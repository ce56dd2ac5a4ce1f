"""Driver of scripts/bench: reads the command line, prepares the tools, runs the sections, prints the tables.

What is measured lives in sections/, how a child process is measured in measure.py.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import figures
import report
from measure import ChildFailed
from sections import (
    batch, checks, dashboard, doubts, durable, efficiency, growth, hostcall, isolation, ledger_size, links, postgres, resume, startup,
    tables, testing, vm, waits, watch)
from tools import Tools, build_paylink

# Order of running and printing. A section offers NEEDS (tools) and run(Bench) -> report.Table, or several.
SECTIONS = {
    "links": links,
    "durable": durable,
    "efficiency": efficiency,
    "csv": tables,
    "resume": resume,
    "batch": batch,
    "waits": waits,
    "watch": watch,
    "doubts": doubts,
    "dashboard": dashboard,
    "checks": checks,
    "startup": startup,
    "testing": testing,
    "vm": vm,
    "hostcall": hostcall,
    "isolation": isolation,
    "growth": growth,
    "postgres": postgres,
    "ledger-size": ledger_size,
}
# Only where they are asked for: they take half an hour and up to 26 GB of disk.
LONG = {"batch", "dashboard", "growth", "ledger-size", "watch"}

PARTS = Path(__file__).resolve().parent
ROOT = PARTS.parent.parent


@dataclass(frozen=True)
class Bench:
    """What every section is given."""

    paylink: str
    tools: Tools
    parts: Path
    scratch: Path
    environment: dict
    links: int
    rounds: int | None
    rows: int
    waits: int
    installs: bool
    against: str | None
    svg: Path | None

    def rounds_or(self, default):
        return self.rounds or default


def main():
    options = parse_arguments()
    sys.stdout.reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    names = [name for name in SECTIONS if name in options.sections] or [
        name for name in SECTIONS if name not in LONG]
    try:
        paylink = build_paylink(ROOT)
        tools = Tools({need for name in names for need in SECTIONS[name].NEEDS}, install=not options.no_install)
        with scratch_directory() as scratch:
            bench = Bench(
                paylink=paylink,
                tools=tools,
                parts=PARTS,
                scratch=scratch,
                environment=clean_environment(scratch),
                links=options.links,
                rounds=options.rounds,
                rows=options.rows,
                waits=options.waits,
                installs=not options.no_install,
                against=str(options.against.resolve()) if options.against else None,
                svg=options.svg.resolve() if options.svg else None,
            )
            report.print_header(tools)
            tables = [table for name in names for table in run_section(bench, name)]
    except ChildFailed as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 128 + signal.SIGINT
    if options.json:
        report.write_json(options.json, tools, tables)
    worse = figures.compare(options.compare, tables) if options.compare else 0
    if options.keep:
        figures.keep(options.keep, report.processor(), tables)
    return 1 if worse or any(table.failed for table in tables) else 0


def run_section(bench, name):
    """The section's tables, printed as they come."""
    tables = []
    try:
        made = SECTIONS[name].run(bench)
        for table in [made] if isinstance(made, report.Table) else made:
            report.print_table(table)
            tables.append(table)
    except ChildFailed as problem:
        tables.append(report.Table(name, headings=[], rows=[report.Row("all rows", problem=f"FAILED: {problem}")]))
        report.print_table(tables[-1])
    return tables


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measure paylink beside its alternatives, interleaved, on loopback. Aims are information: "
        "the exit status is 0 unless something failed to run, or a ratio is more than a tenth worse than --compare's.",
        epilog="PAYLINK_BIN names a binary to measure; without it a release build is made first.",
    )
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; default: all")
    parser.add_argument("--rounds", type=bounded(1, 100), help="repetitions of each measurement (default: by section)")
    parser.add_argument("--links", type=bounded(64, 1_000_000), default=20_000, help="links for each client and round")
    parser.add_argument(
        "--rows", type=bounded(100_000, 100_000_000), default=10_000_000, help="batch, watch, growth, ledger-size: rows and links")
    parser.add_argument(
        "--waits", type=bounded(1_000, 10_000_000), default=100_000, help="waits: links waited for at once (default: 100,000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every sample to FILE")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="name what is worse than in FILE, such as docs/figures.json")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep this run's ratios in FILE")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="growth: draw the curves into FILE")
    parser.add_argument("--against", type=Path, metavar="FILE", help="doubts: another build of paylink to measure beside")
    parser.add_argument("--no-install", action="store_true", help="skip rows whose tool is missing, install nothing")
    options = parser.parse_args()
    for name in options.sections:
        if name not in SECTIONS:
            parser.error(f"no section {name!r}; there are: {', '.join(SECTIONS)}")
    if options.against and not os.access(options.against, os.X_OK):
        parser.error(f"--against {options.against}: not an executable file")
    if options.compare and not options.compare.is_file():
        parser.error(f"--compare {options.compare}: no such file")
    if options.json and not options.json.parent.is_dir():
        parser.error(f"--json {options.json}: no such directory")
    return options


def bounded(low, high):
    def number(text):
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must lie between {low} and {high}")
        return value

    return number


@contextmanager
def scratch_directory():
    """On a disk: what is kept in memory only (as /tmp may be) would flatter a ledger that waits for its disk."""
    path = Path(tempfile.mkdtemp(prefix="paylink-bench-", dir="/var/tmp"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def clean_environment(scratch):
    """The same for every child: no proxies, no user settings, no real credentials, no user's ledger."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    home = scratch / "home"
    home.mkdir()
    return kept | {
        "HOME": str(home),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "ONESHOT_USER_ID": "123e4567-e89b-12d3-a456-426614174000",
        "ONESHOT_API_TOKEN": "bench-secret",
    }


if __name__ == "__main__":
    sys.exit(main())
