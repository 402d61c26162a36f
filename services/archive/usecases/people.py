"""Archive's own copy of who is who."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.archive.domain.people import Person, told
from services.archive.ports import (
    People,
)
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction


@dataclass(slots=True)
class Staffing:
    """What is known of the people that a batch speaks of, and who of them changed."""

    known: dict[str, Person]
    changed: set[str] = field(default_factory=set)


class RecordPeople(BatchHandler):
    """Archive's own copy of who is who, from `organisation.v1`."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Staffing:
        return Staffing(dict(await self._people.lock(tx, {event.data.person for event in events})))

    def decide(self, work: Staffing, event: Event, now: datetime) -> Sequence[Outgoing]:
        person = told(work.known.get(event.data.person), event)
        if person is not None:
            work.known[person.person] = person
            work.changed.add(person.person)
        return ()

    async def save(self, tx: Transaction, work: Staffing) -> None:
        if work.changed:
            await self._people.save(tx, [work.known[name] for name in work.changed])
