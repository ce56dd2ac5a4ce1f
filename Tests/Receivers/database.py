"""What a ledger cannot be on, as far as it gets: a PostgreSQL server of a version before the first that will do, and, for
whoever asks for TLS, one whose certificate nobody has signed. It ends with its standard input; prints its port."""

import argparse
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

TLS_REQUEST = 80877103


def message(kind, content):
    return kind + struct.pack("!I", len(content) + 4) + content


def greeting(version):
    settings = {
        "server_version": version, "server_encoding": "UTF8", "client_encoding": "UTF8",
        "default_transaction_read_only": "off", "in_hot_standby": "off",
    }
    told = b"".join(message(b"S", f"{name}\0{value}\0".encode()) for name, value in settings.items())
    return message(b"R", struct.pack("!I", 0)) + told + message(b"K", struct.pack("!II", 1, 1)) + message(b"Z", b"I")


def received(peer):
    head = peer.recv(4, socket.MSG_WAITALL)
    return peer.recv(struct.unpack("!I", head)[0] - 4, socket.MSG_WAITALL) if len(head) == 4 else b""


def serve(peer, context):
    with peer:
        try:
            if received(peer)[:4] == struct.pack("!I", TLS_REQUEST):
                peer.sendall(b"S")
                context.wrap_socket(peer, server_side=True)
            else:
                peer.sendall(greeting("14.11"))
                while peer.recv(4096):
                    pass
        except OSError:
            pass  # it went away, as it should


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--record")
    parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = f"{folder}/server.pem", f"{folder}/server.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-batch",
             "-subj", "/CN=localhost", "-days", "2", "-keyout", key, "-out", certificate],
            check=True, stderr=subprocess.DEVNULL)
        context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0], context), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


main()
