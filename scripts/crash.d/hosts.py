"""A host: its `paylink batch`, run again and again until it says that all is done, and what interrupts it meanwhile."""

import asyncio
import csv
import signal
import time
from collections import Counter

from plan import Kill
from processes import ProgramFailed, environment, send, spawn

DONE, UNFINISHED, UNREACHABLE, NO_LEDGER = 0, 75, 69, 74
TOO_MANY_FAILURES = 500
# How long what a status complains of must have been away, and how long ago that may have been: a batch waits 15 s for
# its ledger, and rides out what is shorter. Seconds.
LEAST_AWAY = {UNREACHABLE: 0, NO_LEDGER: 12}
AFTERMATH = {UNREACHABLE: 90, NO_LEDGER: 20}


class Away:
    """When what a batch may complain of was away, by the status with which it does."""

    def __init__(self):
        self._times = {}

    def begin(self, status):
        self._times.setdefault(status, []).append([time.monotonic(), float("inf")])

    def end(self, status):
        self._times[status][-1][1] = time.monotonic()

    def excuses(self, status, started, was_stopped):
        """Whether a batch that started then may end so now. One that was stopped has not ridden out anything."""
        now, least = time.monotonic(), 0 if was_stopped else LEAST_AWAY.get(status)
        return any(
            end >= started and min(end, now) - begin >= least and (was_stopped or now - end <= AFTERMATH[status])
            for begin, end in self._times.get(status, ()))


class Published:
    """What any results file ever said: a key's link, for good. Hosts and their runs must agree."""

    def __init__(self):
        self.links = {}
        self._found_by = {}
        self._contradictions = {}

    def note(self, path, who):
        try:
            with open(path, newline="", encoding="utf-8") as text:
                for row in csv.DictReader(text):
                    self._note(row["order_id"], row["paylink_id"], who)
        except FileNotFoundError:
            pass

    def _note(self, key, link, who):
        first, found_by = self.links.setdefault(key, link), self._found_by.setdefault(key, who)
        if first != link:
            words = f"{key}: {found_by} published {first}, and then {who} published {link}"
            self._contradictions.setdefault((key, link), words)

    @property
    def contradictions(self):
        return list(self._contradictions.values())


class Host:
    """One batch at a time in a place of its own, with files of its own."""

    def __init__(self, place, folder, words, variables, published, servers_away, log):
        self.name, self.place, self.folder = place.name, place, folder
        self._words, self._variables = words, variables
        self._published, self._servers_away, self._away, self._log = published, servers_away, Away(), log
        self._process, self._started = None, 0
        self._is_running = asyncio.Event()
        self._coming, self._was_killed, self._was_stopped = None, False, False
        self.starts, self.endings, self.kills = 0, Counter(), Counter()
        self.failures = []
        folder.mkdir()

    # The batch

    async def work(self, table, results):
        """Runs the batch until it says that every row has its link. Gives the seconds of its last run."""
        while True:
            status = await self._run_once(table, results)
            if status == DONE:
                return time.monotonic() - self._started
            if status != -signal.SIGKILL:
                await asyncio.sleep(0.2)

    async def _run_once(self, table, results):
        variables = dict(self._variables, HOME=self.folder)
        coming = self._coming
        if isinstance(coming, Kill) and coming.point:
            variables["PAYLINK_CRASH_AT"] = coming.point
        self._was_killed = self._was_stopped = False
        self.starts += 1
        with open(self.folder / "batches.log", "a+", encoding="utf-8") as errors:
            told = variables.get("PAYLINK_CRASH_AT", "")
            errors.write(f"--- start {self.starts} at {self._log.now():.2f} s {told}\n")
            errors.flush()
            beginning = errors.tell()
            words = [self._words[0], "batch", table, "--out", results, *self._words[1:]]
            self._process = await spawn(
                self.place, words, env=environment(**variables), errors=errors, output=errors, folder=self.folder)
            self._started = time.monotonic()
            self._is_running.set()
            status = await self._process.wait()
            self._is_running.clear()
            errors.seek(beginning)
            said = [line for line in errors.read().splitlines() if line.startswith("paylink: ")]
            errors.write(f"--- end {self.starts} at {self._log.now():.2f} s: status {status}\n")
        self._note_ending(status, coming, said[-1] if said else "")
        self._published.note(results, f"{self.name} (start {self.starts})")
        return status

    def _note_ending(self, status, coming, said):
        self.endings[status] += 1
        away = (self._away, self._servers_away)
        if status in (DONE, UNFINISHED):
            return
        if any(kind.excuses(status, self._started, self._was_stopped) for kind in away):
            return
        if status == -signal.SIGKILL and self._was_killed:
            return
        if status == -signal.SIGKILL and isinstance(coming, Kill) and coming.point:
            # It came to the place and killed itself; the next run is not told to.
            self._coming = None
            self.kills[coming.point.partition(":")[0]] += 1
            self._log("kill", self.name, f"at {coming.point}")
            return
        self.failures.append(
            f"{self.name}: start {self.starts} ended with status {status} at {self._log.now():.1f} s: {said[:200]}")
        if len(self.failures) > TOO_MANY_FAILURES:
            raise ProgramFailed(f"{self.name}: {TOO_MANY_FAILURES} batches have failed: see {self.folder}/batches.log")

    def end(self):
        send(self._process, signal.SIGKILL)

    @property
    def is_running(self):
        return self._is_running.is_set()

    # What interrupts it

    async def suffer(self, events, network, relay, done):
        """One interruption after the other; each strikes a batch that runs. `done` is told of each."""
        for event, following in zip(events, [*events[1:], None]):
            self._coming = event
            strike = {"kill": self._kill, "stop": self._stop, "cut": self._cut}[event.kind]
            await strike(event, following, network, relay)
            self._coming = following
            done(event)

    async def _running(self):
        await self._is_running.wait()
        return self._process

    async def _kill(self, event, following, *_):
        begun, after = time.monotonic(), event.after
        while True:
            process = await self._running()
            left = max(begun, self._started) + after - time.monotonic()
            if not await ends_within(process, left):
                self._coming = following
                if self._strike(process, f"{time.monotonic() - self._started:.2f} s after it began"):
                    await process.wait()
                    return
                self._coming = event
            # It has killed itself.
            if self._coming is None:
                return
            # It was done before the kill was due: the next one is killed sooner.
            after /= 2
            await asyncio.sleep(0.01)

    def _strike(self, process, when):
        self._was_killed = send(process, signal.SIGKILL)
        if self._was_killed:
            self.kills["any moment"] += 1
            self._log("kill", self.name, when)
        return self._was_killed

    async def _stop(self, event, *_):
        after = event.after
        while True:
            process = await self._running()
            if not await ends_within(process, after):
                break
            after /= 2
            await asyncio.sleep(0.01)
        self._log("stop", self.name, f"for {event.seconds:.1f} s")
        self._was_stopped = send(process, signal.SIGSTOP)
        await asyncio.sleep(event.seconds)
        send(process, signal.SIGCONT)
        self._log("stop", self.name, "goes on")

    async def _cut(self, event, _, network, relay):
        await self._running()
        await asyncio.sleep(event.after)
        whole = ", from the service as well" if event.silences else ""
        self._log("cut", self.name, f"for {event.seconds:.1f} s{whole}")
        await network.cut(self.name)
        self._away.begin(NO_LEDGER)
        if event.silences:
            relay.silence()
            self._away.begin(UNREACHABLE)
        left = event.seconds
        if event.kill_after is not None:
            await asyncio.sleep(event.kill_after)
            left -= event.kill_after
            if self._is_running.is_set():
                self._strike(self._process, "while it is cut off")
        await asyncio.sleep(left)
        if event.silences:
            relay.resume()
            self._away.end(UNREACHABLE)
        await network.mend(self.name)
        self._away.end(NO_LEDGER)
        self._log("cut", self.name, "mended")


async def ends_within(process, seconds):
    try:
        await asyncio.wait_for(process.wait(), max(seconds, 0))
    except asyncio.TimeoutError:
        return False
    return True
