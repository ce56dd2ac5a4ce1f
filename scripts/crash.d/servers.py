"""PostgreSQL servers of our own: a primary, and where there is a network its synchronous standby.

One `Server` is one data folder and the postmaster on it, a child of this process. What differs between the servers
stands on their command lines: pg_rewind and pg_basebackup bring the other one's files along, settings included.
"""

import asyncio
import glob
import os
import shutil
import time

from processes import HERE, ProgramFailed, environment, run, spawn

PORT = 5432
DATABASE, ROLE = "shop", "paylink"
STARTING = 60  # seconds until a server that does not answer is given up
REJOINING = 60  # seconds for a standby to be synchronous
STOPPING = 180

SETTINGS = {
    "max_connections": 200,
    "dynamic_shared_memory_type": "mmap",  # nothing of it outside of the data folder
    "wal_keep_size": "1GB",  # pg_rewind reads from the checkpoint before the servers parted
    "max_wal_size": "1GB",
    "hot_standby": "on",
    "synchronous_commit": "on",
    "wal_retrieve_retry_interval": "200ms",
    "wal_receiver_timeout": "5s",
    "wal_sender_timeout": "5s",
    "log_line_prefix": "'%m [%p] %a@%h '",
    "log_checkpoints": "off",
    "log_min_duration_statement": 5000,
}


def programs():
    """The folder of PostgreSQL's server programs, of the newest that is there; `None` without any."""
    found = [folder for folder in glob.glob("/usr/lib/postgresql/*/bin") if os.access(f"{folder}/initdb", os.X_OK)]
    return max(found, key=lambda folder: float(folder.split("/")[4]), default=None)


def owner():
    """Whom a server runs as: it refuses to be root."""
    return "postgres" if os.geteuid() == 0 else None


class Server:
    """A data folder and its postmaster. `other` is the server it copies, or has as its standby; alone without one."""

    def __init__(self, name, place, address, folder):
        self.name, self.place, self.address = name, place, address
        self.folder, self.data = folder, folder / "data"
        self.process, self.other = None, None
        self.bin = programs()
        folder.mkdir()
        if owner():
            shutil.chown(folder, owner(), owner())

    async def tool(self, name, *words, limit=60):
        return await run(
            self.place, [f"{self.bin}/{name}", *words], limit=limit, user=owner(), folder=self.folder,
            env=environment(HOME=self.folder))

    async def create(self):
        await self.tool(
            "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
            "--data-checksums")  # pg_rewind needs them
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as settings:
            settings.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
        if self.address:
            with open(self.data / "pg_hba.conf", "a", encoding="utf-8") as rules:
                rules.write("host all all samenet trust\nhost replication all samenet trust\n")

    async def copy(self, source):
        """Becomes a copy of a running server, from nothing."""
        shutil.rmtree(self.data, ignore_errors=True)
        await self.tool(
            "pg_basebackup", "-D", self.data, "-h", source.folder, "-p", PORT, "-U", "postgres", "--no-sync",
            "--checkpoint=fast", "--wal-method=stream")

    async def rewind(self, source):
        """Becomes a copy of the server that has taken its place, from what it has."""
        try:
            await self.tool(
                "pg_rewind", "-D", self.data, "--no-sync",
                f"--source-server=host={source.folder} port={PORT} user=postgres dbname=postgres")
            return "pg_rewind"
        except ProgramFailed as problem:
            await self.copy(source)
            return f"pg_basebackup, as pg_rewind failed: {problem}"

    async def start(self, as_standby=False):
        signal_file = self.data / "standby.signal"
        if as_standby:
            signal_file.touch()
            if owner():
                shutil.chown(signal_file, owner(), owner())
        settings = {"unix_socket_directories": self.folder, "listen_addresses": self.address or ""}
        if self.other:
            settings["synchronous_standby_names"] = self.other.name
            settings["primary_conninfo"] = (
                f"host={self.other.address} port={PORT} user=postgres application_name={self.name} connect_timeout=2"
                " keepalives_idle=2 keepalives_interval=1 keepalives_count=3 tcp_user_timeout=5000")
        words = [f"{self.bin}/postgres", "-D", self.data, "-p", PORT]
        words += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with open(self.folder / "server.log", "ab") as log:
            self.process = await spawn(
                self.place, words, user=owner(), death="QUIT", output=log, errors=log, folder=self.folder,
                env=environment(HOME=self.folder))
        deadline = time.monotonic() + STARTING
        while not await self.answers():
            if self.process.returncode is not None or time.monotonic() > deadline:
                raise ProgramFailed(f"{self.name} does not start: see {self.folder}/server.log")
            await asyncio.sleep(0.05)

    async def answers(self):
        try:
            await self.tool("pg_isready", "-q", "-h", self.folder, "-p", PORT, "-t", "3")
        except ProgramFailed:
            return False
        return True

    async def stop(self):
        """Stops it as a crash does, and gives the seconds it took: what waits for a slow disk cannot be killed."""
        if self.process is None or self.process.returncode is not None:
            return 0
        began = time.monotonic()
        await self.tool(
            "pg_ctl", "stop", "-D", self.data, "-m", "immediate", "-w", "-t", STOPPING, "-s", limit=STOPPING + 10)
        await self.process.wait()
        return time.monotonic() - began

    async def promote(self):
        await self.tool("pg_ctl", "promote", "-D", self.data, "-w", "-t", "60", "-s")

    async def ask(self, statement, database="postgres", limit=60):
        """A statement as the superuser, which waits for no standby."""
        return (
            await run(
                HERE, ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-p", PORT,
                       "-U", "postgres", "-d", database, "-c", statement],
                limit=limit, user=owner(), folder=self.folder,
                env=environment(HOME=self.folder, PGOPTIONS="-c synchronous_commit=local", PGCONNECT_TIMEOUT=5))
        ).strip()

    async def has_standby(self):
        """Whether the other one has all that is committed here."""
        found = await self.ask(
            "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'"
            f" AND application_name = '{self.other.name}'")
        return found == "1"


class Cluster:
    """The servers by their roles. `network` is there where there are two of them."""

    def __init__(self, servers, network, log):
        self.servers, self.network, self._log = servers, network, log
        self.primary, self.standby = servers[0], servers[1] if len(servers) > 1 else None
        if self.standby:
            self.primary.other, self.standby.other = self.standby, self.primary

    @property
    def ledger(self):
        """The address of the ledger, with all servers in the order in which they were made."""
        if not self.standby:
            return f"postgres://{ROLE}@/{DATABASE}?host={self.primary.folder}&port={PORT}"
        return f"postgres://{ROLE}@{','.join(f'{server.address}:{PORT}' for server in self.servers)}/{DATABASE}"

    async def begin(self):
        await self.primary.create()
        await self.primary.start()
        await self.primary.ask(f"CREATE ROLE {ROLE} LOGIN")
        await self.primary.ask(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        if self.standby:
            await self.standby.copy(self.primary)
            await self.standby.start(as_standby=True)
            await self.wait_for_standby()

    async def wait_for_standby(self):
        if not self.standby:
            return
        deadline = time.monotonic() + REJOINING
        while not await self.primary.has_standby():
            if time.monotonic() > deadline:
                raise ProgramFailed(f"{self.standby.name} did not become the standby of {self.primary.name}")
            await asyncio.sleep(0.1)

    async def restart(self, pause, is_silent):
        """An immediate stop and a start. Where it `is_silent`, its machine is: nobody hears of it before it is back."""
        how = ", and is silent meanwhile" if is_silent else ""
        self._log("restart", self.primary.name, f"stopped at once, started {pause} s later{how}")
        if is_silent:
            await self.network.cut(self.primary.name)
        took = await self.primary.stop()
        if took > 10:
            self._log("restart", self.primary.name, f"needed {took:.0f} s to stop")
        await asyncio.sleep(pause)
        await self.primary.start()
        if is_silent:
            await self.network.mend(self.primary.name)
        await self.wait_for_standby()
        self._log("restart", self.primary.name, "answers, and has its standby")

    async def promote(self, way):
        """The standby takes the place of the primary, which is lost in one of several ways and then its standby."""
        old, new = self.primary, self.standby
        await self.wait_for_standby()
        self._log("promotion", new.name, f"takes the place of {old.name}: {way}")
        await self._lose(old, new, way)
        await new.promote()
        self.primary, self.standby = new, old
        self._log("promotion", new.name, "is the primary")
        if way == "split":
            # Both take themselves for the primary, and both can be reached; the old one has no standby any more.
            await self.network.mend(old.name)
            await asyncio.sleep(3)
        await old.stop()
        await self.network.mend(old.name)
        # pg_rewind reads the new timeline from the last checkpoint.
        await new.ask("CHECKPOINT")
        how = await old.rewind(new)
        await old.start(as_standby=True)
        await self.wait_for_standby()
        self._log("promotion", old.name, f"is the standby by {how}")

    async def _lose(self, old, new, way):
        if way == "behind":
            # Commits wait for the standby; after the crash they are seen all the same.
            await self.network.cut(new.name)
            await asyncio.sleep(2)
            await old.stop()
            await old.start()
            await asyncio.sleep(3)
        if way in ("crash", "behind"):
            await old.stop()
        else:
            await self.network.cut(old.name)
        if way == "behind":
            await self.network.mend(new.name)

    async def close(self):
        for server in self.servers:
            try:
                await server.stop()
            except ProgramFailed as problem:
                self._log("end", server.name, str(problem))
