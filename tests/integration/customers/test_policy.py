"""Customers follows the policy while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest

from services.customers.store.trade import PostgresCustomers
from services.customers.usecases.record_trade import RecordTrade
from shared.contracts.orders import OrderCancelled, OrderCompleted
from shared.following import FollowPolicy
from shared.in_force import PolicyInForce, UnfitPolicyError
from shared.policy import load_policy
from shared.roles import Role
from tests.in_force import activated, activation, changed
from tests.integration.customers.house import NOW, POLICY, Customers
from tests.integration.customers.test_effects import order
from tests.integration.customers.unhurried import Unhurried, done_or_waiting

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


COMPLETED = changed(POLICY, "completed", rfm__counts_from="completed")


async def entries_as_told(customers: Customers) -> dict[str, tuple[bool, str]]:
    """The newest word on every order: whether it counts, and its amount."""
    told = {}
    for event in await customers.sent("customers.v1"):
        entry = event["data"].get("entry")
        if entry:
            told[entry["entry_id"]] = (entry["counts"], entry["amount"])
    return told


async def test_orders_count_anew_when_the_policy_counts_from_completion(customers: Customers) -> None:
    """K1: whoever completed nothing is no contract customer any more, each told once; and back again."""
    await customers.tell(
        order("A-1", "A"),
        order("A-2", "A", "50"),
        order("B-1", "B"),
        order("C-1", "C"),
        OrderCompleted(order_id="A-1", customer_id="A", completed_at=NOW),
        OrderCancelled(order_id="C-1", customer_id="C", cancelled_at=NOW),
    )
    before = await entries_as_told(customers)
    versions = len(await customers.sent("customers.v1"))
    await customers.tell(activation(COMPLETED, 2))
    assert [await customers.retell.batch() for _ in range(4)] == [2, 1, 0, 0]
    events = (await customers.sent("customers.v1"))[versions:]
    told = {(e["data"]["customer_id"], e["data"]["entry"]["entry_id"]): e["data"] for e in events}
    assert set(told) == {("A", "o:A-2"), ("B", "o:B-1")}
    assert told["A", "o:A-2"]["entry"] | {"counts": False, "amount": "0"} == told["A", "o:A-2"]["entry"]
    assert (told["A", "o:A-2"]["orders"], told["A", "o:A-2"]["customer_class"]) == (1, "contract")
    assert (told["B", "o:B-1"]["orders"], told["B", "o:B-1"]["customer_class"]) == (0, "potential")
    assert {event["data"]["cause"]["id"] for event in events} == {"policy:2"}
    await customers.tell(activation(changed(POLICY, "back"), 3))
    await customers.retell()
    assert await entries_as_told(customers) == before
    last = {event["data"]["customer_id"]: event["data"] for event in await customers.sent("customers.v1")}
    assert (last["A"]["orders"], last["B"]["orders"], last["B"]["customer_class"]) == (2, 1, "contract")


async def test_orders_that_come_while_everybody_is_told_anew_end_right(customers: Customers) -> None:
    """A customer whose turn has not come yet is counted by both words for a moment, and then from its orders."""
    await customers.tell(*(order(f"{name}-1", name) for name in "ABCDE"))
    await customers.tell(activation(COMPLETED, 2))
    await customers.retell.batch()
    await customers.tell(
        OrderCompleted(order_id="A-1", customer_id="A", completed_at=NOW),
        OrderCompleted(order_id="E-1", customer_id="E", completed_at=NOW),
        order("E-2", "E"),
    )
    await customers.retell()
    last = {event["data"]["customer_id"]: event["data"]["orders"] for event in await customers.sent("customers.v1")}
    assert last == {"A": 1, "B": 0, "C": 0, "D": 0, "E": 1}
    told = await entries_as_told(customers)
    assert {entry for entry, (counts, _) in told.items() if counts} == {"o:A-1", "o:E-1"}


async def test_an_order_under_way_while_its_customer_is_counted_anew_counts(
    customers: Customers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transaction holds the customer: which orders there are is asked when it has committed, and not before."""
    await customers.tell(order("A-1", "A"))
    await customers.tell(activation(COMPLETED, 2))
    await customers.retell()
    await customers.tell(activation(changed(POLICY, "back"), 3))
    other = Unhurried(customers, RecordTrade(store=PostgresCustomers(), terms=customers.terms), "save", monkeypatch)
    placed = asyncio.create_task(other.processor.process([customers.record(order("A-2", "A"))]))
    await other.stopped.wait()
    retold = asyncio.create_task(customers.retell())
    await done_or_waiting(customers, retold)
    other.may_go_on.set()
    await asyncio.gather(placed, retold)
    assert (await customers.sent("customers.v1"))[-1]["data"]["orders"] == 2


async def test_another_default_tier_is_told_of_everybody_once(customers: Customers) -> None:
    """A1: others' copies of whose file is in which tier follow, orders are not told again."""
    await customers.tell(order("A-1", "A"), order("B-1", "B"), order("C-1", "C"))
    await customers.tell(activation(changed(POLICY, "strict", files__default_tier="company"), 2))
    await customers.retell()
    events = (await customers.sent("customers.v1"))[3:]
    assert [(e["data"]["customer_id"], e["type"], e["data"]["file_tier"]) for e in events] == [
        (name, "profile.recorded", "company") for name in "ABC"
    ]
    fined = changed(POLICY, "fined", files__default_tier="company", fines__catalogue__stale_file__amount="30")
    await customers.tell(activation(fined, 3))
    assert await customers.retell.batch() == 0
