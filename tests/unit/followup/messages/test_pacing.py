"""No provider's limit is passed, over any stretch of time, whoever asks when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.followup.domain.pacing import Limit, Pace, silenced, spoken, turn

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
limits = st.lists(st.builds(Limit, st.integers(1, 8), st.sampled_from([1.0, 10.0, 60.0])), min_size=1, max_size=3)
asked = st.lists(st.tuples(st.floats(0, 30), st.integers(1, 12)), max_size=40)


@given(limits, asked)
def test_no_limit_is_passed_however_often_one_asks(limits: list[Limit], asked: list[tuple[float, int]]) -> None:
    """Over every stretch that a limit speaks of there are at most as many messages as it says."""
    pace, now, sent = Pace(), NOON, list[datetime]()
    for seconds, wanted in asked:
        now += timedelta(seconds=seconds)
        allowed = turn(pace, limits, now, wanted).allowed
        assert allowed <= wanted
        pace = spoken(pace, limits, now, allowed)
        sent += [now] * allowed
    for limit in limits:
        for last in sent:
            stretch = [moment for moment in sent if last - timedelta(seconds=limit.seconds) < moment <= last]
            assert len(stretch) <= limit.most


@given(limits, asked)
def test_whoever_waits_for_the_turn_gets_one(limits: list[Limit], asked: list[tuple[float, int]]) -> None:
    """The moment that is named is one at which something may go, and not before."""
    pace, now = Pace(), NOON
    for seconds, wanted in asked:
        now += timedelta(seconds=seconds)
        allowed, at = turn(pace, limits, now, wanted)
        pace = spoken(pace, limits, now, allowed)
        if not allowed:
            assert at > now
            assert turn(pace, limits, at, 1).allowed == 1
            assert turn(pace, limits, at - timedelta(milliseconds=1), 1).allowed == 0


def test_a_robot_that_asks_for_silence_gets_it() -> None:
    """DingTalk holds back for ten minutes whoever was too fast."""
    pace = Pace((), NOON + timedelta(minutes=10))
    assert turn(pace, [Limit(20, 60)], NOON, 5) == (0, NOON + timedelta(minutes=10))
    assert turn(pace, [Limit(20, 60)], NOON + timedelta(minutes=10), 5).allowed == 5
    assert spoken(pace, [Limit(20, 60)], NOON, 0).silent_until == pace.silent_until


def test_a_clock_that_was_a_month_ahead_silences_nobody_for_a_month() -> None:
    """It has been set right: what was sent by it, and what silence was asked for by it, says nothing of now."""
    then, limits = NOON + timedelta(days=30), [Limit(20, 60)]
    pace = silenced(spoken(Pace(), limits, then, 20), then, timedelta(minutes=10))
    assert turn(pace, limits, NOON, 5).allowed == 5
    assert spoken(pace, limits, NOON, 5) == Pace((NOON,) * 5)
    asked = silenced(pace, NOON, timedelta(minutes=10))
    assert turn(asked, limits, NOON, 5) == (0, NOON + timedelta(minutes=10))


def test_a_clock_ahead_of_ours_makes_us_slower_not_faster() -> None:
    """What another machine says that it sent in a moment counts as sent."""
    pace = Pace(tuple(NOON + timedelta(seconds=2) for _ in range(20)))
    assert turn(pace, [Limit(20, 60)], NOON, 1).allowed == 0
