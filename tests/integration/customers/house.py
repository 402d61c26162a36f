"""Customers as it stands in its database, with the events that others would send it."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import asyncpg

from shared.engine.migrations import migrate

OWNER, APP = "customers", "customers_app"


async def prepare(dsn: str) -> None:
    """Make the tables as compose does: an owner who migrates, an everyday login with less."""
    connection = await asyncpg.connect(dsn)
    try:
        for role in (OWNER, APP):
            await connection.execute(
                f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
            )
        await connection.execute(f"GRANT CREATE ON SCHEMA public TO {OWNER}")
    finally:
        await connection.close()
    await migrate(as_login(dsn, OWNER), packages=("shared.engine", "services.customers"), app_role=APP)


def as_login(dsn: str, login: str) -> str:
    """The same database, for another login; the test servers trust whoever comes."""
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))
