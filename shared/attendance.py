"""Who left is stopped at the door: a token outlives the day on which its holder did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from shared.engine.model import Transaction
from shared.engine.postgres import Database
from shared.identity import Principal


class Member(Protocol):
    """Somebody of the company, as `organisation.v1` told of them; `active` ends when they leave."""

    @property
    def active(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Attendance:
    """Asked at the door of everybody who shows a token; `find` looks them up in the service's copy, by id."""

    database: Database
    find: Callable[[Transaction, str], Awaitable[Member | None]]

    async def left(self, who: Principal) -> bool:
        """Whether the organisation recorded that they left; who is not recorded is believed."""
        async with self.database.transaction() as tx:
            known = await self.find(tx, who.person)
        return known is not None and not known.active
