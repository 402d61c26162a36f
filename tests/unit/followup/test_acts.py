"""What may be done with a reminder, as rules: never beyond the policy, never twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.domain.acts import Act, Request, Waiting, check_snooze, repeats
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.schedule import Schedule, amend, plan, wish
from shared.working_time import WorkingTime
from tests.unit.followup.strategies import (
    DAY,
    LEVELS,
    PACES,
    POLICY,
    TODAY,
    Rank,
    known,
    planned,
    standing,
)

WORK = WorkingTime(POLICY)
RULE = POLICY.desk.snooze
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@given(
    until=st.integers(-5, 40).map(lambda n: TODAY + n * DAY),
    times=st.integers(0, 5),
    latest=st.none() | st.integers(-3, 30).map(lambda n: TODAY + n * DAY),
)
def test_a_reminder_waits_only_as_long_as_the_policy_lets_it(until: date, times: int, latest: date | None) -> None:
    """F7: a later working day, not beyond its latest one, nor more often than allowed; anything else is allowed."""
    allowed = (
        TODAY < until <= min(TODAY + RULE.longest_days * DAY, latest or date.max)
        and WORK.is_working(until)
        and times < RULE.at_most
    )
    try:
        check_snooze(Waiting("contact", latest), until, times=times, today=TODAY, rule=RULE, is_working=WORK.is_working)
        done = True
    except NotPossibleError:
        done = False
    assert done == allowed


requests = st.builds(
    Request,
    act=st.sampled_from(["snoozed", "skipped"]),
    person=st.sampled_from(["ann", "mia"]),
    asked=st.sampled_from([{"until": "2026-03-05"}, {"until": "2026-03-06"}]),
    key=st.none() | st.sampled_from(["k1", "k2"]),
)


@given(st.lists(requests, max_size=12))
def test_a_request_that_comes_again_at_once_is_carried_out_once(asked: list[Request]) -> None:
    """Each request followed by its repetition leaves the same acts as without; a key belongs to one request."""
    acts = list[Act]()
    for request in asked:
        before = len(acts)
        for _ in ("first", "again"):
            with suppress(NotPossibleError):
                if not repeats(acts, request):
                    acts.append(request.as_act("r", len(acts) + 1, NOON))
        assert len(acts) <= before + 1
    keyed = [act.key for act in acts if act.key is not None]
    assert len(keyed) == len(set(keyed))


@given(level=st.sampled_from(LEVELS), ahead=st.integers(1, 120), later=st.integers(0, 200))
def test_a_wished_date_holds_until_it_has_come(level: Rank, ahead: int, later: int) -> None:
    """F7: whatever is told in between, unless somebody was in touch on that day or later; then the cadence goes on."""
    wished_on = TODAY + ahead * DAY
    schedule = planned(known(sample=("delivered", TODAY)), standing(*level))
    moved = wish(schedule, "F1", wished_on, PACES, TODAY)
    assert moved is not None
    wished = [line for line in moved.lines.values() if line.wished_on is not None]
    assert wished
    assert all(line.due_on == wished_on for line in wished)
    contacted_on = TODAY + later * DAY
    facts = known(9, sample=("delivered", TODAY), contacted_on=contacted_on)
    told = amend(moved, facts, PACES, TODAY, "")
    for line in wished:
        due_on = told.lines[line.line].due_on
        if contacted_on < wished_on:
            assert due_on == wished_on
        else:
            assert due_on is None or due_on > contacted_on
    assert plan(told, PACES, TODAY, None).lines == told.lines


def test_nothing_is_moved_where_nothing_is_planned() -> None:
    """A customer whose level nobody knows yet has no line."""
    assert wish(Schedule("C", known()), "F1", TODAY + DAY, PACES, TODAY) is None


def test_the_purchase_stays_where_it_is() -> None:
    """A date for the next talk does not move the customer's own rhythm."""
    facts = known(orders=4, last_order_on=date(2026, 2, 20), rhythm=(4, 37, 5))
    schedule = planned(facts, standing("contract", "key"))
    moved = wish(schedule, "F1.purchase", date(2026, 4, 20), PACES, TODAY)
    assert moved is not None
    assert moved.lines["F1.purchase"] == schedule.lines["F1.purchase"]
    assert moved.lines["F1"].due_on == date(2026, 4, 20)


@pytest.mark.parametrize("reason", ["on_leave", "other"])
def test_the_shipped_policy_names_its_choices_in_both_languages(reason: str) -> None:
    """Reps read them."""
    words = POLICY.desk.skip.reasons[reason]
    assert words.zh
    assert words.en
