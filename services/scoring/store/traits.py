"""What scores are made of, read from trade and the details of customers (D2)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any

from services.scoring.domain.customers import Tier
from services.scoring.domain.scores.traits import Trade, Traits
from services.scoring.ports import Known, Whom
from services.scoring.store.queries import SCORES
from shared.engine.model import Transaction
from shared.policy.scores import Scores

PAGE = 2000


class TraitReadings:
    """Implements `TraitSource`: pages through customers, so that a million fit through a constant memory."""

    async def read(self, tx: Transaction, today: date, scores: Scores, whom: Whom) -> AsyncIterator[Known]:
        await tx.execute(SCORES["lift_time_limit"])
        told = await tx.fetchval(SCORES["completions_are_told"])
        numbers = scores.window_days, scores.growth_days, scores.fulfilled_within_days
        levels, rep, after = whom
        while rows := await tx.fetch(SCORES["page_traits"], levels, rep, after, PAGE, today, *numbers):
            for row in rows:
                yield as_known(row, completions_told=told)
            after = rows[-1][0]


def as_known(row: Any, *, completions_told: bool) -> Known:
    customer_id, customer_class, level, country, rep, attributes, first_on, *sums, due, fulfilled = row
    trade = None
    if first_on is not None:
        trade = Trade._make((first_on, *sums, due, fulfilled if completions_told else None))
    return Known(Traits(customer_id, trade, fields(attributes), rep), Tier(customer_class, level), country)


def fields(attributes: str | None) -> Mapping[str, str]:
    return {} if attributes is None else json.loads(attributes)
