"""F6: the holidays on which a country's customers are greeted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from shared.policy.greetings import Greetings
from shared.words import Text

CODE = re.compile("[A-Z]{2}")
"""Files may say anything, and the library knows other things than countries by words such as MAY and PUBLIC."""


class Feast(NamedTuple):
    """A holiday of a year, by the policy's name for it."""

    on: date
    name: str
    words: Text


class Feasts:
    """The feasts that a policy chooses, of any country and year."""

    def __init__(self, greetings: Greetings) -> None:
        self.days_before = greetings.days_before
        self._greetings = greetings
        # Customers of a country share a few years; some two hundred countries have calendars.
        self.of = lru_cache(maxsize=4096)(self._of)

    def _of(self, country: str | None, year: int) -> tuple[Feast, ...]:
        """The feasts of a country's year, in the order of their dates, each on a date of its own."""
        greetings = self._greetings
        days = None if country is None else named_days(country.upper(), year)
        if days is None and greetings.country_unknown is not None:
            days = named_days(greetings.country_unknown, year)
        kept: dict[date, Feast] = {}
        for name, feast in greetings.feasts.items():
            # Under its own name the day itself, under the next one perhaps the first of several days off.
            on = next((days[called] for called in feast.named if called in days), None) if days else None
            if on is not None and on not in kept:
                kept[on] = Feast(on, name, feast.words)
            if len(kept) == greetings.most_a_year:
                break
        return tuple(kept[on] for on in sorted(kept))


@lru_cache(maxsize=1024)
def named_days(country: str, year: int) -> Mapping[str, date] | None:
    """The first date of each public holiday by its name in English; None for a country without a calendar.

    Dates by the moon of years to come are the library's estimates.
    """
    if not CODE.fullmatch(country):
        return None
    # 20 MB and half a second, for those only who have potential customers.
    from holidays import country_holidays  # noqa: PLC0415

    try:
        calendar = country_holidays(country, years=year, language="en_US")
    except NotImplementedError:
        return None
    days: dict[str, date] = {}
    for on, names in sorted(calendar.items()):
        for name in names.split("; "):
            # "Eid al-Adha (estimated)", "Chinese New Year (Spring Festival)".
            days.setdefault(name.partition(" (")[0], on)
    return days
