"""What levels are decided under: a policy, and all that the rules make of it."""

from __future__ import annotations

from dataclasses import dataclass

from services.scoring.domain.decisions import Judge
from services.scoring.domain.levels import Levels
from services.scoring.domain.rules import RankingRules
from services.scoring.domain.wording import Wording
from shared.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Ruling:
    """One policy, ready to decide and to explain by."""

    policy: Policy
    rules: RankingRules
    levels: Levels
    wording: Wording
    judge: Judge

    @classmethod
    def of(cls, policy: Policy) -> Ruling:
        rules = RankingRules.of(policy.rfm)
        wording = Wording(rules, policy.base_currency)
        return cls(policy, rules, Levels(policy.regions, policy.potential), wording, Judge(policy.version, wording))
