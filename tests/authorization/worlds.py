"""Each service once for all lines of its tables: what happens in a line is taken back behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from structlog.testing import capture_logs

from tests.authorization import archive, customers
from tests.backends import Databases
from tests.integration.tables import tables_of


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of requests are thousands of lines."""
    with capture_logs():
        yield


@pytest.fixture(scope="module")
async def archive_world(
    database_maker: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[archive.World]:
    """Archive, filled."""
    dsn = await database_maker.copy_of("archive", tables_of("archive"))
    world = await archive.open_archive(dsn, tmp_path_factory.mktemp("archive"))
    yield world
    await world.doors.close()


@pytest.fixture(scope="module")
async def customers_world(
    database_maker: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[customers.World]:
    """Customers, filled."""
    dsn = await database_maker.copy_of("customers", tables_of("customers"))
    world = await customers.open_customers(dsn, tmp_path_factory.mktemp("customers"))
    yield world
    await world.doors.close()
