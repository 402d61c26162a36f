"""What follows from a provider's answer."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import cycle, islice
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.domain.delivering import Hours, Outcome, Rules, Verdict, Way, usable
from shared.policy.notices import Trying

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
RULES = Rules(Trying())
verdicts = st.builds(
    Verdict,
    st.sampled_from(get_args(Outcome)),
    st.just("1"),
    st.just("words"),
    st.none(),
    st.none() | st.just(10 * MINUTE),
)


def way(*channels: str, pages: int = 1) -> Way:
    return Way(channels or ("a",), 0, 1, pages, 0, None, NOON, NOON + timedelta(hours=12))


@given(
    st.lists(st.tuples(verdicts, st.floats(0, 0.999)), min_size=1, max_size=50), st.integers(1, 3), st.integers(1, 4)
)
def test_every_message_comes_to_an_end(answers: list[tuple[Verdict, float]], channels: int, pages: int) -> None:
    """It goes on to later pages and later channels, waits a while, and ends before the time to give up is long past."""
    now, on = NOON, way(*map(str, range(channels)), pages=pages)
    for verdict, jitter in islice(cycle(answers), 3000):
        after = RULES.after(on, verdict, now, jitter)
        if after.state != "queued":
            break
        assert after.next_at >= now
        assert (after.place, after.page) >= (on.place, on.page)
        on, now = after._replace(pages=pages), max(now, after.next_at)
    assert after.state in {"sent", "dead"}
    assert now < on.give_up_at


def test_a_page_that_was_taken_is_followed_by_the_next() -> None:
    """And the last one ends it; attempts begin anew on each page."""
    first = RULES.after(way(pages=2)._replace(attempts=3, tried_since=NOON), Verdict("sent", "0", "ok"), NOON, 0)
    assert (first.state, first.page, first.attempts, first.tried_since) == ("queued", 2, 0, None)
    assert RULES.after(first, Verdict("sent", "0", "ok"), NOON, 0).state == "sent"


def test_a_refusal_goes_to_the_next_channel_at_once_and_is_dead_on_the_last() -> None:
    """What a robot will never take is not offered again; the next channel has pages of its own."""
    refused = Verdict("refused", "93000", "invalid webhook url")
    after = RULES.after(way("a", "b", pages=3)._replace(page=2), refused, NOON, 0)
    assert (after.channel, after.page, after.pages, after.next_at) == ("b", 1, 0, NOON)
    assert RULES.after(after, refused, NOON, 0).state == "dead"


def test_a_failure_that_lasts_goes_to_the_next_channel() -> None:
    """After ten minutes of trying; before that it stays, with waits that grow."""
    again = Verdict("again", "-1", "busy")
    on, now, waits = way("a", "b"), NOON, list[float]()
    while on.channel == "a":
        after = RULES.after(on, again, now, 0.5)
        waits.append((after.next_at - now).total_seconds())
        on, now = after, after.next_at
    assert waits[:4] == [3.75, 7.5, 15.0, 30.0]
    assert 10 * MINUTE <= now - NOON < 20 * MINUTE


def test_a_single_channel_is_tried_until_it_is_too_late() -> None:
    """Then the message is dead, and said to be."""
    on, now = way(), NOON
    while on.state == "queued":
        on, now = RULES.after(on, Verdict("again", "-1", "busy"), max(now, on.next_at), 0.5), max(now, on.next_at)
    assert on.state == "dead"
    assert timedelta(hours=11) < now - NOON < timedelta(hours=12)


def test_an_unknown_answer_is_tried_five_times() -> None:
    """It may pass, and it may not: nobody waits twelve hours to find out."""
    on, tries = way(), 0
    while on.state == "queued":
        on, tries = RULES.after(on, Verdict("unknown", "777", "?"), on.next_at, 0.5), tries + 1
    assert (on.state, tries) == ("dead", 5)


def test_a_robot_that_asks_for_silence_is_given_it() -> None:
    """The wait is the provider's, not ours, with a jitter of seconds."""
    after = RULES.after(way(), Verdict("throttled", "45009", "freq", None, 10 * MINUTE), NOON, 0.4)
    assert after.next_at == NOON + 10 * MINUTE + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("19:59", None),
        ("20:00", "07:00+1"),
        ("23:59", "07:00+1"),
        ("00:00", "07:00"),
        ("06:59", "07:00"),
        ("07:00", None),
    ],
)
def test_quiet_hours_end_in_the_morning(at: str, until: str | None) -> None:
    """Over midnight, in the business time zone."""
    moment = datetime.combine(datetime(2026, 3, 2).date(), time.fromisoformat(at), SHANGHAI).astimezone(UTC)  # noqa: DTZ001
    over = Hours(time(20), time(7)).over(moment, SHANGHAI)
    day = 3 if until and until.endswith("+1") else 2
    assert over == (moment if until is None else datetime(2026, 3, day, 7, 0, tzinfo=SHANGHAI))


@given(st.times(), st.times(), st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001
def test_quiet_hours_are_over_when_they_say(begins: time, until: time, naive: datetime) -> None:
    """In any zone, with its summer time, the moment named is not quiet and less than a day and an hour away."""
    zone = ZoneInfo("Europe/Berlin")
    moment = naive.replace(tzinfo=UTC)
    hours = Hours(begins.replace(microsecond=0), until.replace(microsecond=0))
    over = hours.over(moment, zone)
    assert moment <= over <= moment + timedelta(hours=25)
    if begins == until:
        assert over == moment


def test_channels_are_taken_in_the_order_of_the_wish() -> None:
    """Each once, and only those that there are."""
    assert usable(["b", "x", "a", "b"], {"a", "b"}) == ("b", "a")
