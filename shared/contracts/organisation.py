"""`organisation.v1`: who works here, under whom, who is away, and from where, from the console or an HR system.

Key person; of a station its name.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StrictBool

from shared.contracts.types import Day, EventData, Identifier, Moment, Text


class PersonRecorded(EventData):
    """All that is known of a person's place in the company, whole: the newest version is enough.

    `manager` is a person; `rep_code` is the name under which orders know a rep, where it is not the person's id.
    """

    person: Identifier
    role: Identifier
    department: Identifier | None = None
    manager: Identifier | None = None
    rep_code: Identifier | None = None
    active: StrictBool


class PersonDeparted(EventData):
    """A person left; the department manager hands the customers on (P6)."""

    moment_field: ClassVar[str | None] = "departed_at"

    person: Identifier
    departed_at: Moment


class LeaveRecorded(EventData):
    """A person does not work from `first` to `last`, both included; `deputy` does what falls due meanwhile.

    A leave of other days is another one: this is cancelled, and that recorded.
    """

    leave_id: Identifier
    person: Identifier
    first: Day
    last: Day
    deputy: Identifier | None = None


class LeaveCancelled(EventData):
    """The person is there after all; for a leave under way and to come alike."""

    leave_id: Identifier
    person: Identifier


def _network(text: str) -> str:
    """One spelling for each network, so that two of the same are seen to be one."""
    return str(ip_network(text))


Network = Annotated[
    Identifier,
    AfterValidator(_network),
    Field(description="An IPv4 or IPv6 network in CIDR notation, without host bits; a single address is one too."),
]


class StationRecorded(EventData):
    """A place from which people work, whole: the addresses that requests from there come from (A3, N3).

    `place` says where it is: two stations of one place are no journey apart. Records of rank 2 are read at stations
    that are a `reading_room`, and nowhere else.
    """

    key_field: ClassVar[str | None] = "station"

    station: Identifier
    networks: Annotated[tuple[Network, ...], Field(max_length=100, fail_fast=True)]
    place: Text
    reading_room: StrictBool
    active: StrictBool
