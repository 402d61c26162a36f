"""What archive makes of a breach that was found, before anybody prices it."""

from __future__ import annotations

from datetime import date, timedelta

from shared.policy.breaches import Breaches


def is_history(occurred_on: date, today: date, rules: Breaches) -> bool:
    """Whether a fact is too old to be fined: imports tell of years ago, and nobody is fined for those."""
    if rules.not_before is not None and occurred_on < rules.not_before:
        return True
    return occurred_on < today - timedelta(days=rules.age_days)
