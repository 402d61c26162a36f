"""Ask for the plans that are missing ahead of a contact (F3), and no longer for those that nobody needs."""

from __future__ import annotations

import structlog

from services.followup.domain.cadence import DAY, Paces
from services.followup.domain.plans import Missing, ask_for_plan, expired_on, lines_with_plan
from services.followup.domain.reminders import Reminder
from services.followup.domain.schedule import Schedule
from services.followup.ports import Desk, Stores
from services.followup.ports.plans import PlanStore, Wanted
from services.followup.usecases.dispatch import reminder_due
from services.followup.usecases.endings import end_all
from services.followup.usecases.intake import Intake
from shared.in_force import InForce

log = structlog.get_logger()

BATCH = 500


class AskForPlans:
    """A batch is a transaction; a plan is asked for once for each contact, and not while one is asked for."""

    def __init__(self, desk: Desk, stores: Stores, plans: PlanStore, paces: InForce[Paces], intake: Intake) -> None:
        self._desk = desk
        self._stores = stores
        self._plans = plans
        self._paces = paces
        self._intake = intake

    async def __call__(self) -> None:
        """Go on until no plan is missing that is not asked for; nothing while history is read in."""
        while self._intake.is_settled(self._desk.clock.now()):
            asked = await self.ask()
            if asked:
                log.info("plans_asked_for", reminders=asked)
            withdrawn = await self.withdraw()
            if asked < BATCH and withdrawn < BATCH:
                break

    async def ask(self) -> int:
        """One transaction's worth of missing plans; how many were asked for."""
        now, today = self._desk.clock.now(), self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            paces = await self._paces(tx)
            ahead = paces.policy.desk.plans.days_ahead
            wanted = Wanted(lines_with_plan(paces), today + ahead * DAY, expired_on(paces, today))
            missing = await self._plans.missing(tx, wanted, BATCH)
            if not missing:
                return 0
            schedules = await self._stores.schedules.load(tx, {each.customer_id for each in missing})
            # Somebody may have written, or have been given another level, before the customers were locked.
            still = await self._plans.missing(tx, wanted, BATCH)
            reminders = [
                reminder
                for each in {each.customer_id: each for each in reversed(still)}.values()
                if (reminder := _asked(each, schedules.get(each.customer_id), paces, self._desk)) is not None
            ]
            new = await self._stores.reminders.add(tx, reminders)
            outgoings = [reminder_due(reminder, now) for reminder in reminders if reminder.reminder_id in new]
            await self._desk.outbox.append(tx, outgoings, now=now)
        return len(outgoings)

    async def withdraw(self) -> int:
        """One transaction's worth of plans that are needed no more; how many were taken back."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            lines = lines_with_plan(await self._paces(tx))
            needless = await self._plans.needless(tx, lines, BATCH)
            if not needless:
                return 0
            await self._stores.schedules.load(tx, {reminder.customer_id for reminder in needless})
            needless = await self._plans.needless(tx, lines, BATCH)
            ended = await end_all(tx, self._stores.reminders, needless, "moot", now)
            await self._desk.outbox.append(tx, ended, now=now)
        return len(needless)


def _asked(missing: Missing, schedule: Schedule | None, paces: Paces, desk: Desk) -> Reminder | None:
    """The reminder, for a customer that was locked and still owes the contact."""
    if schedule is None or schedule.facts is None or schedule.standing is None:
        return None
    owed = {pace.line: pace for pace in paces.owed(schedule.facts, schedule.standing)}
    pace = owed.get(missing.line)
    if pace is None:
        return None
    return ask_for_plan(missing, pace, (schedule.facts, schedule.standing), paces, desk.clock.today())
