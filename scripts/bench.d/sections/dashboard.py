"""`paylink dashboard` over ledgers in files of 1,000 links to as many as --rows says: each page's time and size, how soon a
payment is seen, and what a hundred viewers cost.

The ledgers are filled by SQL, a link every six seconds up to now. What a browser would do is done by threads: they read the
events, and ask for the page again at each.
"""

import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import threading
import time
import uuid
from contextlib import contextmanager

from measure import ChildFailed, memory_peak, progress
from postgres import cluster
from report import Aim, Row, Table
from sections import growth

NEEDS = ()
BASE_URL = "http://127.0.0.1:9"  # no request is made
ASKED = 30  # times for each page
VIEWERS = 100
PAYMENTS, PAUSE = 20, 0.5  # while they look
FIRST_PAINT_AIM, SEEN_AIM = 0.1, 1.0  # seconds
PAGES = {
    "today": "", "links": "links", "links by key": "links?q=order-00000", "links by a word": "links?q=nobody",
    "paid links": "links?state=paid", "a link": "links/500", "in doubt": "doubt", "jobs": "jobs", "30 days": "times",
}


def run(bench):
    sizes = [10 ** power for power in (3, 5, 6, 7) if 10 ** power <= bench.rows]
    found = {}
    for size in sizes:
        progress(f"dashboard: {size:,} links")
        path = bench.scratch / f"dashboard-{size}.db"
        growth.fill(bench, path, BASE_URL, size)
        with dashboard(bench, path) as (process, port, token):
            found[size] = measure(path, process, port, token)
    pages = Table(
        title="A dashboard's pages over a ledger in a file: time to the first byte, median of 30 (ms), and bytes",
        headings=[f"{size:,} {what}" for size in sizes for what in ("ms", "bytes")],
        rows=[page_row(name, found) for name in PAGES],
        notes=[f"{size:,} links: the first page came {facts['first'] * 1e3:.0f} ms after it was asked for, as the dashboard began; "
               f"today's sums stood after {facts['today']:.1f} s, those of 30 days after {facts['month']:.1f} s; "
               f"memory {facts['peak'] / 1e6:.0f} MB at most" for size, facts in found.items()],
    )
    live = Table(
        title=f"{VIEWERS} viewers of the present day while {PAYMENTS} payments come, one every {PAUSE} s",
        headings=["seen after ms, median", "at most", "cpu % of one core", "MB at most", "pages", "events"],
        rows=[live_row(size, facts) for size, facts in found.items()],
        notes=["Seen: from the commit until a viewer has been sent the page that shows the payment."],
    )
    return [pages, live]


def page_row(name, found):
    cells, worst = [], 0
    for facts in found.values():
        seconds, size = facts["pages"][name]
        worst = max(worst, seconds)
        cells += [f"{seconds * 1e3:.1f}", f"{size:,}"]
    return Row(name, cells, [Aim(f"≤ {FIRST_PAINT_AIM * 1e3:.0f} ms", worst <= FIRST_PAINT_AIM)],
               [{str(size): facts["pages"][name] for size, facts in found.items()}])


def live_row(size, facts):
    live = facts["live"]
    most = max(live["seen"])
    return Row(
        f"{size:,} links",
        [f"{statistics.median(live['seen']) * 1e3:.0f}", f"{most * 1e3:.0f}", f"{live['cpu'] * 100:.0f}", f"{live['peak'] / 1e6:.0f}",
         f"{live['asked']:,}", f"{live['events']:,}"],
        [Aim(f"seen within {SEEN_AIM:.0f} s", most <= SEEN_AIM)], [live])


@contextmanager
def dashboard(bench, path):
    environment = bench.environment | {"PAYLINK_BASE_URL": BASE_URL, "PAYLINK_CRONTAB": "/bin/false"}
    process = subprocess.Popen(
        [bench.paylink, "dashboard", "--no-open", "--zone", "UTC", "--ledger", str(path)], env=environment, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        address = process.stdout.readline().strip()
        if not address:
            raise ChildFailed("the dashboard printed no address")
        yield process, int(address.split(":")[2].split("/")[0]), address.rstrip("/").rsplit("/", 1)[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def measure(path, process, port, token):
    began = time.monotonic()
    first, _, _ = ask(port, token, "")
    facts = {"first": first}
    for name, page, part in (("today", "", 'id="hours"'), ("month", "times", "")):
        while True:
            _, _, text = ask(port, token, page)
            if "<svg" in text and part in text:
                break
            if time.monotonic() > began + 600:
                raise ChildFailed(f"no sums of {name} within 600 s")
            time.sleep(0.02)
        facts[name] = time.monotonic() - began
    facts["pages"] = {}
    for name, page in PAGES.items():
        taken = [ask(port, token, page + ("&" if "?" in page else "?") + f"fresh={number}") for number in range(ASKED)]
        facts["pages"][name] = (statistics.median(each[0] for each in taken), taken[0][1])
    facts["live"] = watch(path, process, port, token)
    facts["peak"] = memory_peak(process.pid)
    return facts


def ask(port, token, page):
    """Seconds until the first byte, bytes of the body, the page."""
    with socket.create_connection(("127.0.0.1", port)) as link:
        began = time.perf_counter()
        link.sendall(f"GET /{token}/{page} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        received = link.recv(65536)
        first = time.perf_counter() - began
        while block := link.recv(1 << 20):
            received += block
    head, _, body = received.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0] + b" ":
        raise ChildFailed(f"{page}: {head.decode(errors='replace')[:100]}")
    return first, len(body), body.decode()


class Viewer(threading.Thread):
    def __init__(self, port, token):
        super().__init__(daemon=True)
        self.port, self.token = port, token
        self.shown, self.asked, self.events = {}, 0, 0
        self.stream = socket.create_connection(("127.0.0.1", port))
        self.stream.sendall(f"GET /{token}/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())

    def run(self):
        try:
            while received := self.stream.recv(65536):
                count = received.count(b"event: change")
                self.events += count
                if count:
                    self.look()
        except OSError:
            pass

    def look(self):
        _, _, text = ask(self.port, self.token, "")
        self.asked += 1
        now = time.monotonic()
        for part in text.split('<li data-id="')[1:]:
            self.shown.setdefault(part[:36], now)


def watch(path, process, port, token):
    viewers = [Viewer(port, token) for _ in range(VIEWERS)]
    for viewer in viewers:
        viewer.start()
    time.sleep(1)
    used, began, seen = cpu_of(process.pid), time.monotonic(), []
    for _ in range(PAYMENTS):
        payment = pay_one(path)
        committed = time.monotonic()
        time.sleep(PAUSE)
        seen.append((payment, committed))
    time.sleep(2)
    cpu = (cpu_of(process.pid) - used) / (time.monotonic() - began)
    for viewer in viewers:
        viewer.stream.close()
    missing = [viewer for viewer in viewers if any(payment not in viewer.shown for payment, _ in seen)]
    if missing:
        raise ChildFailed(f"{len(missing)} of {VIEWERS} viewers were not shown a payment")
    return {
        "seen": [viewer.shown[payment] - committed for payment, committed in seen for viewer in viewers],
        "cpu": cpu, "peak": memory_peak(process.pid), "asked": sum(viewer.asked for viewer in viewers),
        "events": sum(viewer.events for viewer in viewers),
    }


def cpu_of(pid):
    return sum(cluster.times_of(pid)[:2]) / os.sysconf("SC_CLK_TCK")


def pay_one(path):
    """One payment of an open link, as a watch would record it."""
    payment, now = str(uuid.uuid4()), int(time.time())
    with sqlite3.connect(path, timeout=10) as database:
        row, link, scope = database.execute(
            "SELECT id, link_id, scope_id FROM links WHERE status = 'active' ORDER BY id DESC LIMIT 1").fetchone()
        text = (f'{{"id":"{payment}","payLinkId":"{link}","amount":12500000,"relayerTransactionId":"r","transactionHash":null,'
                f'"paidByUserId":null,"createdTimestamp":{now},"updatedTimestamp":{now}}}')
        database.execute(
            "UPDATE links SET status = 'paid', is_open = 0, payment_mark = '', paid_at = ?1, updated_at = ?1, "
            "link = json_set(link, '$.status', 1, '$.paymentCount', 1, '$.mostRecentPayment', json(?2)) WHERE id = ?3",
            (now, text, row))
        database.execute(
            "INSERT INTO payments (scope_id, link_id, payment_id, received_micro, made_at, seen_at, payment) "
            "VALUES (?, ?, ?, 12500000, ?, ?, ?)", (scope, link, payment, now, now, text))
    database.close()
    return payment
