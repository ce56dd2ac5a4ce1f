"""Finds the programs that paylink is compared with, installs the Debian packages that are missing, builds paylink."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from measure import ChildFailed

# Tool, Debian package. aiohttp is a Python module and counts as present when the running Python imports it.
PACKAGES = {
    "nginx": "nginx-light",
    "curl": "curl",
    "wrk": "wrk",
    "node": "nodejs",
    "lua5.4": "lua5.4",
    "aiohttp": "python3-aiohttp",
    "mlr": "miller",
    "cc": "gcc",
    "busted": "lua-busted",
    "postgres": "postgresql",
}

# The arguments that make a tool say its version, where `--version` does not.
VERSION_ARGUMENTS = {
    "nginx": ["-v"],
    "wrk": ["-v"],
    "lua5.4": ["-v"],
    "aiohttp": ["-c", "import aiohttp; print(aiohttp.__version__)"],
}

PYTHON = sys.executable
SEARCH_PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin:/usr/lib/postgresql/15/bin"


class Tools:
    """The tools a run needs: `paths` and `versions` of those that are there, `missing` with a reason for the rest."""

    def __init__(self, needed, install):
        names = [name for name in PACKAGES if name in needed]
        absent = [name for name in names if locate(name) is None]
        if absent and install and os.geteuid() == 0:
            apt_install([PACKAGES[name] for name in absent])
        self.paths = {name: path for name in names if (path := locate(name))}
        self.missing = {name: f"needs the Debian package {PACKAGES[name]}" for name in names if name not in self.paths}
        self.paths["python3"] = PYTHON
        self.versions = {name: version(name, path) for name, path in self.paths.items()}


def locate(name):
    if name == "aiohttp":
        return PYTHON if succeeds([PYTHON, "-c", "import aiohttp"]) else None
    path = shutil.which(name, path=SEARCH_PATH)
    if path and name == "node":
        # A version manager's shim would add its own start-up to every figure.
        return output_of([path, "--print", "process.execPath"]).strip() or path
    return path


def version(name, path):
    text = output_of([path, *VERSION_ARGUMENTS.get(name, ["--version"])])
    found = re.search(r"\d+\.\d+(\.\d+)?", text)
    return found.group() if found else "?"


def apt_install(packages):
    print(f"installing {' '.join(packages)}", file=sys.stderr)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    try:
        subprocess.run(["apt-get", "update", "--quiet"], env=environment, stdout=sys.stderr, check=False)
        subprocess.run(command, env=environment, stdout=sys.stderr, check=False)
    except FileNotFoundError:
        print("bench: apt-get is missing; install the packages by hand", file=sys.stderr)


def build_paylink(root):
    """The binary that PAYLINK_BIN names, or a fresh release build."""
    named = os.environ.get("PAYLINK_BIN")
    if named:
        path = shutil.which(named)
        if path is None:
            raise ChildFailed(f"PAYLINK_BIN={named} is not an executable file")
        return str(Path(path).resolve())
    if shutil.which("swift") is None:
        raise ChildFailed("swift is not on the path; install a Swift toolchain or set PAYLINK_BIN")
    command = ["bash", "-euc", "source scripts/lib/release.sh; build_release paylink-script paylink"]
    if subprocess.run(command, cwd=root, stdout=sys.stderr, check=False).returncode != 0:
        raise ChildFailed("the release build failed")
    return str(root / ".build" / "release" / "paylink")


def succeeds(command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def output_of(command):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr
