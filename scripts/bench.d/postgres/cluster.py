"""A PostgreSQL server of the bench's own: made in the scratch folder, thrown away however the run ends.

Knows nothing of paylink. It listens on a socket in its folder, where nobody asks who one is, and on loopback, where a
password is asked for.
"""

import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import server
from measure import ChildFailed

MISSING = "needs the Debian package postgresql"
ROLE = "bench"  # also what the server's owner is called in it
OWNER = "postgres"  # PostgreSQL refuses root
STARTING = 30  # seconds
ENDING = 20  # seconds until sessions that are over are gone, or the server
TICKS = os.sysconf("SC_CLK_TCK")

# What is durable here is what Debian's default is; said all the same, as everything that is measured hangs on it.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",  # a checkpoint in the middle of one contender's run would be charged to it alone
    "max_connections": "100",
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    "logging_collector": "off",
}

# Waits for the end of this program and then does what it could not do itself.
GUARD = 'trap "" HUP INT TERM; read -r _; kill -QUIT "$1"; sleep 1; kill -KILL "$1"; rm -rf -- "$2"'


def programs():
    """The folder of the newest server's programs; None where there is no server."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    return max(found, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0), default=None)


@dataclass(frozen=True)
class Counts:
    """What a server has done so far: seconds of processor, commits in one database, flushes and bytes of its log."""

    cpu: float
    commits: int
    flushes: int
    log: int

    def __sub__(self, before):
        return Counts(
            self.cpu - before.cpu, self.commits - before.commits, self.flushes - before.flushes, self.log - before.log)


@dataclass(frozen=True)
class Cluster:
    folder: Path
    bin: Path
    port: int
    password: str
    process: subprocess.Popen

    @property
    def environment(self):
        """For libpq's programs."""
        return {"PGHOST": str(self.folder), "PGPORT": str(self.port), "PGUSER": ROLE, "PGPASSWORD": self.password}

    def address(self, database, over_tcp=False):
        if over_tcp:
            return f"postgres://{ROLE}@127.0.0.1:{self.port}/{database}"
        return f"postgres://{ROLE}@/{database}?host={self.folder}&port={self.port}"

    @property
    def version(self):
        return self.query("SHOW server_version").split()[0]

    def query(self, text, database="postgres", **variables):
        """Rows as lines, columns between bars. Several statements end with the first that fails."""
        options = [f"--set={name}={value}" for name, value in {"ON_ERROR_STOP": 1, **variables}.items()]
        done = subprocess.run(
            [str(self.bin / "psql"), "-XqAt", *options, "--dbname", database, "--file", "-"],
            input=text, env=os.environ | self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ChildFailed(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    def make(self, database):
        """An empty database; one of that name is dropped before."""
        self.drop(database)
        self.query(f'CREATE DATABASE "{database}" TEMPLATE template0')

    def drop(self, database):
        self.query(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def counts(self, database):
        """As of now, with every session of the database at its end: a session's commits are told when it ends."""
        self.wait_for_sessions(database)
        numbers = self.query(
            "SELECT xact_commit, wal_sync, wal_bytes FROM pg_stat_database, pg_stat_wal "
            f"WHERE datname = '{database}'").split("|")
        return Counts(self.cpu(), *map(int, numbers))

    def wait_for_sessions(self, database):
        """Until none of the server's processes works for the database."""
        deadline = time.monotonic() + ENDING
        while any(f" {ROLE} {database} " in title for _, title in self.children()):
            if time.monotonic() > deadline:
                raise ChildFailed(f"sessions of the database {database} do not end")
            time.sleep(0.01)

    def cpu(self):
        """Seconds, user and system, of all its processes, those included that have ended."""
        own = times_of(self.process.pid)
        return (sum(own) + sum(sum(times_of(child)[:2]) for child, _ in self.children())) / TICKS

    def children(self):
        """Its processes but the first: their numbers and titles."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for child in map(int, listed.read_text().split()):
            try:
                yield child, Path(f"/proc/{child}/cmdline").read_text(errors="replace").replace("\0", " ")
            except OSError:
                continue


def times_of(process):
    """Ticks: its own in user and in system, those of its children that have ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return [0, 0, 0, 0]
    return [int(field) for field in fields[11:15]]


@contextmanager
def running(scratch, **settings):
    """A server with some settings more or others, gone with all its data on the way out."""
    programs_folder = programs()
    if programs_folder is None:
        raise ChildFailed(f"PostgreSQL {MISSING}")
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=scratch))
    owner = {}
    if os.geteuid() == 0:
        owner = owner_of_server(folder, scratch)
    try:
        initialize(programs_folder, folder, owner)
        process, port = start(programs_folder, folder, SETTINGS | settings, owner)
        guard = watch_over(process, folder)
        try:
            cluster = Cluster(folder, programs_folder, port, secrets.token_hex(16), process)
            wait_until_ready(cluster)
            yield cluster
        finally:
            end(process)
            shutil.rmtree(folder, ignore_errors=True)
            guard.kill()
            guard.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def owner_of_server(folder, scratch):
    """Root makes the folder another user's, who must be able to go through those above it."""
    try:
        user = pwd.getpwnam(OWNER)
    except KeyError:
        raise ChildFailed(f"there is no user {OWNER}, and PostgreSQL refuses root") from None
    os.chown(folder, user.pw_uid, user.pw_gid)
    scratch.chmod(scratch.stat().st_mode | 0o011)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def initialize(bin_folder, folder, owner):
    done = subprocess.run(
        [str(bin_folder / "initdb"), "--pgdata", str(folder / "data"), "--username", ROLE, "--encoding", "UTF8",
         "--locale", "C.UTF-8", "--auth-local", "trust",
         "--auth-host", "scram-sha-256"],
        cwd=folder, stdin=subprocess.DEVNULL, env={"PATH": os.defpath, "TZ": "UTC"}, capture_output=True, text=True,
        check=False, **owner)
    if done.returncode != 0:
        raise ChildFailed(f"initdb: {done.stderr.strip()}")


def start(bin_folder, folder, settings, owner):
    port = server.free_port()
    options = settings | {"port": port, "unix_socket_directories": folder}
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [str(bin_folder / "postgres"), "-D", str(folder / "data"),
             *[f"--{name}={value}" for name, value in options.items()]],
            cwd=folder, env={"PATH": os.defpath, "TZ": "UTC"}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, **owner)
    return process, port


def watch_over(process, folder):
    """Ends the server and removes its folder when this program is killed: nothing else would."""
    return subprocess.Popen(
        ["/bin/sh", "-c", GUARD, "guard", str(process.pid), str(folder)], stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def wait_until_ready(cluster):
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline and cluster.process.poll() is None:
        try:
            cluster.query(f"ALTER ROLE {ROLE} PASSWORD '{cluster.password}'")
            return
        except ChildFailed:
            time.sleep(0.05)
    raise ChildFailed(f"PostgreSQL does not answer: {(cluster.folder / 'log').read_text(errors='replace')[-400:]}")


def end(process):
    """At once: nothing of it is wanted any more."""
    process.send_signal(signal.SIGQUIT)
    try:
        process.wait(timeout=ENDING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
