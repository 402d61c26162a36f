"""Keep a copy of who is who and who is away, and tell whose reminders somebody may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.followup.domain.leave import HORIZON, Leave
from services.followup.domain.people import Person, Recorded, Scope, scope_of
from services.followup.domain.refusal import NotPossibleError
from services.followup.ports import EscalationStore, LeaveStore, PeopleStore, Stores
from shared.contracts.organisation import LeaveCancelled, LeaveRecorded, PersonDeparted, PersonRecorded
from shared.engine.model import BatchHandler, Event, Outgoing, Refused, Transaction
from shared.identity import Principal
from shared.words import Text


@dataclass(slots=True)
class Staff:
    """What a batch says of people: who is recorded anew, who left, who is away, and who is there after all."""

    recorded: dict[str, Recorded] = field(default_factory=dict)
    departed: dict[str, datetime] = field(default_factory=dict)
    away: dict[str, Leave] = field(default_factory=dict)
    back: dict[str, str] = field(default_factory=dict)

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

    def __init__(self, stores: Stores) -> None:
        self._people: PeopleStore = stores.people
        self._leave: LeaveStore = stores.leave
        self._escalations: EscalationStore = stores.escalations

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Staff:
        return Staff()

    def decide(self, work: Staff, event: Event, now: datetime) -> Sequence[Outgoing]:
        data = event.data
        match data:
            case PersonRecorded():
                person = Person(data.person, data.department, data.rep_code, data.active, data.role, data.manager)
                work.record(person, event.time)
            case PersonDeparted():
                work.depart(data.person, event.time)
            case LeaveRecorded():
                if not timedelta() <= data.last - data.first < HORIZON:
                    raise Refused("bad_data", "last: a leave ends after it begins, and within a year")
                work.away[data.leave_id] = Leave(data.leave_id, data.person, data.first, data.last, data.deputy)
            case LeaveCancelled():
                work.back[data.leave_id] = data.person
        return ()

    async def save(self, tx: Transaction, work: Staff) -> None:
        await self._people.save(tx, work.recorded)
        await self._people.depart(tx, work.departed)
        await self._leave.record(tx, work.away.values())
        await self._leave.cancel(tx, work.back)
        for person in sorted(set(work.back.values())):
            # Days that were not to count do count now: a step may have been due already.
            known = await self._people.find(tx, person)
            await self._escalations.look_again(tx, {person} if known is None else known.names)


async def refuse_departed(tx: Transaction, people: PeopleStore, who: Principal) -> None:
    """Raise NotPossibleError for who left the company and still has a token: for doors that ask for no scope."""
    me = await people.find(tx, who.person)
    if me is not None and not me.active:
        raise NotPossibleError("not_yours", Text(zh="您已离职，不能再操作", en="who left does nothing more here"))


async def scope_for(tx: Transaction, people: PeopleStore, who: Principal) -> Scope:
    """What `who` may see: the token says who and in which role, `organisation.v1` the rest if it knows the person."""
    me = await people.find(tx, who.person) or Person(who.person, who.department, None)
    colleagues = () if me.department is None else await people.of_department(tx, me.department)
    return scope_of(who.role, me, colleagues)
