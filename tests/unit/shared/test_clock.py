from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import Clock, FrozenClock

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 12, tzinfo=SHANGHAI)


def test_business_day_changes_at_local_midnight() -> None:
    """23:59:59 in Shanghai is still today, one second later is tomorrow, whatever the day in UTC."""
    clock = FrozenClock(datetime(2026, 3, 2, 23, 59, 59, tzinfo=SHANGHAI))
    assert clock.today() == date(2026, 3, 2)
    clock.advance(timedelta(seconds=1))
    assert clock.today() == date(2026, 3, 3)
    assert clock.now().tzinfo is UTC


@given(st.dates(date(1995, 1, 1), date(2040, 1, 1)), st.timedeltas(timedelta(0), timedelta(days=30)))
def test_a_set_day_keeps_the_wall_time_and_flows_on(today: date, passed: timedelta) -> None:
    """With `--today` the hour stays the real one, and days follow one another at midnight."""
    with time_machine.travel(NOON, tick=False) as traveller:
        clock = Clock("Asia/Shanghai", today)
        assert clock.today() == today
        assert clock.now().astimezone(SHANGHAI).time() == NOON.time()
        traveller.shift(passed)
        assert clock.today() == today + ((NOON + passed).date() - NOON.date())


def test_a_set_day_keeps_the_wall_time_across_summer_time() -> None:
    """Shifted from winter into summer, noon in Berlin stays noon."""
    berlin = ZoneInfo("Europe/Berlin")
    with time_machine.travel(datetime(2026, 1, 15, 12, tzinfo=berlin), tick=False):
        moment = Clock(berlin, date(2026, 7, 1)).now().astimezone(berlin)
    assert (moment.date(), moment.hour) == (date(2026, 7, 1), 12)


def test_a_process_started_after_midnight_agrees_with_its_elders() -> None:
    """A service that died and came back on the next day shows the same business date as one that kept running."""
    with time_machine.travel(NOON, tick=False) as traveller:
        elder = Clock(SHANGHAI, date(1998, 6, 30), set_on=NOON.date())
        traveller.shift(timedelta(days=1))
        younger = Clock(SHANGHAI, date(1998, 6, 30), set_on=NOON.date())
        assert younger.today() == elder.today() == date(1998, 7, 1)


def test_without_a_set_day_time_is_real() -> None:
    """The clock of production is the machine's."""
    with time_machine.travel(NOON, tick=False):
        assert Clock(SHANGHAI).now() == NOON


def test_a_moment_without_offset_has_no_date() -> None:
    """Guessing a zone would put an order on the wrong day."""
    with pytest.raises(ValueError, match="offset"):
        FrozenClock(NOON).date_of(datetime(2026, 3, 2, 12))  # noqa: DTZ001 - the mistake under test


def test_a_frozen_clock_goes_where_it_is_set() -> None:
    """Tests move time themselves."""
    clock = FrozenClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.set(NOON - timedelta(days=400))
    assert clock.today() == date(2025, 1, 26)
