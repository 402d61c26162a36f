"""Plain numbered `.sql` files, applied once each, in order, under an advisory lock; an edited one is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import asyncpg

LOCK = 7_460_871_901  # any number will do that every runner takes
LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    migration  text        PRIMARY KEY,
    checksum   text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


class MigrationError(Exception):
    """A migration was changed after it had been applied, or is gone."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: `name` is `<package>/<file>`, `checksum` the SHA-256 of its text in hex."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def find_migrations(packages: Sequence[str]) -> Iterator[Migration]:
    """Yield the migrations of each package in turn, by file name."""
    for package in packages:
        folder = files(package) / "sql" / "migrations"
        for path in sorted(folder.iterdir(), key=lambda p: p.name):
            if path.name.endswith(".sql"):
                yield Migration(f"{package}/{path.name}", path.read_text("utf-8"))


def quote_identifier(name: str) -> str:
    """Quote a role name as PostgreSQL wants it."""
    return '"' + name.replace('"', '""') + '"'


async def migrate(dsn: str, *, packages: Sequence[str], app_role: str, password: str | None = None) -> list[str]:
    """Apply what is missing and return its names; `{app}` in a file becomes the app login's quoted name."""
    connection: asyncpg.Connection[Any] = await asyncpg.connect(dsn, password=password, timeout=30)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(LEDGER)
        await connection.execute(f"GRANT SELECT ON schema_migrations TO {quote_identifier(app_role)}")
        rows = await connection.fetch("SELECT migration, checksum FROM schema_migrations")
        applied = {row["migration"]: row["checksum"] for row in rows}
        migrations = list(find_migrations(packages))
        refuse_changed(applied, migrations)
        fresh = [m for m in migrations if m.name not in applied]
        for migration in fresh:
            async with connection.transaction():
                await connection.execute(migration.text.replace("{app}", quote_identifier(app_role)))
                await connection.execute(
                    "INSERT INTO schema_migrations (migration, checksum) VALUES ($1, $2)",
                    migration.name,
                    migration.checksum,
                )
        return [m.name for m in fresh]
    finally:
        await connection.close()


def refuse_changed(applied: dict[str, str], migrations: Sequence[Migration]) -> None:
    """Raise `MigrationError` when an applied migration is gone or reads differently now."""
    known = {m.name: m.checksum for m in migrations}
    for name, checksum in applied.items():
        if name not in known:
            raise MigrationError(f"{name} was applied to this database but is not part of this release")
        if known[name] != checksum:
            raise MigrationError(f"{name} was changed after it had been applied; write a new migration instead")
