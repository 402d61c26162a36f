"""A year's sales of each customer, judged by tenure: empirical Bayes towards the population (D1, D2).

A customer who sold S in t days of trade has the rate S / t. Two weeks of it say little about the customer, a year
says much. Bühlmann and Straub's credibility weighs it against the population's mean rate m = ΣS / Σt:

    estimate = z · S/t + (1 − z) · m   with   z = t / (t + k),   which is   (S + k · m) / (t + k).

k, in days, is how much one customer's own sales scatter over how much customers differ: k = s² / τ². An order book is
a compound Poisson process, so the scatter of S is the expected sum of squared orders: s² = ΣΣx² / Σt a day. What the
rates differ by beyond that scatter is the customers' own (method of moments, n customers, T = Σt):

    τ² = (Σ t·(S/t − m)² − (n − 1)·s²) / (T − Σt² / T).

With τ² at or below 0 the data show no difference between customers, and k is the policy's upper bound; a k outside
the policy's bounds becomes the nearer one. Sums are `math.fsum`: exactly rounded, so the order of customers is
without effect.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import fsum
from typing import Final, NamedTuple

YEAR: Final = 365


class Record(NamedTuple):
    """A customer's net sales in so many days of trade (at least 1), and the sum of its squared orders."""

    days: int
    sales: float
    squares: float


@dataclass(frozen=True, slots=True)
class Credibility:
    """The population's mean rate a day, and the days of trade that weigh as much as it does (k)."""

    mean: float
    days: float

    @classmethod
    def of(cls, records: Collection[Record], least_days: float, most_days: float) -> Credibility:
        """Estimate from all customers who trade; without any the mean is 0."""
        total = fsum(record.days for record in records)
        if not total:
            return cls(0.0, most_days)
        mean = fsum(record.sales for record in records) / total
        scatter = fsum(record.squares for record in records) / total
        spread = fsum(record.days * (record.sales / record.days - mean) ** 2 for record in records)
        beyond = spread - (len(records) - 1) * scatter
        weight = total - fsum(record.days**2 for record in records) / total
        if beyond <= 0 or weight <= 0:
            return cls(mean, most_days)
        return cls(mean, min(max(scatter * weight / beyond, least_days), most_days))

    def own_weight(self, days: int) -> float:
        """How much a customer's own sales count (z), the rest being the population's."""
        return days / (days + self.days)

    def annual(self, sales: float, days: int) -> float:
        """What a customer sells in a year, by this estimate; never below 0."""
        return max(YEAR * (sales + self.days * self.mean) / (days + self.days), 0.0)
