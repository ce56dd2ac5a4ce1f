"""paylink_VERSION-1_ARCH.deb: the files below /usr, and what dpkg is to know of them."""
import email.utils
import hashlib
import os
import re
import shutil

import elf
import release
from release import Trouble, output, text
from staging import Staging

CONTROL = """\
Package: paylink
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {size}
Depends: {depends}
Recommends: ca-certificates, libidn2-0, tzdata
Suggests: cron | cron-daemon, default-mta | mail-transport-agent, libpq5
Built-Using: {built_using}
Section: utils
Priority: optional
Description: create pay links from Lua scripts and follow them until paid
 paylink runs Lua scripts that create 1ShotPay pay links, follow them until
 they are paid, and act on it. A key never publishes two links, payments are
 exact, and what was interrupted can be resumed. It also makes links for the
 rows of a spreadsheet, runs scripts on a schedule, and contains a local copy
 of the service to try and test scripts against.
 .
 Lua 5.4 is inside; scripts have files, hosts and programs only as allowed.
"""

CHANGELOG = """\
paylink ({version}) unstable; urgency=medium

  * Packaged as released; changelog.gz says what changed.

 -- {maintainer}  {date}
"""

# Whose parts are linked statically.
STATIC = ("libc6-dev", "liblua5.4-dev", "libedit-dev", "libncurses-dev", "libbsd-dev", "libmd-dev")
CPP = "libstdc++-*-dev"


def make(below, work, folder, version):
    version += "-1"
    architecture = output(["dpkg", "--print-architecture"]).strip()
    # Where dpkg-shlibdeps looks for a package that is being made.
    root = os.path.join(work, "debian/paylink")
    package = Staging(root, below.moment)
    shutil.copytree(below.root, os.path.join(root, "usr"), symlinks=True)
    package.place("DEBIAN/control")
    package.pack("usr/share/doc/paylink/changelog.Debian", CHANGELOG.format(
        version=version, maintainer=maintainer(), date=email.utils.format_datetime(release.day(below.moment))))
    package.write("usr/share/lintian/overrides/paylink", text("scripts/package.d/lintian-overrides"))
    files = [one for one in package.files() if not os.path.islink(os.path.join(root, one))]
    sums = "".join(f"{md5(os.path.join(root, one))}  {one}\n" for one in files)
    control = CONTROL.format(
        version=version, architecture=architecture, maintainer=maintainer(), size=installed_size(package),
        depends=depends(work, [os.path.join(root, "usr/lib/paylink", one) for one in ("paylink", "paylink-script")]),
        built_using=built_using())
    package.write("DEBIAN/control", control)
    package.write("DEBIAN/md5sums", sums)
    package.finish()
    path = os.path.join(folder, f"paylink_{version}_{architecture}.deb")
    # The packer's threads would show in the bytes.
    environment = dict(os.environ, SOURCE_DATE_EPOCH=str(below.moment), DPKG_DEB_THREADS_MAX="1")
    output(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, path], env=environment)
    return path


def maintainer():
    """Who packs it, as Debian's own tools ask: DEBFULLNAME and DEBEMAIL."""
    name, address = os.environ.get("DEBFULLNAME", "The paylink authors"), os.environ.get("DEBEMAIL", "paylink@localhost")
    return f"{name} <{address}>"


def md5(path):
    with open(path, "rb") as file:
        return hashlib.md5(file.read()).hexdigest()


def installed_size(package):
    """In KiB, as Debian counts: each file by itself, and one for a folder."""
    sizes = [os.lstat(os.path.join(package.root, one)).st_size for one in package.files()]
    return sum(-(-size // 1024) for size in sizes) + len(package.folders())


def depends(work, programs):
    """What dpkg-shlibdeps finds for those that are not linked statically."""
    with open(os.path.join(work, "debian/control"), "w") as file:
        file.write("Source: paylink\n\nPackage: paylink\nArchitecture: any\n")
    found = output(["dpkg-shlibdeps", "-O"] + ["-e" + one for one in programs if elf.libraries(one)], cwd=work)
    line = re.search(r"^shlibs:Depends=(.+)$", found, re.MULTILINE)
    if not line:
        raise Trouble("dpkg-shlibdeps found no package that paylink depends on")
    return line.group(1)


def built_using():
    """The sources of what is linked statically; of the C++ library where it is."""
    shown = ["dpkg-query", "--show", "--showformat", "${source:Package} (= ${source:Version})\\n"]
    found = {output([*shown, one]).strip() for one in STATIC}
    return ", ".join(sorted(found | set(output([*shown, CPP]).split("\n")) - {""}))
