"""A whole number of units shared out in proportion to scores, within bounds, to the last unit (D3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple


class Claim(NamedTuple):
    """What a customer may get: from `least` to `most` units, by `points` in between (0 counts as 1)."""

    customer_id: str
    points: int
    least: int
    most: int


Bound = Literal["least", "most"]


class Grant(NamedTuple):
    """What a customer gets; `bound` says which of its bounds set it, None when its score did.

    `exact` is what the score alone would give, in thousandths of a unit, rounded down.
    """

    units: int
    bound: Bound | None
    exact: int


class ImpossibleError(Exception):
    """The bounds of so many customers together ask for `least` or allow `most`, and the quantity is another."""

    def __init__(self, quantity: int, customers: int, least: int, most: int) -> None:
        super().__init__(f"{quantity} among {customers} customers, who get {least} to {most}")
        self.quantity = quantity
        self.customers = customers
        self.least = least
        self.most = most


def share_out(quantity: int, claims: Sequence[Claim]) -> list[Grant]:
    """What each gets, in the order of the claims; the units sum to `quantity`.

    In proportion to points, but for those whom that would put outside their bounds: they get the bound, and the rest
    is shared anew among the others. Parts of units go to the largest remainders; ties to more points, then to the
    smaller id in bytes. So equal bounds and more points never get less. Raises ImpossibleError.
    """
    least, most = sum(claim.least for claim in claims), sum(claim.most for claim in claims)
    if not least <= quantity <= most or any(claim.least > claim.most for claim in claims):
        raise ImpossibleError(quantity, len(claims), least, most)
    bound, rest, points = _bounded(quantity, claims)
    everybody = sum(weight(claim) for claim in claims)
    units: list[int] = []
    remainders: list[tuple[int, int, bytes, int]] = []
    left = rest
    for index, claim in enumerate(claims):
        match bound[index]:
            case "least":
                units.append(claim.least)
            case "most":
                units.append(claim.most)
            case None:
                whole, part = divmod(rest * weight(claim), points)
                units.append(whole)
                left -= whole
                if part:
                    remainders.append((-part, -claim.points, claim.customer_id.encode(), index))
    for *_, index in sorted(remainders)[:left]:
        units[index] += 1
    return [
        Grant(units[index], bound[index], 1000 * quantity * weight(claim) // everybody)
        for index, claim in enumerate(claims)
    ]


def weight(claim: Claim) -> int:
    """A score of nothing still counts for the smallest part, so that there is always somebody to give to."""
    return max(claim.points, 1)


def _bounded(quantity: int, claims: Sequence[Claim]) -> tuple[list[Bound | None], int, int]:
    """Who gets a bound; the quantity that is left for the others, and their points."""
    bound: list[Bound | None] = [None] * len(claims)
    free = list(range(len(claims)))
    rest, points = quantity, sum(weight(claim) for claim in claims)
    while free:
        # A share by points is rest * weight / points; all comparisons are of whole numbers.
        below = [i for i in free if rest * weight(claims[i]) < claims[i].least * points]
        above = [i for i in free if rest * weight(claims[i]) > claims[i].most * points]
        if not below and not above:
            break
        short = sum(claims[i].least * points - rest * weight(claims[i]) for i in below)
        over = sum(rest * weight(claims[i]) - claims[i].most * points for i in above)
        # The side that is further out stays out however the rest is shared: it is settled first.
        settled, side = (below, "least") if short >= over else (above, "most")
        for i in settled:
            bound[i] = "least" if side == "least" else "most"
            rest -= claims[i].least if side == "least" else claims[i].most
            points -= weight(claims[i])
        out = set(settled)
        free = [i for i in free if i not in out]
    return bound, rest, points
