"""How much follow-up a rep's day holds, and what gives way when it holds too little, as data."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.contracts.types import Level
from shared.policy.fields import Count, Section, Share


class Slip(Section):
    """How far a contact may be put off: a share of its interval, whole days, and never more than `at_most_days`."""

    share: Share
    at_most_days: Annotated[int, Field(strict=True, ge=0, le=90)]

    def days(self, interval: int) -> int:
        """For an interval of so many days."""
        return min(int(interval * self.share), self.at_most_days)


class LevelWeights(Section):
    """Who comes first among contacts that can wait equally long: the higher weight (K, D3)."""

    key: Count
    ordinary: Count
    lapsed: Count
    europe_america: Count
    middle_east: Count
    asia_africa: Count
    high: Count
    moderate: Count
    none: Count

    def of(self, level: Level) -> int:
        return int(getattr(self, level))


class Capacity(Section):
    """Minutes of follow-up in a working day of a rep, unless the manager has set others for that rep."""

    minutes_a_day: Annotated[int, Field(strict=True, ge=1, le=1440)]
    slip: Slip
    weights: LevelWeights
