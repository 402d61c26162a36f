"""Rows of grants, of their uses, and of originals that came back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.archive.domain.grants import Grant, GrantStanding, Revocation
from services.archive.ports.grants import GrantFilters
from services.archive.store.queries import SQL
from shared.engine.model import Transaction

FIELDS = 14
"""A grant's own columns, which come first."""


class GrantStore:
    """Grants; of a row only its revocation is ever written again."""

    async def add(self, tx: Transaction, grant: Grant) -> None:
        await tx.execute(
            SQL["insert_grant"],
            grant.grant_id,
            grant.file,
            grant.person,
            list(grant.sections),
            grant.copy_allowed,
            grant.not_before,
            grant.until,
            grant.approved_by,
            grant.given_by,
            grant.given_at,
            grant.request_id,
            grant.uses,
            grant.reading_room,
            grant.original,
        )

    async def revoke(self, tx: Transaction, revocation: Revocation) -> str | None:
        """Return the file of the grant; None, changing nothing, when there is no grant to end."""
        file: str | None = await tx.fetchval(
            SQL["revoke_grant"],
            revocation.grant_id,
            revocation.revoked_at,
            revocation.revoked_by,
            revocation.reason,
        )
        return file

    async def find(self, tx: Transaction, grant_id: str) -> GrantStanding | None:
        row = await tx.fetchrow(SQL["find_grant"], grant_id)
        return None if row is None else as_standing(row)

    async def page(self, tx: Transaction, filters: GrantFilters, limit: int) -> Sequence[GrantStanding]:
        at, grant_id = filters.after or (None, None)
        rows = await tx.fetch(
            SQL["page_grants"], filters.person, filters.file, filters.open_at, filters.lent, at, grant_id, limit
        )
        return [as_standing(row) for row in rows]

    async def is_lent_out(self, tx: Transaction, file: str) -> bool:
        await tx.execute(SQL["lock_original"], file)
        return bool(await tx.fetchval(SQL["is_lent_out"], file))

    async def take_back(self, tx: Transaction, grant: Grant, by: str, remark: str, now: datetime) -> bool:
        returned = await tx.fetchval(SQL["return_original"], grant.grant_id, grant.person, now, by, remark)
        return returned is not None

    async def ending(self, tx: Transaction, now: datetime, until: datetime) -> Sequence[GrantStanding]:
        return [as_standing(row) for row in await tx.fetch(SQL["list_ending"], now, until)]

    async def ended(self, tx: Transaction, now: datetime) -> Sequence[str]:
        return [row["grant_id"] for row in await tx.fetch(SQL["list_ended"], now)]

    async def open_of(self, tx: Transaction, file: str, now: datetime) -> Sequence[str]:
        return [row["grant_id"] for row in await tx.fetch(SQL["list_open_of"], file, now)]

    async def displaced(self, tx: Transaction, now: datetime) -> Sequence[tuple[str, str]]:
        return [(row["grant_id"], row["why"]) for row in await tx.fetch(SQL["list_displaced"], now)]

    async def are_told(self, tx: Transaction, within: float) -> bool:
        return bool(await tx.fetchval(SQL["are_grants_told"], within))

    async def overdue(self, tx: Transaction, now: datetime) -> Sequence[GrantStanding]:
        return [as_standing(row) for row in await tx.fetch(SQL["list_overdue"], now)]


def as_standing(row: Any) -> GrantStanding:
    """Split a row into the grant as given and what became of it."""
    grant_id, file, person, sections, *rest = row
    grant = Grant(grant_id, file, person, tuple(sections), *rest[: FIELDS - 4])
    return GrantStanding(grant, *rest[FIELDS - 4 :])
