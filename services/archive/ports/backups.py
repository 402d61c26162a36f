"""Backups, as use cases need them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.archive.domain.backups import Backup, Drill, Standing
from shared.engine.model import Transaction


class BackupBook(Protocol):
    """Backups that were made, and how they came back; only ever added to."""

    async def add(self, tx: Transaction, backup: Backup) -> bool:
        """Return False, changing nothing, when one of that name is there."""
        ...

    async def add_drill(self, tx: Transaction, drill: Drill) -> None: ...

    async def newest(self, tx: Transaction, limit: int) -> Sequence[Standing]:
        """Newest first."""
        ...


class BackupMeasures(Protocol):
    """Whoever watches from outside."""

    def backups(self, age_seconds: float, *, sound: bool, due: bool) -> None:
        """The age of the newest that came back whole, whether the last drill was good, whether one is due."""
        ...
