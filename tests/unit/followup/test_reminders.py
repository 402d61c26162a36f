"""Exactly one reminder for each contact that is due, and its end when the contact happens."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.followup.domain.reminders import OpenReminder, Reminder, answers, issue, reminder_id
from services.followup.domain.schedule import Schedule
from shared.working_time import WorkingTime
from tests.unit.followup.strategies import DAY, PACES, POLICY, TODAY, known, planned, standing


def issued(schedule: Schedule, today: date) -> tuple[Schedule, list[Reminder]]:
    return issue(schedule, PACES, today)


def test_a_contact_is_reminded_of_once_on_its_day() -> None:
    """Not the day before, and not again on the same day."""
    schedule = planned(known(contacted_on=date(2026, 2, 10)), standing("contract", "key"))
    schedule, early = issued(schedule, date(2026, 3, 9))
    schedule, due = issued(schedule, date(2026, 3, 10))
    schedule, again = issued(schedule, date(2026, 3, 10))
    assert (early, again) == ([], [])
    assert [(r.due_on, r.issued_on, r.line) for r in due] == [(date(2026, 3, 10), date(2026, 3, 10), "F1")]
    assert schedule.lines["F1"].due_on == date(2026, 4, 10)


def test_a_month_off_makes_one_reminder_and_not_thirty() -> None:
    """A daily line that nobody served for a month is reminded of once, and goes on tomorrow."""
    schedule = planned(known(sample=("confirming", TODAY)), standing("sample", "europe_america"))
    back = TODAY + 31 * DAY
    schedule, due = issued(schedule, back)
    assert [(r.line, r.due_on, r.issued_on) for r in due] == [("F2.confirming", TODAY + DAY, back)]
    assert schedule.lines["F2.confirming"].due_on == back + DAY


def test_the_reminding_mail_takes_the_place_of_the_ordinary_one() -> None:
    """F2: every second day a mail, on the sixth the reminding one alone."""
    schedule = planned(known(sample=("delivered", TODAY)), standing("sample", "europe_america"))
    told = []
    for number in range(1, 15):
        schedule, due = issued(schedule, TODAY + number * DAY)
        told += [(number, r.line.removeprefix("F2.")) for r in due]
    assert told == [
        (2, "delivered"),
        (4, "delivered"),
        (6, "reminding"),
        (8, "delivered"),
        (10, "delivered"),
        (12, "reminding"),
        (14, "delivered"),
    ]


def test_after_sixty_days_without_an_order_a_sample_is_followed_up_every_thirty() -> None:
    """F2: close follow-up ends, the quiet one goes on."""
    schedule = planned(known(sample=("delivered", TODAY)), standing("sample", "europe_america"))
    days = []
    for number in range(1, 160):
        schedule, due = issued(schedule, TODAY + number * DAY)
        days += [number for _ in due]
    assert days == [*range(2, 61, 2), 90, 120, 150]


def test_high_potential_asks_for_a_plan() -> None:
    """F3: 30 minutes, with a written plan."""
    schedule = planned(known(contacted_on=date(2026, 1, 2)), standing("potential", "high"))
    _, [reminder] = issued(schedule, TODAY)
    assert (reminder.rule, reminder.minutes, reminder.plan_required) == ("F3", 30, True)


def test_a_customer_without_a_rep_is_due_to_unassigned() -> None:
    """The manager sees whom nobody looks after."""
    schedule = planned(known(contacted_on=date(2026, 2, 2), rep=None), standing("contract", "key"))
    _, [reminder] = issued(schedule, TODAY)
    assert reminder.rep == "unassigned"


def test_a_reminder_says_why_in_both_languages() -> None:
    """Level, days since contact and order, the rule, and how late it is."""
    facts = known(orders=1, last_order_on=date(2026, 2, 20), contacted_on=date(2026, 1, 30))
    schedule = planned(facts, standing("contract", "key"), today=date(2026, 2, 21))
    _, [reminder] = issued(schedule, TODAY)
    assert reminder.why_en == (
        "Contract customer, key: last contact 31 days ago; last order 10 days ago; "
        "F1 asks for a contact every month; it was due on 2026-02-28, 2 days ago."
    )
    assert reminder.why_zh == (
        "合同客户（重点）：上次联系在 31 天前；上次下单在 10 天前；按 F1 每月跟进一次；"
        "应于 2026-02-28 跟进，已过 2 天。"
    )


def test_work_starts_by_season_and_never_on_a_day_off() -> None:
    """F8: 8:00 from May, 8:30 from October, and a Sunday's reminder is for Monday morning."""
    assert WorkingTime(POLICY).starts(date(2026, 5, 4)) == datetime(2026, 5, 4, 0, 0, tzinfo=UTC)
    assert WorkingTime(POLICY).starts(date(2026, 10, 3)) == datetime(2026, 10, 3, 0, 30, tzinfo=UTC)
    assert WorkingTime(POLICY).starts(date(2026, 3, 1)) == datetime(2026, 3, 2, 0, 30, tzinfo=UTC)


def test_a_contact_in_the_cycle_answers_and_an_old_one_does_not() -> None:
    """F7: made on the eve but told later counts; what lies before the cycle had been counted already."""
    waiting = OpenReminder("r", "C-1", "rep-1", answered_after=date(2026, 2, 2), contact_id=None)
    assert answers(known(contacted_on=date(2026, 3, 1)), waiting)
    assert answers(known(contacted_on=date(2026, 3, 9)), waiting)
    assert not answers(known(contacted_on=date(2026, 2, 2)), waiting)
    assert not answers(known(), waiting)


@given(customer_id=st.text(st.characters(codec="utf-8"), max_size=128), line=st.sampled_from(["F1", "F2.quiet"]))
def test_a_reminder_id_fits_an_address_whatever_the_customer_is_called(customer_id: str, line: str) -> None:
    """Slashes, spaces and Chinese in a customer's id do not reach the reminder's."""
    made = reminder_id(customer_id, line, TODAY)
    assert made.isascii()
    assert made.isalnum()
    assert made != reminder_id(customer_id, line, TODAY + DAY)
