"""Compares what was published with what the sandbox's record says was made, and with what the ledger has counted.

Every finding is a violation of a promise in words, with the key. The record is the only witness that is believed.
"""

import csv
import json
from collections import defaultdict
from dataclasses import dataclass, field

MOST_SHOWN = 20
CREATE = "/api/m2m/v0/links"


@dataclass
class Findings:
    """What the end looked like. `violations`: none on a good day."""

    keys: int = 0
    links: int = 0
    published: int = 0
    orphans: int = 0
    at_risk: int = 0
    counted: int = 0
    in_doubt: int = 0
    violations: list = field(default_factory=list)

    def add(self, kind, problems):
        """Notes problems of a kind, the first of them in words."""
        problems = list(problems)
        for problem in problems[:MOST_SHOWN]:
            self.violations.append(f"{kind}: {problem}")
        if len(problems) > MOST_SHOWN:
            self.violations.append(f"{kind}: {len(problems) - MOST_SHOWN} more")


@dataclass(frozen=True)
class Table:
    """A table of orders that every host was given, and the results of each by its name."""

    number: int
    rows: int
    path: str
    results: dict

    def orders(self):
        for row in range(1, self.rows + 1):
            yield f"order-{self.number}-{row}", f"{row % 50 + 1}.{row % 10}5", f"Mug no. {row} of table {self.number}"

    def write(self):
        with open(self.path, "w", newline="", encoding="utf-8") as text:
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(["order_id", "amount", "description"])
            writer.writerows(self.orders())


def compare(tables, published, record, export, at_risk):
    """All of it.

    :param published: a key's link, and what was said of it that contradicts that.
    :param record: the sandbox's entries.
    :param export: what `paylink ledger export --json` wrote."""
    findings = Findings(at_risk=at_risk)
    made = defaultdict(dict)
    for entry in record:
        if entry["kind"] == "created":
            made[entry["description"]][entry["link"]] = entry["amount"]
    ledger = {row["key"]: row for row in json.loads(export)}
    orders = {key: (amount, description) for table in tables for key, amount, description in table.orders()}
    findings.keys = len(orders)
    findings.links = sum(len(links) for links in made.values())
    findings.published = len(published.links)
    findings.add("published twice", published.contradictions)
    for table in tables:
        findings.add("results", compare_files(table, published))
    findings.add("made", (f"{text!r} is no row's" for text in made.keys() - {text for _, text in orders.values()}))
    findings.add("one link, two keys", shared(published.links))
    problems = []
    for key, (amount, description) in orders.items():
        found = compare_key(amount, made[description], published.links.get(key), ledger.get(key), findings)
        problems += [f"{key}: {problem}" for problem in found]
    findings.add("key", problems)
    findings.add("ledger", (f"{key} is no row's" for key in ledger.keys() - orders.keys()))
    if findings.orphans > at_risk:
        words = f"{findings.orphans}, and {at_risk} requests at most were in flight at an interruption"
        findings.add("orphans", [words])
    return findings


def compare_key(amount, made, link, row, findings):
    """The problems of one key. `made`: the links that the sandbox made for it, with their amounts."""
    orphans = len(made) - (link in made)
    findings.orphans += orphans
    if link is None:
        yield "no host has published a link"
    elif link not in made:
        yield f"the published link {link} was never made"
    elif made[link] != micro(amount):
        yield f"the link {link} asks for {made[link]} millionths, not {amount}"
    if row is None:
        yield "the ledger does not have it"
        return
    findings.counted += row["possible_orphans"]
    findings.in_doubt += row["state"] == "in_doubt"
    if row["state"] != "done":
        yield f"the ledger says {row['state']}: {row['problem']}"
    elif link != row["link"]["id"]:
        yield f"the ledger has {row['link']['id']}, and {link} was published"
    if orphans > row["possible_orphans"]:
        yield f"{orphans} orphan(s), {row['possible_orphans']} counted: made were {', '.join(sorted(made))}"


def compare_files(table, published):
    """Every host's results: all rows in their order, each with the published link, and the same bytes everywhere."""
    contents = {}
    for host, path in table.results.items():
        try:
            with open(path, newline="", encoding="utf-8") as text:
                contents[host] = text.read()
        except FileNotFoundError:
            yield f"table {table.number}: {host} has none"
    for host, content in contents.items():
        rows = [(row["order_id"], row["amount"], row["description"]) for row in csv.DictReader(content.splitlines())]
        if rows != list(table.orders()):
            yield f"table {table.number}: {host} has {len(rows)} rows, or others than those of the table"
    if len(set(contents.values())) > 1:
        yield f"table {table.number}: the hosts' files differ"


def shared(links):
    keys = defaultdict(list)
    for key, link in links.items():
        keys[link].append(key)
    return (f"{link}: {', '.join(found)}" for link, found in keys.items() if len(found) > 1)


def micro(amount):
    units, _, decimals = amount.partition(".")
    return int(units) * 1_000_000 + int(decimals.ljust(6, "0"))


def creations(record):
    """The requests to create a link that have reached the service."""
    requests = (entry for entry in record if entry["kind"] == "request")
    return [entry for entry in requests if entry["method"] == "POST" and entry["path"] == CREATE]
