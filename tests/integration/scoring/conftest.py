"""A scoring database of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.engine.postgres import Database
from tests.backends import Databases
from tests.integration.scoring.house import APP, House, prepare
from tests.integration.tables import as_login


@pytest.fixture
async def house(databases: Databases) -> AsyncIterator[House]:
    """Scoring's use cases over a migrated, empty database, seen as the service's everyday login."""
    database = Database(as_login(await databases.copy_of("scoring", prepare), APP), application="test")
    house = House(database)
    await house.lease.acquire()
    yield house
    await database.close()
