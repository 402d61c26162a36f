"""Whose customer somebody's is, and so who reads what quotes its file (A1)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from shared.roles import Role

# A1: who reads every file without a request.
LEADERS: Final = frozenset({Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR})


class Person(NamedTuple):
    """Someone of the company; `rep_code` is the name under which orders know a rep, where it is not the id.

    `role` is the organisation's word; None for who was recorded before scoring kept it.
    """

    person: str
    department: str | None
    rep_code: str | None = None
    active: bool = True
    role: str | None = None

    def goes_by(self, name: str | None) -> bool:
        """Whether a customer's `rep` is this person."""
        return name is not None and name in {self.person, self.rep_code}


class Recorded(NamedTuple):
    """A person as the organisation told of them, and when: the newest word holds, in whatever order it comes."""

    person: Person
    at: datetime


def may_read(role: Role, me: Person, rep: str | None, departments: Collection[str]) -> bool:
    """Whether `me` reads of a customer with this rep, that belongs to these departments. Who left reads nothing."""
    if not me.active:
        return False
    if role in LEADERS or me.goes_by(rep):
        return True
    return role is Role.DEPARTMENT_MANAGER and me.department is not None and me.department in departments
