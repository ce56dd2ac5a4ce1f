"""The ledger on PostgreSQL: a link's cost, several runners, noticing, steps beside neighbours. One server for all.

What is measured is in the files postgres_….py beside this one, each with its own aims; a ledger of many links is a
section of its own (ledger_size.py), which takes long.
"""

import server
from measure import ChildFailed
from postgres import cluster
from report import Row, Table
from sections import postgres_links, postgres_notice, postgres_runners, postgres_steps

NEEDS = ("nginx", "postgres")
ROUNDS = 3
NOTICE_ROUNDS = 1


def run(bench):
    """The tables of all four, each as soon as it is there."""
    missing = cluster.MISSING if cluster.programs() is None else bench.tools.missing.get("nginx")
    if missing:
        yield Table("PostgreSQL", headings=[], rows=[Row("all rows", problem=f"skipped: {missing}")])
        return
    rounds, nginx = bench.rounds_or(ROUNDS), bench.tools.paths["nginx"]
    with cluster.running(bench.scratch) as database, server.running(nginx, bench.scratch) as origin:
        for name, measure in {
            "links": lambda: postgres_links.measure(bench, database, origin, rounds),
            "runners": lambda: postgres_runners.measure(bench, database, origin, rounds),
            "noticing": lambda: postgres_notice.measure(bench, database, bench.rounds_or(NOTICE_ROUNDS)),
            "steps": lambda: postgres_steps.measure(bench, database, origin, rounds),
        }.items():
            try:
                yield measure()
            except ChildFailed as problem:
                yield Table(f"PostgreSQL: {name}", headings=[], rows=[Row("all rows", problem=f"FAILED: {problem}")])
