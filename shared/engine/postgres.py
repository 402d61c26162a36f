"""PostgreSQL as the engine uses it: a pool, short transactions, and which errors are worth waiting for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

# Classes of SQLSTATE that say something of the moment, not of the data: 08 connection, 40 serialization and deadlock,
# 53 resources (disk full among them), 57 operator intervention, 58 system error.
TRANSIENT_CLASSES = frozenset({"08", "40", "53", "57", "58"})
# 25006 a server that has become a stand-by, 25P04 transaction_timeout, 55P03 lock_timeout.
TRANSIENT_STATES = frozenset({"25006", "25P03", "25P04", "55P03"})
# 22 data exception, 23 integrity violation: some record of the batch did it.
DATA_CLASSES = frozenset({"22", "23"})

# A stopped process must not hold the fence: the server ends what takes longer than these (PostgreSQL 17 and later).
SESSION = {
    "lock_timeout": "15s",
    "transaction_timeout": "60s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
    # The statements are few and short, and compiling one would cost more than it runs.
    "jit": "off",
}


def is_transient(error: BaseException) -> bool:
    """Whether waiting may help: the server, the network or the moment is at fault, not the data."""
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate or "")
        return state[:2] in TRANSIENT_CLASSES or state in TRANSIENT_STATES
    return isinstance(error, (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError))


def is_data_fault(error: BaseException) -> bool:
    """Whether some record of the batch is at fault, so that bisecting finds it."""
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate or "")[:2] in DATA_CLASSES
    # asyncpg refuses a value before the server sees it (an integer out of range, a NUL in text).
    return isinstance(error, asyncpg.DataError) or not isinstance(
        error, (asyncpg.PostgresError, asyncpg.InterfaceError)
    )


class PostgresTransaction:
    """An open transaction; implements `shared.engine.model.Transaction`."""

    __slots__ = ("_connection",)

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self._connection = connection

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        return list(await self._connection.fetch(query, *args))

    async def fetchrow(self, query: str, *args: Any) -> Any:
        return await self._connection.fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        return await self._connection.fetchval(query, *args)

    async def execute(self, query: str, *args: Any) -> str:
        return str(await self._connection.execute(query, *args))

    async def copy_records(self, table: str, columns: Sequence[str], records: Sequence[tuple[Any, ...]]) -> None:
        await self._connection.copy_records_to_table(table, columns=list(columns), records=records)

    async def stream(self, query: str, *args: Any, prefetch: int = 5000) -> AsyncIterator[Any]:
        """Yield rows through a server-side cursor, in constant memory."""
        async for row in self._connection.cursor(query, *args, prefetch=prefetch):
            yield row

    async def pages(self, query: str, *args: Any, size: int = 5000) -> AsyncGenerator[list[Any]]:
        """Yield a result page by page: the server makes the next one while this one is worked on.

        To be closed (`aclosing`) by who may leave before the end: the connection is busy until then.
        """
        cursor = await self._connection.cursor(query, *args)
        coming = asyncio.ensure_future(cursor.fetch(size))
        try:
            while page := await coming:
                coming = asyncio.ensure_future(cursor.fetch(size))
                # Once round the loop, and the server has been asked.
                await asyncio.sleep(0)
                yield page
        finally:
            # To cancel it would undo the transaction.
            await asyncio.wait([coming])
            if not coming.cancelled():
                coming.exception()


class Database:
    """A service's own database.

    Opened lazily, so that a service starts, and says what it waits for, while the server is still away.
    """

    def __init__(self, dsn: str, *, pool_size: int = 6, application: str) -> None:
        self._dsn = dsn
        self._pool_size = pool_size
        self._application = application
        self._pool: asyncpg.Pool[Any] | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """Open the pool; raises what asyncpg raises while the server cannot be reached."""
        await self._opened()

    async def close(self) -> None:
        """Close the pool, waiting at most 3 s for what is still under way."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                async with asyncio.timeout(3):
                    await pool.close()
            except TimeoutError:
                pool.terminate()

    async def _connect(self) -> asyncpg.Pool[Any]:
        return await asyncpg.create_pool(
            self._dsn,
            min_size=1,
            max_size=self._pool_size,
            command_timeout=60,
            timeout=10,
            server_settings=SESSION | {"application_name": self._application},
            reset=_keep,
        )

    async def _opened(self) -> asyncpg.Pool[Any]:
        async with self._opening:
            if self._pool is None:
                self._pool = await self._connect()
            return self._pool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresTransaction]:
        """Commit on leaving, roll back on an exception."""
        pool = await self._opened()
        async with pool.acquire() as connection, connection.transaction():
            yield PostgresTransaction(connection)

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        return list(await (await self._opened()).fetch(query, *args))

    async def fetchrow(self, query: str, *args: Any) -> Any:
        return await (await self._opened()).fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        return await (await self._opened()).fetchval(query, *args)

    async def execute(self, query: str, *args: Any) -> str:
        return str(await (await self._opened()).execute(query, *args))


async def _keep(connection: Any) -> None:
    """Give a connection back as it is.

    No transaction here leaves settings, cursors or session locks behind; making sure of it costs each a round trip.
    """
