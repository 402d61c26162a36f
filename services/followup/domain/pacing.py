"""How fast a robot may speak: so many messages in so many seconds, counted over any such stretch of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple


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
    if pace.silent_until is not None and pace.silent_until > now:
        return Turn(0, pace.silent_until)
    count, at = wanted, now
    for limit in limits:
        stretch = timedelta(seconds=limit.seconds)
        # What lies ahead was written by a machine whose clock is ahead of this one's, and counts as well.
        recent = [moment for moment in pace.spoken if moment > now - stretch]
        left = limit.most - len(recent)
        if left <= 0:
            at = max(at, recent[-limit.most] + stretch)
        count = min(count, max(0, left))
    return Turn(count, at)


def spoken(pace: Pace, limits: Sequence[Limit], now: datetime, count: int) -> Pace:
    """The pace after `count` messages now; what no limit looks at any more is forgotten."""
    longest = timedelta(seconds=max((limit.seconds for limit in limits), default=0))
    kept = [moment for moment in pace.spoken if moment > now - longest]
    silent_until = pace.silent_until if pace.silent_until is not None and pace.silent_until > now else None
    return Pace((*sorted([*kept, *[now] * count]),) if limits else (), silent_until)
