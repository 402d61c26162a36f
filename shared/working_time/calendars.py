"""Which days of a year are other than its weekdays say: by the company's calendar, and by the State Council's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from shared.policy.working import WorkingTime
from shared.words import Text
from shared.working_time.lunar import lunar_new_year

DAY: Final = timedelta(days=1)

Kind = Literal["working", "day_off", "holiday", "make_up", "exception", "skipped"]
"""Why a day is what it is: an ordinary one, off every week, a holiday, made up for another day's being off, by the
company's own exception, or left out by the zone's clocks (Samoa had no 30 December 2011)."""


class DayInfo(NamedTuple):
    """One day: whether people work, why, and why that may still change; `provisional` None: it will not."""

    day: date
    working: bool
    kind: Kind
    name: Text | None = None
    provisional: Text | None = None


class Special(NamedTuple):
    """A day on which people work or do not, whatever day of the week it is."""

    working: bool
    kind: Kind
    name: Text


@dataclass(frozen=True, slots=True)
class Calendar:
    """A year's special days; from `provisional_from` on they may still change, for `provisional`'s reason."""

    special: Mapping[date, Special]
    provisional_from: date | None = None
    provisional: Text | None = None


SPRING_FESTIVAL: Final = Text(zh="春节", en="Spring Festival")


def calendar_of(rules: WorkingTime, year: int) -> Calendar:
    """The year's special days by the calendar that the policy names; its exceptions come on top."""
    return (
        _china(year, year in rules.confirmed_years, year + 1 in rules.confirmed_years)
        if (rules.calendar == "china")
        else _company(rules, year)
    )


def weekly_off(rules: WorkingTime) -> frozenset[str]:
    """Days of the week that are off: the policy's, and the whole weekend where the State Council's calendar holds."""
    weekend = {"saturday", "sunday"} if rules.calendar == "china" else set()
    return frozenset(weekend.union(rules.days_off))


def _company(rules: WorkingTime, year: int) -> Calendar:
    lunar = lunar_new_year(year)
    festival = lunar if lunar is None or rules.spring_festival_from == "day" else lunar - DAY
    days = rules.holidays
    holidays = (
        (date(year, 1, 1), days.new_year, Text(zh="元旦", en="New Year")),
        (festival, days.spring_festival, SPRING_FESTIVAL),
        (date(year, 5, 1), days.may_day, Text(zh="劳动节", en="May Day")),
        (date(year, 10, 1), days.national_day, Text(zh="国庆节", en="National Day")),
    )
    special = {
        day: Special(working=False, kind="holiday", name=name)
        for first, count, name in holidays
        if first is not None
        for day in _run(first, count)
    }
    if lunar is None:
        words = Text(zh=f"没有 {year} 年的春节日期", en=f"the date of Spring Festival in {year} is not known")
        return Calendar(special, date(year, 1, 1), words)
    return Calendar(special)


def _run(first: date, days: int) -> Iterator[date]:
    """So many days of the same year."""
    for n in range(min(days, 366)):
        day = first + n * DAY
        if day.year == first.year:
            yield day


@lru_cache(maxsize=64)
def _china(year: int, confirmed: bool, next_confirmed: bool) -> Calendar:
    # 45 MB that a company with the other calendar need not carry.
    from holidays.countries.china import China, ChinaStaticHolidays  # noqa: PLC0415

    chinese, english = (China(years=year, language=name) for name in ("zh_CN", "en_US"))  # type: ignore[no-untyped-call]
    special = {day: Special(False, "holiday", Text(zh=zh, en=english.get(day) or zh)) for day, zh in chinese.items()}
    made_up = Text(zh="调休上班", en="makes up for a day off")
    special |= {day: Special(True, "make_up", made_up) for day in chinese.weekend_workdays if day.year == year}
    published = ChinaStaticHolidays.special_public_holidays
    if year > max(published) and not confirmed:
        return Calendar(special, date(year, 1, 1), _unpublished(year))
    if year >= max(published) and not next_confirmed:
        # A New Year's days off have been made up for in the last days of December before (2001, 2006, 2011).
        return Calendar(special, date(year, 12, 26), _unpublished(year + 1))
    return Calendar(special)


def _unpublished(year: int) -> Text:
    return Text(
        zh=f"国务院 {year} 年放假安排尚未收录，调休上班日可能变动",
        en=f"the State Council's notice for {year} is not known yet, so make-up days may change",
    )
