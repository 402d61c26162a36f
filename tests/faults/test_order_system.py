"""The order system of these tests tells all that it counts on, wherever it is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import pytest

from tests.faults.order_system import OrderSystem, Sent


@dataclass
class Deaf(OrderSystem):
    """What it would send is only written down."""

    told: list[Sent] = field(default_factory=list)

    async def _deliver(self, events: list[Sent]) -> None:
        self.told += events

    def begin(self, events: int) -> Iterator[Sent]:
        return islice(self._story, events)


@pytest.mark.parametrize("seed", range(5))
async def test_what_was_begun_is_told_whole(seed: int) -> None:
    """Stopped after any number of events, also between two that were put off to the same moment, and going on."""
    for events in range(1, 150):
        orders = Deaf("nowhere", seed)
        for _ in range(2):
            orders.told += orders.begin(events)
            await orders.finish()
            told = {event.id for event in orders.told}
            cancelled = {f"X-{order}" for order, trade in orders.trades.items() if trade.cancelled}
            returned = {f"R-{order}" for order, trade in orders.trades.items() if trade.returned}
            assert told == orders.trades.keys() | cancelled | returned
