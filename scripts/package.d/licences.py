"""Licences of what is linked into the executables: the copyright file, and the notices that go along."""
import os
import re

from release import Trouble, text

COPYRIGHT = "scripts/package.d/copyright"

# Packages that are fetched for others, and of which nothing is linked.
NOT_LINKED = {
    "async-http-client", "swift-algorithms", "swift-asn1", "swift-certificates", "swift-configuration", "swift-crypto",
    "swift-distributed-tracing", "swift-http-structured-headers", "swift-metrics", "swift-nio-http2",
    "swift-nio-transport-services", "swift-numerics", "swift-service-context", "swift-system",
}


def packages(checkouts):
    """The dependencies, each of which must be one or the other."""
    if not os.path.isdir(checkouts):
        raise Trouble(f"{checkouts} is not there: build first, or name the folder with --checkouts")
    there = set(os.listdir(checkouts))
    named = set(re.findall(r"^Files: .*?([\w.-]+)/\*", text(COPYRIGHT), re.MULTILINE))
    if there - named - NOT_LINKED:
        raise Trouble(f"{COPYRIGHT} says nothing of {', '.join(sorted(there - named - NOT_LINKED))}")
    return sorted(there & named)


def copyright_file(checkouts):
    packages(checkouts)
    return text(COPYRIGHT)


def notices(checkouts):
    """NOTICE.txt of each package, as the Apache License asks for it."""
    found = []
    for name in packages(checkouts):
        path = os.path.join(checkouts, name, "NOTICE.txt")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                found.append(f"{name}\n{'=' * len(name)}\n\n{file.read().strip()}\n")
    return "\n\n".join(found)
