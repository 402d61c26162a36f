"""Fines of an earlier release, after the upgrade."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from shared.engine.postgres import Database
from shared.roles import Role
from tests.backends import Databases
from tests.integration.archive.house import APP, Archive, prepare
from tests.integration.archive.offices import get, post
from tests.integration.tables import as_login
from tests.upgrading import released

pytestmark = pytest.mark.backend

BEFORE = """
INSERT INTO audit_entries
SELECT n, '2026-02-28T16:30:00Z', '2026-02-28T16:30:01Z', 'wang', 'rep', 'file.read', 'C-1', 'allowed', NULL, NULL,
       'customers', NULL, '{}', 'e-' || n, '/tierline/customers', sha256('a'), sha256('b')
FROM generate_series(1, 4) AS n;
INSERT INTO fines
SELECT rule || '-' || n, kind, rule, 'wang', 'C-1', amount, 'CNY', false, n, NULL, NULL, NULL, 'p-1',
       '2026-02-28T16:30:01Z', '罚', 'fine'
FROM (VALUES (1, 'N2', 'unapproved_consulting', 50), (2, 'N2', 'unapproved_consulting', 50),
             (3, 'N1', 'stale_file', 20), (4, 'N1', 'stale_file', 20)) AS t (n, rule, kind, amount);
INSERT INTO fine_decisions VALUES
    ('N2-1', 1, 'waived', 'hr', 'a', '2026-03-01T00:00:00Z'),
    ('N2-1', 2, 'confirmed', 'hr', 'b', '2026-03-01T01:00:00Z'),
    ('N2-2', 1, 'confirmed', 'hr', 'c', '2026-03-01T00:00:00Z'),
    ('N2-2', 2, 'waived', 'hr', 'd', '2026-03-01T01:00:00Z');
"""


async def test_old_fines_have_their_fact_and_what_was_confirmed_is_owed(databases: Databases, tmp_path: Path) -> None:
    """Each fact is fined once as before, the statement has what stood, and nothing is fined a second time."""
    async with released(databases, "archive", "0010", prepare) as (dsn, old):
        await old.execute(BEFORE)
    archive = Archive(dsn, Database(as_login(dsn, APP), application="test"), tmp_path / "objects", tmp_path / "outside")
    try:
        facts = await archive.rows("SELECT DISTINCT fact FROM fines")
        assert len(facts) == 4
        assert await archive.rows("SELECT DISTINCT occurred_on FROM fines") == [(date(2026, 3, 1),)]
        ledger = await archive.rows("SELECT fine_id, step, month, sign, amount FROM fine_ledger")
        assert [tuple(row) for row in ledger] == [("N2-1", 2, date(2026, 3, 1), 1, Decimal(50))]
        again = {
            "kind": "unapproved_consulting",
            "person": "wang",
            "file": "C-1",
            "evidence": {"entry": 1},
            "reason": "?",
        }
        assert (await post(archive, "du", Role.INSPECTOR, "/fines", again)).json()["code"] == "fined_before"
        assert (await post(archive, "wang", Role.REP, "/fines/N2-1/appeal", {"reason": "有批准"})).status_code == 201
        (line,) = (await get(archive, "/statements/2026-03")).json()["lines"]
        assert (line["fine"]["fine_id"], line["due"]) == ("N2-1", "50.00")
    finally:
        await archive.database.close()
