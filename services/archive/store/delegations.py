"""Rows of delegations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.archive.domain.delegations import Delegation, Scope
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class DelegationStore:
    """Implements `DelegationBook` in tables that are only added to."""

    async def add(self, tx: Transaction, delegation: Delegation) -> None:
        scope = delegation.scope
        await tx.execute(
            SQL["insert_delegation"],
            delegation.delegation_id,
            delegation.giver,
            delegation.delegate,
            list(scope.tiers),
            list(scope.ranks),
            scope.file,
            delegation.not_before,
            delegation.until,
            delegation.text,
            delegation.given_at,
        )

    async def end(self, tx: Transaction, delegation_id: str, by: str, reason: str, now: datetime) -> bool:
        return await tx.fetchval(SQL["end_delegation"], delegation_id, now, by, reason) is not None

    async def find(self, tx: Transaction, delegation_id: str) -> Delegation | None:
        row = await tx.fetchrow(SQL["find_delegation"], delegation_id)
        return None if row is None else as_delegation(row)

    async def live(self, tx: Transaction, now: datetime) -> Sequence[Delegation]:
        return [as_delegation(row) for row in await tx.fetch(SQL["list_live_delegations"], now)]

    async def page(
        self, tx: Transaction, person: str | None, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Delegation]:
        at, delegation_id = after or (None, None)
        rows = await tx.fetch(SQL["page_delegations"], person, at, delegation_id, limit)
        return [as_delegation(row) for row in rows]


def as_delegation(row: Any) -> Delegation:
    delegation_id, giver, delegate, tiers, ranks, file, *rest = row
    return Delegation(delegation_id, giver, delegate, Scope(tuple(tiers), tuple(ranks), file), *rest)
