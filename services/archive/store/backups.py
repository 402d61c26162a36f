"""Rows of backups."""

from __future__ import annotations

from collections.abc import Sequence

from services.archive.domain.backups import Backup, Drill, Standing
from services.archive.store.queries import SQL
from shared.engine.model import Transaction

_FIELDS = len(Backup._fields)


class BackupStore:
    """Implements `BackupBook` in tables that are only added to."""

    async def add(self, tx: Transaction, backup: Backup) -> bool:
        return await tx.fetchval(SQL["insert_backup"], *backup) is not None

    async def add_drill(self, tx: Transaction, drill: Drill) -> None:
        await tx.execute(SQL["insert_backup_drill"], *drill)

    async def newest(self, tx: Transaction, limit: int) -> Sequence[Standing]:
        standings = []
        for row in await tx.fetch(SQL["list_backups"], limit):
            backup = Backup._make(tuple(row)[:_FIELDS])
            at, sound, found = tuple(row)[_FIELDS:]
            standings.append(Standing(backup, None if at is None else Drill(backup.backup, at, sound, found)))
        return standings
