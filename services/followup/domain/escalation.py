"""What a reminder that nobody answers comes to: once more to the rep, to the manager, on the list to be reassigned."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from services.followup.domain.people import Person
from shared.contracts.reminders import UNASSIGNED, ReminderKind, Rung
from shared.contracts.types import Level
from shared.policy.escalation import Escalation
from shared.roles import Role
from shared.words import Text
from shared.working_time import WorkingTime

# Stored as infinity: no step is left.
NEVER = date.max


class Overdue(NamedTuple):
    """A reminder that waits, as far as its steps depend on it.

    `due_on` is the working day on which it was due, or to which it was put off; `held_by` whose customer it is now;
    `answered` that its contact was reported and is on its way; `taken` the steps already taken.
    """

    reminder_id: str
    customer_id: str
    rep: str
    department: str | None
    kind: ReminderKind
    level: Level
    due_on: date
    held_by: str | None
    answered: bool
    taken: frozenset[Rung]
    trace: str


class Escalated(NamedTuple):
    """A step: number `step` of the reminder's, `to` somebody or, with None, on the list."""

    overdue: Overdue
    step: int
    to_role: Rung
    to: str | None
    days: int
    words: Text


class Look(NamedTuple):
    """What is due of a reminder's steps, and the day on which to look again."""

    steps: tuple[Escalated, ...]
    again_on: date


@dataclass(frozen=True)
class Organisation:
    """Who is whose manager; `away` are those on leave today."""

    people: Mapping[str, Person]
    away: frozenset[str] = frozenset()

    @classmethod
    def of(cls, people: Iterable[Person], away: Iterable[str] = ()) -> Organisation:
        return cls({person.person: person for person in people}, frozenset(away))

    def known(self, name: str) -> Person | None:
        """The person of this name, as an id or as a rep code."""
        return self.people.get(name) or self._by_code.get(name)

    def superior(self, rep: str, department: str | None) -> str | None:
        """Whom a rep's overdue reminder goes to.

        The first of the managers above who works here and is there today, else the department's manager. Where all of
        them are on leave, the nearest of them. None: there is nobody.
        """
        me = self.known(rep)
        line = list(dict.fromkeys((*self._above(me), *self._managers_of(me, department))))
        return next((person for person in line if person not in self.away), line[0] if line else None)

    def _above(self, me: Person | None) -> Iterator[str]:
        seen = set() if me is None else {me.person}
        above = None if me is None else me.manager
        while above is not None and above not in seen:
            seen.add(above)
            manager = self.known(above)
            if manager is None:
                return
            if manager.active and manager is not me:
                yield manager.person
            above = manager.manager

    def _managers_of(self, me: Person | None, department: str | None) -> Iterator[str]:
        of = department or (None if me is None else me.department)
        for person in self._managers:
            if of is not None and person.department == of and person is not me:
                yield person.person

    @cached_property
    def _by_code(self) -> Mapping[str, Person]:
        return {person.rep_code: person for person in self.people.values() if person.rep_code is not None}

    @cached_property
    def _managers(self) -> tuple[Person, ...]:
        manages = (p for p in self.people.values() if p.active and p.role == Role.DEPARTMENT_MANAGER)
        return tuple(sorted(manages))


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of one policy, on one day, among these people."""

    escalation: Escalation
    organisation: Organisation
    working_time: WorkingTime
    today: date

    def look(self, reminder: Overdue, away: Collection[date] = ()) -> Look:
        """All steps that are due by today, in their order; one that was taken is never taken again.

        `away` are the rep's days of leave, which do not count. Days are counted from the day after `due_on`: what was
        due on Monday is one working day overdue on Tuesday.
        """
        if reminder.answered:
            return Look((), self.working_time.plus(self.today, 1))
        taken = set(reminder.taken)
        due = list[Escalated]()
        for step in self.escalation.of(reminder.kind, reminder.level):
            if step.to in taken:
                continue
            on = self.working_time.plus(reminder.due_on, step.after, away)
            if on > self.today:
                return Look(tuple(due), on)
            to_role, to = _goes_to(reminder, step.to, self.organisation)
            if to_role in taken or (to_role == "rep" and to is None):
                continue
            taken.add(to_role)
            days = self.working_time.days_between(reminder.due_on, self.today, away)
            due.append(Escalated(reminder, len(taken), to_role, to, days, words(reminder, to_role, step.to, days)))
        return Look(tuple(due), NEVER)


def _goes_to(reminder: Overdue, to: Rung, organisation: Organisation) -> tuple[Rung, str | None]:
    if to == "rep":
        me = organisation.known(reminder.rep)
        # A rep whom nobody told us of may be there all the same; one who left, or nobody at all, is not.
        there = reminder.rep != UNASSIGNED and (me is None or me.active)
        return "rep", reminder.rep if there else None
    if to == "manager":
        superior = organisation.superior(reminder.rep, reminder.department)
        return ("reassignment", None) if superior is None else ("manager", superior)
    return "reassignment", None


def words(reminder: Overdue, to_role: Rung, asked_for: Rung, days: int) -> Text:
    """Why somebody hears of it now."""
    late = Text(zh=f"已逾期 {days} 个工作日", en=f"{days} working {'day' if days == 1 else 'days'} overdue")
    about = f"{reminder.customer_id}"
    if to_role == "rep":
        return Text(zh=f"{about}：{late.zh}，请尽快跟进。", en=f"{about}: {late.en}; please follow up.")
    nobodys = reminder.rep == UNASSIGNED
    whose = Text(zh="无负责人" if nobodys else f"{reminder.rep} 未跟进", en="nobody's" if nobodys else reminder.rep)
    if to_role == "manager":
        return Text(
            zh=f"{about}（{whose.zh}）：{late.zh}，请主管处理。",
            en=f"{about} ({whose.en}): {late.en}; please see to it.",
        )
    no_manager = Text(zh="未找到主管，", en="no manager was found, ") if asked_for == "manager" else Text(zh="", en="")
    return Text(
        zh=f"{about}（{whose.zh}）：{late.zh}，{no_manager.zh}已列入待改派客户。",
        en=f"{about} ({whose.en}): {late.en}; {no_manager.en}it is listed to be given to somebody else.",
    )
