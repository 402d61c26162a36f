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


class Standing(NamedTuple):
    """Somebody's recorded place in the company; `role` in the organisation's words, None where it said none."""

    active: bool
    role: str | None
    department: str | None


Registry = Callable[[str], Awaitable[Standing | None]]
"""Where somebody stands, by their name; None for who is not recorded."""


ROLES: Final = frozenset(str(role) for role in Role)


def standing_as(who: Principal, recorded: Standing | None) -> Principal | None:
    """Who a token speaks for now: of the role and department that are recorded; None for who left.

    The token proves who somebody is, the organisation says what they are: whoever was demoted does not go on as before
    until the token ends. Who is not recorded is believed, and so is the token's role where the organisation has a word
    for it that is none of ours: then it is the issuer who knows what that is here.
    """
    if recorded is None:
        return who
    if not recorded.active:
        return None
    role = Role(recorded.role) if recorded.role in ROLES else who.role
    return replace(who, role=role, department=recorded.department)


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
