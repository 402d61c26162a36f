"""D1–D4 as data: what a customer is measured by, how measures become a score, how a score shares out a resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Final, Literal, get_args
from unicodedata import normalize

from pydantic import Field, ValidationInfo, field_validator, model_validator

from shared.contracts.types import Level
from shared.policy.fields import Days, Exact, Finding, Name, RuleId, Section, refuse, report, sized
from shared.words import Text

Dimension = Literal["sales", "purchasing_power", "room", "growth", "contribution", "fulfilment"]
"""D2. What each measures is told in `services/scoring/domain/scores/measures.py`."""
DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)

Transform = Literal["percentile", "log", "proportional", "as_is"]
"""From a measure to 0..1: place among the others, logarithm or part of the best one's, or a share as it is."""
SHARES: Final = frozenset({"room", "growth", "fulfilment"})
"""Dimensions that are 0..1 by themselves."""

Weight = Annotated[Exact, Field(gt=0, max_digits=12)]
Positive = Annotated[Exact, Field(gt=0, max_digits=16)]
Part = Annotated[Exact, Field(ge=0, le=1, max_digits=12)]
Multiple = Annotated[Exact, Field(ge=1, le=1_000_000, max_digits=12)]
Place = Annotated[str, Field(min_length=1, max_length=100)]


class Weighed(Section):
    """How much a dimension weighs in a score, and how its measure becomes 0..1."""

    weight: Weight
    transform: Transform


class NamedScore(Section):
    """A score: the weighted mean of its dimensions; one that is not known is left out (D4)."""

    rule: RuleId
    words: Text
    dimensions: Annotated[dict[Dimension, Weighed], Field(min_length=1)]

    @field_validator("dimensions")
    @classmethod
    def _only_shares_as_they_are(cls, dimensions: dict[Dimension, Weighed]) -> dict[Dimension, Weighed]:
        report(
            Finding(
                Text(
                    zh=f"{name} 不是 0 至 1 的比例，不能用 as_is",
                    en=f"{name} is no share of a whole: as_is is for {', '.join(sorted(SHARES))}",
                ),
                (name, "transform"),
            )
            for name, weighed in dimensions.items()
            if weighed.transform == "as_is" and name not in SHARES
        )
        return dimensions


class Credibility(Section):
    """D2: bounds of the days of trade at which a customer's own sales weigh as much as what all others do."""

    least_days: Days
    most_days: Days

    @model_validator(mode="after")
    def _ordered(self) -> Credibility:
        if self.least_days > self.most_days:
            raise refuse("least_days is above most_days", "least_days 大于 most_days")
        return self


class Scores(Section):
    """D1, D2, D4: how customers are measured, and the scores made of it.

    `purchasing_power` is by region, 1 for the average; a region is known by the longest entry that it begins with.
    `typical_counter` is the size of a rival's counter, in the unit of the profile's `counter_size`.
    """

    window_days: Days
    new_for_days: Days
    credibility: Credibility
    growth_days: Days
    fulfilled_within_days: Days
    typical_counter: Positive
    purchasing_power: dict[Place, Positive]
    named: Annotated[dict[Name, NamedScore], Field(min_length=1)]

    @model_validator(mode="after")
    def _growth_within_the_window(self) -> Scores:
        if 2 * self.growth_days > self.window_days:
            raise refuse(
                "growth_days are compared with as many before, and both lie in window_days",
                "growth_days 与其前同样天数相比，两段都应在 window_days 之内",
            )
        return self

    def power_of(self, region: str) -> float | None:
        """The purchasing power of a region as a rep wrote it; None for one that the table does not know."""
        written = spelled(region)
        known = self._powers
        for length in range(len(written), 0, -1):
            if (power := known.get(written[:length])) is not None:
                return power
        return None

    @cached_property
    def _powers(self) -> Mapping[str, float]:
        return {spelled(place): float(power) for place, power in self.purchasing_power.items()}


def spelled(place: str) -> str:
    """A place however it was typed: full or half width, capitals, spaces."""
    return "".join(normalize("NFKC", place).casefold().split())


class Bounds(Section):
    """D3: what a customer gets at least, in even shares (the quantity by the number of customers)."""

    new: Part
    others: Part


class Resource(Section):
    """D3: something to be shared out by `score` among customers of `levels`, each within bounds of the even share."""

    rule: RuleId
    words: Text
    unit: Text
    score: Name
    levels: Annotated[tuple[Level, ...], sized(1)]
    at_least: Bounds
    at_most: Multiple | None = None


Resources = Annotated[dict[Name, Resource], Field(min_length=1)]


def check_resources(resources: dict[str, Resource], info: ValidationInfo) -> dict[str, Resource]:
    """Every resource goes by a score that the policy has."""
    scores = info.data.get("scores")
    if scores is not None:
        report(_unknown_scores(resources, scores))
    return resources


def _unknown_scores(resources: Mapping[str, Resource], scores: Scores) -> Iterator[Finding]:
    for name, resource in resources.items():
        if resource.score not in scores.named:
            known = ", ".join(sorted(scores.named))
            yield Finding(
                Text(
                    zh=f"没有 {resource.score} 这种评分；可用：{known}",
                    en=f"there is no score {resource.score}; there are: {known}",
                ),
                (name, "score"),
            )
