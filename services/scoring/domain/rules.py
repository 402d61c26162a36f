"""The numbers of K1-K4 as the ranking uses them: exact fractions and whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from shared.policy.model import Rfm


@dataclass(frozen=True, slots=True)
class RankingRules:
    """How contract customers are ranked (K4, RFM).

    `weights` of r, f and m are whole numbers in the policy's ratio. `counts_lapsed`: lapsed customers stand in the
    population too. `pareto_share`: key are the fewest that bring this share of M, instead of the first `key_share`.
    """

    quantiles: tuple[Fraction, Fraction, Fraction, Fraction]
    weights: tuple[int, int, int]
    key_share: Fraction
    window_days: int = 365
    lapsed_after_days: int = 365
    counts_lapsed: bool = False
    pareto_share: Fraction | None = None

    @classmethod
    def of(cls, rfm: Rfm) -> RankingRules:
        q1, q2, q3, q4 = (Fraction(quantile) for quantile in rfm.quantiles)
        return cls(
            quantiles=(q1, q2, q3, q4),
            weights=rfm.weights.as_integers(),
            key_share=Fraction(rfm.key_share),
            window_days=rfm.window_days,
            lapsed_after_days=rfm.lapsed_after_days,
            counts_lapsed=rfm.key_share_of == "all",
            pareto_share=Fraction(rfm.pareto_share) if rfm.key_rule == "pareto" else None,
        )
