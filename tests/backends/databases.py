"""Databases for tests: each its own, made in milliseconds, or made again as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from tests.backends.reuse import NOTHING, Pristine, Written, study

# A test that asks for more of one kind is none whose databases are worth keeping.
MOST_IDLE = 4

# Waits for each: what a session wrote is counted when it is gone.
END_SESSIONS = """
SELECT coalesce(bool_and(pg_terminate_backend(pid, 10000)), true) FROM pg_stat_activity
WHERE datname = $1 AND backend_type = 'client backend'
"""
# What belongs to a database and stands in the whole server's catalogs.
AS_CREATED = """
SELECT datacl IS NULL AND datconnlimit = -1 AND datallowconn
    AND NOT EXISTS (SELECT FROM pg_db_role_setting WHERE setdatabase = d.oid)
FROM pg_database AS d WHERE datname = $1
"""


@dataclass
class Template:
    """A database that others are copied from; those that wait for a test, made as it is."""

    database: str
    pristine: Pristine | None = None
    idle: list[Lent] = field(default_factory=list)


@dataclass(frozen=True)
class Lent:
    """A copy, and what had been written into it when it was handed out."""

    database: str
    template: Template
    written: Written = NOTHING


class Databases:
    """Makes databases on one server; templates and what is idle go with the server."""

    def __init__(self, dsn: str, run: str) -> None:
        """Take a superuser's `dsn`; `run` tells this run's databases from those of others on a given server."""
        self._dsn = dsn
        self._run = run
        self._numbers = count(1)
        self._templates: dict[str, Template] = {}
        self._lent: list[Lent] = []
        self._making = asyncio.Lock()

    async def fresh(self) -> str:
        """The superuser's DSN of a new, empty database."""
        return self._lend(await self._create(Template("template1")))

    async def copy_of(self, name: str, prepare: Callable[[str], Awaitable[None]]) -> str:
        """The superuser's DSN of a database like the one that `prepare(dsn)` fills once per run under `name`."""
        async with self._making:
            if name not in self._templates:
                database = (await self._create(Template("template1"))).database
                await prepare(self._dsn_of(database))
                self._templates[name] = Template(database, await study(self._dsn_of(database)))
        template = self._templates[name]
        return self._lend(template.idle.pop() if template.idle else await self._create(template))

    async def keep(self, name: str, prepare: Callable[[str], Awaitable[None]]) -> str:
        """The same, for the whole run: it goes with the server, not behind the test that asked first."""
        dsn = await self.copy_of(name, prepare)
        self._lent.pop()
        return dsn

    async def take_back(self) -> None:
        """Make what was handed out as it was, for tests to come; drop what cannot be made so."""
        lent, self._lent = self._lent, []
        if lent:
            connection = await asyncpg.connect(self._dsn)
            try:
                for each in lent:
                    await self._take_back(connection, each)
            finally:
                await connection.close()

    async def _take_back(self, connection: asyncpg.Connection[Any], lent: Lent) -> None:
        template = lent.template
        if template.pristine and len(template.idle) < MOST_IDLE and (database := await self._alone(connection, lent)):
            lent = Lent(database, template, lent.written)
            if await connection.fetchval(AS_CREATED, database):
                written = await template.pristine.restore(self._dsn_of(database), lent.written)
                if written is not None:
                    template.idle.append(Lent(database, template, written))
                    return
        # Thousands of them would fill a disk, and the server's end would take minutes.
        await connection.execute(f'DROP DATABASE "{lent.database}" WITH (FORCE)')

    async def _alone(self, connection: asyncpg.Connection[Any], lent: Lent) -> str | None:
        """End all sessions; the new name, by which no task that outlived its test finds it; nothing if one stays."""
        if not await connection.fetchval(END_SESSIONS, lent.database):
            return None
        name = self._name()
        try:
            await connection.execute(f'ALTER DATABASE "{lent.database}" RENAME TO "{name}"')
        except asyncpg.ObjectInUseError:
            return None
        return name

    async def _create(self, template: Template) -> Lent:
        name = self._name()
        connection = await asyncpg.connect(self._dsn)
        try:
            # Half the time of the default, which writes the whole copy into the log as well.
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template.database}" STRATEGY FILE_COPY')
        finally:
            await connection.close()
        return Lent(name, template)

    def _lend(self, lent: Lent) -> str:
        self._lent.append(lent)
        return self._dsn_of(lent.database)

    def _name(self) -> str:
        return f"test_{self._run}_{next(self._numbers)}"

    def _dsn_of(self, database: str) -> str:
        return urlunsplit(urlsplit(self._dsn)._replace(path=f"/{database}"))
