"""N1: a file that was not improved by the day that its reminder named, whatever came first of what became of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain import stale
from services.archive.domain.breaches import is_history
from services.archive.domain.stale import AskedLater, AskedNoMore, AskedOfAnother, FileAsked, FileReminder
from services.archive.usecases.stale import RecordFileReminders, Reminding, matters
from shared.clock import Clock
from shared.contracts.types import EventData
from shared.engine.model import Event
from shared.policy import load_policy
from tests.in_force import changed

CLOCK = Clock("Asia/Shanghai")
NOW = datetime(2026, 3, 20, 4, tzinfo=UTC)
ASKED = FileAsked(reminder_id="r-1", customer_id="C-1", rep="rep-1", kind="file",
                  due_on=date(2026, 3, 3), latest_on=date(2026, 3, 10))  # fmt: skip


def event(data: EventData, number: int = 0) -> Event:
    kinds = {"FileAsked": "reminder.due", "AskedNoMore": "reminder.ended", "AskedLater": "reminder.moved",
             "AskedOfAnother": "reminder.handed_over"}  # fmt: skip
    return Event(f"e-{number}", "/tierline/followup", kinds[type(data).__name__], NOW, "", data, 0)


def day(number: int) -> datetime:
    return datetime(2026, 3, number, 4, tzinfo=UTC)


def ended(on: int, reason: str = "improved") -> AskedNoMore:
    return AskedNoMore.model_validate({"reminder_id": "r-1", "rep": "rep-1", "ended_at": day(on), "reason": reason})


def later(to: int, reason: str = "leave") -> AskedLater:
    return AskedLater(reminder_id="r-1", rep="rep-1", to_on=date(2026, 3, to), reason=reason)


def handed(to: str, on: int) -> AskedOfAnother:
    return AskedOfAnother(reminder_id="r-1", to_rep=to, at=day(on))


def known(*told: EventData) -> FileReminder:
    """What is known after these events."""
    record = RecordFileReminders(None, CLOCK)  # type: ignore[arg-type]  # deciding reads no table
    work = Reminding({})
    for number, data in enumerate(told):
        record.decide(work, event(data, number), NOW)
    return work.known.get("r-1") or FileReminder("r-1")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([ASKED], (True, "rep-1", 10)),
        ([ASKED, ended(10)], (False, "rep-1", 10)),
        ([ASKED, ended(13)], (False, "rep-1", 10)),  # three days of grace
        ([ASKED, ended(14)], (True, "rep-1", 10)),
        ([ASKED, ended(9, "moot")], (False, "rep-1", 10)),
        ([ASKED, ended(9, "repeated")], (True, "rep-1", 10)),  # asked for anew is not improved
        ([ASKED, later(17)], (True, "rep-1", 17)),  # on leave until then
        ([ASKED, later(17, "snoozed")], (True, "rep-1", 10)),  # put off is not improved
        ([ASKED, handed("rep-2", 9)], (True, "rep-2", 16)),  # as long as the first one had
        ([ASKED, handed("unassigned", 9)], (True, None, 16)),
        ([ended(9)], (False, None, None)),
        ([ASKED.model_copy(update={"latest_on": None})], (False, None, None)),
        ([ASKED.model_copy(update={"kind": "contact"})], (False, None, None)),
    ],
)
def test_who_owed_it_until_when(told: list[EventData], expected: tuple[bool, str | None, int | None]) -> None:
    """P2, N1: what improves the file ends it, leave and another rep put the day off, and nothing else does."""
    reminder = known(*told)
    deadline = reminder.deadline
    assert (stale.is_stale(reminder, 3), reminder.rep, deadline and deadline.day) == expected


def test_a_file_is_stale_once_a_month() -> None:
    """Two reminders of one file and month are one fact; the next month is another."""
    first = known(ASKED)
    second = first._replace(reminder_id="r-2", latest_on=date(2026, 3, 28))
    april = first._replace(reminder_id="r-3", latest_on=date(2026, 4, 1))
    ids = [stale.stale(reminder, "ann", NOW).breach_id for reminder in (first, second, april)]
    assert ids[0] == ids[1] != ids[2]


def test_a_fact_of_years_ago_is_history() -> None:
    """By the policy's days, or its first day."""
    rules = load_policy(None).breaches
    today = date(2026, 3, 20)
    assert is_history(today - timedelta(days=rules.age_days + 1), today, rules)
    assert not is_history(today - timedelta(days=rules.age_days), today, rules)
    begins = changed(load_policy(None), "x", breaches__not_before="2026-03-20").breaches
    assert [is_history(today - timedelta(days=n), today, begins) for n in (0, 1)] == [False, True]


about = st.one_of(
    st.builds(ended, st.integers(1, 28), st.sampled_from(["improved", "moot", "repeated", "too_late", "ordered"])),
    st.builds(later, st.integers(1, 28), st.sampled_from(["leave", "snoozed", "levelled"])),
    st.builds(handed, st.sampled_from(["rep-1", "rep-2", "unassigned"]), st.integers(1, 28)),
)


@given(st.lists(about, max_size=6), st.data())
def test_no_order_of_arrival_says_anything_else(told: list[EventData], data: st.DataObject) -> None:
    """Late, doubled and reordered, also before the reminder itself."""
    again = data.draw(st.permutations([ASKED, ASKED, *told, *told]))
    one, other = known(ASKED, *told), known(*again)
    assert one._replace(cause_id=None) == other._replace(cause_id=None)


def test_of_most_reminders_nothing_is_kept() -> None:
    """Contacts, and ends that improve nothing, are by far the most."""
    assert not matters(event(ASKED.model_copy(update={"kind": "contact"})))
    assert not matters(event(ended(3, "ordered")))
    assert matters(event(ASKED))


@given(st.lists(st.tuples(st.integers(1, 28), st.integers(0, 9)), max_size=4), st.none() | st.integers(1, 28))
def test_as_many_days_are_given_as_without_leave(spans: list[tuple[int, int]], handed_on: int | None) -> None:
    """F8: counted by hand, whoever holds the file has as many days of being there as the reminder gave."""
    reminder = known(ASKED, *([] if handed_on is None else [handed("rep-2", handed_on)]))
    begins = [date(2026, 3, first) for first, _ in spans]
    leaves = [
        stale.Leave(f"L-{n}", "ann", first, first + timedelta(days=spans[n][1])) for n, first in enumerate(begins)
    ]
    until = stale.owed_until(reminder, leaves)
    first, usual = reminder.held_on or reminder.asked_on, stale.owed_until(reminder, [])
    assert first is not None
    assert until is not None
    assert usual == reminder.deadline
    days = [first + timedelta(days=n) for n in range((until - first).days + 1)]
    there = [day for day in days if not any(leave.covers(day) for leave in leaves)]
    assert len(there) == (usual - first).days + 1
    assert until == usual or until in there
    # Asked again after it was put off, it says the same.
    assert stale.owed_until(stale.moved(reminder, until), leaves) == until
