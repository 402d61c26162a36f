"""Killed anywhere, the process that follows ranks as if nothing had been (K4)."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from tests.integration.scoring.house import DAY, House, policy_with
from tests.integration.scoring.test_equality import Trade

pytestmark = [pytest.mark.backend, pytest.mark.slow]


class KilledError(Exception):
    """The process is gone."""


class Mortal:
    """A database whose user dies at the `last` statement, or in the moment after a commit."""

    def __init__(self, database: Any, last: int) -> None:
        self._database = database
        self.left = last

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        async with self._database.transaction() as tx:
            yield MortalTransaction(tx, self)
        self.spend()

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KilledError

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


class MortalTransaction:
    def __init__(self, tx: Any, mortal: Mortal) -> None:
        self._tx = tx
        self._mortal = mortal

    def __getattr__(self, name: str) -> Any:
        self._mortal.spend()
        return getattr(self._tx, name)


@pytest.mark.parametrize("rfm", [{}, {"key_rule": "pareto"}, {"population_by": "country"}])
async def test_killed_at_any_statement_the_next_process_agrees_with_sql(house: House, rfm: dict[str, object]) -> None:
    """Batches, days' ends and looks ahead are cut off anywhere; nothing is lost, doubled or ranked otherwise."""
    policy = policy_with("other", window_days=60, lapsed_after_days=80, **rfm)
    chance = random.Random(7)  # noqa: S311 - test data
    trade = Trade(seed=3, customers=60)
    await house.lease.release()
    database, clock, killed = house.database, house.clock, 0
    for _ in range(14):
        events = list(trade.events(25, clock.today()))
        # The first process dies somewhere; to the second the broker delivers again.
        for statements in (chance.randrange(110), 10_000):
            mortal: Any = Mortal(database, statements)
            process = House(mortal, policy=policy, clock=clock)
            await process.lease.acquire()
            with suppress(KilledError):
                await process.pass_days()
                await process.told(*events)
                await process.look_ahead()
            killed += mortal.left < 0
            await house.database.execute("UPDATE lease SET expires = '-infinity'")
        process = House(database, policy=policy, clock=clock)
        await process.lease.acquire()
        await process.told()
        await process.pass_days()
        await process.assert_proven()
        await process.lease.release()
        clock.advance(chance.choice([0, 1, 9]) * DAY)
    assert 4 < killed < 14, "some die, some live"
