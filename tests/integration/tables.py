"""A service's tables as Compose makes them: an owner who migrates, an everyday login with less."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from shared.engine.migrations import migrate


def tables_of(service: str) -> Callable[[str], Awaitable[None]]:
    """What makes a service's tables in the database of a superuser's DSN; its logins are `<service>` and `…_app`."""

    async def prepare(dsn: str) -> None:
        connection = await asyncpg.connect(dsn)
        try:
            for role in (service, f"{service}_app"):
                await connection.execute(
                    f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
                )
            await connection.execute(f"GRANT CREATE ON SCHEMA public TO {service}")
        finally:
            await connection.close()
        packages = ("shared.engine", f"services.{service}")
        await migrate(as_login(dsn, service), packages=packages, app_role=f"{service}_app")

    return prepare


def as_login(dsn: str, login: str) -> str:
    """The same database, for another login; the test servers trust whoever comes."""
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))
