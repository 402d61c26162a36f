"""Falls that were foreseen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from services.scoring.domain.outlook import Fall
from services.scoring.ports import Foretold, Stay
from services.scoring.store.queries import SQL, columns
from shared.engine.model import Transaction
from shared.words import Text


class FallStore:
    """What was told of falls ahead."""

    async def told(self, tx: Transaction, stays: Collection[Stay]) -> set[Stay]:
        if not stays:
            return set()
        return {Stay(*row) for row in await tx.fetch(SQL["find_foretold"], *columns(stays))}

    async def add(self, tx: Transaction, falls: Collection[Foretold]) -> None:
        if falls:
            await tx.execute(SQL["add_falls"], *columns([fall_row(each) for each in falls]))

    async def page(self, tx: Transaction, day: date, rep: str | None, after: str, limit: int) -> Sequence[Foretold]:
        return [as_foretold(row) for row in await tx.fetch(SQL["page_falls"], day, rep, after, limit)]


def fall_row(told: Foretold) -> tuple[Any, ...]:
    fall = told.fall
    return (
        fall.customer_id,
        fall.sequence,
        fall.last_order_on,
        fall.level,
        fall.falls_to,
        fall.falls_on,
        fall.keeps,
        told.foreseen_on,
        told.policy_version,
        told.currency,
        told.why.zh,
        told.why.en,
    )


def as_foretold(row: Any) -> Foretold:
    *fall, foreseen_on, policy_version, currency, zh, en = row
    return Foretold(Fall(*fall), foreseen_on, policy_version, currency, Text(zh=zh, en=en))
