"""A followup database of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from shared.engine.postgres import Database
from tests.backends import Databases
from tests.integration.followup.guests import Door, door_to
from tests.integration.followup.house import APP, House, facts, person, prepare, tier
from tests.integration.tables import as_login


@pytest.fixture
async def house(databases: Databases) -> AsyncIterator[House]:
    """Followup's use cases over a migrated, empty database, seen as the service's everyday login."""
    database = Database(as_login(await databases.copy_of("followup", prepare), APP), application="test")
    yield House(database)
    await database.close()


@pytest.fixture
async def door(house: House, tmp_path: Path) -> AsyncIterator[Door]:
    """Followup's whole HTTP."""
    async with door_to(house, tmp_path) as door:
        yield door


@pytest.fixture
async def staffed(house: House) -> House:
    """Three reps and a manager in the north, a rep in the south; one contact each due to ann and bo today."""
    await house.told(
        person("ann", "north", "rep-1"),
        person("eve", "north"),
        person("mia", "north"),
        person("gus", "north", active=False),
        person("bo", "south"),
    )
    for name, rep, department in (("A", "rep-1", "north"), ("B", "bo", "south")):
        await house.told(facts(name, last_order_on=date(2026, 2, 2), orders=1, rep=rep, department=department))
        await house.told(tier(name, "contract", "key"))
    assert await house.dispatch() == 2
    return house
