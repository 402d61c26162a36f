"""Write and read the plan for a customer (F3), each with a word to the audit: a plan quotes the file."""

from __future__ import annotations

from collections.abc import Sequence

from services.followup.domain.people import Scope
from services.followup.domain.plans import Draft, Plan
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.reminders import OpenReminder
from services.followup.domain.schedule import Schedule
from services.followup.ports import Desk, Done, Stores
from services.followup.ports.plans import PlanStore
from services.followup.usecases.organisation import scope_for
from shared.audit import AuditTrail, Deed
from shared.contracts.reminders import ReminderDone
from shared.engine.model import Outgoing, Transaction
from shared.identity import Principal
from shared.words import Text


class KeepPlans:
    """Plans of customers within the asker's sight; whoever is turned away is in the audit, too."""

    def __init__(self, desk: Desk, stores: Stores, plans: PlanStore, trail: AuditTrail) -> None:
        self._desk = desk
        self._stores = stores
        self._plans = plans
        self._trail = trail

    async def write(self, who: Principal, customer_id: str, draft: Draft, based_on: int | None) -> Plan:
        """Keep a new version and end the reminders that asked for it; what the last one says already is kept once.

        NotPossibleError for somebody else's customer, and when there is a version newer than `based_on`.
        """
        now, today = self._desk.clock.now(), self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            schedule = (await self._stores.schedules.load(tx, {customer_id})).get(customer_id)
            if allowed := _within(await scope_for(tx, self._stores.people, who), schedule):
                last = await self._plans.last(tx, customer_id)
                asked = await self._plans.asked_for(tx, customer_id)
                if last is not None and last.draft == draft and not asked:
                    return last
                version = 0 if last is None else last.version
                if based_on is not None and based_on != version:
                    raise NotPossibleError(
                        "changed_meanwhile",
                        Text(
                            zh=f"方案已有新版本（第 {version} 版），请先查看",
                            en=f"the plan is at version {version} by now: read that first",
                        ),
                    )
                plan = Plan(customer_id, version + 1, who.person, now, today, draft)
                await self._plans.add(tx, plan)
                await self._end(tx, plan, asked)
            await self._note(tx, who, customer_id, Deed("decision.made", "plan.written"), allowed=allowed)
        if not allowed:
            raise _unknown()
        return plan

    async def read(self, who: Principal, customer_id: str, version: int | None) -> tuple[Plan, Sequence[Plan]]:
        """The plan, as it stands or stood at a version, and all its versions, the newest first."""
        plan, versions = None, list[Plan]()
        async with self._desk.database.transaction() as tx:
            schedule = await self._stores.schedules.show(tx, customer_id)
            if allowed := _within(await scope_for(tx, self._stores.people, who), schedule):
                versions = list(await self._plans.versions(tx, customer_id))
                plan = (
                    next(iter(versions), None)
                    if version is None
                    else await self._plans.version(tx, customer_id, version)
                )
            await self._note(tx, who, customer_id, Deed("file.read", "plan.read"), allowed=allowed)
        if not allowed:
            raise _unknown()
        if plan is None:
            raise NotPossibleError("no_plan", Text(zh="尚无此方案", en="there is no such plan yet"))
        return plan, versions

    async def _end(self, tx: Transaction, plan: Plan, asked: Sequence[OpenReminder]) -> None:
        contact_id = f"plan:{plan.customer_id}:{plan.version}"
        await self._stores.reminders.finish(
            tx, [Done(reminder.reminder_id, contact_id, plan.written_at) for reminder in asked]
        )
        outgoings = [_done(reminder, contact_id, plan) for reminder in asked]
        await self._desk.outbox.append(tx, outgoings, now=plan.written_at)

    async def _note(self, tx: Transaction, who: Principal, customer_id: str, deed: Deed, *, allowed: bool) -> None:
        file = f"customer:{customer_id}"
        told = (
            Deed(deed.event_type, deed.action, file, reason="keeper_or_named_reader")
            if allowed
            else Deed("access.denied", deed.action, file, "denied", "not_own")
        )
        await self._trail.append(tx, who, told)


def _within(scope: Scope, schedule: Schedule | None) -> bool:
    facts = None if schedule is None else schedule.facts
    return facts is not None and scope.admits(facts.rep, facts.department)


def _unknown() -> NotPossibleError:
    return NotPossibleError(
        "unknown_customer",
        Text(zh="您的客户中没有这一位", en="there is no such customer among those you look after"),
    )


def _done(reminder: OpenReminder, contact_id: str, plan: Plan) -> Outgoing:
    data = ReminderDone(
        reminder_id=reminder.reminder_id,
        customer_id=reminder.customer_id,
        rep=reminder.rep,
        done_at=plan.written_at,
        contact_id=contact_id,
    )
    return Outgoing("reminders.v1", reminder.rep, "reminder.done", f"{reminder.reminder_id}:done", data)
