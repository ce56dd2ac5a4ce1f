#!/usr/bin/env python3
"""A made-up month of a shop in a ledger's file, and the figures of its report found in three other ways.

usage: report_month.py fill LEDGER COUNT FIGURES    adds COUNT links made in November 2026 (Europe/Berlin) and some around it, and
                                                    keeps in FIGURES what they come to by construction
       report_month.py check FIGURES LEDGER REPORT EXPORT
                                                    compares REPORT (paylink report --json --by day) with that, with SQL on the
                                                    ledger, and with EXPORT (paylink ledger export --json)

The ledger must have been made by paylink already: its schema and one account are used. Random numbers follow from a seed.
"""

import json
import random
import sqlite3
import sys
import uuid
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from decimal import Decimal

BERLIN = timezone(timedelta(hours=1))  # no change of the clock in November
SINCE = int(datetime(2026, 11, 1, tzinfo=BERLIN).timestamp())
BEFORE = int(datetime(2026, 12, 1, tzinfo=BERLIN).timestamp())
NOW = BEFORE + 40 * 86_400


def fill(path, count, figures):
    chance = random.Random(14)
    expected = {"total": defaultdict(int), "days": {}}

    def note(moment, name, amount=None):
        """Adds one to a figure, and its amount to the sum beside it, if the moment lies in the month."""
        if not SINCE <= moment < BEFORE:
            return
        day = datetime.fromtimestamp(moment, BERLIN).strftime("%Y-%m-%d")
        for group in (expected["total"], expected["days"].setdefault(day, defaultdict(int))):
            if amount is None:
                group[name] += 1
            else:
                count_name, sum_name = name
                if count_name:
                    group[count_name] += 1
                group[sum_name] += amount

    with sqlite3.connect(path, isolation_level=None) as database:
        scope, run = database.execute("SELECT id FROM scopes").fetchone()[0], 1
        account, base_url = database.execute("SELECT account, base_url FROM scopes").fetchone()
        database.execute("BEGIN")
        for number in range(count + count // 5):
            inside = number < count
            made = chance.randrange(SINCE, BEFORE) if inside else chance.choice(
                [SINCE - 1, BEFORE, chance.randrange(SINCE - 20 * 86_400, SINCE), chance.randrange(BEFORE, BEFORE + 5 * 86_400)])
            if number == 0:
                made = SINCE
            if number == 1:
                made = BEFORE - 1
            amount = chance.choice([12_500_000, 8_200_000, 1, 99_990_000, chance.randrange(1, 10**9)])
            kind = chance.choices(
                ["paid", "short", "over", "late", "open", "expired", "reusable", "doubt", "rejected", "word", "chosen"],
                [50, 3, 2, 3, 10, 10, 5, 1, 1, 1, 2])[0]
            key = f"{chance.choice(['order-', 'inv ', 'ü/', ''])}{number}" if chance.random() < 0.9 else None
            insert_link(database, chance, note, scope, run, number, key, kind, made, amount, base_url)
        # Reported by a wait for its id: a payment without a row.
        for number in range(3):
            moment = SINCE + 3600 * number
            insert_payment(database, scope, str(uuid.UUID(int=2**100 + number)), chance, moment, 7_000_000)
            note(moment, ("received_payments", "received"), 7_000_000)
            note(moment, ("unknown_payments", "received_unknown"), 7_000_000)
        # Of another account: nobody's business here.
        other = database.execute(
            "INSERT INTO scopes (account, base_url) VALUES (?, ?) RETURNING id", (account[:-1] + "f", base_url)).fetchone()[0]
        insert_link(database, chance, lambda *_: None, other, run, -1, "other", "paid", SINCE + 5, 10**9, base_url)
        database.execute("COMMIT")
    with open(figures, "w", encoding="utf-8") as file:
        json.dump(expected, file)


def insert_link(database, chance, note, scope, run, number, key, kind, made, amount, base_url):
    link_id = str(uuid.UUID(int=(0x01A3 << 112) + (number + 2)))
    if kind in ("doubt", "rejected"):
        state, orphans = ("in_doubt", 1) if kind == "doubt" else ("rejected", 0)
        database.execute(
            "INSERT INTO links (scope_id, key, state, run_id, is_held, attempts, possible_orphans, amount_micro, created_at, "
            "updated_at, description, terms) VALUES (?, ?, ?, ?, 0, 1, ?, ?, ?, ?, 'Order', '{}')",
            (scope, key, state, run, orphans, amount, made, made))
        if kind == "doubt":
            note(made, ("in_doubt_requests", "in_doubt"), amount)
            note(made, "possible_orphans")
        else:
            note(made, "not_made_requests")
        return
    expires = made + 3600
    reusable, chosen = kind == "reusable", kind == "chosen"
    moments = []
    if kind in ("paid", "short", "over", "chosen"):
        moments = [made + chance.randrange(5, 3_000)]
    elif kind == "late":
        moments = [expires + chance.randrange(0, 70_000)]
    elif reusable:
        moments = sorted(made + chance.randrange(5, 10 * 86_400) for _ in range(chance.randrange(0, 4)))
        expires = None
    elif kind == "open":
        expires = None
    received = {"short": max(1, amount // 2), "over": amount + 5, "chosen": chance.randrange(1, 10**7)}.get(kind, amount)
    if kind == "short" and received >= amount:
        amount = received + 1
    payments = [insert_payment(database, scope, link_id, chance, moment, received, unseen=chance.random() < 0.2)
                for moment in moments]
    paid = bool(payments) and not reusable or kind == "word"
    status = 1 if paid else 2 if kind == "expired" else 0
    link = {
        "id": link_id, "status": status, "amount": amount, "description": f"Order {number % 50}", "paymentCount": len(payments) + (kind == "word") + (2 if reusable and number % 3 == 0 else 0),
        "createdTimestamp": made, "updatedTimestamp": made, "mostRecentPayment": payments[-1] if payments else None}
    if expires:
        link["expirationTimestamp"] = expires
    if reusable:
        link["reuseable"] = True
    if chosen:
        link["payerDefinedAmount"] = True
    database.execute(
        "INSERT INTO links (scope_id, key, state, run_id, is_held, attempts, possible_orphans, amount_micro, created_at, "
        "updated_at, link_id, status, url, locale, close_on_complete, description, terms, link, is_open) "
        "VALUES (?, ?, 'done', ?, 0, 1, 0, ?, ?, ?, ?, ?, ?, 'en', 0, ?, '{}', ?, ?)",
        (scope, key, run, amount, made, made, link_id, ["active", "paid", "expired"][status], f"{base_url}/en/link/{link_id}",
         f"Order {number % 50}", json.dumps(link), int(status == 0)))

    note(made, ("asked_links", "asked"), amount)
    if reusable and number % 3 == 0:
        note(made, "unseen_payments")
        note(made, "unseen_payments")
    if kind == "short":
        note(made, ("short_links", "short"), amount)
    elif payments or kind == "word":
        note(made, ("paid_links", "paid"), amount)
        if kind == "word":
            note(made, "unshown_links")
    elif kind == "expired":
        note(made, ("ended_links", "ended"), amount)
    else:
        note(made, ("open_links", "open"), amount)
    for moment in moments:
        note(moment, ("received_payments", "received"), received)
        if expires and moment >= expires:
            note(moment, ("late_payments", "received_late"), received)
        if kind == "short":
            note(moment, ("short_payments", "received_short"), received)
            note(moment, (None, "lacking"), amount - received)
        else:
            note(moment, ("in_full_payments", "received_in_full"), received)
        if kind == "over":
            note(moment, ("beyond_payments", "beyond"), received - amount)


def insert_payment(database, scope, link_id, chance, moment, amount, unseen=False):
    payment = {
        "id": str(uuid.UUID(int=chance.getrandbits(128))), "payLinkId": link_id, "amount": amount, "relayerTransactionId": "r",
        "transactionHash": "0x01", "paidByUserId": None, "createdTimestamp": moment, "updatedTimestamp": moment}
    seen_at = moment + 60 * 86_400 if unseen else moment + 2
    database.execute(
        "INSERT INTO payments (scope_id, link_id, payment_id, received_micro, made_at, event, seen_at, payment) "
        "VALUES (?, ?, ?, ?, ?, NULL, ?, ?)", (scope, link_id, payment["id"], amount, moment, seen_at, json.dumps(payment)))
    return payment


# What the same figures are by other ways. Amounts in micro-USDC.


def by_sql(path):
    with sqlite3.connect(path) as database:
        scope = database.execute("SELECT min(id) FROM scopes").fetchone()[0]

        def pair(table, condition, value, *more):
            return database.execute(
                f"SELECT count(*), coalesce(sum({value}), 0) FROM {table} WHERE scope_id = ? AND {condition}", (scope, *more)
            ).fetchone()

        links, period = "links", "created_at >= ? AND created_at < ?"
        received = "coalesce(made_at, seen_at) >= ? AND coalesce(made_at, seen_at) < ?"
        found = {}
        found["asked_links"], found["asked"] = pair(links, f"state = 'done' AND {period}", "amount_micro", SINCE, BEFORE)
        found["in_doubt_requests"], found["in_doubt"] = pair(links, f"state = 'in_doubt' AND {period}", "amount_micro", SINCE, BEFORE)
        found["ended_links"], found["ended"] = pair(links, f"status = 'expired' AND {period}", "amount_micro", SINCE, BEFORE)
        found["received_payments"], found["received"] = pair("payments", received, "received_micro", SINCE, BEFORE)
        by_day = dict(database.execute(
            f"SELECT date(coalesce(made_at, seen_at) + 3600, 'unixepoch'), sum(received_micro) FROM payments "
            f"WHERE scope_id = ? AND {received} GROUP BY 1", (scope, SINCE, BEFORE)).fetchall())
    return found, by_day


def by_export(path, account):
    found = defaultdict(int)
    with open(path, encoding="utf-8") as file:
        rows = [row for row in json.load(file) if row["account"] == account]
    for row in rows:
        if not SINCE <= row["created_at"] < BEFORE:
            continue
        amount = micro(row["amount"])
        if row["state"] == "in_doubt":
            found["in_doubt_requests"] += 1
            found["in_doubt"] += amount
        if row["state"] != "done":
            continue
        found["asked_links"] += 1
        found["asked"] += amount
        link = row["link"]
        if link["status"] == "expired":
            found["ended_links"] += 1
            found["ended"] += amount
        newest = micro(row["received"]) if row["received"] else None
        if newest is not None and not link["payer_defined_amount"] and newest < micro(link["amount"]):
            found["short_links"] += 1
            found["short"] += amount
    return found


def micro(text):
    return int(Decimal(text) * 1_000_000)


def check(figures, ledger, report, export):
    with open(figures, encoding="utf-8") as file:
        expected = json.load(file)
    with open(report, encoding="utf-8") as file:
        shown = json.load(file)
    problems = []

    def compare(way, name, should, figure):
        value = micro(figure) if isinstance(figure, str) else figure
        if value != should:
            problems.append(f"{way}: {name} is {figure}, and should be {should}")

    for name, figure in shown["total"].items():
        compare("construction", name, expected["total"].get(name, 0), figure)
    groups = {group["name"]: group["figures"] for group in shown["groups"]}
    for day, figures_of_day in expected["days"].items():
        for name, figure in groups.get(day, {}).items():
            compare(f"construction, {day}", name, figures_of_day.get(name, 0), figure)
    if len(groups) != 30:
        problems.append(f"{len(groups)} days")
    sql, days = by_sql(ledger)
    for name, should in sql.items():
        compare("SQL", name, should, shown["total"][name])
    for day, should in days.items():
        compare(f"SQL, {day}", "received", should, groups[day]["received"])
    exported = by_export(export, shown["account"])
    for name, should in exported.items():
        compare("export", name, should, shown["total"][name])
    if exported["asked_links"] == 0 or sql["received"] == 0:
        problems.append("nothing was compared")
    print("\n".join(problems[:20]) or f"{len(shown['total'])} figures of {shown['total']['asked_links']} links agree")
    return 1 if problems else 0


if __name__ == "__main__":
    command, *words = sys.argv[1:]
    sys.exit(fill(words[0], int(words[1]), words[2]) if command == "fill" else check(*words))
