"""What a promotion did, held against what the same customers do in ordinary periods of the same length.

The interval says how far an ordinary period would have strayed from the mean of those before. It supposes neither
trend nor season: a promotion that falls into the season cannot be told from the season.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal, NamedTuple

from services.scoring.domain.analyses.figures import Period

Measure = Literal["amount", "orders", "buyers"]
FEWEST = 3
"""Of fewer ordinary periods nobody can say how much they differ."""


class Goods(NamedTuple):
    """What was promoted: an article, a category, or both None for everything."""

    sku: str | None = None
    category: str | None = None


class Window(NamedTuple):
    """What the customers bought in a period: net amount, orders, and how many of them bought."""

    period: Period
    amount: float
    orders: int
    buyers: int


class Verdict(NamedTuple):
    """A measure of a period against its expectation; `low` and `high` are None for too few ordinary periods.

    `is_unusual` where the actual value lies outside them.
    """

    measure: Measure
    actual: float
    expected: float | None
    low: float | None
    high: float | None

    @property
    def difference(self) -> float | None:
        return None if self.expected is None else self.actual - self.expected

    @property
    def is_unusual(self) -> bool | None:
        return None if self.low is None or self.high is None else not self.low <= self.actual <= self.high


@dataclass(frozen=True, slots=True)
class Effect:
    """A promotion's effect on the `customers` known before the first ordinary period.

    `after` is the period of the same length that follows, None before it is over: what was only bought earlier is
    missing there. `newcomers` ordered for the first time during the promotion, and are in no other figure.
    """

    period: Period
    goods: Goods
    confidence: float
    customers: int
    newcomers: int
    before: Sequence[Window]
    during: Window
    after: Window | None

    def verdicts(self, window: Window) -> list[Verdict]:
        """All measures of the promotion, or of the period after it."""
        measures: tuple[Measure, ...] = ("amount", "orders", "buyers")
        return [
            judge(measure, [float(getattr(each, measure)) for each in self.before], float(getattr(window, measure)),
                  self.confidence)
            for measure in measures
        ]  # fmt: skip


def judge(measure: Measure, ordinary: Sequence[float], actual: float, confidence: float) -> Verdict:
    """The actual value against the interval in which one more ordinary period would lie with that confidence."""
    from scipy.special import stdtrit  # noqa: PLC0415 - as in `purchases`

    count = len(ordinary)
    if not count:
        return Verdict(measure, actual, None, None, None)
    mean = sum(ordinary) / count
    if count < FEWEST:
        return Verdict(measure, actual, mean, None, None)
    spread = sqrt(sum((value - mean) ** 2 for value in ordinary) / (count - 1) * (1 + 1 / count))
    reach = float(stdtrit(count - 1, (1 + confidence) / 2)) * spread
    # Nobody buys less than nothing; a net amount may be less, when more comes back.
    low = mean - reach if measure == "amount" else max(0.0, mean - reach)
    return Verdict(measure, actual, mean, low, mean + reach)
