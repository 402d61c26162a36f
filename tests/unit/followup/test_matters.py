"""What is owed at a time of its own: greetings, news, files, prospects and falls."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.domain.customer import ALL_GAPS, NO_DOSSIER, UNTOUCHED, Dossier, Facts, Fall
from services.followup.domain.endings import over
from services.followup.domain.feasts import Feasts
from services.followup.domain.matters import Progress, greeting, news_day
from services.followup.domain.reminders import OpenReminder, Reminder, issue
from services.followup.domain.schedule import Schedule, foresee
from shared.policy.cadence import Interval
from tests.unit.followup.strategies import DAY, PACES, POLICY, TODAY, Rank, known, planned, standing, told

GREETINGS = POLICY.greetings
POTENTIAL: Rank = ("potential", "moderate")


def served(schedule: Schedule, begin: date, days: int) -> list[Reminder]:
    """All reminders of so many days, on each of which the dispatcher is there."""
    reminders: list[Reminder] = []
    for number in range(days):
        schedule, issued = issue(schedule, PACES, begin + number * DAY)
        reminders += issued
    return reminders


def of_line(reminders: list[Reminder], line: str) -> list[Reminder]:
    return [reminder for reminder in reminders if reminder.line == line]


@pytest.mark.parametrize(
    ("country", "year", "expected"),
    [
        ("CN", 2026, [("new_year", "01-01"), ("spring_festival", "02-17"), ("mid_autumn", "09-25")]),
        ("cn", 2025, [("new_year", "01-01"), ("spring_festival", "01-29"), ("mid_autumn", "10-06")]),
        ("US", 2026, [("new_year", "01-01"), ("thanksgiving", "11-26"), ("christmas", "12-25")]),
        ("AE", 2026, [("new_year", "01-01"), ("eid_al_fitr", "03-20"), ("eid_al_adha", "05-27")]),
        ("IN", 2026, [("eid_al_fitr", "03-21"), ("diwali", "11-08"), ("christmas", "12-25")]),
        # What no calendar knows is greeted by the policy's own.
        (None, 2026, [("new_year", "01-01"), ("spring_festival", "02-17"), ("mid_autumn", "09-25")]),
        ("??", 2026, [("new_year", "01-01"), ("spring_festival", "02-17"), ("mid_autumn", "09-25")]),
        # Words that the library of calendars knows, and not as countries.
        ("Mar", 2026, [("new_year", "01-01"), ("spring_festival", "02-17"), ("mid_autumn", "09-25")]),
        ("public", 2026, [("new_year", "01-01"), ("spring_festival", "02-17"), ("mid_autumn", "09-25")]),
    ],
)
def test_a_country_is_greeted_on_its_own_feasts(
    country: str | None, year: int, expected: list[tuple[str, str]]
) -> None:
    """F6: the first of the policy's list that the country keeps, at most so many a year."""
    assert [(feast.name, f"{feast.on:%m-%d}") for feast in PACES.feasts.of(country, year)] == expected


def test_without_a_stand_in_an_unknown_country_is_not_greeted() -> None:
    """F6: as the policy may say."""
    feasts = Feasts(GREETINGS.model_copy(update={"country_unknown": None}))
    assert feasts.of(None, 2026) == feasts.of("??", 2026) == ()
    assert feasts.of("DE", 2026) != ()


@given(
    country=st.sampled_from([None, "CN", "DE", "US", "AE", "IN", "KR"]),
    met=st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    customer_id=st.text("0123456789", min_size=1, max_size=6),
)
def test_each_feast_is_greeted_once_shortly_before(country: str | None, met: date, customer_id: str) -> None:
    """F6: no more than so many a year, each for another feast, within the days before it, and never after."""
    facts = known(dossier=Dossier(country))
    schedule = planned(facts, standing(*POTENTIAL), today=met, customer_id=customer_id)
    greetings = of_line(served(schedule, met, 500), "F6.greeting")
    feasts = [each.latest_on for each in greetings]
    assert len(set(feasts)) == len(feasts)
    assert all(number <= GREETINGS.most_a_year for number in Counter(on.year for on in feasts if on).values())
    for each in greetings:
        assert each.latest_on is not None
        assert 0 <= (each.latest_on - each.due_on).days <= GREETINGS.days_before
    expected = [f.on for year in (met.year, met.year + 1, met.year + 2) for f in PACES.feasts.of(country, year)]
    sure = [on for on in expected if met < on < met + 490 * DAY]
    assert set(sure) <= set(feasts)


@given(customer_id=st.text("0123456789", min_size=1), before=st.integers(1, 60))
def test_feasts_close_together_are_greeted_in_their_order(customer_id: str, before: int) -> None:
    """F6: however wide the spread, a New Year's greeting comes after Christmas, and on another day."""
    feasts = Feasts(GREETINGS.model_copy(update={"days_before": before}))
    met = date(2026, 10, 1)
    christmas = greeting(customer_id, "DE", Progress(met), feasts)
    assert christmas is not None
    assert christmas.covers == date(2026, 12, 25)
    new_year = greeting(customer_id, "DE", Progress(met, christmas.covers), feasts)
    assert new_year is not None
    assert christmas.due_on < date(2026, 12, 25) < new_year.due_on < date(2027, 1, 1)


def test_greetings_are_spread_over_the_days_before() -> None:
    """F6: a rep with seven hundred prospects has about a hundred a day, not seven hundred on one."""
    dues = Counter(
        planned(known(dossier=Dossier("DE")), standing(*POTENTIAL), today=date(2026, 12, 1), customer_id=f"C-{number}")
        .lines["F6.greeting"]
        .due_on
        for number in range(700)
    )
    assert len(dues) == GREETINGS.days_before
    assert all(60 < number < 140 for number in dues.values())


def test_a_feast_that_passed_while_nobody_was_there_is_not_greeted() -> None:
    """F6: after an outage over Christmas the next greeting is for the New Year."""
    schedule = planned(known(dossier=Dossier("DE")), standing(*POTENTIAL), today=date(2026, 12, 1))
    schedule, reminders = issue(schedule, PACES, date(2026, 12, 28))
    assert of_line(reminders, "F6.greeting") == []
    later = of_line(served(schedule, date(2026, 12, 28), 5), "F6.greeting")
    assert [each.latest_on for each in later] == [date(2027, 1, 1)]


def test_other_customers_are_not_greeted() -> None:
    """F6: of potential customers alone, as the policy says."""
    assert "F6.greeting" not in planned(known(), standing("contract", "key")).lines
    assert "F6.greeting" not in planned(known(), standing("sample", "asia_africa")).lines


def test_news_are_spread_over_days() -> None:
    """F6: each customer on a day of its own, from the day of the announcement on."""
    days = Counter((news_day(f"C-{number}", "P-1", TODAY, 10) - TODAY).days for number in range(1000))
    assert set(days) == set(range(10))
    assert all(60 < number < 140 for number in days.values())


# P2


def begun(improved_on: date | None, gaps: tuple[str, ...] | None = ("phone",), rep: str | None = "rep-1") -> Facts:
    return known(dossier=Dossier("DE", improved_on, gaps), rep=rep)


def test_a_stale_file_is_reminded_of_a_week_before_each_month_is_over() -> None:
    """P2: it costs a fine on the day a month after somebody last worked on it, and every month after."""
    schedule = planned(begun(TODAY), standing(*POTENTIAL))
    files = of_line(served(schedule, TODAY, 100), "P2.file")
    deadlines = [Interval(months=number).after(TODAY) for number in (1, 2, 3)]
    assert [(each.kind, each.due_on, each.latest_on) for each in files] == [
        ("file", deadline - 7 * DAY, deadline) for deadline in deadlines
    ]


@given(every=st.integers(1, 20), gaps=st.sampled_from([("phone",), ALL_GAPS]))
def test_a_file_that_is_worked_on_in_time_is_not_reminded_of(every: int, gaps: tuple[str, ...]) -> None:
    """P2: whoever improves it within three weeks hears nothing."""
    facts, today = begun(TODAY, gaps), TODAY
    schedule = planned(facts, standing(*POTENTIAL))
    for number in range(6):
        today += every * DAY
        schedule, reminders = issue(schedule, PACES, today)
        assert of_line(reminders, "P2.file") == []
        facts = facts._replace(version=number + 2, dossier=facts.dossier._replace(improved_on=today))
        schedule = told(schedule, [facts], today=today)


@pytest.mark.parametrize(
    ("facts", "owed"),
    [
        (begun(TODAY, ()), False),
        (begun(None, None), False),
        (begun(TODAY, rep=None), False),
        (known(dossier=UNTOUCHED), False),
        (known(dossier=UNTOUCHED, contacted_on=TODAY), True),
        (known(dossier=UNTOUCHED, contacted_on=TODAY, rep=None), False),
        (known(dossier=NO_DOSSIER, contacted_on=TODAY), False),
        (begun(TODAY), True),
    ],
    ids=["complete", "not told", "nobody's", "orders alone", "visited", "visited by nobody", "old", "begun"],
)
def test_who_is_asked_for_the_file(facts: Facts, owed: bool) -> None:
    """P2: a rep, once somebody began the file or was in touch and should have; orders alone make no file."""
    assert ("P2.file" in planned(facts, standing("contract", "ordinary")).lines) == owed


@given(improved=st.integers(0, 900), customer_id=st.text("0123456789", min_size=1))
def test_files_that_come_with_an_import_are_spread_over_a_month(improved: int, customer_id: str) -> None:
    """P2: nothing is owed from before; later ones keep their own dates."""
    schedule = planned(begun(TODAY - improved * DAY), standing(*POTENTIAL), customer_id=customer_id)
    due_on = schedule.lines["P2.file"].due_on
    assert due_on is not None
    own = Interval(months=1).after(TODAY - improved * DAY) - 7 * DAY
    assert due_on == own if own >= TODAY else TODAY <= due_on < Interval(months=1).after(TODAY)


# O2


def test_a_protected_prospect_asks_for_progress_every_month_and_tells_of_its_end() -> None:
    """O2: four months from being given to the rep, nothing after; the end is told two weeks before."""
    given_on = TODAY
    facts = known(dossier=Dossier("DE", None, (), given_on))
    reminders = served(planned(facts, standing(*POTENTIAL)), TODAY, 250)
    months = [Interval(months=number).after(given_on) for number in (1, 2, 3, 4)]
    reports = of_line(reminders, "O2.report")
    assert [(each.kind, each.due_on, each.latest_on) for each in reports] == [
        ("progress", month - 7 * DAY, month) for month in months
    ]
    [end] = of_line(reminders, "O2.end")
    assert (end.kind, end.due_on, end.latest_on) == ("progress", months[-1] - 14 * DAY, months[-1])


def test_progress_by_the_rep_moves_the_next_report() -> None:
    """O2: a contact of the rep's own, or work on the file, starts the month anew."""
    facts = known(dossier=Dossier("DE", None, (), TODAY))
    schedule = planned(facts, standing(*POTENTIAL))
    later = TODAY + 20 * DAY
    for dossier in (facts.dossier._replace(reported_on=later), facts.dossier._replace(improved_on=later)):
        moved = told(schedule, [facts._replace(version=2, dossier=dossier)], today=later)
        assert moved.lines["O2.report"].due_on == Interval(months=1).after(later) - 7 * DAY


@pytest.mark.parametrize(("line", "day"), [("O2.report", 23), ("O2.end", 108)])
def test_another_rep_does_not_answer_for_the_protection_of_the_one_before(line: str, day: int) -> None:
    """O2: the new holder has four months of the own, and is not asked for what was the other's."""
    facts = known(dossier=Dossier("DE", None, (), TODAY, None))
    schedule = planned(facts, standing(*POTENTIAL))
    [asked] = of_line(served(schedule, TODAY, day + 10), line)[-1:]
    waiting = OpenReminder("r", "C-1", "rep-1", asked.answered_after, None, asked.kind, line)
    assert over(schedule, waiting) is None
    given_on = asked.due_on + DAY
    given = facts._replace(version=2, rep="rep-2", dossier=facts.dossier._replace(given_on=given_on))
    after = told(schedule, [given], today=given_on)
    assert over(after, waiting) == "moot"
    assert after.lines["O2.end"].due_on == Interval(months=4).after(given_on) - 14 * DAY


def test_a_prospect_who_orders_is_protected_no_more() -> None:
    """O2: the order was what the protection was for."""
    facts = known(dossier=Dossier("DE", None, (), TODAY))
    ordered = told(
        planned(facts, standing(*POTENTIAL)), [standing("contract", "ordinary", sequence=2)], today=TODAY + DAY
    )
    assert ordered.lines["O2.report"].due_on is None
    assert ordered.lines["O2.end"].due_on is None


# K6


def fall(sequence: int = 1, last: date = TODAY - 351 * DAY) -> Fall:
    return Fall(sequence, last, TODAY, TODAY + 14 * DAY, "会降级。", "It falls.")


def falling() -> Schedule:
    facts = known(orders=1, last_order_on=TODAY - 351 * DAY, contacted_on=TODAY - DAY)
    return foresee(planned(facts, standing("contract", "key")), fall(), PACES, TODAY, "")


def test_a_fall_ahead_is_reminded_of_at_once_and_once() -> None:
    """K6: up to the day before it."""
    reminders = of_line(served(falling(), TODAY, 30), "K6.fall")
    assert [(each.kind, each.due_on, each.latest_on) for each in reminders] == [("falling", TODAY, TODAY + 14 * DAY)]


def test_an_order_or_another_level_takes_the_fall_off_the_schedule() -> None:
    """K6: safe again or fallen, there is nothing left to do about it."""
    schedule = falling()
    assert schedule.facts is not None
    ordered = told(schedule, [schedule.facts._replace(version=2, last_order_on=TODAY)], today=TODAY)
    fell = told(schedule, [standing("contract", "ordinary", sequence=2)], today=TODAY)
    for after in (ordered, fell):
        assert after.lines["K6.fall"].opened_on is None
        assert served(after, TODAY, 20) == [] or all(each.kind != "falling" for each in served(after, TODAY, 20))


def test_a_fall_that_is_foreseen_again_after_a_small_order_is_told_again() -> None:
    """K6: an order that did not suffice is followed by another word of scoring's."""
    schedule, _ = issue(falling(), PACES, TODAY)
    assert schedule.facts is not None
    later = TODAY + 3 * DAY
    ordered = told(schedule, [schedule.facts._replace(version=2, last_order_on=later)], today=later)
    again = foresee(ordered, fall(last=later)._replace(foreseen_on=later), PACES, later, "")
    assert [each.kind for each in served(again, later, 2)] == ["falling"]
    assert foresee(again, fall(), PACES, later, "") is again


def test_a_fall_heard_of_before_the_facts_waits_for_them() -> None:
    """The two topics have no order between them."""
    level = standing("contract", "key")
    facts = known(orders=1, last_order_on=TODAY - 351 * DAY, contacted_on=TODAY - DAY)
    heard = foresee(told(Schedule("C-1"), [level], today=TODAY), fall(), PACES, TODAY, "")
    assert told(heard, [facts], today=TODAY).lines["K6.fall"].due_on == TODAY


def test_a_fall_known_too_late_is_not_reminded_of() -> None:
    """K6: after the day nothing helps."""
    assert of_line(served(falling(), TODAY + 15 * DAY, 3), "K6.fall") == []
