"""Grants, as use cases need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.archive.domain.grants import Grant, GrantStanding, Revocation
from shared.engine.model import Transaction


@dataclass(frozen=True, slots=True)
class GrantFilters:
    """Which grants: of a reader, of a file, open at a moment, with the original out; None is any.

    `after` is the last page's last (given_at, grant_id).
    """

    person: str | None = None
    file: str | None = None
    open_at: datetime | None = None
    lent: bool = False
    after: tuple[datetime, str] | None = None


class GrantBook(Protocol):
    """Grants, each revoked at most once, each lent original returned at most once."""

    async def add(self, tx: Transaction, grant: Grant) -> None: ...

    async def revoke(self, tx: Transaction, revocation: Revocation) -> str | None: ...

    async def find(self, tx: Transaction, grant_id: str) -> GrantStanding | None: ...

    async def page(self, tx: Transaction, filters: GrantFilters, limit: int) -> Sequence[GrantStanding]: ...

    async def is_lent_out(self, tx: Transaction, file: str) -> bool:
        """Whether somebody has the original; nobody else lends it until `tx` is over."""
        ...

    async def take_back(self, tx: Transaction, grant: Grant, by: str, remark: str, now: datetime) -> bool:
        """Note the return of an original; False when it came back before."""
        ...

    async def open_of(self, tx: Transaction, file: str, now: datetime) -> Sequence[str]:
        """Grants of a file that run or are to run, by id."""
        ...

    async def ending(self, tx: Transaction, now: datetime, until: datetime) -> Sequence[GrantStanding]: ...

    async def ended(self, tx: Transaction, now: datetime) -> Sequence[str]:
        """Grants that are over while tasks still speak of them, by id."""
        ...

    async def displaced(self, tx: Transaction, now: datetime) -> Sequence[tuple[str, str]]:
        """Grants that run while their file or their reader is in another place, by id, and which of the two."""
        ...

    async def are_told(self, tx: Transaction, within: float) -> bool:
        """Whether the broker has taken all that was said of grants longer than `within` seconds ago."""
        ...

    async def overdue(self, tx: Transaction, now: datetime) -> Sequence[GrantStanding]: ...
