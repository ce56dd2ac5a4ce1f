"""pgbench as a client that writes links: the claim's row and the end's update, prepared, nothing else.

Once with as many links in a pipeline as paylink has in flight, so that they share two commits; once with as many
connections, where each link has two commits of its own.
"""

import json

import server

TERMS = json.dumps({"amount": "12.50", "description": server.DESCRIPTION}, separators=(",", ":"))
LINK = json.dumps(server.PAY_LINK, separators=(",", ":"))

CLAIM = """INSERT INTO paylink.links (scope_id, key, run_id, attempts, state, is_held, possible_orphans, terms,
 amount_micro, description, created_at, updated_at)
 VALUES (:scope, 'order:' || :own || ':' || (:first + {n}), :run, 1, 'sent', true, 0, :terms,
 12500000, :description, 1767225600, 1767225600)
 ON CONFLICT (scope_id, key) WHERE key IS NOT NULL DO NOTHING;"""
FINISH = """UPDATE paylink.links SET state = 'done', is_held = false, possible_orphans = 0, link_id = :link_id,
 status = 'active', url = :url, locale = 'en', close_on_complete = false, link = :link, updated_at = 1767225601,
 is_open = true
 WHERE scope_id = :scope AND key = 'order:' || :own || ':' || (:first + {n}) AND run_id = :run AND is_held;"""


def prepare(cluster, database):
    """What rows refer to: a scope and a run, both of number 1 in an empty ledger."""
    cluster.query(
        "INSERT INTO paylink.scopes (id, account, base_url) OVERRIDING SYSTEM VALUE VALUES (1, 'bench', 'http://bench');"
        "INSERT INTO paylink.runs (id, command, host, pid, started_at) OVERRIDING SYSTEM VALUE"
        " VALUES (1, 'pgbench', 'bench', 1, 0)", database)


def commands(cluster, database, folder, links, width):
    """One that has `width` links in each of its pipelines, one with `width` connections; both write all links."""
    turns = links // width
    return (
        command(cluster, database, script(folder / "pgbench-grouped.sql", width), clients=1, turns=turns),
        command(cluster, database, script(folder / "pgbench-single.sql", 1), clients=width, turns=turns),
    )


def script(path, width):
    """`width` claims with one commit, their ends with another one."""
    lines = [r"\set own :client_id", rf"\set first :turn * {width}", r"\set turn :turn + 1"]
    for statement in (CLAIM, FINISH):
        lines += [r"\startpipeline", *(statement.format(n=n).replace("\n", "") for n in range(width)), r"\endpipeline"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def command(cluster, database, path, clients, turns):
    variables = {
        "scope": 1, "run": 1, "turn": 0, "terms": TERMS, "description": server.DESCRIPTION, "link": LINK,
        "link_id": server.PAY_LINK["id"], "url": server.PAY_LINK["url"],
    }
    return [
        str(cluster.bin / "pgbench"), "--no-vacuum", "--protocol", "prepared", "--client", str(clients),
        "--jobs", "1", "--transactions", str(turns), *[f"--define={name}={value}" for name, value in variables.items()],
        "--file", str(path), database,
    ]
