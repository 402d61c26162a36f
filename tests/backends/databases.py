"""Databases for tests: each its own, made in milliseconds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from urllib.parse import urlsplit, urlunsplit

import asyncpg


class Databases:
    """Makes databases on one server; templates go with the server, what a test had is dropped behind it."""

    def __init__(self, dsn: str, run: str) -> None:
        """Take a superuser's `dsn`; `run` tells this run's databases from those of others on a given server."""
        self._dsn = dsn
        self._run = run
        self._numbers = count(1)
        self._templates: dict[str, str] = {}
        self._lent: list[str] = []
        self._making = asyncio.Lock()

    async def fresh(self) -> str:
        """The superuser's DSN of a new, empty database."""
        return await self._create("template1")

    async def copy_of(self, name: str, prepare: Callable[[str], Awaitable[None]]) -> str:
        """The superuser's DSN of a new database like the one that `prepare(dsn)` fills once per run under `name`."""
        async with self._making:
            if name not in self._templates:
                template = await self._create("template1")
                self._lent.remove(_name_in(template))
                await prepare(template)
                self._templates[name] = _name_in(template)
        return await self._create(self._templates[name])

    async def keep(self, name: str, prepare: Callable[[str], Awaitable[None]]) -> str:
        """The same, for the whole run: it is dropped with the server, not behind the test that asked first."""
        dsn = await self.copy_of(name, prepare)
        self._lent.remove(_name_in(dsn))
        return dsn

    async def drop_lent(self) -> None:
        """Drop what was handed out: thousands of tests would fill a disk, and the server's end would take minutes."""
        lent, self._lent = self._lent, []
        if lent:
            connection = await asyncpg.connect(self._dsn)
            try:
                for name in lent:
                    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            finally:
                await connection.close()

    async def _create(self, template: str) -> str:
        name = f"test_{self._run}_{next(self._numbers)}"
        connection = await asyncpg.connect(self._dsn)
        try:
            # Half the time of the default, which writes the whole copy into the log as well.
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        finally:
            await connection.close()
        self._lent.append(name)
        return urlunsplit(urlsplit(self._dsn)._replace(path=f"/{name}"))


def _name_in(dsn: str) -> str:
    return urlsplit(dsn).path.removeprefix("/")
