"""Who is away, and what becomes of a reminder that falls due meanwhile (F8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from services.followup.domain.reminders import Reminder
from shared.words import Text
from shared.working_time import WorkingTime

DAY = timedelta(days=1)

# Leaves are looked up so far ahead: nobody is away for longer at a stretch than the door allows.
HORIZON = timedelta(days=400)


class Leave(NamedTuple):
    """Days on which a person is away, both included; `deputy` does what falls due meanwhile."""

    leave_id: str
    person: str
    first: date
    last: date
    deputy: str | None = None

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last

    def days(self) -> Iterable[date]:
        return (self.first + n * DAY for n in range((self.last - self.first).days + 1))


class Left(NamedTuple):
    """A reminder that waits on the list of a rep who is away today; `listed_on` is the day of that list."""

    reminder_id: str
    customer_id: str
    rep: str
    department: str | None
    answered_after: date
    listed_on: date
    latest_on: date | None
    trace: str


class Move(NamedTuple):
    """What becomes of it: it stands on the list of the day `until`, the rep's or, with `to`, the deputy's."""

    left: Left
    leave: Leave
    until: date
    to: str | None
    words: Text


Leaves = Mapping[str, Sequence[Leave]]
"""By the name under which a rep's customers are known, person or rep code."""


def days_off(leaves: Iterable[Leave]) -> frozenset[date]:
    """All days of some leaves."""
    return frozenset(day for leave in leaves for day in leave.days())


def timed(reminder: Reminder, leaves: Leaves, working_time: WorkingTime) -> Reminder:
    """The reminder on the day on which somebody works who can do it; the same object where that is as planned.

    With the policy's `leave: wait` it is due, and on the list, when the rep is back, or on the last day on which it
    helps. With `deputy` it is the deputy's; where there is none, or the deputy is away too, it waits all the same. A
    day that may still turn out otherwise is said to be so.
    """
    day = working_time.on_or_after(max(reminder.due_on, reminder.issued_on))
    own = leaves.get(reminder.rep, ())
    leave = next((leave for leave in own if leave.covers(day)), None)
    if leave is not None:
        deputy = _deputy(leave, leaves, {day}, working_time)
        if deputy is not None:
            return _said(reminder._replace(rep=deputy), _stands_in(deputy, reminder.rep, leave), day, working_time)
        back = working_time.on_or_after(day, days_off(own))
        day = back if reminder.latest_on is None else max(day, min(back, reminder.latest_on))
        due = reminder._replace(due_at=working_time.begins(day), issued_on=day)
        return _said(due, _waits(reminder.rep, leave, day), day, working_time)
    return _said(reminder, None, day, working_time)


def moved(left: Left, leaves: Leaves, working_time: WorkingTime, today: date) -> Move | None:
    """What becomes of a reminder whose rep is away today; None when the rep is not.

    As with what falls due meanwhile, but never beyond the last day on which it helps.
    """
    own = leaves.get(left.rep, ())
    leave = next((leave for leave in own if leave.covers(today)), None)
    if leave is None:
        return None
    # Two who stand in for one another and are both away today would hand it to and fro.
    deputy = _deputy(leave, leaves, {today, working_time.on_or_after(today)}, working_time)
    if deputy is not None:
        # Today's list, so that the deputy is not late with it from the first day on.
        return Move(left, leave, today, deputy, _stands_in(deputy, left.rep, leave))
    back = working_time.on_or_after(today, days_off(own))
    until = back if left.latest_on is None else min(back, left.latest_on)
    return Move(left, leave, until, None, _waits(left.rep, leave, until))


def _deputy(leave: Leave, leaves: Leaves, days: Iterable[date], working_time: WorkingTime) -> str | None:
    deputy = leave.deputy if working_time.policy.working_time.leave == "deputy" else None
    if deputy is None or any(other.covers(day) for other in leaves.get(deputy, ()) for day in days):
        return None
    return deputy


def _stands_in(deputy: str, rep: str, leave: Leave) -> Text:
    return Text(
        zh=f"{rep} 休假至 {leave.last}，由 {deputy} 代为跟进。",
        en=f"{rep} is away until {leave.last}; {deputy} stands in.",
    )


def _waits(rep: str, leave: Leave, day: date) -> Text:
    return Text(
        zh=f"{rep} 休假至 {leave.last}，顺延至 {day}。",
        en=f"{rep} is away until {leave.last}; it waits until {day}.",
    )


def _said(reminder: Reminder, words: Text | None, day: date, working_time: WorkingTime) -> Reminder:
    unsure = working_time.provisional(day)
    said = [words] if words is not None else []
    if unsure is not None:
        said.append(Text(zh=f"日期暂定：{unsure.zh}。", en=f"The day is provisional: {unsure.en}."))
    if not said:
        return reminder
    return reminder._replace(
        why_zh=reminder.why_zh + "".join(text.zh for text in said),
        why_en=" ".join((reminder.why_en, *(text.en for text in said))),
    )
