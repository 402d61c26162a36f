"""Carry out what was decided for a day: reminders, next dates, the day's count and the events, all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from services.followup.domain.cadence import Paces
from services.followup.domain.leave import HORIZON, timed
from services.followup.domain.levelling import put_off, waits
from services.followup.domain.reminders import Reminder, issue
from services.followup.domain.schedule import Schedule
from services.followup.ports import DayCount, Desk, Stores
from services.followup.usecases.endings import end_all
from services.followup.usecases.levelling import Verdict
from shared.contracts.reminders import UNASSIGNED, ReminderDue
from shared.contracts.types import Words
from shared.engine.model import Outgoing, Transaction
from shared.working_time import WorkingTime


class Given(NamedTuple):
    """How many customers were seen to, those put off among them, and how many reminders that made."""

    customers: int = 0
    reminders: int = 0


class IssueReminders:
    """Part of a use case, within its transaction."""

    def __init__(self, desk: Desk, stores: Stores) -> None:
        self._desk = desk
        self._schedules = stores.schedules
        self._reminders = stores.reminders
        self._capacity = stores.capacity
        self._leave = stores.leave
        self._escalations = stores.escalations

    async def __call__(  # noqa: PLR0913, PLR0917 - a decision, and what it is about
        self,
        tx: Transaction,
        paces: Paces,
        verdict: Verdict,
        found: Mapping[str, Schedule],
        today: date,
        slot: date,
    ) -> Given:
        """See to those `found` that still wait; `slot` is the working day for which `today` gives out."""
        now = self._desk.clock.now()
        before, after, reminders = dict[str, Schedule](), dict[str, Schedule](), list[Reminder]()
        persons: dict[str, str] = {}
        for customer_id, schedule in found.items():
            # On a day off the next day's list is decided on, and only what is due is given out.
            if not waits(schedule, today):
                continue
            if customer_id in verdict.taken:
                planned, issued = issue(schedule, paces, today)
                reminders += issued
                if (rep := verdict.taken[customer_id]) is not None:
                    persons |= dict.fromkeys((reminder.rep for reminder in issued), rep)
            elif (until := verdict.later.get(customer_id)) is not None:
                planned = put_off(schedule, today, until)
            else:
                continue
            before[customer_id], after[customer_id] = schedule, planned
        await self._schedules.save(tx, before, after)
        leaves = await self._leave.of(tx, {reminder.rep for reminder in reminders}, today, today + HORIZON)
        working_time = WorkingTime(paces.policy)
        reminders = [timed(reminder, leaves, working_time) for reminder in reminders]
        new = await self._reminders.add(tx, reminders)
        # What stands in the table has been published: the id is the contact's.
        outgoings = [reminder_due(reminder, now) for reminder in reminders if reminder.reminder_id in new]
        # One reminder waits on a line at a time: the newest.
        repeated = await self._reminders.repeat(tx, new)
        if repeated:
            await self._escalations.inherit(tx, new)
        ended = await end_all(tx, self._reminders, repeated, "repeated", now)
        await self._desk.outbox.append(tx, [*outgoings, *ended], now=now)
        # Last, because every transaction that fills a rep's day waits for these rows.
        await self._capacity.add_to_days(tx, _counted(reminders, persons, verdict, slot))
        return Given(len(after), len(outgoings))


def _counted(reminders: Sequence[Reminder], persons: Mapping[str, str], verdict: Verdict, slot: date) -> list[DayCount]:
    """What is added to whose day; `persons` tells who goes by a reminder's name, which may be a deputy's."""
    minutes: dict[str, list[int]] = {}
    for reminder in reminders:
        if reminder.rep != UNASSIGNED:
            minutes.setdefault(persons.get(reminder.rep, reminder.rep), []).append(reminder.minutes)
    return [DayCount(rep, slot, len(each), sum(each), verdict.capacity.get(rep)) for rep, each in minutes.items()]


def reminder_due(reminder: Reminder, now: datetime) -> Outgoing:
    """The event that says a reminder was issued."""
    data = ReminderDue(
        reminder_id=reminder.reminder_id,
        customer_id=reminder.customer_id,
        rep=reminder.rep,
        rule=reminder.rule,
        customer_class=reminder.customer_class,
        level=reminder.level,
        channel=reminder.channel,
        template=reminder.template,
        minutes=reminder.minutes,
        plan_required=reminder.plan_required,
        due_on=reminder.due_on,
        due_at=reminder.due_at,
        why=Words(zh=reminder.why_zh, en=reminder.why_en),
        last_order_on=reminder.last_order_on,
        contacted_at=reminder.contacted_at,
        kind=reminder.kind,
        line=reminder.line,
        department=reminder.department,
        latest_on=reminder.latest_on,
    )
    return Outgoing(
        "reminders.v1",
        reminder.rep,
        "reminder.due",
        f"{reminder.reminder_id}:due",
        data,
        time=now,
        trace=reminder.trace or None,
    )
