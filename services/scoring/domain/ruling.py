"""What levels are decided under: a policy, and all that the rules make of it."""

from __future__ import annotations

from dataclasses import dataclass

from services.scoring.domain.decisions import Judge
from services.scoring.domain.levels import Levels
from services.scoring.domain.markets import Markets
from services.scoring.domain.rules import RankingRules
from services.scoring.domain.wording import Wording
from shared.policy.model import Policy

# What no level depends on; a section that is not named here is taken to matter.
ELSEWHERE = {
    "version", "rates", "cadences", "occasions", "greetings", "product_news", "upkeep", "working_time", "escalation",
    "files", "fines", "inbox", "poison", "grants",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ruling:
    """One policy, ready to decide and to explain by."""

    policy: Policy
    rules: RankingRules
    levels: Levels
    markets: Markets
    wording: Wording
    judge: Judge

    @classmethod
    def of(cls, policy: Policy) -> Ruling:
        rules = RankingRules.of(policy.rfm)
        wording = Wording(rules, policy.base_currency)
        levels, markets = Levels(policy.regions, policy.potential), Markets(policy.rfm.population_by, policy.regions)
        return cls(policy, rules, levels, markets, wording, Judge(policy.version, wording))

    def decides_as(self, other: Ruling) -> bool:
        """Whether everybody has the same level under both."""
        return self.policy.model_dump(exclude=ELSEWHERE) == other.policy.model_dump(exclude=ELSEWHERE)
