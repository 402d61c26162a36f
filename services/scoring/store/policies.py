"""Policies as they were activated, and levels as another policy would have them."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import date, timedelta
from typing import Any

from services.scoring.domain.customers import Facts, Tier
from services.scoring.domain.foresight import Standing
from services.scoring.domain.succession import PolicyVersion
from services.scoring.store.levels import TierReadings, listed_in
from services.scoring.store.queries import SQL
from shared.contracts.types import CustomerClass
from shared.engine.model import Transaction
from shared.policy import Policy, WrittenPolicy
from shared.policy.reviving import revive


class PolicyStore:
    """`policies`; what an older release kept is completed from `spare`, the file given at the start."""

    def __init__(self, spare: Policy) -> None:
        self._spare = spare

    async def latest(self, tx: Transaction) -> PolicyVersion | None:
        return next(iter(await self.page(tx, None, 1)), None)

    async def find(self, tx: Transaction, version: str) -> PolicyVersion | None:
        row = await tx.fetchrow(SQL["find_policy"], version)
        return None if row is None else self._as_version(row)

    async def page(self, tx: Transaction, before: int | None, limit: int) -> Sequence[PolicyVersion]:
        return [self._as_version(row) for row in await tx.fetch(SQL["page_policies"], before, limit)]

    async def add(self, tx: Transaction, version: PolicyVersion) -> None:
        policy = version.content.policy
        await tx.execute(
            SQL["add_policy"],
            version.number,
            policy.version,
            policy.digest,
            version.content.text,
            json.dumps(policy.as_json(), ensure_ascii=False),
            version.restores,
            version.activated_at,
            version.author,
            version.role,
            version.reason,
        )

    def _as_version(self, row: Any) -> PolicyVersion:
        number, written, policy, *about = row
        return PolicyVersion(number, WrittenPolicy(written, revive(json.loads(policy), self._spare)), *about)


class ProspectReadings(TierReadings):
    """Readings of one moment, of which nothing may be written."""

    async def freeze(self, tx: Transaction) -> None:
        await tx.execute(SQL["read_one_moment"])

    async def standings(self, tx: Transaction, day: date, policy: Policy) -> AsyncGenerator[Sequence[Standing]]:
        rfm, regions = policy.rfm, policy.regions
        await tx.execute(SQL["pass_over_all"])
        pages = tx.pages(
            SQL["read_prospects"],
            day - timedelta(days=rfm.window_days),
            rfm.population_by,
            *listed_in(regions),
            regions.default,
            regions.unknown,
        )
        shared: dict[Any, Any] = {}
        async with aclosing(pages):
            async for page in pages:
                yield [as_standing(row, shared) for row in page]
        await tx.execute(SQL["end_pass"])


def as_standing(row: Any, shared: dict[Any, Any]) -> Standing:
    """A row of `read_prospects`; of what many share, days and words, `shared` has one copy."""
    customer_id, kept_class, level, country, potential, computed, rep, market, day, *traded = row
    one = shared.setdefault
    decided = one((kept_class, level), Tier(kept_class, level))
    rep, market = one(rep, rep), one(market, market)
    if day is not None:
        orders, amount, orders_gone, amount_gone = traded
        numbers = one(day, day), orders, int(amount), orders_gone, int(amount_gone)
        return Standing(customer_id, rep, decided, market, None, *numbers)
    # As the definition has it: who lost the last order that counted is judged as a prospect (K1, K3).
    customer_class: CustomerClass = "potential" if kept_class == "contract" else kept_class
    facts = Facts(0, customer_class, None, country, potential, rep, market, computed)
    return Standing(customer_id, rep, decided, market, facts)
