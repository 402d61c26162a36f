"""Copies of others' facts, written by two at once: neither takes back what the other has done."""

from __future__ import annotations

import asyncio

import pytest

from services.customers.usecases.record_copies import RecordGrants, RecordPeople
from shared.contracts.grants import GrantGiven
from shared.contracts.organisation import PersonRecorded
from shared.engine.deadletters import DeadLetters
from shared.engine.model import Refused
from shared.roles import Role
from tests.integration.customers.house import NOW, Customers
from tests.integration.customers.test_departure import TO_BOB, depart, order, staffed
from tests.integration.customers.unhurried import Unhurried, done_or_waiting

pytestmark = pytest.mark.backend


async def test_a_revocation_stands_though_the_grant_was_replayed_at_that_moment(
    customers: Customers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dead letter is replayed by one process while another hears of the revocation."""
    await customers.tell(order(1))
    await customers.beat()
    given = GrantGiven(grant_id="g-1", file="customer:C-1", person="wang", sections=("*",), copy_allowed=False,
                       not_before=NOW, until=NOW.replace(hour=5), approved_by="gm")  # fmt: skip
    async with customers.database.transaction() as tx:
        await DeadLetters().bury(
            tx, customers.record(given, at=NOW), Refused("bad_data", ""), "grants.v1.customers.dlq"
        )
    letter = await customers.database.fetchval("SELECT letter_id FROM dead_letters")
    other = Unhurried(customers, RecordGrants(store=customers.grants), "load", monkeypatch)
    replayed = asyncio.create_task(other.processor.replay(letter))
    await other.stopped.wait()
    revoked = asyncio.create_task(customers.revoke("C-1"))
    await done_or_waiting(customers, revoked)
    other.may_go_on.set()
    assert await replayed is None
    await revoked
    async with customers.client("wang", Role.INSPECTOR) as client:
        assert (await client.get("/customers/C-1")).json()["code"] == "no_grant"


async def test_who_was_let_go_while_they_were_recorded_anew_is_out(
    customers: Customers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the organisation said of Ann yesterday is heard just now; it does not bring her back."""
    await staffed(customers)
    record = customers.record(
        PersonRecorded(person="ann", role=Role.REP, department="field", rep_code="rep-1", active=True, manager="mia"),
        at=NOW.replace(hour=1),
    )
    other = Unhurried(customers, RecordPeople(store=customers.people), "load", monkeypatch)
    recorded = asyncio.create_task(other.processor.process([record]))
    await other.stopped.wait()
    left = asyncio.create_task(depart(customers, TO_BOB))
    await done_or_waiting(customers, left)
    other.may_go_on.set()
    await recorded
    assert (await left).json()["works_here"] is False
    async with customers.client("ann", Role.REP) as client:
        assert (await client.get("/customers/C-1")).json()["code"] == "left_the_company"
