"""Keep a copy of who is who, and tell whose reminders somebody may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.followup.domain.people import Person, Scope, scope_of
from services.followup.ports import PeopleStore
from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction
from shared.identity import Principal


@dataclass(slots=True)
class Staff:
    """What a batch says of people: who is recorded anew, and who left."""

    recorded: dict[str, Person] = field(default_factory=dict)
    departed: set[str] = field(default_factory=set)


class RecordPeople(BatchHandler):
    """Use case over `organisation.v1`; each person's events come in order, so the last one holds."""

    def __init__(self, people: PeopleStore) -> None:
        self._people = people

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Staff:
        return Staff()

    def decide(self, work: Staff, event: Event, now: datetime) -> Sequence[Outgoing]:
        data = event.data
        if isinstance(data, PersonRecorded):
            work.recorded[data.person] = Person(data.person, data.department, data.rep_code, data.active)
            work.departed.discard(data.person)
        elif isinstance(data, PersonDeparted):
            work.departed.add(data.person)
        return ()

    async def save(self, tx: Transaction, work: Staff) -> None:
        await self._people.save(tx, work.recorded)
        await self._people.depart(tx, work.departed)


async def scope_for(tx: Transaction, people: PeopleStore, who: Principal) -> Scope:
    """What `who` may see: the token says who and in which role, `organisation.v1` the rest if it knows the person."""
    me = await people.find(tx, who.person) or Person(who.person, who.department, None)
    colleagues = () if me.department is None else await people.of_department(tx, me.department)
    return scope_of(who.role, me, colleagues)
