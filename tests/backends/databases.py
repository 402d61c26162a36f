"""Databases for tests: each its own, made in milliseconds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from urllib.parse import urlsplit, urlunsplit

import asyncpg


class Databases:
    """Makes databases on one server; all go with the server, so nothing has to be dropped."""

    def __init__(self, dsn: str, run: str) -> None:
        """Take a superuser's `dsn`; `run` tells this run's databases from those of others on a given server."""
        self._dsn = dsn
        self._run = run
        self._numbers = count(1)
        self._templates: dict[str, str] = {}
        self._making = asyncio.Lock()

    async def fresh(self) -> str:
        """The superuser's DSN of a new, empty database."""
        return await self._create("template1")

    async def copy_of(self, name: str, prepare: Callable[[str], Awaitable[None]]) -> str:
        """The superuser's DSN of a new database like the one that `prepare(dsn)` fills once per run under `name`."""
        async with self._making:
            if name not in self._templates:
                template = await self._create("template1")
                await prepare(template)
                self._templates[name] = _name_in(template)
        return await self._create(self._templates[name])

    async def _create(self, template: str) -> str:
        name = f"test_{self._run}_{next(self._numbers)}"
        connection = await asyncpg.connect(self._dsn)
        try:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        finally:
            await connection.close()
        return urlunsplit(urlsplit(self._dsn)._replace(path=f"/{name}"))


def _name_in(dsn: str) -> str:
    return urlsplit(dsn).path.removeprefix("/")
