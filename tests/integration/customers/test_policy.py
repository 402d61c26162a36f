"""Customers follows the policy while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.following import FollowPolicy
from shared.in_force import PolicyInForce, UnfitPolicyError
from shared.policy import load_policy
from shared.roles import Role
from tests.in_force import activated, activation, changed
from tests.integration.customers.house import NOW, POLICY, Customers
from tests.integration.customers.test_effects import order

pytestmark = pytest.mark.backend

GOLD = changed(POLICY, "gold", rates__XAU=[{"from": "1990-01-01", "rate": "500"}])


async def test_an_order_in_a_new_currency_is_taken_from_the_event_on_and_its_letter_can_be_replayed(
    customers: Customers,
) -> None:
    """K: refused while the policy knows no rate, converted once it does, without a restart."""
    assert (await customers.tell(order("SO-1", currency="XAU", amount="2"))).refused == 1
    assert (await customers.tell(activation(GOLD, 2))).accepted == 1
    assert (await customers.tell(order("SO-2", currency="XAU", amount="3"))).accepted == 1
    letter = await customers.database.fetchval("SELECT letter_id FROM dead_letters")
    assert await customers.processors["orders.v1"].replay(letter) is None
    amounts = [event["data"]["entry"]["amount"] for event in await customers.sent("customers.v1")]
    assert amounts == ["1500", "1000"]


async def test_files_open_and_close_with_the_policy(customers: Customers) -> None:
    """A1: who reads unasked is the policy's word at the moment of reading."""
    await customers.tell(order("SO-1"))
    strict = changed(POLICY, "strict", files__default_tier="company")
    async with customers.client("rep-1", Role.GM) as gm, customers.client("m", Role.DEPARTMENT_MANAGER) as manager:
        assert (await gm.get("/customers/C-1")).status_code == 403
        await customers.tell(activation(strict, 2))
        assert (await gm.get("/customers/C-1")).status_code == 200
        assert (await manager.get("/customers/C-1")).status_code == 403


async def test_the_newest_activation_decides_whatever_comes_again_or_late(customers: Customers) -> None:
    """A replayed older letter changes nothing, and a restart finds the policy in the database, not in the file."""
    await customers.tell(activation(GOLD, 3))
    await customers.tell(activation(changed(POLICY, "older"), 2))
    heir = PolicyInForce(load_policy(), customers.clock)
    await heir.look(customers.database)
    assert (heir.number, heir.policy) == (3, GOLD)


async def test_a_policy_of_a_newer_release_is_a_dead_letter_and_the_old_one_goes_on(customers: Customers) -> None:
    """Nothing is guessed: the words that this release does not know are named, and can be replayed after an upgrade."""
    told = activation(GOLD, 2)
    newer = told.model_copy(update={"policy": told.policy | {"words_to_come": 1}})
    assert (await customers.tell(newer)).refused == 1
    (row,) = await customers.database.fetch("SELECT code, detail FROM dead_letters")
    assert row["code"] == "unfit_policy"
    assert "words_to_come" in row["detail"]
    await customers.in_force.look(customers.database)
    assert customers.in_force.policy == POLICY


async def test_a_kept_policy_that_does_not_fit_is_waited_for_and_buries_nothing(customers: Customers) -> None:
    """A bad deploy is somebody's to mend: no record is at fault."""
    await customers.tell(activation(GOLD, 2))
    await customers.database.execute("UPDATE policy_in_force SET number = 3, policy = policy || '{\"unknown\": 1}'")
    with pytest.raises(UnfitPolicyError):
        await customers.in_force.look(customers.database)
    telling = asyncio.create_task(customers.tell(order("SO-1")))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(telling), 0.5)
    await customers.database.execute("UPDATE policy_in_force SET policy = policy - 'unknown'")
    assert (await telling).accepted == 1
    assert await customers.database.fetchval("SELECT count(*) FROM dead_letters") == 0


@pytest.fixture
async def deciding(customers: Customers) -> AsyncIterator[asyncio.Event]:
    """A transaction that decides by the policy in force, until the event is set."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def decide() -> None:
        async with customers.database.transaction() as tx:
            await customers.in_force(tx)
            begun.set()
            await ended.wait()

    task = asyncio.create_task(decide())
    await begun.wait()
    yield ended
    ended.set()
    with suppress(asyncio.CancelledError):
        await task


async def test_an_activation_waits_for_what_is_decided_by_the_policy_before(
    customers: Customers, deciding: asyncio.Event
) -> None:
    """One transaction, one policy: the new one commits after all that was decided by the old one."""
    other = PolicyInForce(POLICY, customers.clock)
    follow = FollowPolicy(other)

    async def consume() -> None:
        async with customers.database.transaction() as tx:
            work = await follow.load(tx, [activated(GOLD, 2)])
            follow.decide(work, activated(GOLD, 2), NOW)
            await follow.save(tx, work)

    consuming = asyncio.create_task(consume())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(consuming), 0.3)
    deciding.set()
    await asyncio.wait_for(consuming, 5)
    async with customers.database.transaction() as tx:
        assert (await customers.in_force(tx)).rate("XAU", (NOW - timedelta(days=1)).date()) == Decimal(500)
