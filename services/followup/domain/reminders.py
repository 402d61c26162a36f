"""From a due line to a reminder, and from a contact to its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import NamedTuple

from services.followup.domain.asking import asked
from services.followup.domain.cadence import RECURRING, Pace, Paces, Progress, last_start, settled
from services.followup.domain.customer import Facts
from services.followup.domain.due import Due
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.schedule import Line, Schedule, plan
from services.followup.domain.words import why
from shared.contracts.reminders import UNASSIGNED, ReminderKind
from shared.contracts.types import CustomerClass, Level
from shared.words import Text

NO_CONTACT = frozenset({"file", "plan"})
"""Kinds of reminders that being in touch does not answer: something is to be written down."""


class Reminder(NamedTuple):
    """A contact that a rep owes (F1–F6), or work that keeps a file, a prospect or a level (P2, O2, K6).

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


class OpenReminder(NamedTuple):
    """A reminder that waits for its contact; `contact_id` is set once the rep has reported one that is on its way."""

    reminder_id: str
    customer_id: str
    rep: str
    answered_after: date
    contact_id: str | None
    kind: ReminderKind = "contact"
    line: str = ""
    last_order_on: date | None = None


def issue(schedule: Schedule, paces: Paces, today: date) -> tuple[Schedule, list[Reminder]]:
    """Take what is due by `today` off the schedule, each line once however long it waited, and plan its next date."""
    left, due = take(schedule, paces, today)
    return left, [_reminder(contact, paces, today) for contact in due]


def take(schedule: Schedule, paces: Paces, today: date) -> tuple[Schedule, list[Due]]:
    """As `issue`, with the contacts that are asked for instead of the reminders of them."""
    facts, standing, fall = schedule.facts, schedule.standing, schedule.fall
    if facts is None or standing is None:
        return schedule, []
    due = due_by(schedule, paces, today)
    lines = dict(schedule.lines)
    for contact in due:
        taken = contact.line._replace(reminded_until=contact.covers, due_on=None, planned_on=None)
        lines[taken.line] = taken._replace(opened_on=None) if contact.pace.span == "product" else taken
    # A line that a new policy no longer knows is closed by planning anew, and its successor opened.
    return plan(Schedule(schedule.customer_id, facts, standing, lines, fall), paces, today, None), asked_of(due, today)


def due_by(schedule: Schedule, paces: Paces, today: date) -> list[Due]:
    """The lines whose day has come."""
    facts, standing = schedule.facts, schedule.standing
    if facts is None or standing is None:
        return []
    owed = {pace.line: pace for pace in paces.owed(facts, standing, schedule.fall, schedule.lines)}
    found = [
        _due(schedule, line, owed[name], paces, today)
        for name, line in schedule.lines.items()
        if line.due_on is not None and line.due_on <= today and name in owed
    ]
    return [contact for contact in found if contact is not None]


def asked_of(due: Sequence[Due], today: date) -> list[Due]:
    """Those that are asked for: not what comes too late, nor that for which another of the same day stands."""
    owing = [contact for contact in due if not contact.comes_too_late(today)]
    left_out = {contact.pace.stands_for for contact in owing}
    return [contact for contact in owing if contact.line.line not in left_out]


def _due(schedule: Schedule, line: Line, pace: Pace, paces: Paces, today: date) -> Due | None:
    """What is due on a line; None where its matter is not what it was when the line was planned: it is planned anew."""
    customer_id, facts, standing, _, fall = schedule
    due_on = line.due_on
    if facts is None or standing is None or due_on is None:
        return None
    covers = settled(pace, due_on, today)
    contact = Due(customer_id, facts, standing, line, pace, due_on, covers)
    if pace.by_clock or pace.span == "product":
        return contact
    progress = Progress(line.opened_on or today, line.reminded_until)
    matter = paces.matter(pace, facts, progress, customer_id, fall=fall)
    if matter is None or matter.due_on != due_on:
        return None
    if pace.span in RECURRING:
        latest_on = covers + pace.notice
        return contact._replace(matter=matter._replace(latest_on=latest_on), latest_on=latest_on)
    return contact._replace(covers=matter.covers, matter=matter, latest_on=matter.latest_on)


def answers(facts: Facts, reminder: OpenReminder) -> bool:
    """Whether the last contact is the one asked for: had it been known in time, nothing would have been due (F7).

    Progress is the rep's own (O2), a file is not filled by a contact (P2), and a plan is answered by the plan (F3).
    """
    if reminder.kind in NO_CONTACT:
        return False
    contacted_on = facts.dossier.reported_on if reminder.kind == "progress" else facts.contacted_on
    return contacted_on is not None and contacted_on > reminder.answered_after


def check_report(reminder: Reminder, made_at: datetime, made_on: date, now: datetime) -> None:
    """Raise `NotPossibleError` for a contact that did not happen yet, or is not the one asked for (F7, P2)."""
    if reminder.kind == "file":
        raise NotPossibleError(
            "not_a_contact",
            Text(
                zh="该提醒要求完善客户档案，档案完善后自动结束",
                en="this reminder asks for the file to be improved, and ends when it is",
            ),
        )
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


def reminder_id(customer_id: str, line: str, due_on: date | str) -> str:
    """The same for the same contact for ever, of any customer id fit for an address and for an event's id.

    A matter with a name of its own is known by that, whatever day it is due on.
    """
    # Identifiers have no control characters, so no two contacts are spelled alike.
    return blake2b(f"{customer_id}\n{line}\n{due_on}".encode(), digest_size=16).hexdigest()


def _reminder(contact: Due, paces: Paces, today: date) -> Reminder:
    customer_id, facts, standing, line, pace, due_on, _, _, latest_on = contact
    cadence = pace.cadence
    words = why(facts, standing, asked(contact, paces.policy, today), due_on, today)
    return Reminder(
        reminder_id=reminder_id(customer_id, line.line, contact.key),
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
        kind=pace.kind,
        latest_on=latest_on,
    )
