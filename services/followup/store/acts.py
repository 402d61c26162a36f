"""What people did with reminders and customers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date

from services.followup.domain.acts import Act
from services.followup.ports import Given, Handover
from services.followup.store.rows import columns
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

QUERIES = load_queries("services.followup", "sql/acts.sql")


class PostgresActs:
    """Acts in `reminder_acts` and `handovers`, and their effect in `reminders`."""

    async def customer_of(self, tx: Transaction, reminder_id: str) -> str | None:
        found = await tx.fetchval(QUERIES["customer_of_reminder"], reminder_id)
        return None if found is None else str(found)

    async def of_reminder(self, tx: Transaction, reminder_id: str) -> Sequence[Act]:
        rows = await tx.fetch(QUERIES["acts_of_reminder"], reminder_id)
        return [Act(*row.values())._replace(asked=json.loads(row["asked"])) for row in rows]

    async def add(self, tx: Transaction, act: Act) -> None:
        await tx.execute(QUERIES["add_act"], *act._replace(asked=json.dumps(act.asked, ensure_ascii=False)))  # type: ignore[arg-type]

    async def snooze(self, tx: Transaction, reminder_id: str, until: date) -> None:
        await tx.execute(QUERIES["snooze_reminder"], reminder_id, until)

    async def skip(self, tx: Transaction, reminder_id: str) -> None:
        await tx.execute(QUERIES["skip_reminder"], reminder_id)

    async def give(self, tx: Transaction, given: Iterable[Given]) -> None:
        rows = sorted(given)
        if rows:
            await tx.execute(QUERIES["give_reminders"], *columns(rows))

    async def last_handover(self, tx: Transaction, customer_id: str) -> Handover | None:
        row = await tx.fetchrow(QUERIES["last_handover"], customer_id)
        return None if row is None else Handover(*row.values())

    async def add_handover(self, tx: Transaction, handover: Handover) -> None:
        await tx.execute(QUERIES["add_handover"], *handover)
