"""A database as an earlier release left it: migrated up to some file, to be filled by hand and then upgraded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from shared.engine.migrations import LEDGER, find_migrations, quote_identifier
from tests.backends import Databases

NOTED = "INSERT INTO schema_migrations (migration, checksum) VALUES ($1, $2)"
LOGIN = "DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"


@asynccontextmanager
async def released(
    databases: Databases, service: str, before: str, prepare: Callable[[str], Awaitable[None]]
) -> AsyncIterator[tuple[str, asyncpg.Connection[Any]]]:
    """The URL of a database with a service's migrations before a number, and the owner's connection to fill it by.

    On leaving, `prepare` brings it up to date, as the upgrade would.
    """
    dsn, package, app = await databases.fresh(), f"services.{service}", f"{service}_app"
    connection = await asyncpg.connect(dsn)
    try:
        for role in (service, app):
            await connection.execute(LOGIN.format(role=role))
        await connection.execute(f"GRANT CREATE ON SCHEMA public TO {service}")
        await connection.execute(f"SET ROLE {service}")
        await connection.execute(LEDGER)
        for migration in find_migrations(("shared.engine", package)):
            folder, _, file = migration.name.rpartition("/")
            if folder == package and file >= before:
                continue
            await connection.execute(migration.text.replace("{app}", quote_identifier(app)))
            await connection.execute(NOTED, migration.name, migration.checksum)
        yield dsn, connection
    finally:
        await connection.close()
    await prepare(dsn)
