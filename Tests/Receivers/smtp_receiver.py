#!/usr/bin/python3
"""A mail server for tests (Debian's python3-aiosmtpd). Records every message as a JSON line, on the disk before the
250 is answered; prints its port as the first line; ends when its standard input does."""
import argparse
import base64
import json
import os
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, SMTP

options = argparse.ArgumentParser()
options.add_argument("--port", type=int, default=0)
options.add_argument("--record", required=True)
options.add_argument("--cert", help="a PEM certificate: offers STARTTLS, or TLS from the start with --implicit")
options.add_argument("--key")
options.add_argument("--implicit", action="store_true")
options.add_argument("--auth", help="USER:PASSWORD, and then nothing is taken without it")
options.add_argument("--refuse", action="append", default=[], help="a recipient to answer with 550")
options.add_argument("--defer", action="append", default=[], help="a recipient to answer with 451")
options = options.parse_args()

record = os.open(options.record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in options.refuse:
            return "550 5.1.1 no such user"
        if address in options.defer:
            return "451 4.2.1 mailbox busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        line = json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None,
            "data": base64.b64encode(envelope.content).decode(),
        })
        os.write(record, (line + "\n").encode())
        os.fsync(record)
        return "250 recorded"


def authenticate(server, session, envelope, mechanism, data):
    given = f"{data.login.decode()}:{data.password.decode()}"
    return AuthResult(success=given == options.auth, handled=False)


class Server(Controller):
    def factory(self):
        secure = tls if tls and not options.implicit else None
        return SMTP(
            self.handler, enable_SMTPUTF8=True, tls_context=secure, require_starttls=secure is not None,
            authenticator=authenticate if options.auth else None, auth_required=options.auth is not None,
            auth_require_tls=False)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]  # it connects to see that all is well
        super()._trigger_server()


tls = None
if options.cert:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(options.cert, options.key)
server = Server(
    Handler(), hostname="127.0.0.1", port=options.port, ssl_context=tls if options.implicit else None)
server.start()
print(server.server.sockets[0].getsockname()[1], flush=True)
sys.stdin.read()
server.stop()
