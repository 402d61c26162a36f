"""F1–F6, P2, O2 and K6 as arithmetic on business dates: what a customer is owed, and when the next of each is due.

A line is one such contact, owed again and again. Most customers have one; a sample customer has several at a time.
`next_due` looks at no clock and at no earlier answer of its own, so a plan does not depend on the order in which
facts and levels arrived, nor on how often it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zlib import crc32

from services.followup.domain import matters
from services.followup.domain.customer import NO_DOSSIER, UNTOUCHED, Facts, Fall, Standing
from services.followup.domain.feasts import Feasts
from services.followup.domain.matters import DAY, Matter, Progress
from shared.contracts.customers import RHYTHM_PURCHASES
from shared.contracts.reminders import ReminderKind
from shared.contracts.types import CustomerClass
from shared.policy import Policy
from shared.policy.cadence import Cadence, Contact, Interval
from shared.working_time import WorkingTime

__all__ = ["DAY", "Pace", "Paces", "Progress", "clock_start", "iso_duration", "last_start", "settled", "spread"]

Span = Literal["always", "fresh", "quiet", "ahead", "file", "report", "end", "fall", "feast", "product"]
"""When a line counts: at all times, while a sample is fresh or from its quiet time on (F2), or else when a matter of
its own is due (see `matters`)."""

BY_CLOCK: frozenset[Span] = frozenset({"always", "fresh", "quiet"})
"""Spans whose dates follow from the last contact."""

CLASSES: frozenset[CustomerClass] = frozenset({"contract", "sample", "potential"})

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


@dataclass(frozen=True, slots=True)
class Paces:
    """The policy's cadences, ready to be looked up for each event."""

    policy: Policy
    by_level: Mapping[tuple[str, str], tuple[Pace, ...]]
    by_phase: Mapping[str, tuple[Pace, ...]]
    occasions: Mapping[CustomerClass, tuple[Pace, ...]]
    news: Pace
    hear_news: frozenset[CustomerClass]
    file: Pace | None
    report: Pace
    protection: Pace
    fall: Pace
    quiet_after: timedelta
    purchases: int
    widest: tuple[int, int]
    feasts: Feasts
    work_starts: Callable[[date], datetime]
    """When work starts on a day or on the first working day after it (F8)."""

    @classmethod
    def of(cls, policy: Policy) -> Paces:
        contract, sample, potential = policy.cadences.contract, policy.cadences.sample, policy.cadences.potential
        ahead, upkeep = contract.ahead_of_purchase, policy.upkeep
        notice = timedelta(days=ahead.days)
        by_level = {
            ("contract", "key"): _with_purchase(contract.key, notice),
            ("contract", "ordinary"): _with_purchase(contract.ordinary, notice),
            ("contract", "lapsed"): _with_purchase(contract.lapsed, notice),
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
        allowed = policy.fines.catalogue.stale_file.allowed
        greeting = _at_once(policy.occasions.holiday_greeting, "greeting", "feast", "greeting")
        others = CLASSES - {*policy.occasions.holiday_greeting.classes}
        return cls(
            policy,
            by_level,
            by_phase,
            dict.fromkeys(policy.occasions.holiday_greeting.classes, (greeting,)) | dict.fromkeys(others, ()),
            _at_once(policy.occasions.new_product, NEWS, "product", "new_product"),
            frozenset(policy.occasions.new_product.classes),
            None if allowed is None else _ahead_of(upkeep.file, upkeep.file.days_before, "file", "file", allowed),
            _ahead_of(upkeep.progress, upkeep.progress.days_before, "report", "progress", upkeep.progress.every),
            _ahead_of(upkeep.protection, upkeep.protection.days_before, "end", "progress", upkeep.protection.lasts),
            _at_once(upkeep.fall, FALLING, "fall", "falling"),
            timedelta(days=sample.quiet_after_days),
            # More days of purchase than are looked at cannot be asked for.
            min(ahead.min_orders, RHYTHM_PURCHASES),
            ahead.widest.as_integer_ratio(),
            Feasts(policy.greetings),
            # A day's reminders ask for the same few moments.
            lru_cache(maxsize=1024)(WorkingTime(policy).starts),
        )

    def owed(
        self, facts: Facts, standing: Standing, fall: Fall | None = None, lines: Iterable[str] = ()
    ) -> tuple[Pace, ...]:
        """The lines of a customer of this level: by the sample's phase for sample customers (F2).

        Of the `lines` that are there, those of new products are owed as long as the customer's class hears of them.
        """
        customer_class = standing.customer_class
        if customer_class == "sample":
            paces = self.by_phase[facts.sample_phase]
        else:
            paces = self.by_level[customer_class, standing.level]
            if (facts.purchases or 0) < self.purchases:
                paces = paces[:1]
        occasions = self.occasions[customer_class]
        if occasions:
            paces += occasions
        dossier = facts.dossier
        # Most customers are known by their orders alone.
        if dossier is not UNTOUCHED and dossier is not NO_DOSSIER:
            paces += self._looked_after(facts, customer_class)
        elif dossier.gaps and facts.contacted_on is not None and self.file is not None and facts.rep is not None:
            paces += (self.file,)
        if fall is not None and is_ahead(fall, facts, standing):
            paces += (self.fall,)
        if customer_class in self.hear_news:
            prefix = f"{self.news.line}:"
            paces += tuple(self.news._replace(line=name) for name in lines if name.startswith(prefix))
        return paces

    def _looked_after(self, facts: Facts, customer_class: CustomerClass) -> tuple[Pace, ...]:
        """P2, O2: what a rep owes a file that somebody began, or should have, and a prospect that is the rep's own."""
        dossier = facts.dossier
        if facts.rep is None:
            return ()
        begun = dossier.improved_on or dossier.given_on or facts.contacted_on
        file = (self.file,) if self.file is not None and dossier.gaps and begun else ()
        held = customer_class != "contract" and dossier.given_on is not None
        return (*file, self.report, self.protection) if held else file

    def next_due(  # noqa: PLR0913 - all that a date depends on
        self,
        pace: Pace,
        facts: Facts,
        standing: Standing,
        progress: Progress,
        customer_id: str,
        *,
        fall: Fall | None = None,
    ) -> date | None:
        """The date of the next contact on a line; None while it owes none.

        It may lie in the past only when it lay in the future once: then nobody was there to remind.
        """
        if pace.span not in BY_CLOCK:
            matter = self.matter(pace, facts, progress, customer_id, fall=fall)
            return None if matter is None else matter.due_on
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

    def matter(
        self, pace: Pace, facts: Facts, progress: Progress, customer_id: str, *, fall: Fall | None = None
    ) -> Matter | None:
        """What is owed next on a line that does not go by the last contact; None while it owes nothing."""
        found: Matter | None = None
        match pace.span:
            case "ahead":
                found = matters.purchase(facts, progress, pace.notice, self.widest)
            case "file":
                found = matters.stale_file(facts, progress, pace.notice, pace.after, customer_id)
            case "report" if (ends_on := self.protected_until(facts)) is not None:
                found = matters.next_report(facts, progress, pace.notice, pace.after, customer_id=customer_id)
                # Later there is nothing left to report on.
                found = None if found is None or found.due_on + pace.notice > ends_on else found
            case "end" if (ends_on := self.protected_until(facts)) is not None:
                found = matters.protection_ends(ends_on, progress, pace.notice)
            case "fall" if fall is not None:
                found = matters.falling(fall, progress)
            case "feast":
                found = matters.greeting(customer_id, facts.dossier.country, progress, self.feasts)
        return found

    def protected_until(self, facts: Facts) -> date | None:
        """O2: the last day of the present rep's protection; None where nobody was named."""
        given_on = facts.dossier.given_on
        return None if given_on is None else self.protection.after(given_on)


def is_ahead(fall: Fall, facts: Facts, standing: Standing) -> bool:
    """Whether a fall is still ahead: no other level since, and no other order."""
    ordered = facts.last_order_on is not None and facts.last_order_on > fall.last_order_on
    return standing.sequence <= fall.sequence and not ordered


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
    if pace.span not in RECURRING:
        return due_on
    if every.days is not None:
        return due_on + every.days * DAY * ((today - due_on).days // every.days)
    settled_on = due_on
    while (following := pace.after(settled_on + pace.notice) - pace.notice) <= today:
        settled_on = following
    return settled_on


def last_start(pace: Pace, due_on: date) -> date:
    """The latest day on which the clock could start and the contact still be due by `due_on`."""
    if pace.span not in RECURRING:
        return due_on - DAY
    due_on += pace.notice
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


def _with_purchase(cadence: Cadence, notice: timedelta) -> tuple[Pace, Pace]:
    monthly = _pace(cadence)
    purchase = _pace(cadence, "purchase", "ahead", stands_for=monthly.line)
    return monthly, purchase._replace(kind="purchase", notice=notice)


def _ahead_of(contact: Contact, days_before: int, span: Span, kind: ReminderKind, every: Interval) -> Pace:
    shortest = every.days or 28 * (every.months or 0)
    pace = _pace(_cadence(contact, every), span, span)
    # Never so early that it would come before what it is ahead of began.
    return pace._replace(kind=kind, notice=timedelta(days=min(days_before, shortest - 1)))


def _at_once(contact: Contact, name: str, span: Span, kind: ReminderKind) -> Pace:
    return _pace(_cadence(contact, NEVER), name.removeprefix("."), span)._replace(kind=kind, every="")


def _cadence(contact: Contact, every: Interval) -> Cadence:
    return Cadence(
        rule=contact.rule,
        minutes=contact.minutes,
        channel=contact.channel,
        template=contact.template,
        every=every,
        plan_required=False,
    )
