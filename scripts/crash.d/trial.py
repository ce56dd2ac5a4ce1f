"""One trial from its beginning to its verdict: tables of orders for the hosts, the planned interruptions, an
undisturbed end. Where its parts run (network or loopback) is decided before, in main.py.
"""

import asyncio
import json
import time

from hosts import NO_LEDGER, Away, Host, Published
from plan import Plan
from processes import ProgramFailed, environment, run
from servers import ROLE
from verdict import Table, compare, creations

# Seconds for the sessions of processes that are gone, or were cut off, to be gone for the server.
SESSIONS_END = 30


class Trial:
    """The parts that take part, and what they came to."""

    def __init__(self, options, folder, log, cluster, network, sandbox, places, relays, base_url):
        self.options, self.folder, self.log = options, folder, log
        self.cluster, self.network, self.sandbox, self.relays = cluster, network, sandbox, relays
        self.ledger = options.ledger or cluster.ledger
        self.published, self.servers_away, self.tables, self.done = Published(), Away(), [], []
        self.problems, self.seconds, self.last, self.leftover, self.resolved = [], {}, 0, None, 0
        self.variables = sandbox.credentials | {"PAYLINK_LEDGER": self.ledger, "PAYLINK_BASE_URL": base_url}
        words = [options.paylink, "--concurrency", str(options.concurrency)]
        self.hosts = [
            Host(place, folder / place.name, words, self.variables, self.published, self.servers_away, log)
            for place in places]
        self.plan = Plan.make(
            options.seed, len(self.hosts), options.lease, kills=options.kills, stops=options.stops, cuts=options.cuts,
            restarts=options.restarts, promotions=options.promotions)
        (folder / "plan.json").write_text(json.dumps(self.plan.as_json(), indent=1) + "\n", encoding="utf-8")

    @property
    def limit(self):
        """Seconds within which an undisturbed end must come."""
        return 3 * self.options.lease + 60 + self.options.rows // 20

    async def perform(self):
        if self.cluster:
            await self.paylink("ledger", "init")
        await self._interrupt()
        await self._look_for_leftovers()
        await self._run_again()
        record = await self.sandbox.record()
        with open(self.folder / "record.jsonl", "w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(entry) + "\n" for entry in record)
        export = await self.paylink("ledger", "export", "--json")
        (self.folder / "ledger.json").write_text(export, encoding="utf-8")
        at_risk = self.plan.requests_at_risk(self.options.concurrency)
        findings = compare(self.tables, self.published, record, export, at_risk)
        findings.add("host", (failure for host in self.hosts for failure in host.failures))
        findings.add("end", self.problems)
        if len(self.plan.events) >= 100 and not findings.orphans and not findings.counted:
            findings.add("trial", ["no interruption met a request in flight, so nothing was shown"])
        return findings

    async def paylink(self, *words, allowed=(0,)):
        host = self.hosts[0]
        return await run(
            host.place, [self.options.paylink, *words], limit=300, folder=host.folder, allowed=allowed,
            env=environment(HOME=host.folder, **self.variables))

    # Interruptions, and tables as long as there are any

    async def _interrupt(self):
        began = time.monotonic()
        chains = asyncio.gather(
            self._interrupt_servers(),
            *(host.suffer(events, self.network, self.relays.get(host.name), self.done.append)
              for host, events in zip(self.hosts, self.plan.hosts)))
        try:
            while True:
                work = self._begin_table()
                await asyncio.wait({work, chains}, return_when=asyncio.FIRST_COMPLETED)
                if chains.done():
                    break
                work.result()
            chains.result()
            self.seconds["with interruptions"] = time.monotonic() - began
            self.log("end", "all", f"nothing interrupts any more: {self.limit} s are left")
            began = time.monotonic()
            self.last = await self._finish(work)
            self.seconds["undisturbed end"] = time.monotonic() - began
        finally:
            for task in (chains, work):
                task.cancel()
            await asyncio.gather(chains, work, return_exceptions=True)
            for host in self.hosts:
                host.end()

    def _begin_table(self):
        number = len(self.tables) + 1
        results = {host.name: str(host.folder / f"links-{number}.csv") for host in self.hosts}
        table = Table(number, self.options.rows, str(self.folder / f"orders-{number}.csv"), results)
        table.write()
        self.tables.append(table)
        self.log("table", "all", f"{number}, {len(self.done)} of {len(self.plan.events)} interruptions are over")
        return asyncio.gather(*(host.work(table.path, results[host.name]) for host in self.hosts))

    async def _interrupt_servers(self):
        for event in self.plan.servers:
            await asyncio.sleep(event.after)
            self.servers_away.begin(NO_LEDGER)
            if event.kind == "restart":
                await self.cluster.restart(event.pause, event.is_silent and self.network is not None)
            else:
                await self.cluster.promote(event.way)
            self.servers_away.end(NO_LEDGER)
            self.done.append(event)

    async def _finish(self, work):
        """Waits for the undisturbed end; what halts for an operator is resolved as one would."""
        deadline = time.monotonic() + self.limit
        while not work.done() and (left := deadline - time.monotonic()) > 0:
            await asyncio.wait({work}, timeout=min(left, self.options.lease + 10))
            if not work.done():
                await self._resolve()
        if work.done():
            return max(work.result())
        running = ", ".join(host.name for host in self.hosts if host.is_running) or "no batch"
        self.problems.append(f"stuck: after {self.limit} s there was no end; {running} was running")
        await self._note_sessions("stuck")
        return None

    async def _resolve(self):
        doubts = [json.loads(line) for line in (await self.paylink("ledger", "doubt", "list", "--json")).splitlines()]
        halted = [row["key"] for row in doubts if row.get("state") == "in_doubt" and row.get("key")]
        if halted:
            self.resolved += len(halted)
            self.log("doubt", "operator", f"retries {len(halted)}: {', '.join(halted[:5])}")
            await self.paylink("ledger", "doubt", "resolve", "--all", "--links", "--retry", allowed=(0, 65))

    # Afterwards

    async def _look_for_leftovers(self):
        """Nobody is connected any more, and nothing is locked."""
        if not self.cluster:
            return
        statement = f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{ROLE}'"
        began = time.monotonic()
        while (count := int(await self.cluster.primary.ask(statement))) and time.monotonic() - began < SESSIONS_END:
            await asyncio.sleep(0.5)
        self.leftover = count
        if count:
            self.problems.append(f"{count} session(s) were left {SESSIONS_END} s after the last batch")
            await self._note_sessions("leftover")

    async def _note_sessions(self, name):
        if not self.cluster:
            return
        statement = (
            "SELECT a.pid, a.client_addr, a.state, a.wait_event_type, a.wait_event, a.query_start, l.locktype, l.mode,"
            " l.granted, left(a.query, 200) FROM pg_stat_activity a LEFT JOIN pg_locks l USING (pid)"
            f" WHERE usename = '{ROLE}' ORDER BY 1")
        try:
            text = await self.cluster.primary.ask(statement)
        except ProgramFailed as problem:
            text = str(problem)
        (self.folder / f"sessions-{name}.txt").write_text(text + "\n", encoding="utf-8")

    async def _run_again(self):
        """Finished is finished: no request, the same bytes."""
        if self.problems:
            return
        table, host = self.tables[-1], self.hosts[0]
        with open(table.results[host.name], "rb") as results:
            before = results.read()
        requests = len(creations(await self.sandbox.record()))
        await asyncio.wait_for(host.work(table.path, table.results[host.name]), self.limit)
        with open(table.results[host.name], "rb") as results:
            if results.read() != before:
                self.problems.append("run again, the batch gave other results")
        more = len(creations(await self.sandbox.record())) - requests
        if more:
            self.problems.append(f"run again, the batch sent {more} request(s)")
