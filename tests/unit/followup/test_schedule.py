"""The schedule does not depend on what was heard first, nor on how often."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.followup.domain.cadence import Paces
from services.followup.domain.customer import Facts, Standing
from services.followup.domain.reminders import issue
from services.followup.domain.schedule import Schedule, plan, wish
from shared.policy import Policy
from shared.policy.cadence import Interval
from tests.unit.followup.strategies import (
    DAY,
    PACES,
    POLICY,
    TODAY,
    facts_histories,
    interleavings,
    known,
    planned,
    standing,
    standing_histories,
    told,
)


def essence(schedule: Schedule) -> Mapping[str, object]:
    """What a schedule promises: open lines whole, of closed ones what was reminded of."""
    lines = {
        name: (line.every, line.opened_on, line.reminded_until, line.due_on)
        if line.opened_on is not None
        else line.reminded_until
        for name, line in schedule.lines.items()
        if line.opened_on is not None or line.reminded_until is not None
    }
    return {"facts": schedule.facts, "standing": schedule.standing, "lines": lines}


def policy_with(**contract: Interval) -> Policy:
    """The default policy with other intervals for some contract levels."""
    changed = {
        level: getattr(POLICY.cadences.contract, level).model_copy(update={"every": every})
        for level, every in contract.items()
    }
    cadences = POLICY.cadences.model_copy(update={"contract": POLICY.cadences.contract.model_copy(update=changed)})
    return POLICY.model_copy(update={"cadences": cadences})


# Levels of one class that differ in pace are where an order of arrival could show.
UNEQUAL = Paces.of(policy_with(key=Interval(days=14), lapsed=Interval(months=2)))
BY_NAME = {"the default": PACES, "unequal": UNEQUAL}


@given(st.data())
def test_facts_and_levels_may_arrive_in_any_interleaving(data: st.DataObject) -> None:
    """Two topics have no common order: however they mix, and whatever is repeated, the schedule is the same."""
    facts, standings = data.draw(facts_histories()), data.draw(standing_histories())
    paces = BY_NAME[data.draw(st.sampled_from(sorted(BY_NAME)))]
    mixed = told(Schedule("C-1"), data.draw(interleavings(facts, standings)), today=TODAY, paces=paces)
    one_by_one = told(Schedule("C-1"), [*facts, *standings], today=TODAY, paces=paces)
    assert essence(mixed) == essence(one_by_one)


@given(st.data())
def test_interleavings_agree_for_a_customer_with_a_history_of_reminders(data: st.DataObject) -> None:
    """What was planned, reminded of or left lying on earlier days does not make the order of arrival matter."""
    paces = BY_NAME[data.draw(st.sampled_from(sorted(BY_NAME)))]
    schedule, today, version, sequence = Schedule("C-1"), TODAY, 1, 1
    for _ in range(data.draw(st.integers(1, 3))):
        facts = data.draw(facts_histories(first_version=version))
        standings = data.draw(standing_histories(first_sequence=sequence))
        version, sequence = version + len(facts), sequence + len(standings)
        mixed = told(schedule, data.draw(interleavings(facts, standings)), today=today, paces=paces)
        schedule = told(schedule, [*standings, *facts], today=today, paces=paces)
        assert essence(mixed) == essence(schedule)
        today += data.draw(st.integers(0, 60)) * DAY
        if data.draw(st.booleans()):
            schedule, _ = issue(schedule, paces, today)


@given(facts=facts_histories(), standings=standing_histories())
def test_planning_again_changes_nothing(facts: list[Facts], standings: list[Standing]) -> None:
    """A plan made twice is the same plan, down to the objects, so nothing is written for it."""
    schedule = told(Schedule("C-1"), [*facts, *standings], today=TODAY)
    again = plan(schedule, PACES, TODAY + 5 * DAY, "other")
    assert all(again.lines[name] is line for name, line in schedule.lines.items())


@given(facts=facts_histories(), standings=standing_histories())
def test_after_an_import_nothing_is_due_in_the_past(facts: list[Facts], standings: list[Standing]) -> None:
    """First dates lie on the day of the import or later, however old the customer."""
    lines = told(Schedule("C-1"), [*facts, *standings], today=TODAY).lines.values()
    assert all(line.due_on >= TODAY for line in lines if line.due_on is not None)


def test_nothing_is_planned_before_both_facts_and_level_are_known() -> None:
    """Half a customer owes nothing yet."""
    assert told(Schedule("C-1"), [known()], today=TODAY).lines == {}
    assert told(Schedule("C-1"), [standing("contract", "key")], today=TODAY).lines == {}


def test_an_older_version_is_not_believed() -> None:
    """A repeated or late version changes nothing."""
    schedule = planned(known(5, contacted_on=TODAY), standing("contract", "key", sequence=3))
    assert told(schedule, [known(4), standing("potential", "none", sequence=2)], today=TODAY) is schedule


def test_a_level_change_keeps_a_due_date_of_the_same_pace() -> None:
    """F1 asks the same of all contract levels, so a move between them neither loses nor doubles a contact."""
    schedule = planned(known(contacted_on=TODAY - 20 * DAY), standing("contract", "key"))
    moved = told(schedule, [standing("contract", "lapsed", since=TODAY + 3 * DAY, sequence=2)], today=TODAY + 3 * DAY)
    assert moved.lines["F1"] is schedule.lines["F1"]


def test_an_overdue_contact_survives_a_level_change() -> None:
    """After an outage the contact that waited is still owed, whatever the level became meanwhile."""
    schedule = planned(known(contacted_on=TODAY - 20 * DAY), standing("contract", "key"))
    due_on = schedule.lines["F1"].due_on
    assert due_on is not None
    later = due_on + 30 * DAY
    moved = told(schedule, [standing("contract", "lapsed", since=later, sequence=2)], today=later)
    assert moved.lines["F1"].due_on == due_on


def test_a_shorter_pace_owes_no_dates_from_before_it_began() -> None:
    """What the new pace would have asked for last month is spread from the day of the change."""
    schedule = planned(known(contacted_on=TODAY - 45 * DAY), standing("contract", "lapsed"), paces=UNEQUAL)
    assert schedule.lines["F1"].due_on == date(2026, 3, 16)
    moved = told(schedule, [standing("contract", "key", sequence=2)], today=TODAY + DAY, paces=UNEQUAL)
    due_on = moved.lines["F1"].due_on
    assert due_on is not None
    assert TODAY + DAY <= due_on < TODAY + 15 * DAY


def test_a_customer_who_comes_back_to_a_level_starts_from_that_day() -> None:
    """A line that was closed for a year does not come back with a year of arrears."""
    schedule = planned(known(contacted_on=TODAY), standing("potential", "moderate"))
    ordered = told(schedule, [standing("contract", "ordinary", sequence=2)], today=TODAY + 10 * DAY)
    assert ordered.lines["F4"].due_on is None
    back = told(ordered, [standing("potential", "moderate", sequence=3)], today=TODAY + 400 * DAY)
    due_on = back.lines["F4"].due_on
    assert due_on is not None
    assert due_on >= TODAY + 400 * DAY


@given(contacted=st.integers(0, 27))
def test_the_cadence_goes_on_from_the_contact_that_really_happened(contacted: int) -> None:
    """F7: early or late, the next date is an interval after the contact, and not after the date that was planned."""
    schedule = planned(known(contacted_on=TODAY), standing("contract", "key"))
    contacted_on = TODAY + contacted * DAY
    moved = told(schedule, [known(2, contacted_on=contacted_on)], today=contacted_on)
    assert moved.lines["F1"].due_on == Interval(months=1).after(contacted_on)


@given(st.data())
def test_another_policy_loses_no_contact_and_repeats_none(data: st.DataObject) -> None:
    """F1–F5: planned anew, a line is due within one new interval, and never on a day that was reminded of."""
    histories = data.draw(facts_histories()), data.draw(standing_histories())
    schedule = told(Schedule("C"), [*histories[0], *histories[1]], today=TODAY)
    today = TODAY + DAY * data.draw(st.integers(0, 200))
    for day in range((today - TODAY).days):
        schedule, _ = issue(schedule, PACES, TODAY + DAY * day)
    after = plan(schedule, UNEQUAL, today, None)
    assert plan(after, UNEQUAL, today, None) == after
    if schedule.facts is None or schedule.standing is None:
        return
    for pace in UNEQUAL.owed(schedule.facts, schedule.standing):
        line = after.lines[pace.line]
        covered = line.reminded_until
        if line.due_on is not None and covered is not None and pace.span != "ahead":
            assert line.due_on > covered
        if pace.span == "always":
            assert line.due_on is not None
            begins = max(day for day in (today, covered, schedule.facts.contacted_on) if day is not None)
            assert line.due_on <= pace.after(max(begins, schedule.facts.last_order_on or begins))


def test_the_date_that_a_customer_asked_for_outlives_a_change_of_level() -> None:
    """F7, K6: another line owes the contact then, on the same day; once it was kept, the date is gone."""
    moderate = planned(known(contacted_on=TODAY), standing("potential", "moderate"))
    asked = wish(moderate, "F4", TODAY + 20 * DAY, PACES, TODAY)
    assert asked is not None
    high = told(asked, [standing("potential", "high", sequence=2)], today=TODAY + DAY)
    assert (high.lines["F3"].due_on, high.lines["F4"].wished_on) == (TODAY + 20 * DAY, None)
    assert plan(high, PACES, TODAY + DAY, None) == high
    kept = told(high, [known(2, contacted_on=TODAY + 20 * DAY)], today=TODAY + 20 * DAY)
    assert kept.lines["F3"].due_on == Interval(months=2).after(TODAY + 20 * DAY)
    back = told(kept, [standing("potential", "moderate", sequence=3)], today=TODAY + 21 * DAY)
    assert back.lines["F4"].wished_on is None
