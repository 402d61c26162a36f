"""A database for each service, with an owner for migrations and an everyday login that owns nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import asyncpg

from deploy.failure import Failure
from shared.contracts.registry import SERVICES
from shared.engine.migrations import MigrationError, migrate
from shared.engine.queries import load_queries
from shared.words import Text

QUERIES = load_queries("deploy.local")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a PostgreSQL is and how to log in as the one who may make databases."""

    address: str
    """`host:port`, for people."""
    admin_dsn: str
    host: str
    port: int


class Passwords(Protocol):
    """Where the logins' passwords are kept."""

    def password_file(self, login: str) -> Path:
        """The file with a login's password."""
        ...


def owner_login(service: str) -> str:
    return f"{service}_owner"


def app_login(service: str) -> str:
    return f"{service}_app"


async def connect_external(dsn: str) -> Server:
    """A server that the user named; Failure when it cannot be reached with that login."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, TimeoutError) as error:
        # The message may not quote the DSN: it holds a password.
        raise Failure(
            Text(
                en="The PostgreSQL named with --postgres does not let us in.", zh="无法登录 --postgres 指定的数据库。"
            ),
            Text(
                en="It wants postgresql://USER:PASSWORD@HOST:PORT/postgres with CREATEDB and CREATEROLE.",
                zh="请给出 postgresql://用户:密码@主机:端口/postgres，该账号需要 CREATEDB 和 CREATEROLE 权限。",
            ),
            detail=f"{type(error).__name__}: {error}".replace(dsn, "…"),
        ) from None
    await connection.close()
    parts = urlsplit(dsn)
    host, port = parts.hostname or "localhost", parts.port or 5432
    return Server(f"{host}:{port}", dsn, host, port)


async def prepare_databases(server: Server, passwords: Passwords) -> None:
    """Make what is missing, and let each login have this stack's password."""
    connection: asyncpg.Connection[Any] = await asyncpg.connect(server.admin_dsn, timeout=30)
    try:
        for service in SERVICES:
            for login in (owner_login(service), app_login(service)):
                password = passwords.password_file(login).read_text(encoding="utf-8")
                await run_made(connection, "login_statements", login, password)
            if not await connection.fetchval(QUERIES["database_exists"], service):
                await run_made(connection, "create_database_statements", service, owner_login(service))
            await run_made(connection, "access_statements", service, app_login(service))
    except asyncpg.PostgresError as error:
        raise Failure(
            Text(en="The databases could not be prepared.", zh="数据库准备失败。"),
            Text(en="The login needs CREATEDB and CREATEROLE.", zh="该账号需要 CREATEDB 和 CREATEROLE 权限。"),
            detail=str(error),
        ) from None
    finally:
        await connection.close()


async def migrate_databases(server: Server, passwords: Passwords) -> None:
    """Bring each service's database to this release, as its owner; Failure when a migration fails.

    The same as `python -m services.<name> migrate`, without four interpreters that import four services first.
    """
    for service in SERVICES:
        owner = owner_login(service)
        try:
            await migrate(
                login_dsn(server, owner, service),
                packages=("shared.engine", f"services.{service}"),
                app_role=app_login(service),
                password=passwords.password_file(owner).read_text(encoding="utf-8"),
            )
        except (MigrationError, asyncpg.PostgresError) as error:
            raise Failure(
                Text(en=f"The database of {service} could not be migrated.", zh=f"{service} 的数据库迁移失败。"),
                Text(
                    en="Was the data written by a newer release? Then start that, or name another --data folder.",
                    zh="数据是否由更新的版本写入？请用该版本启动，或用 --data 另选目录。",
                ),
                detail=str(error),
            ) from None


async def run_made(connection: asyncpg.Connection[Any], name: str, *args: str) -> None:
    """Run the statements that a query makes: names and passwords of roles take no parameters, so PostgreSQL quotes."""
    for row in await connection.fetch(QUERIES[name], *args):
        await connection.execute(row["statement"])


def login_dsn(server: Server, login: str, database: str) -> str:
    """The URL of a login, without its password, which services read from a file."""
    options = urlsplit(server.admin_dsn).query
    return f"postgresql://{login}@{server.host}:{server.port}/{database}" + (f"?{options}" if options else "")
