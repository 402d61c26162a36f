"""Migrations apply once, in order, whoever else tries, and tell when history was rewritten."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from shared.engine.migrations import Migration, MigrationError, find_migrations, migrate, refuse_changed

pytestmark = pytest.mark.backend


async def test_runners_at_the_same_time_apply_each_migration_once(database_dsn: str) -> None:
    """Three services' one-shot steps start together; one does the work."""
    connection = await asyncpg.connect(database_dsn)
    await connection.execute("DO $$ BEGIN CREATE ROLE ledger_app; EXCEPTION WHEN duplicate_object THEN END $$")
    results = await asyncio.gather(
        *(migrate(database_dsn, packages=("shared.engine",), app_role="ledger_app") for _ in range(3))
    )
    names = [m.name for m in find_migrations(("shared.engine",))]
    assert sorted(results, key=len) == [[], [], names]
    assert [row[0] for row in await connection.fetch("SELECT migration FROM schema_migrations ORDER BY 1")] == names
    await connection.close()


def test_an_edited_migration_is_refused() -> None:
    """What ran somewhere must read the same for ever."""
    old, new = Migration("a/0001.sql", "CREATE TABLE t ()"), Migration("a/0001.sql", "CREATE TABLE u ()")
    refuse_changed({old.name: old.checksum}, [old])
    with pytest.raises(MigrationError, match="changed"):
        refuse_changed({old.name: old.checksum}, [new])
    with pytest.raises(MigrationError, match="not part of this release"):
        refuse_changed({old.name: old.checksum}, [])
