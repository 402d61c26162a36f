"""Policies as they were activated, and levels as another policy would have them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from services.scoring.domain.succession import PolicyVersion
from services.scoring.ports import Snapshot
from services.scoring.store.levels import TierReadings
from services.scoring.store.queries import SQL
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

    async def reps(self, tx: Snapshot) -> Mapping[str, str]:
        return {customer_id: rep async for customer_id, rep in tx.stream(SQL["read_reps"])}
