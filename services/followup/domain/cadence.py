"""F1–F5 as arithmetic on business dates: which contacts a customer is owed, and when the next of each is due.

A line is one such contact, owed again and again. Most customers have one; a sample customer has several at a time.
`next_due` looks at no clock and at no earlier answer of its own, so a plan does not depend on the order in which
facts and levels arrived, nor on how often it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zlib import crc32

from services.followup.domain.customer import Facts, Standing
from shared.policy import Policy
from shared.policy.cadence import Cadence, Interval
from shared.working_time import WorkingTime

DAY = timedelta(days=1)

Span = Literal["always", "fresh", "quiet", "ahead"]
"""When a line counts: at all times, while a sample is fresh or from its quiet time on (F2), or once ahead of each
purchase (F1)."""


class Pace(NamedTuple):
    """What the policy asks on one line.

    `line` is unique among a customer's lines; `every` the interval as an ISO 8601 duration, so that a stored line tells
    whether the policy or the level has changed it; `after` a day gives the day one interval later; `stands_for` names
    the line whose contact is left out when both are due on a day.
    """

    line: str
    cadence: Cadence
    every: str
    after: Callable[[date], date]
    span: Span = "always"
    stands_for: str | None = None


class Progress(NamedTuple):
    """How far a line has come.

    `opened_on` is the day from which the line counts at its present pace; `reminded_until` the last due date that
    needs no reminder any more.
    """

    opened_on: date
    reminded_until: date | None = None


@dataclass(frozen=True, slots=True)
class Paces:
    """The policy's cadences, ready to be looked up for each event."""

    policy: Policy
    by_level: Mapping[tuple[str, str], tuple[Pace, ...]]
    by_phase: Mapping[str, tuple[Pace, ...]]
    quiet_after: timedelta
    purchase_notice: timedelta
    purchase_orders: int
    work_starts: Callable[[date], datetime]
    """When work starts on a day or on the first working day after it (F8)."""

    @classmethod
    def of(cls, policy: Policy) -> Paces:
        contract, sample, potential = policy.cadences.contract, policy.cadences.sample, policy.cadences.potential
        by_level = {
            ("contract", "key"): _with_purchase(contract.key),
            ("contract", "ordinary"): _with_purchase(contract.ordinary),
            ("contract", "lapsed"): _with_purchase(contract.lapsed),
            ("potential", "high"): (_pace(potential.high),),
            ("potential", "moderate"): (_pace(potential.moderate),),
            ("potential", "none"): (_pace(potential.none),),
        }
        confirming = _pace(sample.confirming, "confirming", "fresh")
        delivered = _pace(sample.delivered, "delivered", "fresh")
        reminding = _pace(sample.reminding, "reminding", "fresh", stands_for=delivered.line)
        quiet = _pace(sample.quiet, "quiet", "quiet")
        by_phase = {
            # Scoring may know of a sample before its facts are here; a wait is better than a wrong phase.
            "none": (),
            "confirming": (confirming, quiet),
            "delivered": (delivered, reminding, quiet),
        }
        return cls(
            policy,
            by_level,
            by_phase,
            timedelta(days=sample.quiet_after_days),
            timedelta(days=contract.ahead_of_purchase.days),
            contract.ahead_of_purchase.min_orders,
            # A day's reminders ask for the same few moments.
            lru_cache(maxsize=1024)(WorkingTime(policy).starts),
        )

    def owed(self, facts: Facts, standing: Standing) -> tuple[Pace, ...]:
        """The lines of a customer of this level: by the sample's phase for sample customers (F2)."""
        if standing.customer_class == "sample":
            return self.by_phase[facts.sample_phase]
        paces = self.by_level[standing.customer_class, standing.level]
        return paces if facts.orders >= self.purchase_orders else paces[:1]

    def next_due(
        self, pace: Pace, facts: Facts, standing: Standing, progress: Progress, customer_id: str
    ) -> date | None:
        """The date of the next contact on a line; None while it owes none.

        It may lie in the past only when it lay in the future once: then nobody was there to remind.
        """
        if pace.span == "ahead":
            return self._ahead_of_purchase(facts, progress)
        covered = progress.reminded_until
        quiet_on = None if pace.span == "always" else (facts.sample_on or standing.since) + self.quiet_after
        if pace.span == "quiet" and quiet_on is not None and (covered is None or covered < quiet_on):
            covered = quiet_on
        due = pace.after(clock_start(facts, standing))
        if covered is not None and due <= covered:
            due = pace.after(covered)
        if due < progress.opened_on:
            due = spread(customer_id, progress.opened_on, pace.after)
        return None if pace.span == "fresh" and quiet_on is not None and due > quiet_on else due

    def _ahead_of_purchase(self, facts: Facts, progress: Progress) -> date | None:
        """F1: some days before the date that the mean interval between orders points to.

        None as well when the purchase was reminded of, when somebody was in touch since, or when the date had passed
        before the line was opened: a purchase that did not come is the monthly contact's business.
        """
        first, last = facts.first_order_on, facts.last_order_on
        if first is None or last is None:
            return None
        due = last + (last - first) // (facts.orders - 1) - self.purchase_notice
        if due <= last or due < progress.opened_on:
            return None
        if (progress.reminded_until or date.min) >= due or (facts.contacted_on or date.min) >= due:
            return None
        return due


def clock_start(facts: Facts, standing: Standing) -> date:
    """The last contact, else the last order, else the decision on the level (F7).

    A sample's phase starts the clock too: nothing of F2 can be owed from before the phase began.
    """
    if standing.customer_class == "sample" and facts.sample_on is not None:
        return max(facts.sample_on, facts.contacted_on or facts.sample_on)
    return facts.contacted_on or facts.last_order_on or standing.since


def spread(customer_id: str, opened_on: date, after: Callable[[date], date]) -> date:
    """A first date within one interval from `opened_on`, the same for the same customer, even over all of them.

    After an import nothing is due in the past, and a rep is not told of all customers on the first day.
    """
    # CRC-32 is the same on every machine and for ever, and spreads ids that differ in one digit.
    return opened_on + DAY * (crc32(customer_id.encode()) % (after(opened_on) - opened_on).days)


def settled(pace: Pace, due_on: date, today: date) -> date:
    """The last due date up to `today`, counted in whole intervals from `due_on`: one reminder stands for all of them.

    The sequence is kept, so that customers who waited for the same outage do not fall due together ever after.
    """
    every = pace.cadence.every
    if pace.span == "ahead":
        return due_on
    if every.days is not None:
        return due_on + every.days * DAY * ((today - due_on).days // every.days)
    settled_on = due_on
    while (following := pace.after(settled_on)) <= today:
        settled_on = following
    return settled_on


def last_start(pace: Pace, due_on: date) -> date:
    """The latest day on which the clock could start and the contact still be due by `due_on`."""
    if pace.span == "ahead":
        return due_on - DAY
    every = pace.cadence.every
    if every.days is not None:
        return due_on - every.days * DAY
    # A month's length is between 28 and 31 days, and 31 January and 28 February both lead to 28 March or near it.
    start = due_on - 31 * DAY * (every.months or 0)
    while pace.after(start + DAY) <= due_on:
        start += DAY
    return start


def iso_duration(every: Interval) -> str:
    """The interval as ISO 8601 writes it: P2D, P1M."""
    return f"P{every.days}D" if every.days is not None else f"P{every.months}M"


def _pace(cadence: Cadence, name: str | None = None, span: Span = "always", stands_for: str | None = None) -> Pace:
    line = cadence.rule if name is None else f"{cadence.rule}.{name}"
    # Tens of thousands of customers share a few hundred days, and months are slow to count.
    after = lru_cache(maxsize=4096)(cadence.every.after)
    return Pace(line, cadence, iso_duration(cadence.every), after, span, stands_for)


def _with_purchase(cadence: Cadence) -> tuple[Pace, Pace]:
    monthly = _pace(cadence)
    return monthly, _pace(cadence, "purchase", "ahead", stands_for=monthly.line)
