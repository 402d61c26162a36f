"""A customers' database of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.engine.postgres import Database
from tests.backends import Databases
from tests.integration.customers.house import APP, as_login, prepare


@pytest.fixture
async def customers_database(databases: Databases) -> AsyncIterator[Database]:
    """Migrated and empty, seen as the service's everyday login."""
    database = Database(as_login(await databases.copy_of("customers", prepare), APP), application="test")
    yield database
    await database.close()
