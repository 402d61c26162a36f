"""The pool and its transactions, on a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

import pytest

from shared.engine.postgres import Database

pytestmark = pytest.mark.backend

NUMBERS = "SELECT number FROM generate_series(1, $1::integer) AS number"


@pytest.fixture
async def database(database_dsn: str) -> AsyncIterator[Database]:
    database = Database(database_dsn, pool_size=1, application="test")
    yield database
    await database.close()


async def test_pages_are_the_whole_result_in_order(database: Database) -> None:
    """Also where the last page is full, and where there is nothing."""
    for rows in (0, 1, 6, 7):
        async with database.transaction() as tx:
            pages = [[row[0] for row in page] async for page in tx.pages(NUMBERS, rows, size=3)]
        assert [len(page) for page in pages[:-1]] == [3] * (len(pages) - 1)
        assert [number for page in pages for number in page] == list(range(1, rows + 1))


async def test_pages_left_in_the_middle_free_the_connection(database: Database) -> None:
    """The next page is on its way already: who has seen enough commits, who fails rolls back, and others go on."""
    await database.execute("CREATE TABLE seen (pages integer)")
    async with database.transaction() as tx:
        await tx.execute("INSERT INTO seen VALUES (1)")
        async with aclosing(tx.pages(NUMBERS, 1_000_000, size=200_000)) as pages:
            async for page in pages:
                assert len(page) == 200_000
                break
    with suppress(ZeroDivisionError):
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO seen VALUES (2)")
            async with aclosing(tx.pages(NUMBERS, 1_000_000, size=200_000)) as pages:
                async for _ in pages:
                    raise ZeroDivisionError
    assert [row[0] for row in await database.fetch("SELECT pages FROM seen")] == [1]
