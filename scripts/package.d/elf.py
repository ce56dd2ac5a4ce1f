"""What an executable asks of the system that it runs on."""
import re

from release import output


def libraries(program):
    """Names of the shared libraries that it needs; none if it is linked statically."""
    return re.findall(r"\(NEEDED\)\s+Shared library: \[([^]]+)\]", output(["readelf", "--dynamic", "--wide", program]))


def newest_glibc(program):
    """The oldest version of the C library that has all that it calls, such as "2.36"."""
    found = re.findall(r"GLIBC_(\d+(?:\.\d+)+)", output(["readelf", "--version-info", "--wide", program]))
    return max(found, key=lambda one: [int(part) for part in one.split(".")])
