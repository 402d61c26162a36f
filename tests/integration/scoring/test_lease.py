"""One process holds the lease, with however many readers it asks."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.scoring.house import House

pytestmark = pytest.mark.backend


async def test_readers_of_one_process_that_begin_at_once_hold_the_lease_together(house: House) -> None:
    """None of them loses it for the others; another process gets it only when it is dropped."""
    await house.lease.release()
    assert await asyncio.gather(*(house.lease.acquire() for _ in range(4))) == [True] * 4
    other = house.restarted()
    assert not await other.lease.acquire()
    await house.lease.release()
    assert await other.lease.acquire()
