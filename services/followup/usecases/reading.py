"""Show a day's list, its sum, and one customer's schedule, each only as far as the asker may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.followup.domain.cadence import Pace, Paces
from services.followup.domain.people import Scope
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.schedule import Schedule
from services.followup.ports import Counts, Desk, Filters, Kept, Place, State, Stores
from services.followup.usecases.organisation import scope_for
from shared.identity import Principal
from shared.in_force import InForce
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Question:
    """Which part of which day's list; `day` None is today, `rep` a person or a rep code."""

    day: date | None = None
    rep: str | None = None
    state: State | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """A day at a glance: reminders that wait, by rep with the longest lists first, and lines planned."""

    due: Mapping[str, int]
    counts: Counts


class ReadReminders:
    """Reads of reminders."""

    def __init__(self, desk: Desk, stores: Stores) -> None:
        self._desk = desk
        self._schedules = stores.schedules
        self._reminders = stores.reminders
        self._people = stores.people

    async def page(self, who: Principal, question: Question, after: Place, limit: int) -> Sequence[Kept]:
        """A part of the day's list, by due date; NotPossibleError for a rep who asks for another's."""
        filters = Filters(question.day or self._desk.clock.today(), question.state, None, question.overdue)
        async with self._desk.database.transaction() as tx:
            scope = await scope_for(tx, self._people, who)
            if question.rep is not None:
                filters = replace(filters, reps=await self._people.names_of(tx, question.rep))
                refuse_others(scope, filters.reps)
            return await self._reminders.page(tx, filters, scope, after, limit)

    async def summary(self, who: Principal) -> Summary:
        """Today at a glance."""
        today = self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            scope = await scope_for(tx, self._people, who)
            due = await self._reminders.count_due(tx, today, scope)
            return Summary(due, await self._schedules.count(tx, today, scope))


class ReadSchedule:
    """Reads of what is planned."""

    def __init__(self, desk: Desk, stores: Stores, paces: InForce[Paces]) -> None:
        self._desk = desk
        self._schedules = stores.schedules
        self._people = stores.people
        self._paces = paces

    async def __call__(self, who: Principal, customer_id: str) -> tuple[Schedule, Mapping[str, Pace]]:
        """A customer's schedule and the paces of its lines; NotPossibleError where there is none for the asker."""
        async with self._desk.database.transaction() as tx:
            scope = await scope_for(tx, self._people, who)
            schedule = await self._schedules.show(tx, customer_id)
            paces = await self._paces(tx)
        facts = None if schedule is None else schedule.facts
        # Whose customer it is says the facts; and who may not see it, learns nothing, not even that it is there.
        visible = scope.everything or (facts is not None and scope.admits(facts.rep, facts.department))
        if schedule is None or not visible:
            raise NotPossibleError(
                "unknown_customer",
                Text(zh="您的客户中没有这一位", en="there is no such customer among those you look after"),
            )
        if facts is None or schedule.standing is None:
            return schedule, {}
        return schedule, {
            pace.line: pace for pace in paces.owed(facts, schedule.standing, schedule.fall, schedule.lines)
        }


def refuse_others(scope: Scope, reps: frozenset[str] | None) -> None:
    """Raise NotPossibleError for a rep who asks for another's; an empty list would say that there is nothing to do."""
    only_own = not scope.everything and scope.department is None and not scope.unassigned
    if only_own and reps is not None and not reps & scope.reps:
        raise NotPossibleError("not_yours", Text(zh="只能查看自己的提醒", en="a rep sees the own reminders only"))
