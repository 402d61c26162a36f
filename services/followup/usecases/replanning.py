"""Other cadences, other dates: everybody is planned anew, a bounded number at a time (F1–F5)."""

from __future__ import annotations

import structlog

from services.followup.domain.cadence import Paces
from services.followup.domain.schedule import plan
from services.followup.ports import Desk, Stores
from shared.engine.model import Transaction
from shared.in_force import InForce
from shared.policy import Policy

log = structlog.get_logger()


class ReplanContacts:
    """Brings every line in step with a new policy's cadences; until all are, nothing is issued.

    A line whose interval stays keeps its date, one with another interval counts from today, and what was reminded of
    stays so: no contact is asked for twice, and none is forgotten.
    """

    def __init__(self, desk: Desk, stores: Stores, paces: InForce[Paces], *, customers_per_batch: int) -> None:
        self._desk = desk
        self._schedules = stores.schedules
        self._paces = paces
        self._customers_per_batch = customers_per_batch

    async def begin(self, tx: Transaction, before: Policy, after: Policy) -> None:
        """In the transaction that lets `after` decide: note what is to be done."""
        if planned_by(before) != planned_by(after):
            await self._schedules.begin_replanning(tx)

    async def __call__(self) -> None:
        """Go on until everybody is planned by the policy in force."""
        total = 0
        while customers := await self.batch():
            total += customers
        if total:
            log.info("contacts_replanned", customers=total)

    async def batch(self) -> int:
        """One transaction's worth; how many customers that were, 0 when nothing is left to do."""
        today = self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            paces = await self._paces(tx)
            before = await self._schedules.next_to_replan(tx, self._customers_per_batch)
            after = {customer_id: plan(schedule, paces, today, None) for customer_id, schedule in before.items()}
            if after:
                await self._schedules.save(tx, before, after)
        return len(before)


def planned_by(policy: Policy) -> tuple[object, ...]:
    """What of a policy dates follow from; the fine for a stale file allows the time for improving it (P2)."""
    allowed = policy.fines.catalogue.stale_file.allowed
    return policy.cadences, policy.occasions, policy.greetings, policy.upkeep, allowed
