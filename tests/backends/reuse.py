"""A database that a test has used, made as it was: a fraction of the work of making another.

What a test wrote is told by PostgreSQL's own counts of rows inserted, updated and deleted in each table, catalogs
among them: they are exact once the sessions are gone, and nobody has to say what a test did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

# Rows that were written by one test; deleting more than these leaves pages behind that slow the tests to come.
MOST_ROWS = 5_000
# Foreign keys and the triggers that fire by themselves rest; nothing waits for a table that is being vacuumed.
SESSION = {"session_replication_role": "replica", "deadlock_timeout": "10ms", "lock_timeout": "10s", "jit": "off"}

# In a statistics table of the planner's a vacuum writes by itself, and nobody else does.
RELATIONS = """
SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name,
       n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast') AS is_catalog,
       ARRAY(SELECT quote_ident(attname) FROM pg_attribute
             WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
             ORDER BY attnum) AS columns,
       ARRAY(SELECT quote_ident(tgname) FROM pg_trigger
             WHERE tgrelid = c.oid AND tgenabled = 'A' AND NOT tgisinternal) AS always
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND NOT c.relisshared AND c.relname NOT IN ('pg_statistic', 'pg_statistic_ext_data')
"""
SEQUENCES = "SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences"
WRITTEN = """
SELECT o AS oid, pg_stat_get_tuples_inserted(o) + pg_stat_get_tuples_updated(o) + pg_stat_get_tuples_deleted(o) AS rows
FROM unnest($1::oid[]) AS o
"""
# Counts are gone after a crash of the server, and then say nothing of what came before.
COMMITTED = "SELECT pg_stat_get_db_xact_commit(oid) FROM pg_database WHERE datname = current_database()"


@dataclass(frozen=True)
class Written:
    """Counts since the database was made: rows by table (their OIDs), and transactions."""

    rows: Mapping[int, int]
    transactions: int


NOTHING = Written({}, 0)


@dataclass(frozen=True)
class Table:
    """`seeds` is the statement that puts in what the migrations left there; `always` are triggers that never rest."""

    name: str
    seeds: str
    always: Sequence[str]

    def emptied(self) -> list[str]:
        """The statements that leave nothing but the seeds."""
        off, on = (
            [f"ALTER TABLE {self.name} " + ", ".join(f"{what} TRIGGER {name}" for name in self.always)]
            if self.always
            else []
            for what in ("DISABLE", "ENABLE ALWAYS")
        )
        return [*off, f"DELETE FROM {self.name}", *([self.seeds] if self.seeds else []), *on]  # noqa: S608


@dataclass(frozen=True)
class Pristine:
    """A template as its preparation left it; its copies have its OIDs."""

    tables: Mapping[int, Table]
    catalogs: Sequence[int]
    sequences: Sequence[str]

    async def written(self, connection: asyncpg.Connection[Any]) -> Written:
        """The counts of the database of this connection."""
        rows = await connection.fetch(WRITTEN, [*self.tables, *self.catalogs])
        return Written({row["oid"]: row["rows"] for row in rows}, await connection.fetchval(COMMITTED))

    async def restore(self, dsn: str, before: Written) -> Written | None:
        """Take back all that was written since `before`, for which no session may be left.

        Returns the counts after it; nothing when the database is none to use again: something in its catalogs was
        changed (tables, columns, triggers, functions, rights …), too much was written, or the counts were lost.
        """
        connection = await asyncpg.connect(dsn, server_settings=SESSION)
        try:
            now = await self.written(connection)
            more = {oid: rows - before.rows.get(oid, 0) for oid, rows in now.rows.items()}
            if now.transactions < before.transactions or any(more[oid] for oid in self.catalogs):
                return None
            if sum(more.values()) > MOST_ROWS:
                return None
            statements = [s for oid, table in self.tables.items() if more[oid] for s in table.emptied()]
            # The last one makes the counts of what is done here show in the next statement.
            statements = ["BEGIN", *statements, *self.sequences, "COMMIT", "SELECT pg_stat_force_next_flush()"]
            await connection.execute("; ".join(statements))
            return await self.written(connection)
        finally:
            await connection.close()


async def study(dsn: str) -> Pristine | None:
    """What a template's copies are to be again; nothing where the server does not count rows."""
    connection = await asyncpg.connect(dsn)
    try:
        if await connection.fetchval("SHOW track_counts") != "on":
            return None
        relations = await connection.fetch(RELATIONS)
        tables = {
            row["oid"]: Table(row["name"], await _seeds(connection, row["name"], row["columns"]), row["always"])
            for row in relations
            if not row["is_catalog"]
        }
        sequences = [await _rewound(connection, row["name"]) for row in await connection.fetch(SEQUENCES)]
        return Pristine(tables, [row["oid"] for row in relations if row["is_catalog"]], sequences)
    finally:
        await connection.close()


async def _seeds(connection: asyncpg.Connection[Any], table: str, columns: Sequence[str]) -> str:
    # As text, in which every type can be written and read back exactly.
    as_text = ", ".join(f"{column}::text" for column in columns)
    rows = await connection.fetch(f"SELECT {as_text} FROM {table}")  # noqa: S608
    if not rows:
        return ""
    values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
    return f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE VALUES {values}"  # noqa: S608


async def _rewound(connection: asyncpg.Connection[Any], sequence: str) -> str:
    row = await connection.fetchrow(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608
    return f"SELECT setval('{sequence}', {row['last_value']}, {row['is_called']})"


def _literal(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"
