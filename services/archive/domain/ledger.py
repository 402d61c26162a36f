"""N9: what a fine puts into the months' statements: one posting when it comes to stand, a reversing one when it falls.

The ledger is never edited. At any time the postings of a fine sum up to what stands: its amount, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from services.archive.domain.fines import Fine, FineState, Standing
from services.archive.domain.months import month_after, month_of
from services.archive.domain.settling import STANDING
from shared.money import ZERO, add, subtract


class Posting(NamedTuple):
    """`sign` is 1 for a fine that came to stand, -1 for its reversal; `amount` None is a measure other than a sum."""

    fine_id: str
    step: int
    month: date
    person: str
    sign: int
    amount: Decimal | None
    currency: str
    posted_at: datetime

    @property
    def due(self) -> Decimal:
        """What it adds to what the person owes."""
        amount = self.amount or ZERO
        return amount if self.sign > 0 else subtract(ZERO, amount)


class Line(NamedTuple):
    """A posting as a statement shows it, with its fine and the decision behind it (W3)."""

    posting: Posting
    fine: Fine
    state: FineState
    decided_by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Closing:
    """Human resources closed a month, once: nothing is posted to it, or to one before it, any more."""

    month: date
    closed_by: str
    closed_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Total:
    """What a month's lines come to for a person, in one currency."""

    person: str
    currency: str
    amount: Decimal
    lines: int


def posting(before: FineState, taken: Standing, closed: date | None) -> Posting | None:
    """What a step puts into the ledger; None where what stands does not change, or nothing was decided.

    It goes into the month of the breach, and once that is closed (`closed` is the last that was) into the first open
    one.
    """
    if taken.decided_at is None or (before in STANDING) == (taken.state in STANDING):
        return None
    fine = taken.fine
    return Posting(
        fine_id=fine.fine_id,
        step=taken.step,
        month=open_month(fine.occurred_on, closed),
        person=fine.person,
        sign=1 if taken.state in STANDING else -1,
        amount=fine.amount,
        currency=fine.currency,
        posted_at=taken.decided_at,
    )


def open_month(occurred_on: date, closed: date | None) -> date:
    """The month that takes what concerns a day, when `closed` was the last month to be closed."""
    month = month_of(occurred_on)
    return month if closed is None else max(month, month_after(closed))


def totals(lines: Iterable[Line]) -> Sequence[Total]:
    """Per person and currency, exact, by person; who owes nothing is listed too, as the lines are theirs."""
    sums: dict[tuple[str, str], tuple[Decimal, int]] = {}
    for line in lines:
        key = (line.posting.person, line.posting.currency)
        amount, count = sums.get(key, (ZERO, 0))
        sums[key] = (add(amount, line.posting.due), count + 1)
    return [Total(person, currency, amount, count) for (person, currency), (amount, count) in sorted(sums.items())]


def grand_totals(found: Iterable[Total]) -> Mapping[str, Decimal]:
    """Per currency, over everybody."""
    sums: dict[str, Decimal] = {}
    for total in found:
        sums[total.currency] = add(sums.get(total.currency, ZERO), total.amount)
    return sums
