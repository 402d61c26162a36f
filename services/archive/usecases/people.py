"""Archive's own copy of who is who, of who left, and of where people work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.archive.domain.people import Person, told
from services.archive.domain.stale import Leave
from services.archive.domain.stations import Station
from services.archive.ports import People, StationBook
from services.archive.ports.leaving import HandedOver, Leaver, LeavingBook
from shared.contracts.organisation import (
    CustomersHandedOver,
    LeaveCancelled,
    LeaveRecorded,
    PersonDeparted,
    StationRecorded,
)
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction


@dataclass(slots=True)
class Staffing:
    """What is known of the people that a batch speaks of, who of them changed, and what is told of stations."""

    known: dict[str, Person]
    changed: set[str] = field(default_factory=set)
    stations: list[Station] = field(default_factory=list)
    leavers: set[Leaver] = field(default_factory=set)
    handed: list[HandedOver] = field(default_factory=list)
    leaves: dict[str, Leave] = field(default_factory=dict)


class RecordPeople(BatchHandler):
    """Archive's own copy of who is who and of where people work, from `organisation.v1`."""

    def __init__(self, people: People, stations: StationBook, leavings: LeavingBook) -> None:
        self._people = people
        self._stations = stations
        self._leavings = leavings

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Staffing:
        named = {event.data.person for event in events if not isinstance(event.data, StationRecorded)}
        return Staffing(dict(await self._people.lock(tx, named)))

    def decide(self, work: Staffing, event: Event, now: datetime) -> Sequence[Outgoing]:
        if isinstance(event.data, StationRecorded):
            it = event.data
            work.stations.append(Station(it.station, it.networks, it.place, it.reading_room, it.active, event.time))
            return ()
        if isinstance(event.data, CustomersHandedOver):
            work.handed.append(handed_over(event.data))
            return ()
        if isinstance(event.data, LeaveRecorded | LeaveCancelled):
            note_leave(work, event.data)
            return ()
        known = work.known.get(event.data.person)
        person = told(known, event)
        if person is not None:
            if not person.active and (known is None or known.active):
                departed = event.data.departed_at if isinstance(event.data, PersonDeparted) else event.time
                work.leavers.add(Leaver(person.person, departed))
            work.known[person.person] = person
            work.changed.add(person.person)
        return ()

    async def save(self, tx: Transaction, work: Staffing) -> None:
        if work.changed:
            await self._people.save(tx, [work.known[name] for name in work.changed])
        await self._stations.save(tx, work.stations)
        await self._leavings.note(tx, work.leavers, work.handed)
        await self._people.note_leaves(tx, work.leaves.values())


def note_leave(work: Staffing, data: LeaveRecorded | LeaveCancelled) -> None:
    """Of one batch's words on a leave the cancellation stands, as it does in the table."""
    known = work.leaves.get(data.leave_id)
    if isinstance(data, LeaveCancelled):
        it = known or Leave(data.leave_id, data.person, None, None)
        work.leaves[data.leave_id] = it._replace(cancelled=True)
    elif known is None:
        work.leaves[data.leave_id] = Leave(data.leave_id, data.person, data.first, data.last)


def handed_over(data: CustomersHandedOver) -> HandedOver:
    receivers = {receiver.person: receiver.customers for receiver in data.receivers}
    return HandedOver(data.handover_id, data.person, data.handed_over_at, data.by, data.customers, receivers)
