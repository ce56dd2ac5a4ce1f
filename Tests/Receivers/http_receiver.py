#!/usr/bin/env python3
"""Receives webhooks for tests: writes down each request before it answers.

    http_receiver.py --record FILE [--fail-first N] [--fail-every N] [--fail-status S] [--delay SECONDS] [--reset-every N]

The first line on standard output is the port. FILE gets one JSON object a line: number, method, path, headers (names
in lower case), body, time (Unix seconds), status (what it is going to be answered; null: the connection is broken off).
A line is on the disk before the answer leaves, so what a killed sender cannot know is still known here.
"""
import argparse
import json
import os
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LARGEST_BODY = 16 << 20


def arguments():
    parser = argparse.ArgumentParser(description="an HTTP receiver for tests")
    parser.add_argument("--record", required=True, help="file that requests are added to")
    parser.add_argument("--fail-first", type=int, default=0, help="answer the first N requests with an error")
    parser.add_argument("--fail-every", type=int, default=0, help="answer every Nth request with an error")
    parser.add_argument("--fail-status", type=int, default=500, help="the error's status")
    parser.add_argument("--reset-every", type=int, default=0, help="break every Nth connection off instead of answering")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds between the record and the answer")
    return parser.parse_args()


def main():
    options = arguments()
    record = open(options.record, "ab", buffering=0)
    lock = threading.Lock()
    count = 0

    def outcome(number):
        """The status for request `number` (from 1), or None for a broken connection."""
        if options.reset_every and number % options.reset_every == 0:
            return None
        if number <= options.fail_first or options.fail_every and number % options.fail_every == 0:
            return options.fail_status
        return 200

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            nonlocal count
            length = int(self.headers.get("Content-Length") or 0)
            if length > LARGEST_BODY:
                self.close_connection = True
                return self.send_error(413)
            body = self.rfile.read(length)
            with lock:
                count += 1
                status = outcome(count)
                entry = {
                    "number": count, "method": self.command, "path": self.path,
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "body": body.decode("utf-8", "replace"), "time": time.time(), "status": status,
                }
                record.write(json.dumps(entry).encode() + b"\n")
                os.fsync(record.fileno())
            if options.delay:
                time.sleep(options.delay)
            if status is None:
                self.close_connection = True
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return self.connection.close()
            answer = json.dumps({"number": entry["number"]}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, *_):
            """The record is the log."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_):
            """A sender that was killed in the middle of a request is what these tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
