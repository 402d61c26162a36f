"""N3: one account in two places, sooner after one another than anybody can travel.

What phones do must not cry wolf. Only two stations that the company has recorded tell two places, so only they make a
breach. An address of no station may be a phone that left the wireless network, a hotel, a tunnel: such networks are
places of their own, but going to and fro between them is listed for a person to look at (`missing: place`), and never
fined; going once from one to the next is nothing. What is found of a person and a day depends on the set of sightings
alone, and another one can only add to it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_network
from itertools import pairwise
from typing import NamedTuple

from services.archive.domain.stations import Address, Network, Stations, read_address
from shared.contracts.audit import CALENDAR, Access, breach_id
from shared.policy.breaches import Accounts
from shared.roles import Role
from shared.words import Text

KIND = "lent_account"

SLOT = timedelta(seconds=10)
"""Sightings at one address within so long are one: a hundred files read in a minute leave six."""

PREFIX = {4: 24, 6: 48}
"""What of an unknown address is its network, by IP version: what a provider gives to one line."""

NOWHERE = frozenset({Role.ORDER_SYSTEM, CALENDAR})
"""Roles of programs: they are in several places by their nature."""

DateOf = Callable[[datetime], date]

Slot = tuple[str, datetime, str]
"""Person, begin, address: all that tells one sighting from another."""


Glance = tuple[str, str, int]
"""Person, address as it was written, number of the slot."""


class Sighting(NamedTuple):
    """An account was used, within `SLOT` from `at` on; the event is the one that told it first."""

    person: str
    at: datetime
    address: str
    event_id: str
    event_source: str
    event_type: str

    @property
    def slot(self) -> Slot:
        return self.person, self.at, self.address


class Spot(NamedTuple):
    """Where an address is: a station and its place, or a network of which neither is known."""

    where: str
    place: str | None


class Shared(NamedTuple):
    """An account that was in two spots at once; on the business date of the later sighting."""

    breach_id: str
    day: date
    later: Sighting
    words: Text
    missing: str | None


def glance(access: Access, event_type: str) -> Glance | None:
    """What tells one sighting from another, at next to no cost; None where nobody was seen.

    That is so where nobody knows whose account it was, or from where. Machines have no whereabouts, and a calendar is
    read by its owner's telephone and desk at once.
    """
    if access.station is None or event_type == "login.failed" or access.role in NOWHERE:
        return None
    return access.actor, access.station, int(access.at.timestamp()) // SLOT.seconds


def sighting_of(access: Access, event_id: str, event_source: str, event_type: str) -> Sighting | None:
    """Where the account was used, if it was seen at an address at all."""
    if access.station is None or glance(access, event_type) is None:
        return None
    address = read_address(access.station)
    if address is None:
        return None
    at = access.at.astimezone(UTC)
    at = at.replace(second=at.second // SLOT.seconds * SLOT.seconds, microsecond=0)
    return Sighting(access.actor, at, str(address), event_id, event_source, event_type)


@dataclass(frozen=True, slots=True)
class Map:
    """The stations as they are now, and the policy's ways between their places."""

    stations: Stations
    rules: Accounts
    roaming: tuple[Network, ...]

    @classmethod
    def of(cls, stations: Stations, rules: Accounts) -> Map:
        return cls(stations, rules, tuple(ip_network(network) for network in rules.roaming))

    def spot(self, address: str) -> Spot | None:
        """Where an address is; None for one that says nothing."""
        if (station := self.stations.place_of(address)) is not None:
            return Spot(station.station, station.place)
        found = read_address(address)
        if found is None or any(found in network for network in self.roaming):
            return None
        return Spot(network_of(found), None)

    def way(self, one: Spot, other: Spot) -> timedelta:
        """How long it takes at least from one known spot to another."""
        if one.place is None or other.place is None:
            raise ValueError(f"nobody knows how far it is: {one.where}, {other.where}")
        if one.place == other.place:
            return timedelta(minutes=self.rules.stations_minutes)
        fallback = timedelta(minutes=self.rules.travel_minutes)
        return self.rules.ways.get(frozenset({one.place, other.place}), fallback)


@lru_cache(maxsize=65_536)
def network_of(address: Address) -> str:
    """The network that an address of no station is taken for."""
    return str(ip_network((address, PREFIX[address.version]), strict=False))


def reach(rules: Accounts) -> timedelta:
    """How far apart two sightings may be and still have to do with one another."""
    minutes = max(rules.travel_minutes, rules.stations_minutes, rules.within_minutes)
    return max([timedelta(minutes=minutes), *rules.ways.values()]) + SLOT


@dataclass(slots=True)
class Trail:
    """Where one account was, in the order of time."""

    sightings: list[Sighting] = field(default_factory=list)

    def add(self, sighting: Sighting) -> bool:
        """Take in one more sighting, however late; False for one that is known."""
        index = bisect_left(self.sightings, sighting.slot)
        if index < len(self.sightings) and self.sightings[index].slot == sighting.slot:
            return False
        self.sightings.insert(index, sighting)
        return True

    def near(self, around: Sighting, within: timedelta) -> Sequence[Sighting]:
        """What was seen at most so long before or after."""
        person, at = around.person, around.at
        first = bisect_left(self.sightings, (person, at - within))
        last = bisect_left(self.sightings, (person, at + within + SLOT))
        return self.sightings[first:last]


def shared_account(trail: Trail, around: Sighting, on_map: Map, date_of: DateOf) -> Iterator[Shared]:
    """What the sightings near `around` say together with it, one at most of either sort for a day."""
    near = trail.near(around, reach(on_map.rules))
    places = {address: on_map.spot(address) for address in {sighting.address for sighting in near}}
    spots = [(sighting, spot) for sighting in near if (spot := places[sighting.address]) is not None]
    if len({spot.where for _, spot in spots}) <= 1:
        return
    found = {shared.breach_id: shared for shared in impossible(spots, around, on_map, date_of)}
    if (to_and_fro := changing(spots, around, on_map, date_of)) is not None:
        found[to_and_fro.breach_id] = to_and_fro
    yield from found.values()


def impossible(
    spots: Sequence[tuple[Sighting, Spot]], around: Sighting, on_map: Map, date_of: DateOf
) -> Iterator[Shared]:
    """Two known stations, nearer in time than the way between them takes."""
    here = on_map.spot(around.address)
    if here is None or here.place is None:
        return
    for sighting, spot in spots:
        if spot.place is None or spot.where == here.where:
            continue
        # The slots hide how far apart the two really were: at most this far.
        if abs(sighting.at - around.at) + SLOT <= on_map.way(here, spot):
            later = max(sighting, around)
            day = date_of(later.at)
            yield Shared(breach_id(KIND, around.person, day.isoformat()), day, later, words_of(here, spot), None)


def changing(spots: Sequence[tuple[Sighting, Spot]], around: Sighting, on_map: Map, date_of: DateOf) -> Shared | None:
    """So many changes between networks of which one at least is unknown, within the policy's time and one day."""
    rules, day = on_map.rules, date_of(around.at)
    within = timedelta(minutes=rules.within_minutes)
    theirs = [(sighting, spot) for sighting, spot in spots if date_of(sighting.at) == day]
    changes = [
        (before, after)
        for (before, was), (after, now) in pairwise(theirs)
        if was.where != now.where and (was.place is None or now.place is None)
    ]
    for first, last in zip(changes, changes[rules.changes - 1 :], strict=False):
        if last[1].at - first[0].at <= within:
            words = Text(
                zh=f"{rules.within_minutes} 分钟内在未登记的网络之间来回使用，请人工核实",
                en=f"used to and fro between networks of no station within {rules.within_minutes} minutes",
            )
            return Shared(breach_id(KIND, around.person, day.isoformat(), "place"), day, last[1], words, "place")
    return None


def words_of(one: Spot, other: Spot) -> Text:
    """Where the account was at once."""
    here, there = sorted((one, other))
    return Text(
        zh=f"同一账号在 {here.where}（{here.place}）与 {there.where}（{there.place}）几乎同时使用",
        en=f"one account at {here.where} ({here.place}) and at {there.where} ({there.place}), almost at once",
    )


def conceivable(sighting: Sighting, rules: Accounts, date_of: DateOf) -> set[str]:
    """The ids of all that this sighting could bring to light."""
    days = {date_of(sighting.at), date_of(sighting.at + reach(rules))}
    return {breach_id(KIND, sighting.person, day.isoformat(), *more) for day in days for more in ((), ("place",))}
