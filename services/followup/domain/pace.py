"""One line of what the policy asks: how often, how and on which occasion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from shared.contracts.reminders import ReminderKind
from shared.policy.cadence import Cadence, Contact, Interval

Span = Literal["always", "fresh", "quiet", "ahead", "file", "report", "end", "fall", "feast", "product"]
"""When a line counts: at all times, while a sample is fresh or from its quiet time on (F2), or else when a matter of
its own is due (see `matters`)."""

BY_CLOCK: frozenset[Span] = frozenset({"always", "fresh", "quiet"})
"""Spans whose dates follow from the last contact."""

NEWS = "product"
"""How the line of a new product is called, before its id; each has a line of its own, with a day of its own."""

FALLING = ".fall"
"""How the line of a fall ahead ends, whatever rule the policy names for it."""

RECURRING = BY_CLOCK | {"file", "report"}
"""Spans that have an interval."""

NEVER = Interval(days=1)
"""Stands where a contact has an interval, of lines that have none."""


class Pace(NamedTuple):
    """What the policy asks on one line.

    `line` is unique among a customer's lines; `every` the interval as an ISO 8601 duration (empty where there is none),
    so that a stored line tells whether the policy or the level has changed it; `after` a day gives the day one interval
    later; `stands_for` names the line whose contact is left out when both are due on a day; `notice` is how long before
    a deadline its reminder comes.
    """

    line: str
    cadence: Cadence
    every: str
    after: Callable[[date], date]
    span: Span = "always"
    stands_for: str | None = None
    kind: ReminderKind = "contact"
    notice: timedelta = timedelta(0)

    @property
    def by_clock(self) -> bool:
        """Whether its dates follow from the last contact."""
        return self.span in BY_CLOCK


def iso_duration(every: Interval) -> str:
    """The interval as ISO 8601 writes it: P2D, P1M."""
    return f"P{every.days}D" if every.days is not None else f"P{every.months}M"


def pace_of(cadence: Cadence, name: str | None = None, span: Span = "always", stands_for: str | None = None) -> Pace:
    line = cadence.rule if name is None else f"{cadence.rule}.{name}"
    # Tens of thousands of customers share a few hundred days, and months are slow to count.
    after = lru_cache(maxsize=4096)(cadence.every.after)
    return Pace(line, cadence, iso_duration(cadence.every), after, span, stands_for)


def with_purchase(cadence: Cadence, notice: timedelta) -> tuple[Pace, Pace]:
    monthly = pace_of(cadence)
    purchase = pace_of(cadence, "purchase", "ahead", stands_for=monthly.line)
    return monthly, purchase._replace(kind="purchase", notice=notice)


def ahead_of(contact: Contact, days_before: int, span: Span, kind: ReminderKind, every: Interval) -> Pace:
    shortest = every.days or 28 * (every.months or 0)
    pace = pace_of(as_cadence(contact, every), span, span)
    # Never so early that it would come before what it is ahead of began.
    return pace._replace(kind=kind, notice=timedelta(days=min(days_before, shortest - 1)))


def at_once(contact: Contact, name: str, span: Span, kind: ReminderKind) -> Pace:
    return pace_of(as_cadence(contact, NEVER), name.removeprefix("."), span)._replace(kind=kind, every="")


def as_cadence(contact: Contact, every: Interval) -> Cadence:
    return Cadence(
        rule=contact.rule,
        minutes=contact.minutes,
        channel=contact.channel,
        template=contact.template,
        every=every,
        plan_required=False,
    )
