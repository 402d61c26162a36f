"""A followup database of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.followup.channels.door import Door
from shared.engine.postgres import Database
from tests.backends import Databases
from tests.integration.followup.house import APP, House, as_login, prepare
from tests.integration.followup.office import Office
from tests.integration.followup.providers import Providers


@pytest.fixture
async def house(databases: Databases) -> AsyncIterator[House]:
    """Followup's use cases over a migrated, empty database, seen as the service's everyday login."""
    database = Database(as_login(await databases.copy_of("followup", prepare), APP), application="test")
    yield House(database)
    await database.close()


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
    door = Door(whole_seconds=2.0)
    yield Office(house, providers, door)
    await door.close()
