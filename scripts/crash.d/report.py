"""What was done and found: the log while it goes on, the table at the end, the same as JSON."""

import json
import sys
import time
from collections import Counter


class Log:
    """One line for each thing that happens: seconds since the beginning, what, whom, in words."""

    def __init__(self, path):
        self._began = time.monotonic()
        self._file = open(path, "a", buffering=1, encoding="utf-8")

    def now(self):
        return time.monotonic() - self._began

    def __call__(self, what, whom, words):
        self._file.write(f"{self.now():9.2f}  {what:<9}  {whom:<8}  {words}\n")


def summary(trial, findings):
    """The figures by their names, in the order in which they are shown."""
    planned = Counter(event.kind for event in trial.plan.events)
    done = Counter(event.kind for event in trial.done)
    kills = sum((host.kills for host in trial.hosts), Counter())
    endings = sum((host.endings for host in trial.hosts), Counter())
    return {
        "seed": trial.plan.seed,
        "hosts": len(trial.hosts),
        "ledger": "file" if trial.options.ledger else "server" if trial.network is None else "primary and standby",
        "interruptions": {kind: f"{done[kind]} of {count}" for kind, count in planned.items()},
        "kills": dict(sorted(kills.items())),
        "batches started": sum(host.starts for host in trial.hosts),
        "batches by status": {str(status): count for status, count in sorted(endings.items())},
        "tables": f"{len(trial.tables)} of {trial.options.rows} rows",
        "links made": findings.links,
        "keys published": f"{findings.published} of {findings.keys}",
        "orphans": f"{findings.orphans} (at most {findings.at_risk} requests were at risk)",
        "possible orphans counted": findings.counted,
        "in doubt at the end": findings.in_doubt,
        "halted, and retried": trial.resolved,
        "sessions left": trial.leftover,
        "seconds": {name: round(value, 1) for name, value in trial.seconds.items()},
        "last batch": None if trial.last is None else f"{trial.last:.1f} s",
        "violations": len(findings.violations),
    }


def show(figures, findings, as_json):
    if as_json:
        print(json.dumps(figures | {"violations": findings.violations}, indent=1))
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {item}" for key, item in value.items()) or "none"
        print(f"{name.ljust(width)}  {'-' if value is None else value}")
    for violation in findings.violations:
        print(f"VIOLATION  {violation}")
    sys.stdout.flush()
