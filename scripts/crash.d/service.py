"""The service that the batches talk to: a paylink sandbox of its own, its record, and the hosts' way to it.

paylink takes plain http only on loopback. So each host has a relay on its own loopback, which leads through a socket
file (those are not bound to a network namespace) to the sandbox's loopback.
"""

import asyncio
import json
import signal
import urllib.request

from processes import HERE, ProgramFailed, end, environment, send_to_group, spawn

STARTING = 20  # seconds
RELAY_PORT = 8402
PAGE = 1000

# Long enough that a kill meets requests in flight, and not always at the same place of them.
LATENCIES = (
    {"endpoint": "create", "action": "latency", "seconds": 0.05, "probability": 0.5},
    {"endpoint": "create", "action": "latency", "seconds": 0.02},
)


class Sandbox:
    """The running sandbox, which alone knows what really happened."""

    def __init__(self, paylink, folder):
        self._paylink, self._folder = paylink, folder
        self._processes = []
        self._entries = []
        self.port, self.credentials = 0, {}

    @property
    def socket(self):
        return self._folder / "service.sock"

    async def begin(self, seed):
        words = [self._paylink, "sandbox", "--port", "0", "--default-expiry", "30d", "--seed", str(seed)]
        process = await spawn(
            HERE, words, env=environment(HOME=self._folder), output=asyncio.subprocess.PIPE,
            errors=open(self._folder / "sandbox.log", "ab"))
        self._processes.append(process)
        for _ in range(3):
            line = (await asyncio.wait_for(process.stdout.readline(), STARTING)).decode().strip()
            if not line.startswith("export "):
                raise ProgramFailed(f"the sandbox does not start: see {self._folder}/sandbox.log")
            name, _, value = line.removeprefix("export ").partition("=")
            self.credentials[name] = value
        self.address = self.credentials.pop("PAYLINK_BASE_URL")
        self.port = int(self.address.rpartition(":")[2])
        for rule in LATENCIES:
            await self._call("faults", json.dumps(rule))

    async def open_relays(self):
        """The socket file, to which the relays of the hosts lead."""
        words = ["socat", f"UNIX-LISTEN:{self.socket},fork,backlog=256", f"TCP:127.0.0.1:{self.port}"]
        self._processes.append(await spawn(HERE, words, errors=open(self._folder / "relay.log", "ab")))
        await wait_for(self.socket.exists)

    async def relay(self, place):
        """Makes a host's way to the service."""
        port = f"TCP-LISTEN:{RELAY_PORT},bind=127.0.0.1,fork,reuseaddr,backlog=256"
        words = ["socat", port, f"UNIX-CONNECT:{self.socket}"]
        process = await spawn(place, words, errors=open(self._folder / "relay.log", "ab"))
        self._processes.append(process)
        return Relay(process)

    async def record(self):
        """All entries until now, oldest first."""
        while True:
            since = self._entries[-1]["seq"] if self._entries else 0
            page = (await self._call(f"record?since={since}&limit={PAGE}"))["entries"]
            self._entries += page
            if len(page) < PAGE:
                return self._entries

    async def _call(self, path, body=None):
        def fetch():
            request = urllib.request.Request(f"{self.address}/sandbox/{path}", data=body and body.encode())
            with urllib.request.urlopen(request, timeout=60) as reply:
                return json.load(reply)

        return await asyncio.to_thread(fetch)

    async def close(self):
        for process in reversed(self._processes):
            send_to_group(process, signal.SIGCONT)
            await end(process)


class Relay:
    """A host's way to the service. While it is silent, requests hang on it as on a network that drops them."""

    def __init__(self, process):
        self._process = process

    def silence(self):
        send_to_group(self._process, signal.SIGSTOP)

    def resume(self):
        send_to_group(self._process, signal.SIGCONT)


async def wait_for(condition):
    for _ in range(STARTING * 100):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise ProgramFailed("the relay to the service does not start")
