"""Each service once for all tables: what happens in a line is taken back behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping

import pytest
from structlog.testing import capture_logs

from tests.authorization import archive, customers, followup, scoring
from tests.backends import Databases
from tests.doors import Doors
from tests.integration.tables import tables_of


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of requests are thousands of lines."""
    with capture_logs():
        yield


@pytest.fixture(scope="session")
async def archive_world(
    database_maker: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[archive.World]:
    """Archive, filled."""
    dsn = await database_maker.keep("archive", tables_of("archive"))
    world = await archive.open_archive(dsn, tmp_path_factory.mktemp("archive"))
    yield world
    await world.doors.close()


@pytest.fixture(scope="session")
async def customers_world(
    database_maker: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[customers.World]:
    """Customers, filled."""
    dsn = await database_maker.keep("customers", tables_of("customers"))
    world = await customers.open_customers(dsn, tmp_path_factory.mktemp("customers"))
    yield world
    await world.doors.close()


@pytest.fixture(scope="session")
async def followup_world(
    database_maker: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[followup.World]:
    """Followup, filled."""
    dsn = await database_maker.keep("followup", tables_of("followup"))
    world = await followup.open_followup(dsn, tmp_path_factory.mktemp("followup"))
    yield world
    await world.close()


@pytest.fixture(scope="session")
async def scoring_world(
    database_maker: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[scoring.World]:
    """Scoring, filled."""
    dsn = await database_maker.keep("scoring", tables_of("scoring"))
    world = await scoring.open_scoring(dsn, tmp_path_factory.mktemp("scoring"))
    yield world
    await world.doors.close()


@pytest.fixture
def every_door(
    archive_world: archive.World,
    customers_world: customers.World,
    followup_world: followup.World,
    scoring_world: scoring.World,
) -> Mapping[str, Doors]:
    """The doors of each service, by its name."""
    worlds = (archive_world, customers_world, followup_world, scoring_world)
    return {world.doors.service: world.doors for world in worlds}
