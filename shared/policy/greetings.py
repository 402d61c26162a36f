"""F6 as data: which holidays are greeted, and how greetings and news of products are spread over days."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.policy.fields import Country, Name, Section, sized
from shared.words import Text

Spread = Annotated[int, Field(strict=True, ge=1, le=60)]


class Feast(Section):
    """A holiday; `named` are its names in English in the calendars of the countries that keep it, the best first."""

    words: Text
    named: Annotated[tuple[str, ...], sized(1)]


class Greetings(Section):
    """F6: `feasts` by how much they matter: of those that a customer's country keeps the first `most_a_year` count.

    Each is greeted on one of the `days_before` it, another for each customer. `country_unknown` stands in where the
    file names no country, or one without a calendar; null: no greeting then.
    """

    days_before: Spread
    most_a_year: Annotated[int, Field(strict=True, ge=1, le=12)]
    country_unknown: Country | None
    feasts: dict[Name, Feast]


class ProductNews(Section):
    """F6: everybody hears of a new product within so many days, each customer on another."""

    within_days: Spread
