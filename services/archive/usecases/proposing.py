"""Fines come up: kept once for a fact, told to the others, and put before those whom they concern."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.archive.domain.fine_tasks import of_proposal
from services.archive.domain.fines import FAMILIES, Fine, FineState
from services.archive.domain.outgoing import fine_proposed
from services.archive.domain.tasks import Task
from services.archive.ports import FineBook, People
from services.archive.usecases.desk import Desk
from services.archive.usecases.fine_steps import DecideFines
from services.archive.usecases.rivalry import Rivalry
from services.archive.usecases.tasks import TellTasks
from shared.engine.model import Transaction
from shared.roles import Role


class ProposeFines:
    """Keeps what was found, never twice for one fact, in whatever way it was found (N9)."""

    def __init__(self, desk: Desk, fines: FineBook, people: People, tell: TellTasks, decide: DecideFines) -> None:
        self._desk = desk
        self._fines = fines
        self._people = people
        self._tell = tell
        self._rivalry = Rivalry(fines, decide)

    async def __call__(self, tx: Transaction, fines: Sequence[Fine]) -> Sequence[Fine]:
        """Keep proposals in the transaction of their evidence; returns those that are new."""
        new = await self._fines.add(tx, fines)
        replaced = await self._replace(tx, new, self._desk.clock.now())
        await self._desk.publish(tx, [each for fine in new for each in fine_proposed(fine)])
        await self._ask(tx, [fine for fine in new if fine.fine_id not in replaced])
        return new

    async def _replace(self, tx: Transaction, new: Sequence[Fine], now: datetime) -> set[str]:
        """Of several fines for one fact let the gravest stand, the first of them where they weigh the same."""
        facts = {(fine.person, fine.fact) for fine in new if fine.kind in FAMILIES}
        if not facts:
            return set()
        await self._fines.lock_facts(tx)
        if len(await self._fines.for_facts(tx, facts)) == len(facts):
            return set()
        moved = await self._rivalry.settle(tx, facts, now)
        return {standing.fine.fine_id for standing in moved if standing.state is FineState.REPLACED}

    async def _ask(self, tx: Transaction, fines: Sequence[Fine]) -> None:
        if fines:
            human_resources = await self._people.with_role(tx, Role.HR)
            tasks: list[Task] = [task for fine in fines for task in of_proposal(fine, human_resources)]
            await self._tell.ask(tx, tasks)
