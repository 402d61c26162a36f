"""How fast a robot may speak: so many messages in so many seconds, counted over any such stretch of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

LONGEST_SILENCE: Final = timedelta(hours=1)
"""No provider's word is taken for more."""

FURTHEST_AHEAD: Final = timedelta(minutes=5)
"""Clocks of several machines differ by less; what lies further ahead was dated by one that was wrong."""


class Limit(NamedTuple):
    """At most `most` messages in any `seconds`."""

    most: int
    seconds: float


class Pace(NamedTuple):
    """When a channel was last spoken to, oldest first, and until when its provider asked for silence."""

    spoken: tuple[datetime, ...] = ()
    silent_until: datetime | None = None


class Turn(NamedTuple):
    """How many messages may go now; if none, `at` says when the next may."""

    allowed: int
    at: datetime


def turn(pace: Pace, limits: Sequence[Limit], now: datetime, wanted: int) -> Turn:
    """How many of `wanted` messages may be sent now without any limit being passed."""
    if (silent_until := _silence(pace, now)) is not None:
        return Turn(0, silent_until)
    count, at = wanted, now
    for limit in limits:
        stretch = timedelta(seconds=limit.seconds)
        # What lies ahead was written by a machine whose clock is ahead of this one's, and counts as well.
        recent = _within(pace, now, stretch)
        left = limit.most - len(recent)
        if left <= 0:
            at = max(at, recent[-limit.most] + stretch)
        count = min(count, max(0, left))
    return Turn(count, at)


def spoken(pace: Pace, limits: Sequence[Limit], now: datetime, count: int) -> Pace:
    """The pace after `count` messages now; what no limit looks at any more is forgotten."""
    longest = timedelta(seconds=max((limit.seconds for limit in limits), default=0))
    return Pace((*sorted([*_within(pace, now, longest), *[now] * count]),) if limits else (), _silence(pace, now))


def silenced(pace: Pace, now: datetime, silent: timedelta) -> Pace:
    """The pace after a provider asked for silence."""
    return pace._replace(silent_until=max(_silence(pace, now) or now, now + silent))


def _within(pace: Pace, now: datetime, stretch: timedelta) -> list[datetime]:
    return [moment for moment in pace.spoken if now - stretch < moment < now + FURTHEST_AHEAD]


def _silence(pace: Pace, now: datetime) -> datetime | None:
    """Until when the channel is to be left alone; None where it is not, or a clock that was wrong says so."""
    until = pace.silent_until
    furthest = now + LONGEST_SILENCE + FURTHEST_AHEAD
    return until if until is not None and now < until <= furthest else None
