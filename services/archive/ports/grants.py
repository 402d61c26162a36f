"""Grants, as use cases need them."""

from __future__ import annotations

from typing import Protocol

from services.archive.domain.grants import Grant, Revocation
from shared.engine.model import Transaction


class GrantBook(Protocol):
    """Grants, each revoked at most once."""

    async def add(self, tx: Transaction, grant: Grant) -> None: ...

    async def revoke(self, tx: Transaction, revocation: Revocation) -> str | None: ...

    async def exists(self, tx: Transaction, grant_id: str) -> bool: ...
