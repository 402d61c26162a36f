"""When a reminder has nothing left to ask for, although no contact answered it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from services.followup.domain.customer import Dossier
from services.followup.domain.reminders import OpenReminder
from services.followup.domain.schedule import Line, Schedule
from shared.contracts.reminders import EndReason
from shared.words import Text

WORDS: dict[EndReason, Text] = {
    "ordered": Text(zh="客户已下单", en="the customer has ordered"),
    "improved": Text(zh="档案已完善", en="the file was improved"),
    "moot": Text(zh="情况已变，无须跟进", en="things have changed, and it is asked for no more"),
    "too_late": Text(zh="时间已过", en="its day has passed"),
    "repeated": Text(zh="同一事项已再次提醒", en="the same is asked for anew"),
}

ENDS_BY_ITSELF = frozenset({"purchase", "fall", "file", "report", "end", "greeting", "product"})
"""Lines, by the end of their names, whose reminders ask for something that may come about without a contact."""


def over(schedule: Schedule, reminder: OpenReminder) -> EndReason | None:
    """Why the reminder has nothing left to ask for; None while it has, or while its contact is on the way round."""
    facts, kind = schedule.facts, reminder.kind
    if facts is None or reminder.contact_id is not None:
        return None
    dossier, line = facts.dossier, schedule.lines.get(reminder.line)
    ordered = (facts.last_order_on or date.min) > (reminder.last_order_on or date.min)
    closed = line is not None and line.opened_on is None
    if kind == "contact":
        # F2 ends with an order; another level of the same class owes the contact all the same.
        return "ordered" if closed and ordered else None
    if kind in {"purchase", "falling", "progress"} and ordered:
        return "ordered"
    if _improved(dossier, reminder):
        return "improved"
    # Whoever was given the prospect since has a protection of the own (O2).
    given_anew = kind == "progress" and (dossier.given_on or date.min) > reminder.answered_after
    # A new product is told once, and its line closed at once.
    return "moot" if given_anew or (closed and kind != "new_product") else None


def _improved(dossier: Dossier, reminder: OpenReminder) -> bool:
    if reminder.kind == "file" and dossier.gaps == ():
        return True
    # Work on the file is progress (O2), but does not put off the end of the protection.
    asked = reminder.kind in {"file", "progress"} and not reminder.line.endswith(".end")
    return asked and (dossier.improved_on or date.min) > reminder.answered_after


def may_be_over(schedule: Schedule | None) -> bool:
    """Whether a reminder of the customer's may wait that ends by itself: looked at for every event."""
    return schedule is not None and any(
        line.reminded_until is not None and ends_by_itself(line) for line in schedule.lines.values()
    )


def may_end_with_an_order(schedule: Schedule | None) -> bool:
    """Whether a reminder may wait of a customer that is no buyer yet, as far as facts and level both tell."""
    if schedule is None or schedule.facts is None or schedule.standing is None:
        return False
    if schedule.facts.orders and schedule.standing.customer_class == "contract":
        return False
    return any(line.reminded_until is not None for line in schedule.lines.values())


def ends_by_itself(line: Line) -> bool:
    return line.line.partition(".")[2].partition(":")[0] in ENDS_BY_ITSELF


def reminded_since(schedule: Schedule | None, names: Iterable[str]) -> bool:
    """Whether one of these lines was reminded of on the day of the last order or later."""
    if schedule is None or schedule.facts is None:
        return False
    last = schedule.facts.last_order_on or date.min
    for line in schedule.lines.values():
        until = line.reminded_until
        if until is not None and until >= last and line.line.partition(".")[2] in names:
            return True
    return False
