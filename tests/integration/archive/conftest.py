"""An archive of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from shared.engine.postgres import Database
from tests.backends import Databases
from tests.integration.archive.house import APP, Archive, prepare
from tests.integration.tables import as_login


@pytest.fixture
async def archive(databases: Databases, tmp_path: Path) -> AsyncIterator[Archive]:
    """Archive with an empty chain, working as its everyday login."""
    dsn = await databases.copy_of("archive", prepare)
    database = Database(as_login(dsn, APP), application="test")
    yield Archive(dsn, database, tmp_path / "objects", tmp_path / "outside")
    await database.close()


@pytest.fixture
async def superuser(archive: Archive) -> AsyncIterator[asyncpg.Connection]:
    """Somebody with every right over the same database."""
    connection = await asyncpg.connect(archive.dsn)
    yield connection
    await connection.close()
