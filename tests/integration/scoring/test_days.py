"""Time alone moves levels (K4, K6)."""

from __future__ import annotations

from datetime import date

import pytest

from services.scoring.usecases.deciding import DayNotOverError
from tests.integration.scoring.house import DAY, TODAY, House, ordered

pytestmark = pytest.mark.backend


async def test_a_year_without_orders_lapses_on_its_day(house: House) -> None:
    """K4: the last order 364 days ago is not lapsed, 365 days ago it is; the day is the cause."""
    await house.told(ordered("C", 1, TODAY - 364 * DAY))
    assert await house.levels() == {"C": ("contract", "key")}
    await house.day_passes()
    assert await house.levels() == {"C": ("contract", "lapsed")}
    recorded = await house.read.decision("C")
    assert recorded is not None
    assert (recorded.why.cause.kind, recorded.why.cause.date, recorded.why.rank) == ("date", TODAY + DAY, None)
    assert "2025-03-03" in recorded.why.words.en
    await house.assert_proven()


async def test_a_lapsed_customer_comes_back_with_an_order(house: House) -> None:
    """K6: lapsed, then key again; F and M are only of the window."""
    await house.told(ordered("C", 1, TODAY - 364 * DAY, "500"))
    await house.day_passes()
    await house.told(ordered("C", 2, TODAY + DAY, "30"))
    standing = await house.read.standing("C")
    assert standing is not None
    assert standing.scores is not None
    assert (standing.tier.level, standing.scores.orders, standing.scores.amount) == ("key", 1, 30 * 10**20)
    assert [level for _, _, level, _ in await house.history()] == ["key", "lapsed", "key"]


async def test_orders_leave_the_window_one_by_one(house: House) -> None:
    """RFM: an order of 365 days ago counts no more, one of 364 days ago does."""
    for version, days in enumerate((364, 363, 0), start=1):
        await house.told(ordered("C", version, TODAY - days * DAY, "10", last=TODAY))
    for expected in (3, 2, 1):
        standing = await house.read.standing("C")
        assert standing is not None
        assert standing.scores is not None
        assert standing.scores.orders == expected
        await house.assert_proven()
        await house.day_passes()


async def test_a_service_that_was_off_catches_up_day_by_day(house: House) -> None:
    """K6: after a month each decision carries the day on which it fell due, in order."""
    for number in range(5):
        await house.told(ordered(f"C-{number}", 1, TODAY - (360 - number) * DAY))
    second = house.restarted()
    await house.lease.release()
    second.clock.advance(30 * DAY)
    await second.lease.acquire()
    await second.pass_days()
    lapsed = [(customer, since) for customer, _, level, since in await second.history() if level == "lapsed"]
    assert lapsed == [(f"C-{number}", (TODAY + (5 + number) * DAY).isoformat()) for number in range(5)]
    await second.assert_proven()


async def test_a_day_that_moves_many_is_decided_before_the_next(house: House) -> None:
    """K6: also where a transaction decides about few, nobody's fall is dated to a day on which others fell."""
    await house.told(*(ordered(f"C-{n}", 1, TODAY - (360 - n // 4) * DAY) for n in range(12)))
    await house.lease.release()
    second = house.restarted(decisions=3)
    second.clock.advance(30 * DAY)
    await second.lease.acquire()
    with pytest.raises(DayNotOverError):
        await second.told(ordered("new", 1, TODAY + 30 * DAY))
    await second.pass_days()
    lapsed = {customer: since for customer, _, level, since in await second.history() if level == "lapsed"}
    assert lapsed == {f"C-{n}": (TODAY + (5 + n // 4) * DAY).isoformat() for n in range(12)}
    await second.told(ordered("new", 1, TODAY + 30 * DAY))
    await second.assert_proven()


async def test_a_batch_after_midnight_is_decided_on_the_new_day(house: House) -> None:
    """An event that comes before the timer has looked finds the day moved first."""
    await house.told(ordered("old", 1, TODAY - 364 * DAY))
    house.clock.advance(DAY)
    changes = await house.told(ordered("new", 1, TODAY + DAY))
    assert [(change.customer_id, change.to.level, change.since) for change in changes] == [
        ("old", "lapsed", TODAY + DAY),
        ("new", "key", TODAY + DAY),
    ]


async def test_a_clock_set_back_moves_no_day(house: House) -> None:
    """The day that levels stand at only moves forward."""
    await house.told(ordered("C", 1, TODAY))
    await house.day_passes(-3)
    await house.told(ordered("C", 2, TODAY))
    assert house.memory.board is not None
    assert house.memory.board.day == TODAY


async def test_who_stands_by_lets_no_day_pass(house: House) -> None:
    """Without the lease the timer does nothing, and what was remembered is no longer believed."""
    await house.told(ordered("C", 1, TODAY))
    await house.lease.release()
    await house.day_passes()
    assert await house.database.fetchval("SELECT day FROM board") == date(2026, 3, 2)
    async with house.memory.reading() as ranker:
        assert ranker is None
