"""From a due line to a reminder, and from a contact to its end."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import blake2b
from typing import NamedTuple

from services.followup.domain.cadence import Pace, Paces, last_start, settled
from services.followup.domain.customer import Facts, Standing
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.schedule import Line, Schedule, plan
from services.followup.domain.words import why
from shared.contracts.reminders import UNASSIGNED, ReminderKind
from shared.contracts.types import CustomerClass, Level
from shared.words import Text


class Reminder(NamedTuple):
    """A contact that a rep owes (F1–F5).

    `due_on` is the business date it was planned for, `issued_on` the one on whose list it stands (later after an
    outage), `due_at` the moment work starts on or after `due_on`. A contact on a day after `answered_after` is the
    contact that this reminder asks for. After `latest_on` it comes too late; None: never.
    """

    reminder_id: str
    customer_id: str
    line: str
    rule: str
    rep: str
    department: str | None
    customer_class: CustomerClass
    level: Level
    channel: str
    template: str
    minutes: int
    plan_required: bool
    due_on: date
    due_at: datetime
    issued_on: date
    answered_after: date
    last_order_on: date | None
    contacted_at: datetime | None
    why_zh: str
    why_en: str
    trace: str
    kind: ReminderKind = "contact"
    latest_on: date | None = None


class Due(NamedTuple):
    """A line of a customer whose day has come."""

    customer_id: str
    facts: Facts
    standing: Standing
    line: Line
    pace: Pace
    due_on: date


class OpenReminder(NamedTuple):
    """A reminder that waits for its contact; `contact_id` is set once the rep has reported one that is on its way."""

    reminder_id: str
    customer_id: str
    rep: str
    answered_after: date
    contact_id: str | None
    kind: ReminderKind = "contact"


def issue(schedule: Schedule, paces: Paces, today: date) -> tuple[Schedule, list[Reminder]]:
    """Take what is due by `today` off the schedule, each line once however long it waited, and plan its next date."""
    facts, standing = schedule.facts, schedule.standing
    if facts is None or standing is None:
        return schedule, []
    owed = {pace.line: pace for pace in paces.owed(facts, standing)}
    due = [
        Due(schedule.customer_id, facts, standing, line, owed[name], line.due_on)
        for name, line in schedule.lines.items()
        if line.due_on is not None and line.due_on <= today and name in owed
    ]
    left_out = {contact.pace.stands_for for contact in due}
    lines = dict(schedule.lines)
    for contact in due:
        reminded_until = settled(contact.pace, contact.due_on, today)
        lines[contact.line.line] = contact.line._replace(reminded_until=reminded_until, due_on=None)
    reminders = [_reminder(contact, paces, today) for contact in due if contact.line.line not in left_out]
    # A line that a new policy no longer knows is closed by planning anew, and its successor opened.
    return plan(Schedule(schedule.customer_id, facts, standing, lines), paces, today, None), reminders


def answers(facts: Facts, reminder: OpenReminder) -> bool:
    """Whether the last contact is the one asked for: had it been known in time, nothing would have been due (F7).

    A plan that is asked for is answered by the plan alone (F3).
    """
    if reminder.kind == "plan":
        return False
    return facts.contacted_on is not None and facts.contacted_on > reminder.answered_after


def check_report(reminder: Reminder, made_at: datetime, made_on: date, now: datetime) -> None:
    """Raise `NotPossibleError` for a contact that did not happen yet, or too early to be the one asked for (F7)."""
    if made_at > now:
        raise NotPossibleError("not_made_yet", Text(zh="联系时间晚于现在", en="the contact lies in the future"))
    if made_on <= reminder.answered_after:
        raise NotPossibleError(
            "too_early",
            Text(
                zh=f"该提醒要求 {reminder.answered_after} 之后的联系",
                en=f"this reminder asks for a contact after {reminder.answered_after}",
            ),
        )


def reminder_id(customer_id: str, line: str, due_on: date) -> str:
    """The same for the same contact for ever, of any customer id fit for an address and for an event's id."""
    # Identifiers have no control characters, so no two contacts are spelled alike.
    return blake2b(f"{customer_id}\n{line}\n{due_on}".encode(), digest_size=16).hexdigest()


def _reminder(contact: Due, paces: Paces, today: date) -> Reminder:
    customer_id, facts, standing, line, pace, due_on = contact
    cadence = pace.cadence
    words = why(facts, standing, pace, due_on, today)
    return Reminder(
        reminder_id=reminder_id(customer_id, line.line, due_on),
        customer_id=customer_id,
        line=line.line,
        rule=cadence.rule,
        rep=facts.rep or UNASSIGNED,
        department=facts.department,
        customer_class=standing.customer_class,
        level=standing.level,
        channel=cadence.channel,
        template=cadence.template,
        minutes=cadence.minutes,
        plan_required=cadence.plan_required,
        due_on=due_on,
        due_at=paces.work_starts(due_on),
        issued_on=today,
        answered_after=last_start(pace, due_on),
        last_order_on=facts.last_order_on,
        contacted_at=facts.contacted_at,
        why_zh=words.zh,
        why_en=words.en,
        trace=line.trace,
        kind="purchase" if pace.span == "ahead" else "contact",
    )
