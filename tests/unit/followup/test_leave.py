"""What becomes of a reminder that falls due while its rep is away."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.followup.domain.leave import Leave, Left, days_off, moved, timed
from services.followup.domain.reminders import Reminder
from shared.policy import Policy, load_policy
from shared.working_time import WorkingTime
from tests.in_force import changed

POLICY = load_policy()
DEPUTIES = changed(POLICY, "deputies", working_time__leave="deputy")
MONDAY = date(2026, 3, 2)
AWAY = Leave("L-1", "ann", date(2026, 3, 2), date(2026, 3, 6), "bob")


def reminder(due_on: date = MONDAY, issued_on: date = MONDAY, policy: Policy = POLICY) -> Reminder:
    return Reminder(
        reminder_id="r-1", customer_id="C-1", line="F1", rule="F1", rep="rep-1", department="field",
        customer_class="contract", level="key", channel="mail", template="monthly", minutes=8, plan_required=False,
        due_on=due_on, due_at=WorkingTime(policy).starts(due_on), issued_on=issued_on, answered_after=date(2026, 2, 2),
        last_order_on=None, contacted_at=None, why_zh="该联系了。", why_en="It is due.", trace="",
    )  # fmt: skip


def test_who_is_there_is_reminded_as_planned() -> None:
    """The very same reminder."""
    known = reminder()
    assert timed(known, {}, WorkingTime(POLICY)) is known
    assert timed(known, {"rep-1": [AWAY._replace(first=date(2026, 3, 3))]}, WorkingTime(POLICY)) is known


def test_it_waits_until_the_rep_is_back() -> None:
    """Friday is the last day away, Saturday is a working day: due when work begins then, and the words say so."""
    found = timed(reminder(), {"rep-1": [AWAY]}, WorkingTime(POLICY))
    assert (found.rep, found.due_on, found.issued_on) == ("rep-1", MONDAY, date(2026, 3, 7))
    assert found.due_at == datetime(2026, 3, 7, 0, 30, tzinfo=UTC)
    assert found.why_zh == "该联系了。rep-1 休假至 2026-03-06，顺延至 2026-03-07。"
    assert found.why_en == "It is due. rep-1 is away until 2026-03-06; it waits until 2026-03-07."


def test_what_would_come_too_late_waits_no_longer_than_it_helps() -> None:
    """On its last day it is on the list, whoever is there; never ahead of the day of its issue."""
    for latest_on, day in ((5, 5), (2, 2), (9, 7)):
        greeting = reminder()._replace(latest_on=date(2026, 3, latest_on))
        assert timed(greeting, {"rep-1": [AWAY]}, WorkingTime(POLICY)).issued_on == date(2026, 3, day)
    overdue = reminder()._replace(latest_on=date(2026, 2, 20))
    assert timed(overdue, {"rep-1": [AWAY]}, WorkingTime(POLICY)).issued_on == MONDAY


def test_leaves_that_follow_upon_each_other_are_one() -> None:
    """Back on Saturday, away again from then on, and Sunday is off anyway."""
    again = Leave("L-2", "ann", date(2026, 3, 7), date(2026, 3, 9))
    found = timed(reminder(), {"rep-1": [AWAY, again]}, WorkingTime(POLICY))
    assert found.due_at == datetime(2026, 3, 10, 0, 30, tzinfo=UTC)


def test_the_deputy_does_it_where_the_policy_says_so() -> None:
    """At the time planned, and in the deputy's list."""
    found = timed(reminder(), {"rep-1": [AWAY]}, WorkingTime(DEPUTIES))
    assert (found.rep, found.due_at) == ("bob", reminder().due_at)
    assert "由 bob 代为跟进" in found.why_zh


@pytest.mark.parametrize(
    "leaves",
    [
        {"rep-1": [AWAY._replace(deputy=None)]},
        {"rep-1": [AWAY], "bob": [Leave("L-3", "bob", MONDAY, MONDAY)]},
    ],
)
def test_without_a_deputy_who_is_there_it_waits(leaves: dict[str, list[Leave]]) -> None:
    """Two of a department on one holiday."""
    found = timed(reminder(), leaves, WorkingTime(DEPUTIES))
    assert (found.rep, found.due_at) == ("rep-1", datetime(2026, 3, 7, 0, 30, tzinfo=UTC))


def test_what_an_outage_left_is_timed_by_the_day_it_is_issued() -> None:
    """Leave that is over by then moves nothing."""
    late = reminder(due_on=MONDAY, issued_on=date(2026, 3, 9))
    assert timed(late, {"rep-1": [AWAY]}, WorkingTime(POLICY)) is late


def test_a_day_that_may_still_change_is_said_to_be_so() -> None:
    """The State Council's notice for the year is not known."""
    china = changed(POLICY, "china", working_time__calendar="china")
    found = timed(reminder(date(2099, 3, 2), date(2099, 3, 2), china), {}, WorkingTime(china))
    assert "日期暂定：国务院 2099 年放假安排尚未收录" in found.why_zh
    assert "The day is provisional" in found.why_en


def test_two_who_stand_in_for_one_another_do_not_hand_it_to_and_fro() -> None:
    """Both are away until Sunday and there on Monday, when it is worked on: whose it is, keeps it."""
    sunday = date(2026, 3, 8)
    left = Left("r-1", "C-1", "rep-1", "field", date(2026, 2, 2), sunday, None, "")
    leaves = {"rep-1": [AWAY._replace(last=sunday)], "bob": [Leave("L-3", "bob", MONDAY, sunday, "rep-1")]}
    for rep in ("rep-1", "bob"):
        move = moved(left._replace(rep=rep), leaves, WorkingTime(DEPUTIES), sunday)
        assert move is not None
        assert (move.to, move.until) == (None, date(2026, 3, 9))


def test_days_of_leaves() -> None:
    """Both ends included, overlaps once."""
    assert days_off([AWAY, AWAY._replace(last=date(2026, 3, 3))]) == {date(2026, 3, day) for day in range(2, 7)}
