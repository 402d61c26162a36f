"""A rep's month ahead: the rule that fills a day, applied day after day to copies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from services.followup.domain.levelling import Load, Rules, waits
from services.followup.domain.reminders import take
from services.followup.domain.schedule import Schedule

DAY = timedelta(days=1)


class DayAhead(NamedTuple):
    """A working day of a rep: minutes and contacts that it holds, its capacity and what is beyond it.

    `capacity` is 0 on leave, when the day holds what cannot wait, or what is the deputy's; `put_off` are minutes that
    are due and wait for a later day.
    """

    day: date
    contacts: int
    minutes: int
    capacity: int
    over: int
    put_off: int
    leave: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """How far today has come: minutes and contacts issued, minutes of other lists done."""

    contacts: int = 0
    minutes: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the days from `today` to `last` hold for one rep, as if nobody ordered or called meanwhile.

    `capacity` in minutes a day; `off` are the rep's own days off.
    """

    rules: Rules
    today: date
    last: date

    def of(
        self, customers: Iterable[Schedule], capacity: int, off: frozenset[date], begun: Begun
    ) -> Iterator[DayAhead]:
        """Working day by working day; today's with what was issued for it already."""
        schedules = {schedule.customer_id: schedule for schedule in customers}
        coming: dict[date, set[str]] = {}
        for schedule in schedules.values():
            self._expect(coming, schedule, self.today)
        reached, day = self.today, self.rules.levelling.slot(self.today)
        pending, days = dict[str, Load](), self.rules.levelling.days_of(off)
        put_off = self._put_off(schedules.values(), day)
        while day <= self.last:
            for customer_id in self._due(coming, reached, day):
                load = self.rules.levelling.load_of(schedules[customer_id], self.rules.paces, day)
                put_off.pop(customer_id, None)
                if load is not None:
                    pending[customer_id] = load
            room = capacity - begun.minutes - begun.done
            levelled = self.rules.levelling.fill(pending.values(), day, room, days)
            for load in levelled.taken:
                del pending[load.customer_id]
                schedule, _ = take(schedules[load.customer_id], self.rules.paces, day)
                schedules[load.customer_id] = schedule
                self._expect(coming, schedule, day + DAY)
            yield DayAhead(
                day,
                begun.contacts + len(levelled.taken),
                begun.minutes + sum(load.minutes for load in levelled.taken),
                0 if day in off else capacity,
                levelled.over,
                sum(load.minutes for load in pending.values()) + sum(put_off.values()),
                day in off,
            )
            begun, reached, day = Begun(), day + DAY, self.rules.levelling.slot(day + DAY)

    def _expect(self, coming: dict[date, set[str]], schedule: Schedule, first: date) -> None:
        for line in schedule.lines.values():
            if line.due_on is not None and (on := max(first, line.planned_on or line.due_on)) <= self.last:
                coming.setdefault(on, set()).add(schedule.customer_id)

    def _put_off(self, schedules: Iterable[Schedule], day: date) -> dict[str, int]:
        """Minutes of what is due by that day and was put off from it, by customer."""
        loads = (
            self.rules.levelling.load_of(schedule, self.rules.paces, day)
            for schedule in schedules
            if not waits(schedule, day)
        )
        return {load.customer_id: load.minutes for load in loads if load is not None}

    def _due(self, coming: dict[date, set[str]], first: date, last: date) -> set[str]:
        found = set[str]()
        while first <= last:
            found |= coming.pop(first, set())
            first += DAY
        return found
