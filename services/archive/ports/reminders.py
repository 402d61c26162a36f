"""Reminders of files, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from services.archive.domain.stale import FileReminder
from shared.engine.model import Transaction


class ReminderBook(Protocol):
    """Reminders that asked for a file to be improved."""

    async def lock(self, tx: Transaction, reminders: Collection[str]) -> Mapping[str, FileReminder]: ...

    async def save(self, tx: Transaction, reminders: Iterable[FileReminder], today: date) -> None: ...

    async def hear(self, tx: Transaction, day: date) -> None:
        """Note how far reminders were heard; an older day changes nothing."""
        ...

    async def heard(self, tx: Transaction) -> date | None: ...

    async def take(self, tx: Transaction, before: date, limit: int) -> Sequence[FileReminder]:
        """Those whose last day was before then, each only once."""
        ...

    async def forget(self, tx: Transaction, before: date) -> None: ...

    async def named(self, tx: Transaction, names: Collection[str]) -> Mapping[str, str]:
        """Name → person, where exactly one goes by it, as an id or as a rep code."""
        ...
