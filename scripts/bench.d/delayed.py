"""A 1ShotPay that answers every request after the same time: delay_server.c, compiled for the run."""

import json
import subprocess
from contextlib import contextmanager

from measure import ChildFailed
from server import PAY_LINK, TOKEN, Server, end_with_parent, stop


@contextmanager
def running(compiler, source, scratch, milliseconds):
    """The server and its process, stopped on the way out whatever happened inside."""
    program = scratch / "delay_server"
    build = subprocess.run(
        [compiler, "-O2", "-o", str(program), str(source)], capture_output=True, text=True, check=False
    )
    if build.returncode != 0:
        raise ChildFailed(f"{source.name} does not compile: {build.stderr.strip()[:200]}")
    process = subprocess.Popen(
        [str(program), str(milliseconds), json.dumps(TOKEN), json.dumps(PAY_LINK)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=end_with_parent,
    )
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise ChildFailed("delay_server does not start")
        yield Server(f"http://127.0.0.1:{port}"), process
    finally:
        stop(process)
        process.stdout.close()
