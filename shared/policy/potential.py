"""K3, K5 as data: what makes a customer who never ordered promising, and how much each criterion weighs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Final, Literal, get_args

from pydantic import Field, model_validator

from shared.contracts.types import Potential
from shared.policy.fields import Country, Days, Exact, RuleId, Section, Share, refuse
from shared.words import Text

Criterion = Literal["country", "industry", "site", "inquiry", "customs"]
CRITERIA: Final[tuple[Criterion, ...]] = get_args(Criterion)

Fit = Annotated[Exact, Field(ge=0, le=1, max_digits=12)]
Word = Annotated[str, Field(min_length=1, max_length=100)]


class Weighing(Section):
    """How much a criterion weighs, by which rule."""

    rule: RuleId
    weight: Annotated[Exact, Field(gt=0, max_digits=12)]
    words: Text


class Thresholds(Section):
    """From which weighted mean a customer is of high and of moderate potential; below it is of none."""

    high: Share
    moderate: Share

    @model_validator(mode="after")
    def _ordered(self) -> Thresholds:
        if self.moderate >= self.high:
            raise refuse("moderate begins below high", "moderate 应小于 high")
        return self


class Site(Section):
    """What the customer's own site says: its quality as entered, less where it was not updated for so long."""

    qualities: Annotated[dict[Word, Fit], Field(min_length=1)]
    fresh_days: Days
    stale: Fit


class Matching(Section):
    """What counts as asking for something of the catalogue.

    `least` is the strength from which a match is one, `category` what naming only a category is worth, `spelling` the
    likeness from which a word is another one misspelt.
    """

    least: Share
    category: Fit
    spelling: Share


class Customs(Section):
    """Which import records count, and what importing only other goods is worth."""

    window_days: Days
    unrelated: Fit


class PotentialLevels(Section):
    """K3: `default` until an inquiry is judged, or enough is known to compute it by K5.

    `least_known` is the part of all weights whose criteria must be known.
    """

    default: Potential
    levels: Thresholds
    least_known: Share
    criteria: Annotated[dict[Criterion, Weighing], Field(min_length=1)]
    countries: dict[Country, Fit]
    other_countries: Fit
    industries: dict[Word, Fit]
    other_industries: Fit
    site: Site
    match: Matching
    customs: Customs

    def fit_of(self, country: str) -> Decimal:
        """How well a country fits."""
        return self.countries.get(country, self.other_countries)

    def industry_of(self, written: str) -> tuple[str | None, Decimal]:
        """The best of the entries that an industry as entered contains, and its fit; None: it is another one."""
        text = written.casefold()
        named = [(fit, entry) for entry, fit in self.industries.items() if entry.casefold() in text]
        fit, entry = max(named, default=(self.other_industries, None))
        return entry, fit

    def quality_of(self, written: str) -> Decimal | None:
        """What a site's quality is worth; None for a word that the policy does not have."""
        return self._qualities.get(written.strip().casefold())

    @cached_property
    def _qualities(self) -> Mapping[str, Decimal]:
        return {entry.casefold(): worth for entry, worth in self.site.qualities.items()}
