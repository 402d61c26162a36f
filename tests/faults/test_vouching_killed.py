"""Archive dies while it seals and vouches: the tree that it signs goes on, and the second place comes along."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import asyncpg
import pytest

from deploy.checkpoint_key import PUBLIC_FILE
from shared.policy import default_text
from shared.proof.notes import TreeHead, read_checkpoint, read_keys
from tests.backends.stack import LocalStack, eventually
from tests.faults.chaos import random_pause, until_replaced
from tests.faults.ledger import Ledger
from tests.faults.order_system import OrderSystem

pytestmark = [pytest.mark.backend, pytest.mark.faults, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A head whenever it is looked whether one is due, so that every strike may meet one."""
    policy = tmp_path_factory.mktemp("policy") / "policy.yaml"
    shipped = default_text()
    often = shipped.replace("checkpoint_seconds: 30 ", "checkpoint_seconds: 1 ")
    assert often != shipped
    policy.write_text(often, "utf-8")
    return {"TIERLINE_POLICY_FILE": str(policy)}


def outside(stack: LocalStack) -> list[TreeHead]:
    """Every head in the second place by its size, then the newest, as an auditor reads them."""
    keys = read_keys((stack.layout.keys / PUBLIC_FILE).read_text("utf-8"))
    place = stack.layout.checkpoints
    files = [*sorted(place.glob("checkpoints/*")), *place.glob("checkpoint")]
    return [read_checkpoint(file.read_text("utf-8"), keys) for file in files]


async def until_carried(stack: LocalStack, size: int) -> None:
    """Return when a head over so many entries is in the second place; who died may hold the lease for a while."""

    async def carried() -> bool:
        heads = outside(stack)
        return bool(heads) and heads[-1].size >= size

    await eventually(carried, f"a head over {size} entries outside", 120)


async def settled_and_proved(ledger: Ledger, orders: OrderSystem) -> None:
    """The ledger is clean, and what is sealed is, entry by entry, what was signed and carried outside."""
    stack = ledger.stack
    await ledger.settle(orders)
    (end,) = await ledger.rows("archive", "SELECT seq FROM audit_head")

    await until_carried(stack, end["seq"])
    verdict = await stack.get("archive", "/audit/verification")
    assert (verdict["first_bad"], verdict["outside"]) == (None, True)
    assert verdict["vouched"] >= end["seq"]
    *heads, newest = outside(stack)
    assert newest == heads[-1]
    for old in heads:
        # Each head that ever was is one of this very tree.
        (row,) = await ledger.rows("archive", "SELECT root FROM audit_checkpoints WHERE size = $1", old.size)
        assert row["root"] == old.root
        asked: dict[str, Any] = {"from": old.size, "to": newest.size}
        await stack.get("archive", "/audit/proofs/consistency", **asked)
    assert (await stack.get("archive", "/readyz"))["alarms"] == []


async def test_archive_killed_at_random_while_it_seals_and_vouches(
    ledger: Ledger, orders: OrderSystem, chance: Random
) -> None:
    """Load → kill -9 of archive, again as soon as it is back → nothing lost or sealed twice, and one tree for ever."""
    async with asyncio.TaskGroup() as load:
        load.create_task(orders.send(rate=200, seconds=25))
        for _ in range(2):
            await ledger.until_moving(within=60)
            await until_carried(ledger.stack, 1)
            await random_pause(chance, 3)
            killed = ledger.stack.signal("archive", signal.SIGKILL)
            assert killed is not None
            await until_replaced(ledger.stack, "archive", killed)
    await settled_and_proved(ledger, orders)


@pytest.mark.parametrize("table", ["audit_checkpoints", "audit_tiles"])
async def test_archive_killed_in_the_very_transaction(ledger: Ledger, orders: OrderSystem, table: str) -> None:
    """Load → the tree's transaction, or the signature's, under way → kill -9 → it is made again, the same or longer."""
    async with asyncio.TaskGroup() as load:
        load.create_task(orders.send(rate=300, seconds=6))
        async with held(ledger, table):
            killed = ledger.stack.signal("archive", signal.SIGKILL)
        await until_replaced(ledger.stack, "archive", killed)
    assert killed is not None
    await settled_and_proved(ledger, orders)


@asynccontextmanager
async def held(ledger: Ledger, table: str) -> AsyncIterator[None]:
    """Let archive begin to write into the table, and not end."""
    waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO ' || $1 || '%'"
    connection = await asyncpg.connect(ledger.stack.database("archive"))
    try:
        await connection.execute(f"BEGIN; LOCK TABLE {table} IN SHARE MODE")

        async def writes() -> bool:
            return bool(await ledger.rows("archive", waiting, table))

        await eventually(writes, f"archive writing into {table}", 20)
        yield
    finally:
        await connection.close()
