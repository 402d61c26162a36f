"""A step about a fine, with what it puts into the ledger: the one way in which a fine's state changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.archive.domain.fine_tasks import EXPLAIN, FINE, subject_of
from services.archive.domain.fines import FAMILIES, FineState, Standing
from services.archive.domain.ledger import posting
from services.archive.domain.people import UnlawfulError
from services.archive.domain.settling import Act
from services.archive.ports import FineBook, Ledger
from services.archive.usecases.tasks import TellTasks
from shared.engine.model import Transaction
from shared.words import Text


class DecideFines:
    """Takes a step that the rules allow; the ledger follows in the same transaction."""

    def __init__(self, fines: FineBook, ledger: Ledger, tell: TellTasks) -> None:
        self._fines = fines
        self._ledger = ledger
        self._tell = tell

    async def hold(self, tx: Transaction) -> None:
        """Let nobody else take a step until this transaction ends: what is read from now on is what stands."""
        await self._ledger.hold_months(tx)

    async def take(self, tx: Transaction, standing: Standing, act: Act) -> Standing:
        """Take the next step of a fine; `UnlawfulError` when somebody took it meanwhile."""
        closed = await self._ledger.hold_months(tx)
        taken = replace(
            standing,
            state=act.state,
            step=standing.step + 1,
            decided_by=act.by,
            decision_reason=act.reason,
            decided_at=act.at,
        )
        if act.state is FineState.CONFIRMED:
            # By a rule it is where it stood: confirmed by whoever did it then.
            taken = replace(taken, confirmed_by=act.by or standing.confirmed_by, confirmed_at=act.at)
        if not await self._fines.add_decision(tx, taken):
            raise UnlawfulError(
                "decided_meanwhile",
                Text(zh="刚才已有人处理，请重新查看", en="somebody decided at the same moment: look again"),
            )
        posted = posting(standing.state, taken, closed)
        if posted is not None:
            await self._ledger.post(tx, [posted])
        # What was asked about the state before has its answer; an explanation leaves human resources to decide.
        kind = EXPLAIN if act.state is FineState.ANSWERED else None
        for subject in await self._subjects(tx, taken):
            await self._tell.clear(tx, FINE, subject, kind=kind)
        return taken

    async def _subjects(self, tx: Transaction, taken: Standing) -> Sequence[str]:
        """Under what tasks about a fine were raised: once, and anew whenever it came back."""
        if taken.fine.kind not in FAMILIES:
            return [subject_of(taken.fine)]
        back = [step.step for step in await self._fines.steps(tx, taken.fine.fine_id) if step.came_back]
        return [subject_of(taken.fine, round_) for round_ in (0, *back)]
