"""What is going to happen: every interruption of a run, made beforehand from the seed alone.

The same seed and the same numbers give the same plan. Waits are seconds; how far the processes have come when an
interruption strikes is the machine's doing, so a repeated plan meets other instants of the same kind.
"""

import random
from dataclasses import asdict, dataclass, field

# Where a debug build can be told to kill itself (Sources/Ledger/CrashPoint.swift).
POINTS = ("after_claim", "after_send", "after_reply", "before_commit", "before_rename")

# How the primary is lost before the standby takes its place. "split": the old one can be reached again, and written
# to, before it is stopped. "behind": it has lost its standby before, and crashed and started again, so that what it
# shows is not all on the standby; none of that was ever acknowledged.
PROMOTIONS = ("crash", "cut off", "split", "behind")


@dataclass(frozen=True)
class Kill:
    """SIGKILL so long after the process began, or at a named place if it comes to that before."""

    after: float
    point: str | None = None
    kind: str = "kill"


@dataclass(frozen=True)
class Stop:
    """SIGSTOP, and SIGCONT later than the lease."""

    after: float
    seconds: float
    kind: str = "stop"


@dataclass(frozen=True)
class Cut:
    """All packets between a host and the servers dropped. `silences` the way to the service as well."""

    after: float
    seconds: float
    silences: bool
    kill_after: float | None
    kind: str = "cut"


@dataclass(frozen=True)
class Restart:
    """An immediate stop of the primary, as a crash, and its start; of its machine if it `is_silent` meanwhile."""

    after: float
    pause: float
    is_silent: bool
    kind: str = "restart"


@dataclass(frozen=True)
class Promotion:
    """The primary lost in one of several ways, the standby promoted, the old primary made its standby."""

    after: float
    way: str
    kind: str = "promotion"


@dataclass
class Plan:
    """For each host its interruptions in order, and those of the servers."""

    seed: int
    hosts: list = field(default_factory=list)
    servers: list = field(default_factory=list)

    @classmethod
    def make(cls, seed, hosts, lease, *, kills, stops, cuts, restarts, promotions):
        chance = random.Random(seed)
        each = [make_kill(chance) for _ in range(kills)]
        each += [Stop(chance.uniform(0.2, 2), lease + chance.uniform(2, 6)) for _ in range(stops)]
        each += [make_cut(chance, lease, number) for number in range(cuts)]
        chance.shuffle(each)
        servers = [
            Restart(chance.uniform(0.5, 6), chance.choice((0, 0, 0.5, 3)), chance.random() < 0.3)
            for _ in range(restarts)]
        ways = [PROMOTIONS[number % len(PROMOTIONS)] for number in range(promotions)]
        servers += [Promotion(chance.uniform(1, 6), way) for way in ways]
        chance.shuffle(servers)
        # The long ones are dealt out first and evenly: they decide how long a host's turn takes.
        each.sort(key=lambda event: event.kind == "kill")
        dealt = [each[number::hosts] for number in range(hosts)]
        for events in dealt:
            chance.shuffle(events)
        return cls(seed, dealt, servers)

    @property
    def events(self):
        return [event for events in [*self.hosts, self.servers] for event in events]

    def count(self, kind):
        return sum(event.kind == kind for event in self.events)

    def requests_at_risk(self, concurrency):
        """The most requests that can have been in flight at one of its interruptions: those of the servers meet all."""
        of_all = len(self.servers) * len(self.hosts)
        cuts_and_kills = sum(event.kind == "cut" and event.kill_after is not None for event in self.events)
        of_one = sum(map(len, self.hosts)) + cuts_and_kills
        return (of_one + of_all) * concurrency

    def as_json(self):
        return {
            "seed": self.seed,
            "hosts": [[asdict(event) for event in events] for events in self.hosts],
            "servers": [asdict(event) for event in self.servers],
        }


def make_kill(chance):
    after = min(0.05 + chance.expovariate(1 / 1.1), 6)
    if chance.random() < 0.4:
        point = chance.choice(POINTS)
        times = 1 if point == "before_rename" else chance.randint(1, 12)
        return Kill(max(after, 2), f"{point}:{times}")
    return Kill(after)


def make_cut(chance, lease, number):
    """Shorter and longer than the lease by turns."""
    seconds = chance.uniform(0.1, 0.8) * lease if number % 2 else lease + chance.uniform(1, 8)
    kill_after = chance.uniform(0, seconds) if chance.random() < 0.3 else None
    return Cut(chance.uniform(0.2, 2), seconds, chance.random() < 0.4, kill_after)
