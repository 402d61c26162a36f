"""Which days are working days: by the company's calendar, by the State Council's, and by exceptions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from holidays.calendars.chinese import _ChineseLunisolar
from holidays.countries.china import ChinaStaticHolidays

from shared.policy import load_policy
from shared.working_time import DAY, WorkingTime
from shared.working_time.lunar import lunar_new_year
from tests.in_force import changed

POLICY = load_policy()
COMPANY = WorkingTime(POLICY)
CHINA = WorkingTime(changed(POLICY, "china", working_time__calendar="china"))
LAST_PUBLISHED = max(ChinaStaticHolidays.special_public_holidays)


def off(working_time: WorkingTime, first: str, days: int) -> list[str]:
    """Which of so many days are off, as month-day."""
    begins = date.fromisoformat(first)
    return [f"{day:%m-%d}" for day in (begins + n * DAY for n in range(days)) if not working_time.is_working(day)]


@pytest.mark.parametrize(
    ("first", "days", "expected"),
    [
        ("2026-01-01", 5, ["01-01", "01-04"]),
        ("2026-02-15", 12, ["02-15", *(f"02-{day}" for day in range(17, 24))]),
        ("2026-05-01", 5, ["05-01", "05-02", "05-03"]),
        ("2026-10-01", 5, ["10-01", "10-02", "10-04"]),
        # Lunar new year's day of 2027 is 6 February: a holiday that takes in a Sunday gives no other day for it.
        ("2027-02-05", 10, [*(f"02-{day:02}" for day in range(6, 13)), "02-14"]),
    ],
)
def test_the_companys_holidays(first: str, days: int, expected: list[str]) -> None:
    """F8: New Year 1 day, Spring Festival 7 from lunar new year's day, May Day 2, National Day 2, and Sundays."""
    assert off(COMPANY, first, days) == expected


def test_spring_festival_may_begin_on_the_eve() -> None:
    """The source says seven days and not from when."""
    eve = WorkingTime(changed(POLICY, "eve", working_time__spring_festival_from="eve"))
    assert off(eve, "2026-02-16", 8) == [f"02-{day}" for day in range(16, 23)]


def test_lunar_new_years_are_the_librarys() -> None:
    """Two hundred years, each to the day."""
    library = _ChineseLunisolar()
    for year in range(1901, 2101):
        known = library.lunar_new_year_date(year)
        assert known is not None
        assert lunar_new_year(year) == known[0]
    assert (lunar_new_year(1900), lunar_new_year(2101)) == (None, None)


def test_china_works_on_make_up_days_and_not_on_bridged_ones() -> None:
    """The State Council's notice for 2026: nine days off around Spring Festival for two Saturdays' work."""
    assert off(CHINA, "2026-02-13", 16) == [f"02-{day}" for day in range(15, 24)]
    assert CHINA.is_working(date(2026, 2, 14))
    assert CHINA.is_working(date(2026, 2, 28))
    assert not CHINA.is_working(date(2026, 3, 7))
    assert CHINA.info(date(2026, 2, 14)).kind == "make_up"
    name = CHINA.info(date(2026, 2, 17)).name
    assert name is not None
    assert (name.zh, name.en) == ("春节", "Chinese New Year (Spring Festival)")


def test_how_many_days_china_works_in_a_year() -> None:
    """As the ministry counts: 365 less 104 weekend days less 13 statutory holidays is 248 in 2025 and 2026."""
    for year, days in ((2025, 248), (2026, 248), (2024, 251)):
        assert CHINA.days_between(date(year - 1, 12, 31), date(year, 12, 31)) == days, year


def test_what_is_not_published_is_provisional() -> None:
    """Until the notice is known nobody can tell the make-up days, the last days of the year before included."""
    assert CHINA.provisional(date(LAST_PUBLISHED, 12, 25)) is None
    assert CHINA.provisional(date(LAST_PUBLISHED, 12, 26)) is not None
    words = CHINA.provisional(date(LAST_PUBLISHED + 1, 6, 9))
    assert words is not None
    assert str(LAST_PUBLISHED + 1) in words.zh
    assert COMPANY.provisional(date(LAST_PUBLISHED + 1, 6, 9)) is None
    assert COMPANY.provisional(date(2101, 6, 9)) is not None


def test_a_notice_written_into_the_policy_makes_a_year_certain() -> None:
    """Exceptions and the word that they are the whole notice; without that word only the days named are certain."""
    year = LAST_PUBLISHED + 1
    saturday = next(day for day in (date(year, 9, 1) + n * DAY for n in range(7)) if day.weekday() == 5)
    named = changed(
        POLICY,
        "notice",
        working_time__calendar="china",
        working_time__exceptions=[{"from": saturday.isoformat(), "is": "working"}],
    )
    assert WorkingTime(named).is_working(saturday)
    assert WorkingTime(named).provisional(saturday) is None
    assert WorkingTime(named).provisional(saturday + DAY) is not None
    confirmed = WorkingTime(changed(named, "whole", working_time__confirmed_years=[year]))
    assert confirmed.provisional(saturday + DAY) is None
    assert confirmed.provisional(date(LAST_PUBLISHED, 12, 31)) is None


def test_exceptions_prevail() -> None:
    """Stocktaking on three working days, and a Sunday worked for it."""
    working_time = WorkingTime(
        changed(
            POLICY,
            "exceptions",
            working_time__exceptions=[
                {"from": "2026-08-10", "until": "2026-08-12", "is": "off", "why": {"zh": "盘点", "en": "stocktaking"}},
                {"from": "2026-08-16", "is": "working"},
            ],
        )
    )
    assert off(working_time, "2026-08-09", 9) == ["08-09", "08-10", "08-11", "08-12"]
    info = working_time.info(date(2026, 8, 11))
    assert (info.kind, info.name and info.name.en) == ("exception", "stocktaking")


def test_a_day_that_the_zone_left_out_is_no_working_day() -> None:
    """Samoa went from Thursday 29 to Saturday 31 December 2011; work of that Friday would count twice."""
    apia = WorkingTime(changed(POLICY, "apia", time_zone="Pacific/Apia"))
    assert apia.plus(date(2011, 12, 29), 1) == date(2011, 12, 31)
    assert apia.info(date(2011, 12, 30)).kind == "skipped"
    elapsed = apia.time_between(apia.begins(date(2011, 12, 29)), apia.ends(date(2011, 12, 31)))
    assert elapsed == timedelta(hours=16)


def test_another_calendar_has_another_digest_in_the_years_it_differs() -> None:
    """So that plans made before are made anew, and a year that merely came nearer is no reason to."""
    today = date(2026, 3, 2)
    later = WorkingTime(changed(POLICY, "later", working_time__exceptions=[{"from": "2027-08-10", "is": "off"}]))
    before, after = COMPANY.digests(today), later.digests(today)
    assert [year for year in before if before[year] != after[year]] == ["2027"]
    assert COMPANY.digests(date(2027, 3, 2))["2028"] == before["2028"]
    earlier = WorkingTime(changed(POLICY, "earlier", working_time__closes="17:00"))
    assert not set(earlier.digests(today).values()) & set(before.values())
