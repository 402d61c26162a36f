"""How often customers will order, by the BG/NBD model (Fader, Hardie and Lee, 2005): a standard for such trade.

A customer orders at a rate of its own (gamma distributed over customers: `r`, `alpha`), and after each order may be
gone for good with a chance of its own (beta distributed: `a`, `b`). Times are weeks. SciPy is imported where it is
used: a process that nobody asks for an outlook needs none of its memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Buyers(NamedTuple):
    """So many customers with the same past: days of ordering after the first, and weeks since that.

    `recency` is from the first to the last of them, `age` from the first to today.
    """

    repeats: int
    recency: float
    age: float
    customers: int


@dataclass(frozen=True, slots=True)
class PurchaseModel:
    """The four parameters, fitted."""

    r: float
    alpha: float
    a: float
    b: float

    def expected(self, buyers: Sequence[Buyers], weeks: float) -> list[float]:
        """Days of ordering that one customer of each of `buyers` will have in the next `weeks`."""
        from scipy.special import hyp2f1  # noqa: PLC0415 - see the module

        x, _, age, _ = _columns(buyers)
        # Euler's transformation of the paper's (10): the powers that overflow for frequent buyers cancel out.
        ahead = weeks / (self.alpha + age)
        kept = (1 + ahead) ** (1 - self.a) * hyp2f1(
            self.a + self.b - 1 - self.r, self.a - 1, self.a + self.b + x - 1, ahead / (1 + ahead)
        )
        orders = (self.a + self.b + x - 1) / (self.a - 1) * (1 - kept)
        return [float(each) for each in orders * self._alive(buyers)]

    def alive(self, buyers: Sequence[Buyers]) -> list[float]:
        """The chance that one customer of each of `buyers` is not gone."""
        return [float(each) for each in self._alive(buyers)]

    def _alive(self, buyers: Sequence[Buyers]) -> NDArray[Any]:
        import numpy as np  # noqa: PLC0415
        from scipy.special import expit  # noqa: PLC0415

        x, recency, age, _ = _columns(buyers)
        odds = np.log(self.a) - np.log(self.b + np.maximum(x, 1) - 1)
        odds += (self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + recency))
        return np.where(x > 0, expit(-odds), 1.0)


WIDEST = 8.0
"""Of a parameter's logarithm: beyond it customers are all alike, or none is ever gone, and likelihood knows no end."""


def fit(buyers: Sequence[Buyers]) -> PurchaseModel | None:
    """The parameters of greatest likelihood; None where nobody has come back, or the data bear no such model."""
    import numpy as np  # noqa: PLC0415
    from scipy.optimize import minimize  # noqa: PLC0415

    columns = _columns(buyers)
    if not any(each.repeats for each in buyers):
        return None
    found = minimize(
        lambda logs: -log_likelihood(np.exp(logs), columns),
        np.zeros(4),
        method="Nelder-Mead",
        bounds=[(-WIDEST, WIDEST)] * 4,
        options={"maxiter": 4000, "xatol": 1e-5, "fatol": 1e-6 * sum(each.customers for each in buyers)},
    )
    r, alpha, a, b = (float(each) for each in np.exp(found.x))
    return PurchaseModel(r, alpha, a, b) if found.success else None


def log_likelihood(parameters: NDArray[Any], columns: Sequence[NDArray[Any]]) -> float:
    """Of the whole data, equation (6) of the paper."""
    import numpy as np  # noqa: PLC0415
    from scipy.special import gammaln  # noqa: PLC0415

    r, alpha, a, b = parameters
    x, recency, age, customers = columns
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    common += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    there = -(r + x) * np.log(alpha + age)
    gone = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + recency)
    each = common + np.where(x > 0, np.logaddexp(there, gone), there)
    return float(np.sum(each * customers))


def _columns(buyers: Sequence[Buyers]) -> tuple[NDArray[Any], ...]:
    import numpy as np  # noqa: PLC0415

    return tuple(np.array(column, dtype=float) for column in zip(*buyers, strict=True))
