"""How long a record is kept: as long as anything ever said that it is, and while anybody holds it (A7)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date

from services.archive.domain.files import Record

Terms = Mapping[str, int | None]
"""By class of records, for how many years; None is for ever, and so is a class that is not there."""

LAST = date(9998, 12, 31)


def term(terms: Terms, record_class: str, period: str | None, filed_on: date) -> date | None:
    """The last day on which a record of that class is kept, None for ever.

    Years count from the end of what the record is of ("2026", "2026-Q1", "2026-03"), else from its filing.
    """
    years = terms.get(record_class)
    if years is None:
        return None
    return years_after(filed_on if period is None else end_of(period), years)


def end_of(period: str) -> date:
    """The last day of a year, a quarter or a month."""
    year, _, part = period.partition("-")
    month = 12 if not part else 3 * int(part[1]) if part[0] == "Q" else int(part)
    return date(int(year), month, monthrange(int(year), month)[1])


def years_after(day: date, years: int) -> date:
    if day.year + years > LAST.year:
        return LAST
    year = day.year + years
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def later(one: date | None, other: date | None) -> date | None:
    """The later of two last days; None, for ever, is the latest."""
    return None if one is None or other is None else max(one, other)


def kept_until(record: Record, terms: Terms, filed_on: date) -> date | None:
    """The last day by what was promised when it was filed or since, or by the policy, whichever is later."""
    return later(record.retain_until, term(terms, record.record_class, record.period, filed_on))


def is_over(until: date | None, today: date) -> bool:
    """Whether the time that a record is kept is over."""
    return until is not None and until < today
