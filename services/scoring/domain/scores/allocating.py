"""A resource of the policy shared out: who takes part, within which bounds, beside the plain sales ranking (D1, D3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from services.scoring.domain.scores.measures import Measured
from services.scoring.domain.scores.scoring import Scored, scored
from services.scoring.domain.scores.sharing import Claim, Grant, ImpossibleError, share_out
from shared.money import ZERO, to_atoms
from shared.policy.scores import NamedScore, Resource


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be shared out; units that take the place of the policy's bounds, None to keep those.

    `least_new` is for new customers, `least` for the others, `most` for everybody.
    """

    quantity: int
    least_new: int | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What a customer gets, with what its score, its bounds and the plain sales ranking say.

    `by_sales` is what plain sales would give, without bounds, and `sales_rank` the place there; 1 is best.
    """

    scored: Scored
    grant: Grant
    least: int
    most: int
    by_sales: int
    sales_rank: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds in units: the order's own, else the policy's parts of an even share, floors rounded down, caps up."""

    least_new: int
    least: int
    most: int

    @classmethod
    def of(cls, order: Order, resource: Resource, customers: int) -> Limits:
        even, at_least = Fraction(order.quantity, customers), resource.at_least
        most = order.quantity if resource.at_most is None else ceil(even * Fraction(resource.at_most))
        return cls(
            floor(even * Fraction(at_least.new)) if order.least_new is None else order.least_new,
            floor(even * Fraction(at_least.others)) if order.least is None else order.least,
            most if order.most is None else order.most,
        )

    def claim(self, result: Scored) -> Claim:
        measured = result.measured
        least = self.least_new if measured.is_new else self.least
        return Claim(measured.customer_id, result.points, least, self.most)


def allocate(order: Order, resource: Resource, score: NamedScore, customers: Sequence[Measured]) -> list[Line]:
    """The lines of all customers, most units first, ties by score and then id; ImpossibleError says why not."""
    if not customers:
        raise ImpossibleError(order.quantity, 0, 0, 0)
    results = scored(score, customers)
    limits = Limits.of(order, resource, len(customers))
    claims = [limits.claim(result) for result in results]
    grants = share_out(order.quantity, claims)
    plain = share_out(order.quantity, [plain_claim(customer, order.quantity) for customer in customers])
    by_sales = sorted(range(len(customers)), key=lambda i: (-customers[i].sales, customers[i].customer_id.encode()))
    ranks = {index: rank for rank, index in enumerate(by_sales, start=1)}
    lines = [
        Line(result, grants[i], claims[i].least, claims[i].most, plain[i].units, ranks[i])
        for i, result in enumerate(results)
    ]
    lines.sort(key=lambda line: (-line.grant.units, -line.scored.points, line.scored.measured.customer_id.encode()))
    return lines


def plain_claim(customer: Measured, quantity: int) -> Claim:
    return Claim(customer.customer_id, to_atoms(max(customer.sales, ZERO)), 0, quantity)
