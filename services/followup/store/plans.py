"""Every version of every plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from services.followup.domain.plans import Draft, Missing, Plan, Step
from services.followup.domain.reminders import OpenReminder
from services.followup.ports.plans import Wanted
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

QUERIES = load_queries("services.followup", "sql/plans.sql")


class PostgresPlans:
    """Plans in `plans`."""

    async def last(self, tx: Transaction, customer_id: str) -> Plan | None:
        return _plan(await tx.fetchrow(QUERIES["last_plan"], customer_id))

    async def version(self, tx: Transaction, customer_id: str, version: int) -> Plan | None:
        return _plan(await tx.fetchrow(QUERIES["plan_version"], customer_id, version))

    async def versions(self, tx: Transaction, customer_id: str) -> Sequence[Plan]:
        found = [_plan(row) for row in await tx.fetch(QUERIES["plan_versions"], customer_id)]
        return [plan for plan in found if plan is not None]

    async def add(self, tx: Transaction, plan: Plan) -> None:
        steps = plan.draft.steps
        await tx.execute(
            QUERIES["add_plan"],
            *plan[:5],
            plan.draft.body,
            list(plan.draft.goals),
            [step.what for step in steps],
            [step.by for step in steps],
        )

    async def asked_for(self, tx: Transaction, customer_id: str) -> Sequence[OpenReminder]:
        return [OpenReminder(*row.values()) for row in await tx.fetch(QUERIES["plans_asked_for"], customer_id)]

    async def missing(self, tx: Transaction, wanted: Wanted, limit: int) -> Sequence[Missing]:
        rows = await tx.fetch(QUERIES["missing_plans"], sorted(wanted.lines), wanted.until, wanted.expired_on, limit)
        return [Missing(*row.values()) for row in rows]

    async def needless(self, tx: Transaction, lines: Collection[str], limit: int) -> Sequence[OpenReminder]:
        rows = await tx.fetch(QUERIES["needless_plans"], sorted(lines), limit)
        return [OpenReminder(*row.values()) for row in rows]


def _plan(row: Any) -> Plan | None:
    if row is None:
        return None
    draft = Draft(row["body"], tuple(row["goals"]), tuple(map(Step, row["steps"], row["steps_by"])))
    return Plan._make((*tuple(row)[:5], draft))
