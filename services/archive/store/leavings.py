"""Rows of who left."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from services.archive.ports.leaving import DeedCount, HandedOver, Leaver, Leaving
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class LeavingStore:
    """Implements `LeavingBook`."""

    async def note(self, tx: Transaction, leavers: Collection[Leaver], handed: Collection[HandedOver]) -> None:
        if leavers:
            ordered = sorted(leavers)
            await tx.execute(SQL["insert_leavings"], [it.person for it in ordered], [it.departed_at for it in ordered])
        for it in handed:
            await tx.execute(SQL["insert_leaving_handover"], *it[:5], json.dumps(dict(it.receivers)))

    async def next(self, tx: Transaction) -> Leaver | None:
        row = await tx.fetchrow(SQL["next_leaving"])
        return None if row is None else Leaver._make(row)

    async def settle(self, tx: Transaction, leaver: Leaver, now: datetime) -> None:
        await tx.execute(SQL["settle_leaving"], *leaver, now)

    async def next_handover(self, tx: Transaction) -> HandedOver | None:
        row = await tx.fetchrow(SQL["next_leaving_handover"])
        return None if row is None else HandedOver._make((*row[:5], json.loads(row[5])))

    async def settle_handover(self, tx: Transaction, handed: HandedOver, now: datetime) -> None:
        await tx.execute(SQL["settle_leaving_handover"], handed.handover_id, now)

    async def revoke_grants(
        self, tx: Transaction, person: str, now: datetime, by: str, reason: str
    ) -> Sequence[tuple[str, str]]:
        rows = await tx.fetch(SQL["revoke_grants_of_person"], person, now, by, reason)
        return [(row["grant_id"], row["file"]) for row in rows]

    async def clear_tasks(self, tx: Transaction, person: str, now: datetime) -> Sequence[str]:
        return [row["task_id"] for row in await tx.fetch(SQL["clear_tasks_of_person"], person, now)]

    async def handed_over(self, tx: Transaction, leaver: Leaver) -> bool:
        return await tx.fetchval(SQL["handed_over_since"], *leaver) is not None

    async def page(
        self,
        tx: Transaction,
        department: str | None,
        person: str | None,
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[Leaving]:
        place = before or (None, None)
        return [Leaving._make(row) for row in await tx.fetch(SQL["page_leavings"], department, person, *place, limit)]

    async def deeds(self, tx: Transaction, person: str, since: datetime, until: datetime) -> Sequence[DeedCount]:
        return [DeedCount._make(row) for row in await tx.fetch(SQL["count_deeds_of"], person, since, until)]

    async def review(  # noqa: PLR0913, PLR0917 - a row
        self, tx: Transaction, leaver: Leaver, by: str, at: datetime, finding: str, remark: str
    ) -> None:
        await tx.execute(SQL["insert_leaving_review"], *leaver, by, at, finding, remark)
