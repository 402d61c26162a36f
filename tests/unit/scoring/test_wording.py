"""Reasons that a rep understands, in both languages."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from services.scoring.domain.customers import Facts, Tier
from services.scoring.domain.ranking import Scores
from services.scoring.domain.rules import RankingRules
from services.scoring.domain.wording import Wording
from shared.money import to_atoms
from shared.policy import load_policy

POLICY = load_policy()
RULES = RankingRules.of(POLICY.rfm)
PARETO = RankingRules(RULES.quantiles, RULES.weights, RULES.key_share, pareto_share=Fraction(4, 5))
SCORES = Scores(r=5, f=4, m=5, rank=12, recency_days=5, orders=14, amount=to_atoms(POLICY.rfm.key_share * 64_000))
CONTRACT = Facts(1, "contract", date(2026, 2, 25), "DE", None, "rep-7")

ODD_PARETO = RankingRules(RULES.quantiles, RULES.weights, RULES.key_share, pareto_share=Fraction(33, 40))

CASES = [
    (RULES, Tier("contract", "key"), CONTRACT, SCORES, "rank 12 of 3,400, and the first 680 are key", "排第 12"),
    (RULES, Tier("contract", "ordinary"), CONTRACT, SCORES, "14 orders worth 12,800.00 CNY", "14 单、12,800.00 CNY"),
    (PARETO, Tier("contract", "key"), CONTRACT, SCORES, "one of the 680 (of 3,400) who bring 80%", "贡献 80%"),
    (ODD_PARETO, Tier("contract", "key"), CONTRACT, SCORES, "who bring 82.5%.", "贡献 82.5% 金额"),
    (PARETO, Tier("contract", "ordinary"), CONTRACT, SCORES, "none of the 680", "不属于"),
    (RULES, Tier("contract", "lapsed"), CONTRACT, None, "last order was on 2026-02-25", "2026-02-25"),
    (
        RULES,
        Tier("sample", "middle_east"),
        CONTRACT._replace(country="AE"),
        None,
        "AE belongs to the Middle",
        "AE 属于",
    ),
    (RULES, Tier("sample", "asia_africa"), CONTRACT._replace(country=None), None, "no country on file", "缺少国家"),
    (RULES, Tier("potential", "high"), CONTRACT._replace(potential="high"), None, "judged of high", "判定为重潜"),
    (RULES, Tier("potential", "moderate"), CONTRACT, None, "no inquiry judged yet", "尚未判定"),
    # K3: an order may have been cancelled, or not be completed yet.
    (RULES, Tier("potential", "moderate"), CONTRACT, None, "No order counts", "没有计入的订单"),
    (RULES, Tier("sample", "europe_america"), CONTRACT, None, "no order counts", "没有计入的订单"),
]


@pytest.mark.parametrize(("rules", "tier", "facts", "scores", "en", "zh"), CASES)
def test_every_level_is_explained_in_both_languages(  # noqa: PLR0913, PLR0917 - the columns of a table
    rules: RankingRules, tier: Tier, facts: Facts, scores: Scores | None, en: str, zh: str
) -> None:
    """K1-K4: the reason names what decided: rank and trade, the last order, the market, the judgement or its lack."""
    why = Wording(rules, POLICY.base_currency).why(tier, facts, scores, 3400, 680)
    assert en in why.en
    assert zh in why.zh


@pytest.mark.parametrize(
    ("rules", "key_size", "en", "zh"),
    [(PARETO, 0, "so nobody is key", "没有重点客户"), (RULES, 1, "the first 1 is key", "前 1 名")],
)
def test_a_small_or_poor_market_is_told_as_it_is(rules: RankingRules, key_size: int, en: str, zh: str) -> None:
    """篇1, K4: where returns outweigh sales nobody brings a share of them; and one is one."""
    why = Wording(rules, POLICY.base_currency).why(Tier("contract", "ordinary"), CONTRACT, SCORES, 4, key_size)
    assert en in why.en
    assert zh in why.zh
