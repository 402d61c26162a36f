"""What time alone will do is told some days before, once, with what would keep the level (K4, K6)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.scoring.domain.outlook import HEIGHT
from services.scoring.ports import Foretold, Wanted
from shared.contracts.types import Level
from tests.integration.scoring.house import DAY, TODAY, House, ordered, policy_with
from tests.integration.scoring.test_equality import Trade

pytestmark = pytest.mark.backend

CENT, DEAREST = Decimal("0.01"), Decimal("999999999999.99")


async def ahead(house: House) -> dict[str, Foretold]:
    return {told.fall.customer_id: told for told in await house.falls(None, "", 1000)}


async def published(house: House) -> list[dict[str, Any]]:
    """The events of falls ahead in the outbox."""
    return [event for event in await house.published("tiers.v1") if event["type"] == "tier.drop_ahead"]


async def test_a_lapse_is_told_a_fortnight_before_and_once(house: House) -> None:
    """Who ordered 351 days ago lapses in 14; any order until the day before prevents it; nothing is told twice."""
    await house.told(
        ordered("C", 1, TODAY - 351 * DAY), ordered("D", 1, TODAY - 350 * DAY), ordered("best", 1, TODAY, "9000")
    )
    await house.look_ahead()
    assert list(await ahead(house)) == ["C"]
    told = (await ahead(house))["C"]
    assert (told.fall.falls_on, told.fall.act_by) == (TODAY + 14 * DAY, TODAY + 13 * DAY)
    assert (told.fall.level, told.fall.falls_to) == ("ordinary", "lapsed")
    assert told.fall.keeps == 0
    assert "any order" in told.why.en
    assert "2026-03-15" in told.why.zh
    (event,) = await published(house)
    assert event["id"] == "C:1:2025-03-16"
    names = ("customer_id", "level", "date", "keeps", "currency", "last_order_on")
    assert {name: event["data"][name] for name in names} == {
        "customer_id": "C",
        "last_order_on": "2025-03-16",
        "level": "lapsed",
        "date": "2026-03-15",
        "keeps": "0.00",
        "currency": "CNY",
    }
    await house.look_ahead()
    await house.lease.release()
    second = house.restarted()
    await second.lease.acquire()
    await second.pass_days()
    await second.look_ahead()
    assert len(await published(second)) == 1
    await second.assert_proven()


async def test_a_day_later_the_next_ones_are_told(house: House) -> None:
    """Each day brings those whose fall has come near; who ordered since is not ahead of one any more."""
    best = [ordered("best", version, TODAY, "9000") for version in (1, 2, 3)]
    await house.told(ordered("C", 1, TODAY - 351 * DAY), ordered("D", 1, TODAY - 350 * DAY), *best)
    await house.look_ahead()
    await house.told(ordered("C", 2, TODAY, "5"))
    await house.day_passes()
    await house.look_ahead()
    assert list(await ahead(house)) == ["D"]


async def level_by_sql(house: House, customer_id: str, day: date, order: Decimal | None = None) -> Level:
    """The level on a day to come, computed from all entries, with one order more today: in a world thrown away."""
    with suppress(ZeroDivisionError):
        async with house.database.transaction() as tx:
            if order is not None:
                await tx.execute(
                    "INSERT INTO entries (customer_id, entry_id, version, is_order, dated, amount, counts)"
                    " VALUES ($1, 'o:if', 1, true, $2, $3, true)",
                    customer_id,
                    TODAY,
                    order,
                )
            (row,) = [row async for row in house.readings.rank(tx, day, house.policy, Wanted([customer_id]))]
            raise ZeroDivisionError
    return row.tier.level


@pytest.mark.parametrize("rfm", [{}, {"key_rule": "pareto"}, {"population_by": "country"}])
async def test_what_is_foreseen_is_what_sql_computes_for_that_day(house: House, rfm: dict[str, object]) -> None:
    """Without an order the level is gone on that day and not before; with it, it is kept, and not with a cent less."""
    await house.lease.release()
    process = house.restarted(policy=policy_with("other", window_days=60, lapsed_after_days=80, **rfm), foreseeing=3)
    await process.lease.acquire()
    await process.told(*Trade(seed=11, customers=150).events(500, TODAY))
    await process.pass_days()
    await process.look_ahead()
    await process.assert_proven()
    found = [told.fall for told in (await ahead(process)).values()]
    assert len(found) > 3, "more than one transaction's"
    for fall in found:
        assert await level_by_sql(process, fall.customer_id, fall.act_by) == fall.level
        assert await level_by_sql(process, fall.customer_id, fall.falls_on) == fall.falls_to
    priced = [fall for fall in found if fall.keeps]
    for fall in [*priced[:6], *[fall for fall in found if not fall.keeps][:6]]:
        orders = [DEAREST] if fall.keeps is None else [fall.keeps, max(fall.keeps - CENT, Decimal(0))]
        levels = [await level_by_sql(process, fall.customer_id, fall.falls_on, order) for order in orders]
        kept = [HEIGHT[level] >= HEIGHT[fall.level] for level in levels]
        assert kept == {None: [False], Decimal(0): [True, True]}.get(fall.keeps, [True, False])


async def test_an_import_in_the_middle_of_a_day_is_looked_at_the_same_day(house: House) -> None:
    """Orders of a year ago that come today bring their customers near a fall; a minute's rest lies between looks."""
    await house.told(ordered("best", 1, TODAY, "9000"))
    await house.look_ahead()
    await house.told(ordered("C", 1, TODAY - 355 * DAY))
    await house.look_ahead()
    assert await ahead(house) == {}
    house.clock.advance(timedelta(minutes=1))
    await house.look_ahead()
    assert list(await ahead(house)) == ["C"]
