"""Every policy that was ever in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.scoring.domain.succession import PolicyVersion
from shared.engine.model import Transaction


class PolicyBook(Protocol):
    """Every policy that was ever in force, numbered without a gap."""

    async def latest(self, tx: Transaction) -> PolicyVersion | None:
        """The one that decides; None before the first start has come so far."""
        ...

    async def find(self, tx: Transaction, version: str) -> PolicyVersion | None:
        """By its name or, where no policy has such a name, by its number."""
        ...

    async def page(self, tx: Transaction, before: int | None, limit: int) -> Sequence[PolicyVersion]:
        """Newest first, those with `before` and later numbers left out."""
        ...

    async def add(self, tx: Transaction, version: PolicyVersion) -> None: ...
