"""What people call the codes of the company: roles (A1–A4), ranks (A3) and tiers of files (A1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from shared.roles import Role
from shared.words import Text

ROLES: Final[Mapping[str, Text]] = {
    Role.REP: Text(zh="业务员", en="rep"),
    Role.DEPARTMENT_MANAGER: Text(zh="部门经理", en="department manager"),
    Role.MARKETING_DIRECTOR: Text(zh="营销总监", en="marketing director"),
    Role.DEPUTY_GM: Text(zh="分管副总", en="deputy GM"),
    Role.GM: Text(zh="总经理", en="GM"),
    Role.GM_OFFICE_HEAD: Text(zh="总办主任", en="head of the GM's office"),
    Role.ARCHIVIST: Text(zh="档案管理员", en="archivist"),
    Role.HR: Text(zh="人力资源", en="human resources"),
    Role.INSPECTOR: Text(zh="督导", en="inspector"),
    Role.OPS: Text(zh="运维", en="operations"),
    Role.ORDER_SYSTEM: Text(zh="订单系统", en="order system"),
}
RANKS: Final[Mapping[str, Text]] = {
    "top_secret": Text(zh="绝密", en="top secret"),
    "secret": Text(zh="机密", en="secret"),
    "confidential": Text(zh="秘密", en="confidential"),
    "unclassified": Text(zh="非密级", en="unclassified"),
}
TIERS: Final[Mapping[str, Text]] = {
    "company": Text(zh="公司级", en="company"),
    "department": Text(zh="部门级", en="department"),
    "personal": Text(zh="个人级", en="personal"),
}


def called(code: str, names: Mapping[str, Text]) -> Text:
    """What people call a code; one that the company made up for itself is called what it is."""
    return names.get(code) or Text(zh=code, en=code)


def code_of(word: str, names: Mapping[str, Text]) -> str:
    """The code that somebody means by it or by what it is called; what nothing is called stays, to be refused."""
    return next((code for code, name in names.items() if word in {code, name.zh, name.en}), word)


def role_names(roles: Iterable[str]) -> Text:
    """Several roles in a line, to say whose word something takes."""
    names = [called(role, ROLES) for role in roles]
    return Text(zh="、".join(name.zh for name in names), en=", ".join(name.en for name in names))
