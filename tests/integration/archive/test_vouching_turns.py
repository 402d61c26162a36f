"""Whose turn it is to vouch: a killed process's soon another's, one at work its own however long it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import asyncpg
import pytest

from services.archive.store import SecondPlace
from shared.engine.lease import Lease, LeaseLostError
from shared.objects import Objects, open_objects
from shared.proof.tiles import Tile
from shared.settings import ObjectSettings
from tests.integration.archive.house import Archive
from tests.integration.engine.ledger import eventually

pytestmark = pytest.mark.backend

RENEWED = "SELECT expires > $1::timestamptz + interval '1.2 seconds' FROM lease WHERE name = 'checkpoints'"


class Slow(SecondPlace):
    """Takes tiles only when it is told to go on."""

    def __init__(self, objects: Objects) -> None:
        super().__init__(objects)
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def put_tiles(self, tiles: Iterable[Tile]) -> None:
        self.reached.set()
        await self.go_on.wait()
        await super().put_tiles(tiles)


async def at_work(archive: Archive, lease: Lease) -> tuple[Slow, asyncio.Task[None]]:
    """A turn that has come to the second place, and waits there."""
    archive.lease = lease
    place = Slow(open_objects(ObjectSettings(url=archive.place.as_uri())))
    await archive.seal(*(archive.access(reason=f"n{n}") for n in range(5)))
    turn = asyncio.create_task(archive.vouch(outside=place)())
    await asyncio.wait_for(place.reached.wait(), 20)
    return place, turn


async def test_a_turn_lasts_longer_than_its_lease(archive: Archive) -> None:
    """The lease is short, so that who was killed is soon replaced; it is renewed while the work goes on."""
    place, turn = await at_work(archive, Lease(archive.database, "checkpoints", seconds=0.6))
    ends = await archive.database.fetchval("SELECT expires FROM lease WHERE name = 'checkpoints'")
    # Twice as long as the lease was: each renewal is from its own moment on.
    await eventually(lambda: archive.database.fetchval(RENEWED, ends))
    assert not await Lease(archive.database, "checkpoints", seconds=60).acquire()
    place.go_on.set()
    await turn
    assert (archive.place / "checkpoint").exists()


async def test_who_slept_until_another_took_over_lays_no_head_over_a_newer_one(
    archive: Archive, superuser: asyncpg.Connection
) -> None:
    """A process that was stopped in the middle of its turn finds out before it writes a head."""
    place, turn = await at_work(archive, Lease(archive.database, "checkpoints", seconds=60))
    await superuser.execute("UPDATE lease SET expires = '-infinity' WHERE name = 'checkpoints'")
    assert await Lease(archive.database, "checkpoints", seconds=60).acquire()
    place.go_on.set()
    with pytest.raises(LeaseLostError):
        await turn
    assert not (archive.place / "checkpoint").exists()
