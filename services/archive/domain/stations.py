"""Where people work: which station an address is of, and which stations are reading rooms (A3, N3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@lru_cache(maxsize=65_536)
def read_address(written: str) -> Address | None:
    """The address, one of version 4 that is written as version 6 as what it is; None for what is none."""
    try:
        address = ip_address(written)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


@dataclass(frozen=True, slots=True)
class Station:
    """A place of work and the networks that requests from there come from; `as_of` is the time of the event."""

    station: str
    networks: tuple[str, ...]
    place: str
    reading_room: bool
    active: bool
    as_of: datetime


class Stations:
    """The stations as they are now."""

    def __init__(self, stations: Iterable[Station]) -> None:
        self._networks: list[tuple[Network, Station]] = [
            (ip_network(network), station) for station in stations if station.active for network in station.networks
        ]
        # The narrowest network that holds an address says whose it is; of equals the first by name.
        self._networks.sort(key=lambda held: (-held[0].prefixlen, held[1].station))

    def place_of(self, address: str | None) -> Station | None:
        """The active station that an IP address belongs to; None where there is none, or no address."""
        found = read_address(address or "")
        if found is None:
            return None
        return next((station for network, station in self._networks if found in network), None)
