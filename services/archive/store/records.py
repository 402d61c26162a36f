"""Rows of company records and of what they consist of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.archive.domain.envelope import WrappedKey
from services.archive.domain.files import Record
from services.archive.domain.reading import GrantHeld
from services.archive.domain.records import Attachment
from services.archive.ports import Scope, Sought
from services.archive.store.files import with_sections
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class RecordStore:
    """Implements `RecordBook`; rows are only ever added."""

    async def add(self, tx: Transaction, record: Record) -> bool:
        added = await tx.fetchval(
            SQL["insert_record"],
            record.record,
            record.title,
            record.rank,
            record.department,
            record.record_class,
            record.period,
            record.filed_by,
            record.filed_at,
            record.retain_until,
        )
        if added is None:
            return False
        names, ranks = [list(column) for column in zip(*record.sections, strict=True)]
        await tx.execute(SQL["insert_sections"], record.record, names, ranks)
        return True

    async def find(self, tx: Transaction, record: str) -> Record | None:
        rows = await tx.fetch(SQL["find_record"], record)
        return next(iter(await with_sections(tx, rows)), None)

    async def living(self, tx: Transaction, records: Collection[str]) -> set[str]:
        return {row["record"] for row in await tx.fetch(SQL["find_living"], list(records))} if records else set()

    async def hold(self, tx: Transaction, record: str) -> datetime | None:
        await tx.execute(SQL["hold_record"], record)
        attested_at: datetime | None = await tx.fetchval(SQL["last_attested"], record)
        return attested_at

    async def add_attachment(self, tx: Transaction, attachment: Attachment, key: WrappedKey) -> None:
        await tx.execute(SQL["insert_attachment"], *attachment)
        await tx.execute(SQL["insert_data_key"], attachment.attachment_id, *key)

    async def attachments(self, tx: Transaction, record: str) -> Sequence[Attachment]:
        return [Attachment._make(row) for row in await tx.fetch(SQL["list_attachments"], record)]

    async def attachments_of(self, tx: Transaction, records: Sequence[str]) -> Mapping[str, Sequence[Attachment]]:
        found = defaultdict[str, list[Attachment]](list)
        for row in await tx.fetch(SQL["list_attachments_of_many"], list(records)):
            found[row["record"]].append(Attachment._make(row))
        return found

    async def keys(self, tx: Transaction, attachments: Sequence[str]) -> dict[str, WrappedKey]:
        rows = await tx.fetch(SQL["read_data_keys"], list(attachments))
        return {row["attachment_id"]: WrappedKey(row["master"], row["wrapped"]) for row in rows}

    async def held(self, tx: Transaction, file: str, person: str, now: datetime) -> Sequence[GrantHeld]:
        rows = await tx.fetch(SQL["read_held_grants"], file, person, now)
        return [GrantHeld(row[0], tuple(row[1]), *row[2:]) for row in rows]

    async def held_of(
        self, tx: Transaction, files: Sequence[str], person: str, now: datetime
    ) -> Mapping[str, Sequence[GrantHeld]]:
        found = defaultdict[str, list[GrantHeld]](list)
        for row in await tx.fetch(SQL["list_held_grants"], list(files), person, now):
            found[row[0]].append(GrantHeld(row[1], tuple(row[2]), *row[3:]))
        return found

    async def use(self, tx: Transaction, grant_id: str, piece: str, now: datetime) -> bool:
        await tx.execute(SQL["lock_grant_use"], grant_id, piece)
        return await tx.fetchval(SQL["use_grant"], grant_id, piece, now) is not None

    async def search(self, tx: Transaction, scope: Scope, sought: Sought, after: str, limit: int) -> Sequence[Record]:
        rows = await tx.fetch(
            SQL["search_records"],
            list(scope.horizon.any),
            list(scope.horizon.own_department),
            scope.horizon.department,
            scope.reader.person,
            scope.now,
            sought.title,
            sought.rank,
            sought.record_class,
            sought.department,
            sought.period,
            after,
            scope.reader.is_reader,
            limit,
        )
        return await with_sections(tx, rows)
