"""What the organisation says now of somebody who shows a token: it outlives the day on which its holder left or moved.

Every service keeps a copy of `organisation.v1`, so each of them asks its own, before any use case.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Protocol

from shared.engine.model import Transaction
from shared.identity import Principal
from shared.roles import Role
from shared.words import Text


class Standing(NamedTuple):
    """Somebody's recorded place in the company; `role` in the organisation's words, None where it said none."""

    active: bool
    role: str | None
    department: str | None


Registry = Callable[[str], Awaitable[Standing | None]]
"""Where somebody stands, by their name; None for who is not recorded."""


class NotStandingError(Exception):
    """The organisation contradicts the token. `code` is one word for machines."""

    def __init__(self, code: str, words: Text) -> None:
        super().__init__(f"{code}: {words.en}")
        self.code = code
        self.words = words


ROLES: Final = frozenset(str(role) for role in Role)


def standing_as(who: Principal, recorded: Standing | None) -> Principal:
    """Who a token speaks for now: in the role that it names, of the department that is recorded.

    Who is not recorded is believed, and so is the role where the organisation has a word for it that is none of ours.
    Raises NotStandingError for who left, and for a token of a role that its holder does not have: given for another
    post, or by somebody who does not know of this one. To act in the recorded role takes a token of that role, so that
    no token opens more than it says.
    """
    if recorded is None:
        return who
    if not recorded.active:
        raise NotStandingError(
            "left_the_company", Text(zh="您已离职，不能再使用系统", en="who left the company is let in no more")
        )
    if recorded.role in ROLES and recorded.role != who.role:
        raise NotStandingError(
            "role_changed",
            Text(
                zh=f"您登记的岗位是 {recorded.role}，令牌上却是 {who.role}，请重新登录换取新令牌",
                en=f"you are recorded as {recorded.role}, and your token says {who.role}: get a new token",
            ),
        )
    return replace(who, department=recorded.department)


class Transactions(Protocol):
    """Where transactions come from."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]: ...


class People(Protocol):
    """A service's copy of who is who."""

    async def standing(self, tx: Transaction, person: str) -> Standing | None: ...


@dataclass(frozen=True, slots=True)
class Attendance:
    """The registry that a service keeps itself."""

    database: Transactions
    people: People

    async def __call__(self, person: str) -> Standing | None:
        """Where somebody stands now."""
        async with self.database.transaction() as tx:
            return await self.people.standing(tx, person)
