"""A company with one person of each role, named like it, and the others whose things they come upon."""

from __future__ import annotations

from typing import Final, NamedTuple

from shared.contracts.organisation import PersonRecorded
from shared.roles import Role

HOME, ELSEWHERE = "d1", "d2"
"""The department of the rep and of the manager who ask, and another one."""


class Somebody(NamedTuple):
    """A person's place; `manager` by name."""

    person: str
    role: Role
    department: str | None
    manager: str | None
    rep_code: str | None = None


ASKERS: Final = {
    Role.REP: Somebody("rep", Role.REP, HOME, "department_manager", "rep-1"),
    Role.DEPARTMENT_MANAGER: Somebody("department_manager", Role.DEPARTMENT_MANAGER, HOME, "marketing_director"),
    Role.MARKETING_DIRECTOR: Somebody("marketing_director", Role.MARKETING_DIRECTOR, None, "deputy_gm"),
    Role.DEPUTY_GM: Somebody("deputy_gm", Role.DEPUTY_GM, None, "gm"),
    Role.GM: Somebody("gm", Role.GM, None, None),
    Role.GM_OFFICE_HEAD: Somebody("gm_office_head", Role.GM_OFFICE_HEAD, None, "gm"),
    Role.ARCHIVIST: Somebody("archivist", Role.ARCHIVIST, None, "gm_office_head"),
    Role.HR: Somebody("hr", Role.HR, None, "gm"),
    Role.INSPECTOR: Somebody("inspector", Role.INSPECTOR, None, "gm"),
    Role.OPS: Somebody("ops", Role.OPS, None, "gm"),
    Role.ORDER_SYSTEM: Somebody("order_system", Role.ORDER_SYSTEM, None, None),
}
"""Who asks, by role; the order system is a machine, which no organisation chart shows."""

LI = Somebody("li", Role.REP, HOME, "department_manager", "rep-2")
FAR = Somebody("far", Role.REP, ELSEWHERE, "bao", "rep-3")
BAO = Somebody("bao", Role.DEPARTMENT_MANAGER, ELSEWHERE, "marketing_director")
FILER = Somebody("filer", Role.ARCHIVIST, None, "gm_office_head")
CLERK = Somebody("clerk", Role.HR, None, "gm")
GONE = Somebody("gone", Role.REP, HOME, "department_manager", "rep-4")
GONE_FAR = Somebody("gone_far", Role.REP, ELSEWHERE, "bao", "rep-5")
OTHERS: Final = (LI, FAR, BAO, FILER, CLERK, GONE, GONE_FAR)


def recorded(who: Somebody, *, active: bool = True) -> PersonRecorded:
    """How the organisation tells of somebody."""
    return PersonRecorded(
        person=who.person, role=who.role, department=who.department, manager=who.manager, rep_code=who.rep_code,
        active=active,
    )  # fmt: skip


STAFF: Final = tuple(recorded(who) for who in (*ASKERS.values(), *OTHERS) if who.role is not Role.ORDER_SYSTEM)
