"""Who people are to the company. Imports nothing, so that pure rules may name a role."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a person, or the order system, may be; the rules give each its rights (A1–A4, N10)."""

    REP = "rep"
    DEPARTMENT_MANAGER = "department_manager"
    MARKETING_DIRECTOR = "marketing_director"
    DEPUTY_GM = "deputy_gm"
    GM = "gm"
    GM_OFFICE_HEAD = "gm_office_head"
    ARCHIVIST = "archivist"
    HR = "hr"
    INSPECTOR = "inspector"
    OPS = "ops"
    ORDER_SYSTEM = "order_system"


NO_READERS: Final = frozenset({Role.OPS, Role.ORDER_SYSTEM})
"""Those who run the machines, and the machines: no grant opens a file to them, so they ask for none (A2)."""
