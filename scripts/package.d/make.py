"""Makes the package and the archive: scripts/package has found or built the executables.

usage: make.py PROGRAM-DIR CHECKOUTS FOLDER
"""
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]

import archive  # noqa: E402
import contents  # noqa: E402
import debian  # noqa: E402
import release  # noqa: E402
from staging import Staging  # noqa: E402


def main(programs, checkouts, folder):
    version = release.version(os.path.join(programs, "paylink"))
    moment = release.moment(version)
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        below = Staging(os.path.join(work, "files"), moment)
        contents.fill(below, programs, checkouts, version)
        print(archive.make(below, folder, version))
        print(debian.make(below, os.path.join(work, "package"), folder, version))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except release.Trouble as trouble:
        sys.exit(f"package: {trouble}")
