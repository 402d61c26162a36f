"""Each service once for all lines of its tables: what happens in a line is taken back behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.authorization import archive
from tests.backends import Databases
from tests.integration.tables import tables_of


@pytest.fixture(scope="module")
async def archive_world(
    database_maker: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[archive.World]:
    """Archive, filled."""
    dsn = await database_maker.copy_of("archive", tables_of("archive"))
    world = await archive.open_archive(dsn, tmp_path_factory.mktemp("archive"))
    yield world
    await world.doors.close()
