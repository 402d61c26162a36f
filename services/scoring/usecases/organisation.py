"""Keep a copy of who is who: as much as says whose customer somebody's is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.scoring.domain.people import Person, Recorded
from services.scoring.ports import People
from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction


@dataclass(slots=True)
class Staff:
    """What a batch says of people: who is recorded anew, and who left."""

    recorded: dict[str, Recorded] = field(default_factory=dict)
    departed: dict[str, datetime] = field(default_factory=dict)

    def record(self, person: Person, at: datetime) -> None:
        """Take in a record of somebody, told `at`."""
        known = self.recorded.get(person.person)
        if known is None or known.at <= at:
            self.recorded[person.person] = Recorded(person, at)
        if (left_at := self.departed.get(person.person)) is not None and left_at <= at:
            del self.departed[person.person]

    def depart(self, person: str, at: datetime) -> None:
        """Take in a departure, told `at`."""
        self.departed[person] = max(self.departed.get(person, at), at)


class RecordPeople(BatchHandler):
    """Use case over `organisation.v1`; the newest word on each person holds, also where an older one comes late."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Staff:
        return Staff()

    def decide(self, work: Staff, event: Event, now: datetime) -> Sequence[Outgoing]:
        data = event.data
        if isinstance(data, PersonRecorded):
            person = Person(data.person, data.department, data.rep_code, data.active, data.role)
            work.record(person, event.time)
        elif isinstance(data, PersonDeparted):
            work.depart(data.person, event.time)
        return ()

    async def save(self, tx: Transaction, work: Staff) -> None:
        await self._people.save(tx, work.recorded)
        await self._people.depart(tx, work.departed)
