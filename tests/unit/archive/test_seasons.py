"""A6 as rules: when which period is filed, what is due from whom, and who is asked how often."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.archive.domain.seasons import Due, DueState, OpenSeason, Owing, asked, due_in, owing, seasons_on, stages
from shared.policy import load_policy
from shared.policy.life import Filing
from shared.words import Text

FILING = load_policy(None).filing


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 4, 1), [("quarterly", "2026-Q1", date(2026, 4, 1), date(2026, 4, 30))]),
        (date(2026, 7, 31), [("quarterly", "2026-Q2", date(2026, 7, 1), date(2026, 7, 31))]),
        (date(2026, 10, 9), [("quarterly", "2026-Q3", date(2026, 10, 1), date(2026, 10, 31))]),
        (date(2027, 1, 2), [("quarterly", "2026-Q4", date(2027, 1, 1), date(2027, 1, 31))]),
        (date(2028, 2, 29), [("yearly", "2027", date(2028, 2, 1), date(2028, 2, 29))]),
        (date(2026, 3, 15), []),
    ],
)
def test_seasons_are_the_companys(today: date, expected: list[tuple[str, str, date, date]]) -> None:
    """April, July, October, January for the quarter before; February for the year before."""
    assert seasons_on(FILING, today) == [OpenSeason(*season) for season in expected]


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_every_quarter_and_year_has_its_season_once(day: date) -> None:
    """Over a year from any day, each day of a season names the same period, and five periods come."""
    found = {season for n in range(366) for season in seasons_on(FILING, day + timedelta(days=n))}
    whole = {season for season in found if season.opens >= day and season.closes < day + timedelta(days=365)}
    assert len({season.period for season in found}) == len(found)
    assert 4 <= len(whole) <= 5
    assert all(season.opens.year - int(season.period[:4]) in {0, 1} for season in found)


def test_every_department_owes_unless_some_are_named() -> None:
    """`departments` of a line narrows it; the season picks the lines."""
    document = FILING.model_dump(by_alias=True)
    document["owed"] = [
        {"class": "statistics", "season": "quarterly"},
        {"class": "accounts", "season": "quarterly", "departments": ["finance"]},
        {"class": "plans", "season": "yearly"},
    ]
    filing = Filing.model_validate(document)
    season = OpenSeason("quarterly", "2026-Q1", date(2026, 4, 1), date(2026, 4, 30))
    assert due_in(filing, season, {"field", "showroom"}) == [
        Due("2026-Q1", "field", "statistics", date(2026, 4, 30)),
        Due("2026-Q1", "finance", "accounts", date(2026, 4, 30)),
        Due("2026-Q1", "showroom", "statistics", date(2026, 4, 30)),
    ]


def test_what_is_filed_or_declared_nothing_is_owed_no_more() -> None:
    """A department that owes nothing more stands in the list with nothing: its tasks are cleared."""
    day = date(2026, 4, 30)
    states = [
        DueState(Due("2026-Q1", "field", "minutes", day), 0, None, None),
        DueState(Due("2026-Q1", "field", "statistics", day), 2, None, None),
        DueState(Due("2026-Q1", "showroom", "minutes", day), 0, "本季无会议", "mia"),
    ]
    assert owing(states) == [Owing("2026-Q1", "field", day, ("minutes",)), Owing("2026-Q1", "showroom", day, ())]


@given(st.integers(-40, 40))
def test_people_are_asked_at_the_beginning_near_the_end_and_after_it(days: int) -> None:
    """Each asking comes once and stays; words in both languages name the classes."""
    owed = Owing("2026-Q1", "field", date(2026, 4, 30), ("minutes", "other"))
    reached = stages(owed, FILING, owed.due_on + timedelta(days=days))
    assert reached == ["filing.due", "filing.closing", "filing.overdue"][: 1 + (days > -7) + (days > 0)]
    for kind in reached:
        task = asked(
            owed, "mia", kind, {"minutes": Text(zh="会议记录", en="Minutes")}, datetime(2026, 5, 1, tzinfo=UTC)
        )
        assert "会议记录、other" in task.words.zh
        assert "Minutes, other" in task.words.en
        assert (task.subject_type, task.subject_id) == ("filing", "2026-Q1:field")


@pytest.mark.parametrize("months", [[2], [1, 1], [13], [0]])
def test_a_quarter_is_filed_in_the_month_after_it(months: list[int]) -> None:
    """Another month would name the wrong quarter."""
    with pytest.raises(ValidationError):
        Filing.model_validate(FILING.model_dump(by_alias=True) | {"quarterly_months": months})
