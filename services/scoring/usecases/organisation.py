"""Keep a copy of who is who: as much as says whose customer somebody's is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.scoring.domain.people import Person
from services.scoring.ports import People
from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction


@dataclass(slots=True)
class Staff:
    """What a batch says of people: who is recorded anew, and who left."""

    recorded: dict[str, Person] = field(default_factory=dict)
    departed: set[str] = field(default_factory=set)


class RecordPeople(BatchHandler):
    """Use case over `organisation.v1`; each person's events come in order, so the last one holds."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Staff:
        return Staff()

    def decide(self, work: Staff, event: Event, now: datetime) -> Sequence[Outgoing]:
        data = event.data
        if isinstance(data, PersonRecorded):
            work.recorded[data.person] = Person(data.person, data.department, data.rep_code, data.active, data.role)
            work.departed.discard(data.person)
        elif isinstance(data, PersonDeparted):
            work.departed.add(data.person)
        return ()

    async def save(self, tx: Transaction, work: Staff) -> None:
        await self._people.save(tx, work.recorded)
        await self._people.depart(tx, work.departed)
