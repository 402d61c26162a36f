"""Rows of grants."""

from __future__ import annotations

from services.archive.domain.grants import Grant, Revocation
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class GrantStore:
    """Grants; of a row only its revocation is ever written again."""

    async def add(self, tx: Transaction, grant: Grant) -> None:
        await tx.execute(
            SQL["insert_grant"],
            grant.grant_id,
            grant.file,
            grant.person,
            grant.sections,
            grant.copy_allowed,
            grant.not_before,
            grant.until,
            grant.approved_by,
            grant.given_by,
            grant.given_at,
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

    async def exists(self, tx: Transaction, grant_id: str) -> bool:
        return await tx.fetchval(SQL["grant_exists"], grant_id) is not None
