"""One fact is fined once: what a graver fine replaces, and what comes back when that one falls (N9)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.archive.domain import rivals as rules
from services.archive.domain.fines import FineState, Standing
from services.archive.domain.settling import Act
from services.archive.ports import FineBook
from services.archive.usecases.fine_steps import DecideFines
from shared.engine.model import Transaction

Fact = tuple[str, str]
"""A person, and what they are fined for."""


@dataclass(frozen=True, slots=True)
class Rivalry:
    """Takes the steps that let the gravest fine alone stand for each fact, after whatever was found or decided."""

    fines: FineBook
    decide: DecideFines

    async def settle(self, tx: Transaction, facts: Collection[Fact], now: datetime) -> Sequence[Standing]:
        """Return the fines that were replaced or came back, as they stand now."""
        # Somebody may be deciding about one of them: whoever comes second sees what the first has done.
        await self.decide.hold(tx)
        found: dict[Fact, list[Standing]] = {}
        for standing in await self.fines.for_facts(tx, facts):
            found.setdefault((standing.fine.person, standing.fine.fact), []).append(standing)
        return [moved for rivals in found.values() for moved in await self._settle(tx, rivals, now)]

    async def _settle(self, tx: Transaction, rivals: Sequence[Standing], now: datetime) -> Sequence[Standing]:
        stands = rules.gravest(rivals)
        if stands is None:
            return ()
        why = f"{stands.fine.fine_id} {stands.fine.words_zh} / {stands.fine.words_en}"
        moved = [
            await self.decide.take(tx, rival, Act(FineState.REPLACED, None, why, now))
            for rival in rules.to_replace(rivals, stands)
        ]
        fallen = rules.fallen_before(rivals, stands) if stands.state is FineState.REPLACED else None
        if fallen is not None:
            states = [step.state for step in await self.fines.steps(tx, stands.fine.fine_id)]
            why = f"{fallen.fine_id} 已撤销，恢复原状 / {fallen.fine_id} fell: back to where it stood"
            moved.append(await self.decide.take(tx, stands, Act(rules.stood_as(states), None, why, now)))
        return moved
