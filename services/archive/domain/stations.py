"""Where people work: which station an address is of, and which stations are reading rooms (A3, N3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


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
        try:
            found = ip_address(address or "")
        except ValueError:
            return None
        if found.version == 6 and found.ipv4_mapped is not None:  # noqa: PLR2004 - of the protocol
            found = found.ipv4_mapped
        return next((station for network, station in self._networks if found in network), None)
