"""Reminders of files, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from services.archive.domain.stale import FileReminder, Leave
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

    async def put_off(self, tx: Transaction, until: Mapping[str, date]) -> None:
        """Judge these reminders again after a later last day."""
        ...

    async def away(self, tx: Transaction, people: Collection[str]) -> Mapping[str, Sequence[Leave]]:
        """Person → leaves that were not cancelled; nobody of whom none is known."""
        ...

    async def forget(self, tx: Transaction, before: date) -> None: ...

    async def named(self, tx: Transaction, names: Collection[str]) -> Mapping[str, str]:
        """Name → person, where exactly one who works here goes by it, as an id or as a rep code."""
        ...
