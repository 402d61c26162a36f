"""A followup database of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from services.followup.channels.door import Door as WayOut
from shared.engine.postgres import Database
from tests.backends import Databases
from tests.integration.followup.guests import Door, door_to
from tests.integration.followup.house import APP, House, facts, person, prepare, tier
from tests.integration.followup.office import Office
from tests.integration.followup.providers import Providers
from tests.integration.tables import as_login


@pytest.fixture
async def dsn(databases: Databases) -> str:
    """A migrated, empty database."""
    return await databases.copy_of("followup", prepare)


@pytest.fixture
async def house(dsn: str) -> AsyncIterator[House]:
    """Followup's use cases, over the database as the service's everyday login sees it."""
    database = Database(as_login(dsn, APP), application="test")
    yield House(database)
    await database.close()


@pytest.fixture
async def superuser(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody with every right over the same database."""
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def providers(house: House) -> AsyncIterator[Providers]:
    """Robots' providers that count their limits by the house's clock."""
    providers = Providers(lambda: house.clock.now().timestamp())
    await providers.start()
    yield providers
    await providers.stop()


@pytest.fixture
async def office(house: House, providers: Providers) -> AsyncIterator[Office]:
    """Followup's messages over the house, at noon of a working day."""
    way_out = WayOut(whole_seconds=2.0)
    yield Office(house, providers, way_out)
    await way_out.close()


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
        person("mia", "north", role="department_manager"),
        person("gus", "north", active=False),
        person("bo", "south"),
    )
    for name, rep, department in (("A", "rep-1", "north"), ("B", "bo", "south")):
        await house.told(facts(name, last_order_on=date(2026, 2, 2), orders=1, rep=rep, department=department))
        await house.told(tier(name, "contract", "key"))
    assert await house.dispatch() == 2
    return house
