"""Which orders and returns are to be judged one day, as the policy says: asked for every order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from shared.policy.breaches import Breaches


@dataclass(frozen=True, slots=True)
class Watched:
    """O3–O5, N8: the channels that are a showroom's, the reasons that are an error, and how long one waits."""

    showrooms: frozenset[str]
    errors: frozenset[str]
    settles: timedelta
    not_before: date | None
    age: timedelta

    @classmethod
    def of(cls, rules: Breaches) -> Watched:
        return cls(
            frozenset(rules.showroom.channels),
            frozenset(rules.returns.reasons),
            timedelta(hours=rules.showroom.settle_hours),
            rules.not_before,
            timedelta(days=rules.age_days),
        )

    def is_history(self, day: date, today: date) -> bool:
        """Whether nobody is fined for what happened that day: an import tells of years ago."""
        return day < today - self.age or (self.not_before is not None and day < self.not_before)
