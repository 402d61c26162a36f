"""Answers about levels while events flow: all of one answer is of one moment."""

from __future__ import annotations

import asyncio

import pytest

from services.scoring.usecases.reading import Standing
from tests.integration.scoring.house import DAY, TODAY, House, ordered

pytestmark = pytest.mark.backend


async def ten_customers(house: House) -> None:
    """C-0 to C-9, the best last: C-8 and C-9 are key."""
    await house.told(*(ordered(f"C-{n}", 1, TODAY - (30 - n) * DAY, f"{100 * (n + 1)}") for n in range(10)))


async def one(house: House) -> Standing:
    found = await house.read.standing("C-0")
    assert found is not None
    return found


async def page(house: House) -> Standing:
    return (await house.read.page(None, None, "", 1))[0]


async def best(house: House) -> Standing:
    return (await house.read.best(1))[0]


async def test_an_answer_has_level_and_rank_of_one_moment(house: House) -> None:
    """Who asks in the middle of a batch is not told the level of before with the rank of after."""
    await ten_customers(house)
    batch = house.decide_levels
    async with house.database.transaction() as tx:
        work, _ = await house.fold(tx, [ordered("C-0", 2, TODAY, "90000")])
        await batch.save(tx, work)
        questions = [asyncio.ensure_future(question) for question in (one(house), page(house), best(house))]
        # Time enough to read the row as it was; the answer waits for the batch.
        answered, _ = await asyncio.wait(questions, timeout=0.3)
    batch.committed(work)
    assert not answered
    for standing in await asyncio.gather(*questions):
        assert standing.scores is not None
        assert (standing.customer_id, standing.scores.rank, standing.tier.level) == ("C-0", 1, "key")
        recorded = await house.read.behind(standing)
        assert (recorded.sequence, recorded.tier) == (2, standing.tier)


async def test_the_decision_behind_an_answer_is_its_own(house: House) -> None:
    """Whatever was decided since: cause, policy and number belong to the level that is shown."""
    await ten_customers(house)
    before = await house.read.standing("C-0")
    assert before is not None
    await house.told(ordered("C-0", 2, TODAY, "90000"))
    recorded = await house.read.behind(before)
    assert (recorded.sequence, recorded.tier) == (1, before.tier)
