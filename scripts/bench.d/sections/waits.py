"""Links waited for at once (--waits, a hundred thousand), against the sandbox: memory, requests, and how soon payments are noticed.

The sandbox is a process of its own. Links are paid one after the other over a minute; a delay runs from the answer to
the payment until the client's line is read. Node and Python do what their users would write: a promise or a coroutine
for each link, one budget of requests over all.
"""

import json
import os
import random
import re
import subprocess
import threading
import time
import urllib.request

from measure import ChildFailed
from report import Aim, Row, Table

NEEDS = ("node", "aiohttp")
RATE = 2_000  # requests a second for the usual number, of which polls may use four fifths; the sandbox has its limits
USUAL, FASTEST = 100_000, 8_000
PAYMENTS = 300
SPAN = 60.0  # seconds
MEMORY_AIMS = {"each": 1_200, "tasks": 2_000, "asleep": 2_000}  # bytes a wait, above an empty run
LIMIT = 1_200.0  # seconds for one client

EACH, TASKS, ASLEEP = "paylink, wait_each", "paylink, a task each", "paylink, a task each that sleeps"
NODE, PYTHON = "node, a promise each", "python, asyncio"


def run(bench):
    with Sandbox(bench) as sandbox:
        empty = Client([bench.paylink, "run", "-e", ""], bench.environment).finish()[0]
        ids = sandbox.make(bench.waits + 4 * PAYMENTS)
        rows = [measure(bench, sandbox, name, ids, empty) for name in (EACH, TASKS, NODE, PYTHON)]
        rows.append(measure_asleep(bench, empty))
    return Table(
        title=f"{bench.waits:,} links waited for at once, {PAYMENTS} paid within {SPAN:.0f} s, {rate(bench):,} requests a second",
        headings=["MB above empty", "cpu s", "requests/s", "delay mean s", "95th s", "longest s"],
        rows=rows,
        notes=[
            f"An empty paylink run: {empty['peak'] / 1e6:.0f} MB. The bound that docs/waiting.md states: {bound(bench):.0f} s.",
            "node and python are taken as they are: their whole peak is shown.",
        ],
    )


def rate(bench):
    return min(max(RATE, RATE * bench.waits // USUAL), FASTEST)


def bound(bench):
    turn = bench.waits / (0.8 * rate(bench))
    return 1.1 * max(30, turn) + turn


def measure(bench, sandbox, name, ids, empty):
    missing = {NODE: "node", PYTHON: "aiohttp"}.get(name)
    if missing in bench.tools.missing:
        return Row(name, problem=f"skipped: {missing} {bench.tools.missing[missing]}")
    if missing and bench.waits > USUAL:
        return Row(name, problem=f"skipped: beyond {USUAL:,} it takes gigabytes")
    file = bench.scratch / "ids.csv"
    file.write_text("id\n" + "\n".join(ids[:bench.waits]) + "\n")
    chosen = random.Random(7).sample(ids[:bench.waits], PAYMENTS)
    try:
        client = Client(command(bench, sandbox, name, file), bench.environment | sandbox.variables)
        client.wait_ready()
        paid = sandbox.pay_all(chosen)
        usage, noticed, errors = client.finish()
    except ChildFailed as problem:
        return Row(name, problem=f"FAILED: {problem}")
    finally:
        for link in chosen:
            ids.remove(link)
    if set(noticed) != set(chosen):
        return Row(name, problem=f"FAILED: it printed {len(noticed)} links, {PAYMENTS} were paid")
    delays = sorted(max(0.0, noticed[link] - paid[link]) for link in chosen)
    requests = int(re.search(r"(?:waits:|requests) (\d+)", errors).group(1))
    above = (usage["peak"] - (empty["peak"] if name in (EACH, TASKS) else 0)) / 1e6
    facts = {"above": above, "cpu": usage["cpu"], "wall": usage["wall"], "requests": requests, "delays": delays}
    aims = []
    if name in (EACH, TASKS):
        aims.append(memory_aim(bench, "each" if name == EACH else "tasks", above))
        aims.append(Aim(f"every payment within {bound(bench):.0f} s", delays[-1] < bound(bench)))
        allowed = 0.8 * rate(bench) * (usage["wall"] + 1)
        aims.append(Aim("budget", requests <= allowed))
    return Row(
        label=name,
        cells=[
            f"{above:.0f}", f"{usage['cpu']:.1f}", f"{requests / usage['wall']:.0f}", f"{sum(delays) / len(delays):.1f}",
            f"{delays[int(len(delays) * 0.95)]:.1f}", f"{delays[-1]:.1f}",
        ],
        aims=aims,
        samples=[facts],
    )


def measure_asleep(bench, empty):
    code = 'for _ = 1, tonumber(arg[1]) do task.spawn(sleep, "1h") end sleep("1s") os.exit(0)'
    command = [bench.paylink, "run", "--memory", "8G", "--ledger", ":memory:", "-e", code, str(bench.waits)]
    usage = Client(command, bench.environment).finish()[0]
    above = (usage["peak"] - empty["peak"]) / 1e6
    cells = [f"{above:.0f}", f"{usage['cpu']:.1f}", "", "", "", ""]
    return Row(ASLEEP, cells=cells, aims=[memory_aim(bench, "asleep", above)], samples=[usage])


def memory_aim(bench, how, above):
    aim = MEMORY_AIMS[how] * bench.waits / 1e6
    return Aim(f"≤ {aim:.0f} MB", above <= aim)


def command(bench, sandbox, name, file):
    if name in (EACH, TASKS):
        how = "each" if name == EACH else "tasks"
        options = ["--poll-rate", str(rate(bench)), "--memory", "8G", "--bench-calls", "--allow-read", str(bench.scratch)]
        script = [str(bench.parts / "waits.lua"), how, str(file), str(PAYMENTS)]
        return [bench.paylink, "run", *options, "--ledger", str(bench.scratch / "waits.db"), *script]
    arguments = [f"{sandbox.base}/api/m2m/v0/links", sandbox.token(), str(file), str(PAYMENTS), str(int(0.8 * rate(bench)))]
    if name == NODE:
        return [bench.tools.paths["node"], str(bench.parts / "clients" / "waits.mjs"), *arguments]
    return [bench.tools.paths["python3"], str(bench.parts / "clients" / "waits_asyncio.py"), *arguments]


class Client:
    """A client under way: its lines with the time at which each was read, and what it used in the end."""

    def __init__(self, arguments, environment):
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            arguments, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines, self.errors, self.ready = {}, [], threading.Event()
        self.readers = [threading.Thread(target=self.read), threading.Thread(target=self.read_errors)]
        for reader in self.readers:
            reader.start()
        self.limit = threading.Timer(LIMIT, self.process.kill)
        self.limit.start()

    def read(self):
        for line in self.process.stdout:
            if line.strip() == "ready":
                self.ready.set()
            else:
                self.lines[line.strip()] = time.monotonic()

    def read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line)

    def wait_ready(self):
        if not self.ready.wait(120):
            self.process.kill()
            raise ChildFailed("it did not begin within 120 s: " + "".join(self.errors)[-400:])

    def finish(self):
        for reader in self.readers:
            reader.join()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.limit.cancel()
        code = self.process.returncode = os.waitstatus_to_exitcode(status)
        if code != 0:
            raise ChildFailed(f"status {code}: " + "".join(self.errors)[-400:])
        facts = {
            "peak": usage.ru_maxrss * 1024, "cpu": usage.ru_utime + usage.ru_stime, "wall": time.monotonic() - self.began}
        return facts, self.lines, "".join(self.errors)


class Sandbox:
    """`paylink sandbox` as a process of its own."""

    def __init__(self, bench):
        self.bench, self.variables = bench, {}

    def __enter__(self):
        self.process = subprocess.Popen(
            [self.bench.paylink, "sandbox", "--port", "0"], env=self.bench.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            found = re.match(r"export (\w+)=(.*)", line.strip())
            if found:
                self.variables[found.group(1)] = found.group(2)
            if len(self.variables) == 3:
                break
        else:
            raise ChildFailed("the sandbox did not start")
        self.base = self.variables["PAYLINK_BASE_URL"]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def call(self, path, body=None, headers=None):
        data = json.dumps(body).encode() if body is not None else b""
        request = urllib.request.Request(
            self.base + path, data=data, method="POST", headers={"Content-Type": "application/json", **(headers or {})})
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.loads(reply.read() or b"{}")

    def token(self):
        body = {"client_id": self.variables["ONESHOT_USER_ID"], "client_secret": self.variables["ONESHOT_API_TOKEN"],
                "grant_type": "client_credentials"}
        return self.call("/api/m2m/v0/token", body)["access_token"]

    def make(self, count):
        code = """
            local n, numbers = tonumber(arg[1]), {}
            for i = 1, n do numbers[i] = i end
            task.map(numbers, { concurrency = 64 }, function(i)
              print(assert(paylink.create{ amount = 1, description = "Seat " .. i }).id)
            end)
        """
        command = [self.bench.paylink, "run", "--ledger", ":memory:", "--memory", "8G", "-e", code, str(count)]
        made = subprocess.run(
            command, env=self.bench.environment | self.variables, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise ChildFailed(f"links could not be made: {made.stderr[-400:]}")
        return made.stdout.split()

    def pay_all(self, links):
        """Pays one after the other over the span; gives when each was paid."""
        paid, began = {}, time.monotonic()
        for number, link in enumerate(links):
            time.sleep(max(0.0, began + SPAN * number / len(links) - time.monotonic()))
            self.call(f"/sandbox/pay/{link}")
            paid[link] = time.monotonic()
        return paid
