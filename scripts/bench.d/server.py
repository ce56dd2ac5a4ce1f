"""A 1ShotPay that answers at once: one nginx worker on loopback with static replies, gone when the run ends."""

import ctypes
import json
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from measure import ChildFailed

ACCESS_TOKEN = "bench-access-token"
DESCRIPTION = "Order"
STARTING = 5  # seconds until a server that does not answer is given up

TOKEN = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600}

# Every key of a pay link, as for amount = 12.50 USD. Clients compare amount and description with what they asked for.
PAY_LINK = {
    "id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "url": "https://1shotpay.com/en/link/01890a5d-ac96-774b-bcce-b302099a8057",
    "userId": "123e4567-e89b-12d3-a456-426614174000",
    "username": "bench",
    "accountAddress": "0x00000000000000000000000000000000000000b1",
    "profileImageUrl": None,
    "status": 0,
    "amount": 12_500_000,
    "description": DESCRIPTION,
    "mediaUrl": None,
    "expirationTimestamp": 4102444800,
    "reuseable": False,
    "payerDefinedAmount": False,
    "requestedPayerUserId": None,
    "archived": False,
    "ignoredByRequestedPayer": False,
    "paymentCount": 0,
    "deletable": True,
    "mostRecentPayment": None,
    "createdTimestamp": 1767225600,
    "updatedTimestamp": 1767225600,
}

CONFIGURATION = """
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    default_type application/json;
    keepalive_timeout 75s;
    keepalive_requests 1000000000;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location = /api/m2m/v0/token {{
            if ($request_method != POST) {{ return 405; }}
            return 200 '{token}';
        }}
        location = /api/m2m/v0/links {{
            if ($request_method != POST) {{ return 405; }}
            if ($http_authorization != "Bearer {access_token}") {{ return 401; }}
            return 200 '{pay_link}';
        }}
        location = /status {{ stub_status; }}
        location / {{ return 404; }}
    }}
}}
"""


@dataclass(frozen=True)
class Counts:
    """What the server has seen since it started."""

    connections: int
    requests: int


@dataclass(frozen=True)
class Server:
    base_url: str

    @property
    def links_url(self):
        return f"{self.base_url}/api/m2m/v0/links"

    def counts(self):
        """Counts include the connection and the request that ask for them."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"{self.base_url}/status", timeout=5) as reply:
            numbers = re.search(r"^ (\d+) (\d+) (\d+) $", reply.read().decode(), re.MULTILINE)
        return Counts(connections=int(numbers[1]), requests=int(numbers[3]))


@contextmanager
def running(nginx, scratch):
    """A server on a free port, stopped on the way out whatever happened inside."""
    directory = Path(tempfile.mkdtemp(prefix="nginx-", dir=scratch))
    port = free_port()
    configuration = directory / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(
            directory=directory,
            port=port,
            token=json.dumps(TOKEN),
            access_token=ACCESS_TOKEN,
            pay_link=json.dumps(PAY_LINK),
        )
    )
    log = directory / "error.log"
    process = subprocess.Popen(
        [nginx, "-p", str(directory), "-e", str(log), "-c", str(configuration)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent,
    )
    try:
        server = Server(f"http://127.0.0.1:{port}")
        wait_until_ready(server, process, log)
        yield server
    finally:
        stop(process)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent():
    """Runs in the child: the kernel sends it SIGTERM when the driver dies, even by SIGKILL."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def wait_until_ready(server, process, log):
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.counts()
            return
        except OSError:
            time.sleep(0.02)
    reason = log.read_text().strip() if log.exists() else "no message"
    raise ChildFailed(f"nginx does not answer: {reason}")


def stop(process):
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
