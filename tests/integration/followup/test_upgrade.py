"""Schedules and reminders of an earlier release, after the upgrade."""

from __future__ import annotations

import pytest

from shared.contracts.customers import Upkeep
from shared.engine.postgres import Database
from tests.backends import Databases
from tests.integration.followup.house import APP, NOON, TODAY, House, as_login, facts, prepare, tier
from tests.upgrading import released

pytestmark = pytest.mark.backend

BEFORE = """
INSERT INTO schedules (customer_id, version, rep, orders, first_order_on, last_order_on, sample_phase, contacted_at,
                       sequence, customer_class, level, since)
VALUES ('C-1', 7, 'rep-1', 4, '2025-11-01', '2026-02-01', 'none', NULL, 1, 'contract', 'key', '2026-02-01'),
       ('P-1', 3, 'rep-1', 0, NULL, NULL, 'none', '2026-02-20T02:00:00Z', 1, 'potential', 'none', '2026-02-01'),
       ('N-1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 'contract', 'key', '2026-02-01');
INSERT INTO schedule_lines (customer_id, line, every, opened_on, reminded_until, due_on, trace)
VALUES ('C-1', 'F1', 'P1M', '2026-01-01', NULL, '2026-03-01', ''),
       ('C-1', 'F1.purchase', 'P1M', '2026-01-01', '2026-02-25', NULL, ''),
       ('P-1', 'F5', 'P6M', '2026-02-01', NULL, '2026-08-20', '');
INSERT INTO reminders (reminder_id, customer_id, line, rule, rep, customer_class, level, channel, template, minutes,
                       plan_required, due_on, due_at, issued_on, answered_after, why_zh, why_en, trace)
VALUES ('r1', 'C-1', 'F1.purchase', 'F1', 'rep-1', 'contract', 'key', 'mail', 't', 8, false, '2026-02-25',
        '2026-02-25T00:30:00Z', '2026-02-25', '2026-02-24', '因', 'because', '');
"""


async def test_old_schedules_get_the_new_lines_and_keep_their_dates(databases: Databases) -> None:
    """Everybody is planned anew; what nobody told yet of files is not held against anybody (P2)."""
    async with released(databases, "followup", "0020", prepare) as (dsn, old):
        await old.execute(BEFORE)
    house = House(Database(as_login(dsn, APP), application="test"))
    try:
        await house.replan_contacts()
        assert (await house.due_of("C-1"))["F1"].isoformat() == "2026-03-01"  # type: ignore[union-attr]
        assert set(await house.due_of("P-1")) == {"F5", "F6.greeting"}
        kinds = await house.database.fetch("SELECT kind, state, latest_on FROM reminders")
        assert [tuple(row) for row in kinds] == [("purchase", "due", None)]
        # Customers tells everybody anew; then the rhythm and the files are known.
        told = Upkeep(gaps=("phone",), improved_on=TODAY)
        await house.told(facts("C-1", 8, orders=4, last_order_on=TODAY, rhythm=(4, 30, 2), upkeep=told))
        await house.told(facts("N-1", 1, orders=1, last_order_on=TODAY, upkeep=Upkeep(), contacted_at=NOON))
        assert set(await house.due_of("C-1")) == {"F1", "F1.purchase", "P2.file"}
        assert set(await house.due_of("N-1")) == {"F1", "P2.file"}
        await house.told(tier("N-1", "potential", "high", sequence=2))
        async with house.database.transaction() as tx:
            schedule = await house.stores.schedules.show(tx, "N-1")
        assert schedule is not None
        assert schedule.facts is not None
        assert schedule.facts.dossier.gaps == ("*",)
    finally:
        await house.database.close()
