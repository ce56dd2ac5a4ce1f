"""paylink-VERSION-linux-ARCH.tar.gz: the files for a folder of one's own."""
import gzip
import io
import os
import platform
import tarfile

import elf

INSTALL = """\
paylink {version} for Linux ({machine})

  mkdir -p ~/.local
  cp -R bin lib share ~/.local/
  ~/.local/bin/paylink --version

~/.local/bin belongs on the PATH. As root, /usr/local will do as well.

It needs a C library of version {glibc} or later (Debian 12 has 2.36), and

{libraries}

On Debian:  apt-get install libsqlite3-0 libqrencode4 ca-certificates

share/doc/paylink/installing.md says more, and how to remove it.
"""
# Parts of the C library and its loader, which the version stands for.
C_LIBRARY = ("libc.so", "libm.so", "libdl.so", "libpthread.so", "ld-linux")


def make(below, folder, version):
    machine = platform.machine()
    name = f"paylink-{version}-linux-{machine}"
    program = os.path.join(below.root, "lib/paylink/paylink")
    needed = [one for one in elf.libraries(program) if not one.startswith(C_LIBRARY)]
    install = INSTALL.format(version=version, machine=machine, glibc=elf.newest_glibc(program),
                             libraries="\n".join("  " + one for one in sorted(needed)))
    path = os.path.join(folder, name + ".tar.gz")
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        add_text(tar, f"{name}/INSTALL", install, below.moment)
        for one in below.folders() + below.files():
            tar.add(os.path.join(below.root, one), f"{name}/{one}", recursive=False, filter=anonymous)
    return path


def add_text(tar, path, text, moment):
    info = tarfile.TarInfo(path)
    info.size, info.mtime, info.mode = len(text.encode()), moment, 0o644
    tar.addfile(info, io.BytesIO(text.encode()))


def anonymous(info):
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info
