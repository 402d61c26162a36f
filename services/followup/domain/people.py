"""Whose reminders a person may see: a rep the own ones, a department manager the department's, the GM and ops all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from shared.contracts.reminders import UNASSIGNED
from shared.roles import Role


class Person(NamedTuple):
    """Someone of the company; `rep_code` is the name under which orders know a rep, where it is not the id.

    `manager` is a person's id.
    """

    person: str
    department: str | None
    rep_code: str | None
    active: bool = True
    role: str | None = None
    manager: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """All that a reminder's `rep` may call this person."""
        return frozenset({self.person} if self.rep_code is None else {self.person, self.rep_code})


class Recorded(NamedTuple):
    """A person as the organisation told of them, and when: the newest word holds, in whatever order it comes."""

    person: Person
    at: datetime


class Scope(NamedTuple):
    """What someone may see: everything, or what is due to some reps, to a department, or to nobody at all.

    `people` are those behind `reps`, by their ids: a rep code may be spelled as somebody else's id.
    """

    everything: bool = False
    reps: frozenset[str] = frozenset()
    department: str | None = None
    unassigned: bool = False
    people: frozenset[str] = frozenset()

    def oversees(self, person: str) -> bool:
        """Whether what is a person's own is within: calendar, preferences, messages, reports, capacity."""
        return self.everything or person in self.people

    def admits(self, rep: str | None, department: str | None) -> bool:
        """Whether a customer or reminder of this rep and department is within."""
        return (
            self.everything
            or rep in self.reps
            or (department is not None and department == self.department)
            or (self.unassigned and rep in {None, UNASSIGNED} and department is None)
        )


def scope_of(role: Role, me: Person, colleagues: Iterable[Person]) -> Scope:
    """The scope of a person in a role; `colleagues` are the people of the own department.

    A customer with neither rep nor department is every manager's, so that it is somebody's. Who left sees nothing.
    """
    if not me.active:
        return Scope()
    if role in {Role.GM, Role.OPS}:
        return Scope(everything=True)
    if role is Role.DEPARTMENT_MANAGER:
        everybody = (me, *colleagues)
        reps = frozenset[str]().union(*(person.names for person in everybody))
        people = frozenset(person.person for person in everybody)
        return Scope(reps=reps, department=me.department, unassigned=True, people=people)
    return Scope(reps=me.names, people=frozenset({me.person})) if role is Role.REP else Scope()
