"""Hosts of their own on one machine: a bridge in this process's network namespace, and one namespace for each host.

Nothing here is seen outside: the driver runs in namespaces that the kernel takes away with it (see launch.py).
A host is cut off at its port of the bridge, so its packets are dropped, never refused, and its own card stays up.
"""

from processes import HERE, Place, run, spawn

BRIDGE = "wire"
SUBNET = "10.77.0"


class Network:
    """The hosts that were added, by name, and which of them are cut off."""

    def __init__(self):
        self._cards = {}
        self._holders = []
        self.cut_off = set()

    async def begin(self):
        for words in ("link set lo up", f"link add name {BRIDGE} type bridge", f"link set {BRIDGE} up"):
            await run(HERE, ["ip", *words.split()])

    async def add(self, name, number):
        """A host with the address SUBNET.number."""
        # What it runs is of no account: it keeps the namespaces open.
        words = ["unshare", "--net", "--uts", "sh", "-c", f"hostname {name}; exec sleep infinity"]
        holder = await spawn(HERE, words)
        self._holders.append(holder)
        place = Place(name, holder.pid)
        await self._wait_for_namespaces(place)
        port, card = f"to-{name}", f"02:00:0a:4d:00:{number:02x}"
        pair = ["type", "veth", "peer", "name", "eth0", "netns", holder.pid]
        await run(HERE, ["ip", "link", "add", "name", port, *pair])
        await run(HERE, ["ip", "link", "set", port, "master", BRIDGE, "up"])
        address = f"{SUBNET}.{number}"
        for words in ("link set lo up", f"link set eth0 address {card} up", f"addr add {address}/24 dev eth0"):
            await run(place, ["ip", *words.split()])
        for other, (other_place, other_address, other_card) in self._cards.items():
            await self._introduce(place, other_address, other_card)
            await self._introduce(other_place, address, card)
        self._cards[name] = (place, address, card)
        return place, address

    @staticmethod
    async def _wait_for_namespaces(place):
        for _ in range(200):
            if (await run(place, ["hostname"])).strip() == place.name:
                return
        raise AssertionError(f"{place.name} has no namespaces of its own")

    @staticmethod
    async def _introduce(place, address, card):
        """Tells a host another's card for good: a host that is cut off is silent then, where ARP would say so."""
        await run(place, ["ip", "neigh", "replace", address, "lladdr", card, "nud", "permanent", "dev", "eth0"])

    async def cut(self, name):
        self.cut_off.add(name)
        await run(HERE, ["bridge", "link", "set", "dev", f"to-{name}", "state", "disabled"])

    async def mend(self, name):
        await run(HERE, ["bridge", "link", "set", "dev", f"to-{name}", "state", "forwarding"])
        self.cut_off.discard(name)
