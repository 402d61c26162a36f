"""Rows of destructions and of their register."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from services.archive.domain.destruction import Destruction, Step, StepKind
from services.archive.ports.life import Content, Line, Registered
from services.archive.store.queries import SQL
from shared.engine.model import Transaction
from shared.engine.postgres import Database


class DestructionStore:
    """Implements `DestructionBook`."""

    async def add(self, tx: Transaction, destruction: Destruction) -> None:
        it = destruction
        await tx.execute(
            SQL["insert_destruction"],
            it.destruction_id,
            list(it.records),
            it.classified,
            it.requested_by,
            it.requested_at,
            it.reason,
        )

    async def find(self, tx: Transaction, destruction_id: str) -> Destruction | None:
        row = await tx.fetchrow(SQL["find_destruction"], destruction_id)
        return None if row is None else (await self._with_steps(tx, [row]))[0]

    async def about(self, tx: Transaction, records: Collection[str]) -> Sequence[Destruction]:
        return await self._with_steps(tx, await tx.fetch(SQL["list_destructions_of"], list(records)))

    async def page(self, tx: Transaction, witness: str | None, after: str, limit: int) -> Sequence[Destruction]:
        return await self._with_steps(tx, await tx.fetch(SQL["page_destructions"], witness, after, limit))

    async def add_step(self, tx: Transaction, destruction: Destruction, step: Step) -> bool:
        number = len(destruction.steps) + 1
        added = await tx.fetchval(SQL["insert_destruction_step"], destruction.destruction_id, number, *step)
        return added is not None

    async def contents(self, tx: Transaction, records: Collection[str]) -> Sequence[Content]:
        return [Content._make(row) for row in await tx.fetch(SQL["list_attachments_of"], list(records))]

    async def added_since(self, tx: Transaction, records: Collection[str], moment: datetime) -> bool:
        return await tx.fetchval(SQL["find_added_since"], list(records), moment) is not None

    async def register(self, tx: Transaction, lines: Sequence[Line]) -> None:
        for line in lines:
            await tx.execute(SQL["insert_register"], *as_row(line))
        records = [line.record.record for line in lines]
        await tx.execute(SQL["mark_destroyed"], records, lines[0].destroyed_at)
        await tx.execute(SQL["insert_doomed"], records, lines[0].destroyed_at)
        await tx.execute(SQL["delete_data_keys"], records)

    async def revoke_grants(
        self, tx: Transaction, files: Collection[str], now: datetime, by: str, reason: str
    ) -> Sequence[tuple[str, str]]:
        rows = await tx.fetch(SQL["revoke_grants_of_files"], list(files), now, by, reason)
        return [(row["grant_id"], row["file"]) for row in rows]

    async def registered(self, tx: Transaction, after: int, limit: int) -> Sequence[Registered]:
        return [Registered._make(row) for row in await tx.fetch(SQL["page_register"], after, limit)]

    async def doomed(self, tx: Transaction, limit: int) -> Sequence[str]:
        return [row[0] for row in await tx.fetch(SQL["list_doomed"], limit)]

    async def gone(self, tx: Transaction, object_key: str, now: datetime) -> None:
        await tx.execute(SQL["mark_gone"], object_key, now)

    async def _with_steps(self, tx: Transaction, rows: Sequence[Any]) -> list[Destruction]:
        steps: dict[str, list[Step]] = defaultdict(list)
        for row in await tx.fetch(SQL["list_destruction_steps"], [row[0] for row in rows]) if rows else ():
            steps[row[0]].append(Step(StepKind(row[1]), *row[2:]))
        return [
            Destruction(
                row["destruction_id"],
                tuple(row["records"]),
                row["classified"],
                row["requested_by"],
                row["requested_at"],
                row["reason"],
                tuple(steps[row["destruction_id"]]),
            )
            for row in rows
        ]


class KeySweeper:
    """Takes deleted keys out of the table's pages: a row that is deleted lies there until then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self) -> None:
        await self._database.execute(SQL["vacuum_data_keys"])


def as_row(line: Line) -> tuple[Any, ...]:
    record = line.record
    return (
        record.record,
        line.destruction_id,
        record.title,
        record.rank,
        record.department,
        record.record_class,
        record.period,
        record.filed_by,
        record.filed_at,
        line.kept_until,
        json.dumps([_described(content) for content in line.attachments], ensure_ascii=False),
        line.reason,
        line.requested_by,
        line.approved_by,
        line.witness,
        line.attested_at,
        line.executed_by,
        line.destroyed_at,
        line.destroyed_on,
    )


def _described(content: Content) -> dict[str, Any]:
    """What is kept of an attachment: enough to know it again, nothing of what it said."""
    told = content._asdict()
    del told["record"], told["object_key"]
    return told
