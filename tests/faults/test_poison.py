"""A run of poison stops its partition, and a topic made anew stops all of them: nothing is drained in silence."""

from __future__ import annotations

import signal

import pytest

from tests.backends.publishing import publish
from tests.backends.stack import LocalStack, eventually
from tests.faults.chaos import until_replaced
from tests.faults.ledger import Ledger
from tests.faults.test_bad_input import as_bytes, placed
from tests.faults.topics import recreate

pytestmark = [pytest.mark.backend, pytest.mark.faults, pytest.mark.timeout(300)]

HALTS = "SELECT halted_code FROM consumed_offsets WHERE topic = 'orders.v1' AND next_offset > 0"
RUN = 100  # the policy's: as many refused in a row stop a partition


async def test_a_run_of_poison_stops_its_partition_until_it_is_resumed(stack: LocalStack, ledger: Ledger) -> None:
    """A hundred bad records of one key, then a good one → the partition halts before it → resume → it counts."""
    await publish(stack.broker.bootstrap, "orders.v1", [(b"C-1", b"poison")] * RUN)
    await publish(stack.broker.bootstrap, "orders.v1", [(b"C-1", as_bytes(placed("P-1", "C-1")))])
    await eventually(lambda: halted(stack), "the partition halted", 30)
    letters = await ledger.rows("customers", "SELECT FROM dead_letters")
    assert len(letters) == RUN
    assert not await ledger.rows("customers", "SELECT FROM orders")

    others = [(f"C-{n}".encode(), as_bytes(placed(f"Q-{n}", f"C-{n}"))) for n in range(2, 60)]
    await publish(stack.broker.bootstrap, "orders.v1", others)
    await eventually(lambda: has_orders(ledger, 1), "the other partitions going on", 30)

    await stack.post("customers", "/partitions/resume", {})
    await ledger.drain(within=60)
    assert await has_orders(ledger, 1 + len(others))
    assert not await halted(stack)


async def test_a_topic_made_anew_halts_instead_of_being_skipped(stack: LocalStack, ledger: Ledger) -> None:
    """orders.v1 is deleted and made anew → its offsets begin below what was read → every partition read halts."""
    if not stack.broker.keeps_acknowledged:
        pytest.skip(f"{stack.broker.name} may lose its tail, so its logs are read again; --backend apache halts")
    await recreate(stack.broker.bootstrap, "orders.v1")
    # A client that was reading looks again for what was deleted after minutes; one that starts looks at once.
    await until_replaced(stack, "customers", stack.signal("customers", signal.SIGKILL))

    async def all_halted() -> bool:
        rows = await ledger.rows("customers", HALTS)
        return {row["halted_code"] for row in rows} == {"log_truncated"}

    await eventually(all_halted, "every partition that was read halted", 60)
    # The same keys as before, so partitions that were read before.
    await publish(
        stack.broker.bootstrap,
        "orders.v1",
        [(f"C-{n}".encode(), as_bytes(placed(f"R-{n}", f"C-{n}"))) for n in range(2, 60)],
    )
    assert not await ledger.rows("customers", "SELECT FROM orders WHERE order_id LIKE 'R-%'")
    assert await all_halted()


async def halted(stack: LocalStack) -> bool:
    """Whether customers says that a partition of the orders is stopped."""
    status = await stack.get("customers", "/status")
    return any(halt["topic"] == "orders.v1" for halt in status["halted"])


async def has_orders(ledger: Ledger, at_least: int) -> bool:
    """Whether so many orders have taken effect."""
    return len(await ledger.rows("customers", "SELECT FROM orders")) >= at_least
