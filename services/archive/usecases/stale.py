"""Files that were not improved although a reminder had asked for it (P2, N1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from services.archive.domain import stale
from services.archive.domain.breaches import breach_found, is_history
from services.archive.domain.stale import AskedLater, AskedNoMore, AskedOfAnother, FileAsked, FileReminder, Leave
from services.archive.ports import BreachBook, Calendar, ReminderBook
from services.archive.usecases.desk import Desk
from shared.contracts.types import EventData
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction
from shared.in_force import InForce
from shared.policy.breaches import Breaches

REMINDERS: Mapping[str, type[EventData]] = {
    "reminder.due": FileAsked,
    "reminder.ended": AskedNoMore,
    "reminder.moved": AskedLater,
    "reminder.handed_over": AskedOfAnother,
}
"""Event types of `reminders.v1`, each with what is read of it."""

BATCH = 500


@dataclass(slots=True)
class Reminding:
    """The reminders that a batch speaks of, and how far it tells."""

    known: dict[str, FileReminder]
    changed: dict[str, FileReminder] = field(default_factory=dict)
    heard_on: date | None = None
    today: date = date.min


class RecordFileReminders(BatchHandler):
    """Keeps what followup asked for, and what became of it."""

    def __init__(self, reminders: ReminderBook, calendar: Calendar) -> None:
        self._reminders = reminders
        self._calendar = calendar

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Reminding:
        return Reminding(dict(await self._reminders.lock(tx, {e.data.reminder_id for e in events if matters(e)})))

    def decide(self, work: Reminding, event: Event, now: datetime) -> Sequence[Outgoing]:
        date_of = self._calendar.date_of
        work.today = date_of(now)
        work.heard_on = max(work.heard_on or date.min, date_of(event.time))
        if matters(event):
            reminder_id = event.data.reminder_id
            known = work.known.get(reminder_id) or FileReminder(reminder_id)
            match event.data:
                case FileAsked() as told:
                    known = stale.asked(known, told, event.id, event.source)
                case AskedNoMore() as told:
                    known = stale.improved(known, date_of(told.ended_at))
                case AskedLater() as told:
                    known = stale.moved(known, told.to_on)
                case AskedOfAnother() as told:
                    known = stale.handed_over(known, told.to_rep, told.at, date_of(told.at))
            work.known[reminder_id] = work.changed[reminder_id] = known
        return ()

    async def save(self, tx: Transaction, work: Reminding) -> None:
        await self._reminders.save(tx, work.changed.values(), work.today)
        if work.heard_on is not None:
            await self._reminders.hear(tx, work.heard_on)


def matters(event: Event) -> bool:
    """Whether the event may change what is owed for a file; of most reminders nothing does."""
    match event.data:
        case FileAsked() as told:
            return told.kind == "file" and told.latest_on is not None
        case AskedNoMore() as told:
            return told.reason in stale.IMPROVED
        case AskedLater() as told:
            return told.reason == "leave"
        case AskedOfAnother():
            return True
    return False


class JudgeFiles:
    """Finds the files that were not improved in time; one breach for each and a month.

    None before reminders of a later day were heard: what improved it may still be on its way.
    """

    def __init__(
        self, desk: Desk, reminders: ReminderBook, breaches: BreachBook, rules: InForce[Breaches], calendar: Calendar
    ) -> None:
        self._desk = desk
        self._reminders = reminders
        self._breaches = breaches
        self._rules = rules
        self._calendar = calendar

    async def __call__(self) -> None:
        """Go on until nothing is overdue, and forget what is history."""
        while await self.batch():
            pass

    async def batch(self) -> int:
        """One transaction's worth; how many reminders that were, 0 when nothing is left."""
        now = self._desk.clock.now()
        today = self._calendar.date_of(now)
        async with self._desk.database.transaction() as tx:
            rules = await self._rules(tx)
            heard_on = await self._reminders.heard(tx)
            if heard_on is None:
                return 0
            before = min(heard_on, today) - timedelta(days=rules.stale_files.grace_days)
            overdue = await self._reminders.take(tx, before, BATCH)
            owed = [reminder for reminder in overdue if is_owed(reminder, today, rules)]
            people = await self._reminders.named(tx, {reminder.rep for reminder in owed if reminder.rep is not None})
            owed = extended(owed, people, await self._reminders.away(tx, set(people.values())))
            later = {it.reminder_id: it.deadline for it in owed if it.deadline is not None and it.deadline >= before}
            await self._reminders.put_off(tx, later)
            found = {
                breach.breach_id: breach
                for breach in (
                    stale.stale(it, people.get(it.rep) if it.rep else None, now)
                    for it in owed
                    if it.reminder_id not in later and is_owed(it, today, rules)
                )
            }
            new = await self._breaches.claim(tx, found.keys())
            await self._desk.publish(tx, [breach_found(found[breach]) for breach in sorted(new)])
            await self._reminders.forget(tx, today - timedelta(days=2 * rules.age_days))
        return len(overdue)


def extended(
    reminders: Sequence[FileReminder], people: Mapping[str, str], away: Mapping[str, Sequence[Leave]]
) -> list[FileReminder]:
    """Reminders with the last day that is left to those who were away."""
    found = []
    for reminder in reminders:
        leaves = away.get(people.get(reminder.rep or "", ""), ())
        until = stale.owed_until(reminder, leaves)
        found.append(reminder if until is None else stale.moved(reminder, until))
    return found


def is_owed(reminder: FileReminder, today: date, rules: Breaches) -> bool:
    """Whether the file is stale, and not by a fact of years ago."""
    deadline = reminder.deadline
    recent = deadline is not None and not is_history(deadline, today, rules)
    return recent and stale.is_stale(reminder, rules.stale_files.grace_days)
