"""A database that a test has used is as a new one for the next, or is not used again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from tests.backends import Databases
from tests.backends.reuse import MOST_ROWS
from tests.integration.tables import tables_of

pytestmark = pytest.mark.backend

SERVICES = ("archive", "customers", "followup", "scoring")
HARD = r"""
CREATE TABLE kinds (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "Word"  text,
    amount  numeric(9, 4),
    measure double precision,
    bytes   bytea,
    moment  timestamptz,
    words   text[],
    cried   text GENERATED ALWAYS AS ("Word" || '!') STORED
);
INSERT INTO kinds ("Word", amount, measure, bytes, moment, words) VALUES
    ('it''s \ "so" 王', 0.1, 0.1 + 0.2::double precision, '\x00ff', '2026-03-02 04:05:06.789012+08', '{"a,\"",NULL}'),
    (NULL, NULL, 'NaN', NULL, 'infinity', '{}');
CREATE TABLE parts (number bigint NOT NULL REFERENCES kinds, part text NOT NULL CHECK (part <> ''));
INSERT INTO parts VALUES (1, 'a'), (1, 'a');
CREATE SEQUENCE letters START 7;
SELECT nextval('letters');
CREATE TABLE finals (a int);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'final'; END $$;
CREATE TRIGGER finals_stay BEFORE UPDATE OR DELETE ON finals FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE finals ENABLE ALWAYS TRIGGER finals_stay;
CREATE TRIGGER finals_rest BEFORE UPDATE ON finals FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE finals DISABLE TRIGGER finals_rest;
INSERT INTO finals VALUES (1);
"""
"""What is hard to put back: keys that are given out, values that quoting may hurt, rows that nobody may delete."""


@pytest.fixture
def own(postgres_dsn: str) -> Databases:
    """Makes databases of its own, so that no other test's come between."""
    return Databases(postgres_dsn, secrets.token_hex(4))


async def hard(dsn: str) -> None:
    await run(dsn, HARD)


async def test_what_is_hard_to_put_back_is_put_back(own: Databases) -> None:
    """Seeds, their keys, sequences and the triggers that guard final rows are what they were, each time again."""
    first = await oid_of(await own.copy_of("hard", hard))
    for _ in range(3):
        await own.take_back()
        dsn = await own.copy_of("hard", hard)
        assert await oid_of(dsn) == first
        await run(
            dsn,
            "INSERT INTO kinds (amount) VALUES (1); SELECT nextval('letters'); INSERT INTO finals VALUES (2);"
            " DELETE FROM parts; DELETE FROM kinds WHERE number = 1; UPDATE kinds SET \"Word\" = 'y'",
        )
    await own.take_back()
    again, new = await own.copy_of("hard", hard), await own.copy_of("hard", hard)
    assert (await oid_of(again), await state_of(again)) == (first, await state_of(new))
    with pytest.raises(asyncpg.RaiseError, match="final"):
        await run(again, "DELETE FROM finals")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_finds_a_new_database(own: Databases, service: str) -> None:
    """After rows in every table but the few whose triggers let none in, and after each sequence has gone on."""

    async def without_checks(dsn: str) -> None:
        await tables_of(service)(dsn)
        await run(dsn, WITHOUT_CHECKS)

    dsn = await own.copy_of(service, without_checks)
    used = await oid_of(dsn)
    filled, tables = await fill(dsn)
    assert len(filled) > 0.9 * len(tables), tables - filled
    await own.take_back()
    again, new = await own.copy_of(service, without_checks), await own.copy_of(service, without_checks)
    assert (await oid_of(again), await state_of(again)) == (used, await state_of(new))


WITHOUT_CHECKS = """
DO $$ DECLARE c record; BEGIN
    FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0 LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', c.t, c.conname);
    END LOOP;
END $$
"""
COLUMNS = """
SELECT attrelid::regclass::text AS table, format_type(atttypid, NULL) AS type, typtype, typcategory,
       (SELECT min(enumlabel) FROM pg_enum WHERE enumtypid = t.oid) AS label, quote_ident(attname) AS name
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = attrelid JOIN pg_type AS t ON t.oid = atttypid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
SAMPLES: Mapping[str, str] = {
    "S": "x", "N": "77", "B": "true", "D": "2026-03-02", "A": "{}", "T": "1 day", "R": "empty", "I": "10.0.0.1",
    "U": "1",
}  # fmt: skip
BY_TYPE: Mapping[str, str] = {"jsonb": "{}", "json": "{}", "bytea": "x", "time without time zone": "09:00"}


async def fill(dsn: str) -> tuple[set[str], set[str]]:
    """Write into all tables; those that took a row or let one go, and all there are."""
    connection = await asyncpg.connect(dsn, server_settings={"session_replication_role": "replica"})
    try:
        rows: dict[str, dict[str, str]] = {}
        for row in await connection.fetch(COLUMNS):
            sample = row["label"] or BY_TYPE.get(row["type"]) or SAMPLES[bytes(row["typcategory"]).decode()]
            rows.setdefault(row["table"], {})[row["name"]] = f"'{sample}'"
        filled = set()
        for table, values in rows.items():
            columns, samples = ", ".join(values), ", ".join(values.values())
            for statement in (
                f"DELETE FROM {table}",  # noqa: S608
                f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({samples})",  # noqa: S608
            ):
                try:
                    if await connection.execute(statement) != "DELETE 0":
                        filled.add(table)
                except asyncpg.PostgresError:
                    # A trigger that fires always, or a key that is there.
                    continue
        for row in await connection.fetch("SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences"):
            await connection.execute(f"SELECT nextval('{row[0]}')")
        return filled, set(rows)
    finally:
        await connection.close()


CHANGES = (
    "ALTER TABLE kinds ADD COLUMN x text",
    "ALTER TABLE kinds ALTER COLUMN amount SET DEFAULT 1",
    "ALTER TABLE parts DROP CONSTRAINT parts_part_check",
    "ALTER TABLE finals DISABLE TRIGGER finals_stay",
    "ALTER TABLE finals DISABLE TRIGGER finals_stay; ALTER TABLE finals ENABLE ALWAYS TRIGGER finals_stay",
    "ALTER TABLE kinds OWNER TO pg_monitor",
    "ALTER SEQUENCE letters INCREMENT 5",
    "CREATE TABLE more (a int)",
    "CREATE TABLE more (a int); DROP TABLE more",
    "CREATE INDEX ON parts (part)",
    "CREATE VIEW more AS SELECT 1 AS a",
    "CREATE SCHEMA more",
    "CREATE TYPE more AS ENUM ('a')",
    "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
    "GRANT UPDATE ON kinds TO PUBLIC",
    "GRANT UPDATE (amount) ON kinds TO PUBLIC",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
    "DROP TABLE parts",
    "TRUNCATE parts",
    "COMMENT ON TABLE kinds IS 'more'",
    "SELECT lo_create(0)",
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET jit = on', current_database()); END $$",
    "DO $$ BEGIN EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database()); END $$",
    f"INSERT INTO finals SELECT generate_series(1, {MOST_ROWS + 1})",
)


@pytest.mark.parametrize("change", CHANGES)
async def test_what_is_more_than_rows_is_not_used_again(own: Databases, change: str) -> None:
    """Whatever was changed, also back; nobody says so, and the next test's database is another."""
    dsn = await own.copy_of("hard", hard)
    used = await oid_of(dsn)
    await run(dsn, change)
    await own.take_back()
    next_one = await own.copy_of("hard", hard)
    assert await oid_of(next_one) != used
    connection = await asyncpg.connect(next_one)
    assert await connection.fetchval("SELECT count(*) FROM pg_database WHERE oid = $1", used) == 0
    await connection.close()


async def test_what_a_test_left_running_reaches_no_later_one(own: Databases) -> None:
    """A session in the middle of a write is ended and its write undone; who comes again finds nothing there."""
    dsn = await own.copy_of("hard", hard)
    used = await oid_of(dsn)
    left = await asyncpg.connect(dsn)
    await left.execute("BEGIN; INSERT INTO finals VALUES (3)")
    await own.take_back()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await left.execute("COMMIT")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(dsn)
    again, new = await own.copy_of("hard", hard), await own.copy_of("hard", hard)
    assert (await oid_of(again), await state_of(again)) == (used, await state_of(new))
    left.terminate()


async def run(dsn: str, statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


async def oid_of(dsn: str) -> int:
    """What a database is known by whatever its name."""
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("SELECT oid FROM pg_database WHERE datname = current_database()"))
    finally:
        await connection.close()


RELATIONS = """
SELECT relkind, oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'S')
    AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
"""


async def state_of(dsn: str) -> dict[str, Any]:
    """All rows of all tables, where sequences stand, and which triggers fire when."""
    connection = await asyncpg.connect(dsn)
    try:
        names: dict[str, list[str]] = {"r": [], "S": []}
        for row in await connection.fetch(RELATIONS):
            names[bytes(row["relkind"]).decode()].append(row["name"])
        rows = {t: await connection.fetch(f"SELECT t::text FROM {t} AS t ORDER BY 1") for t in names["r"]}  # noqa: S608
        stand = {s: await connection.fetch(f"SELECT last_value, is_called FROM {s}") for s in names["S"]}  # noqa: S608
        fires = await connection.fetch("SELECT tgrelid, tgname, tgenabled FROM pg_trigger ORDER BY oid")
        return {**rows, **stand, "triggers": fires}
    finally:
        await connection.close()
