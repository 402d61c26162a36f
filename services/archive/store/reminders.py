"""Rows of reminders that asked for a file to be improved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from services.archive.domain.stale import FileReminder, Leave
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class ReminderStore:
    """Implements `ReminderBook`."""

    async def lock(self, tx: Transaction, reminders: Collection[str]) -> Mapping[str, FileReminder]:
        rows = await tx.fetch(SQL["lock_file_reminders"], list(reminders)) if reminders else []
        return {row[0]: FileReminder._make(row) for row in rows}

    async def save(self, tx: Transaction, reminders: Iterable[FileReminder], today: date) -> None:
        rows = [(*reminder, reminder.deadline) for reminder in sorted(reminders, key=lambda it: it.reminder_id)]
        if rows:
            await tx.execute(SQL["save_file_reminders"], *map(list, zip(*rows, strict=True)), today)

    async def hear(self, tx: Transaction, day: date) -> None:
        await tx.execute(SQL["hear_reminders"], day)

    async def heard(self, tx: Transaction) -> date | None:
        day: date | None = await tx.fetchval(SQL["read_heard"])
        return day

    async def take(self, tx: Transaction, before: date, limit: int) -> Sequence[FileReminder]:
        return [FileReminder._make(row) for row in await tx.fetch(SQL["take_overdue"], before, limit)]

    async def put_off(self, tx: Transaction, until: Mapping[str, date]) -> None:
        if until:
            await tx.execute(SQL["put_off_file_reminders"], list(until), list(until.values()))

    async def away(self, tx: Transaction, people: Collection[str]) -> Mapping[str, Sequence[Leave]]:
        found: dict[str, list[Leave]] = {}
        for row in await tx.fetch(SQL["find_leaves"], list(people)) if people else []:
            leave = Leave._make(row)
            found.setdefault(leave.person, []).append(leave)
        return found

    async def forget(self, tx: Transaction, before: date) -> None:
        await tx.execute(SQL["forget_file_reminders"], before)

    async def named(self, tx: Transaction, names: Collection[str]) -> Mapping[str, str]:
        rows = await tx.fetch(SQL["find_named"], list(names)) if names else []
        found = {name: {person for person, code in rows if name in {person, code}} for name in names}
        return {name: people.pop() for name, people in found.items() if len(people) == 1}
