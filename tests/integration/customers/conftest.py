"""A customers' database of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.engine.postgres import Database
from tests.backends import Databases
from tests.integration.customers.house import APP, Customers, prepare
from tests.integration.tables import as_login


@pytest.fixture
async def customers_dsn(databases: Databases) -> str:
    """A superuser's URL of a database of its own, migrated and empty."""
    return await databases.copy_of("customers", prepare)


@pytest.fixture
async def customers_database(customers_dsn: str) -> AsyncIterator[Database]:
    """That database, seen as the service's everyday login."""
    database = Database(as_login(customers_dsn, APP), application="test")
    yield database
    await database.close()


@pytest.fixture
async def customers(customers_database: Database) -> Customers:
    """The service over that database."""
    return Customers(customers_database)


@pytest.fixture
async def superuser(customers_dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody with every right over the same database."""
    connection = await asyncpg.connect(customers_dsn)
    yield connection
    await connection.close()
