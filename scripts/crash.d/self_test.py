"""Plants each kind of fault in what a good trial leaves behind: a verdict that does not find its own is broken.

Run by itself, it says nothing on a good day.
"""

import json
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

from verdict import Table, compare, micro

ROWS, HOSTS = 3, ("h1", "h2")


class Leftovers:
    """What three rows and two hosts leave: one link a row, and one orphan of the first, which is counted."""

    def __init__(self, folder):
        self.results = {host: str(folder / f"{host}.csv") for host in HOSTS}
        self.table = Table(1, ROWS, str(folder / "orders.csv"), self.results)
        self.orders = list(self.table.orders())
        self.links = {key: f"link-{number}" for number, (key, _, _) in enumerate(self.orders)}
        self.contradictions = []
        self.record = [
            {"kind": "created", "link": self.links[key], "amount": micro(amount), "description": description}
            for key, amount, description in self.orders]
        self.record.append(self.record[0] | {"link": "orphan"})
        self.ledger = [
            {"key": key, "state": "done", "possible_orphans": 0, "problem": None, "link": {"id": self.links[key]}}
            for key in self.links]
        self.ledger[0]["possible_orphans"] = 1
        self.at_risk = 1
        for host in HOSTS:
            self.write(host, self.orders)

    def write(self, host, orders):
        lines = ["order_id,amount,description,paylink_id"]
        lines += [",".join([*order, self.links[order[0]]]) for order in orders]
        Path(self.results[host]).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def violations(self):
        published = SimpleNamespace(links=self.links, contradictions=self.contradictions)
        return compare([self.table], published, self.record, json.dumps(self.ledger), self.at_risk).violations


def contradict(left):
    left.contradictions.append("order-1-1: two links")


def lose_a_row(left):
    left.write("h2", left.orders[:-1])


def lose_a_file(left):
    Path(left.results["h2"]).unlink()


def publish_nothing(left):
    del left.links["order-1-2"]


def publish_one_link_for_two_keys(left):
    left.links["order-1-2"] = left.links["order-1-3"]


def publish_what_was_never_made(left):
    left.record[1]["link"] = "another"


def ask_for_another_amount(left):
    left.record[1]["amount"] += 1


def make_for_no_row(left):
    left.record.append(left.record[1] | {"description": "something else"})


def make_one_that_is_not_counted(left):
    left.at_risk = 2
    left.record.append(left.record[1] | {"link": "orphan too"})


def make_more_than_were_at_risk(left):
    left.at_risk = 0


def forget_a_key(left):
    del left.ledger[1]


def record_another_link(left):
    left.ledger[1]["link"]["id"] = "link-0"


def leave_it_in_doubt(left):
    left.ledger[1] |= {"state": "in_doubt", "link": None}


def record_a_key_of_no_row(left):
    left.ledger.append(left.ledger[1] | {"key": "order-9"})


FAULTS = (
    contradict, lose_a_row, lose_a_file, publish_nothing, publish_one_link_for_two_keys, publish_what_was_never_made,
    ask_for_another_amount, make_for_no_row, make_one_that_is_not_counted, make_more_than_were_at_risk, forget_a_key,
    record_another_link, leave_it_in_doubt, record_a_key_of_no_row)


def main():
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        if found := Leftovers(Path(folder)).violations():
            wrong.append(f"a good trial is said to violate: {found}")
        for fault in FAULTS:
            left = Leftovers(Path(folder))
            fault(left)
            if not left.violations():
                wrong.append(f"not found: {fault.__name__}")
    for problem in wrong:
        print(problem, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
