"""Ledgers on the bench's server: made by paylink itself, filled by SQL where that would take too long, and counted."""

import subprocess
from pathlib import Path

from measure import ChildFailed

HERE = Path(__file__).resolve().parent


def fresh(bench, cluster, database, over_tcp=False):
    """An empty ledger in a database of its own. Gives its address."""
    cluster.make(database)
    initialize(bench, cluster, cluster.address(database))
    return cluster.address(database, over_tcp)


def initialize(bench, cluster, address):
    done = subprocess.run(
        [bench.paylink, "ledger", "init", "--ledger", address], env=bench.environment | cluster.environment,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ChildFailed(f"paylink ledger init ended with status {done.returncode}: {done.stderr.strip()}")


def fill(cluster, database, base_url, account, rows, still_open=0, expired_each=33, watch="bench", is_followed=True):
    """Links as a shop would have them after years, with their payments and what a watch did, all analysed."""
    cluster.query(
        (HERE / "fill.sql").read_text(encoding="utf-8"), database, rows=rows, still_open=still_open,
        expired_each=expired_each, watch=watch, is_followed=str(is_followed).lower(), base_url=base_url,
        account=account)


def links_done(cluster, database):
    return int(cluster.query("SELECT count(*) FROM paylink.links WHERE state = 'done'", database))


def effects_done(cluster, database):
    return int(cluster.query("SELECT count(*) FROM paylink.effects WHERE state = 'done'", database))
