"""A stack of its own for each module: what one breaks, the next must not inherit."""

from __future__ import annotations

import os
from random import Random

import pytest

from tests.backends.stack import LocalStack
from tests.faults.ledger import Ledger
from tests.faults.order_system import OrderSystem

SEED = int(os.environ.get("TIERLINE_FAULT_SEED", "20260302"))


@pytest.fixture
def chance(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Random:
    """The test's own dice; the seed is printed, and TIERLINE_FAULT_SEED throws the same again."""
    with capsys.disabled():
        print(f"\n{request.node.name}: TIERLINE_FAULT_SEED={SEED}")  # noqa: T201
    return Random(f"{SEED}/{request.node.name}")  # noqa: S311


@pytest.fixture(scope="module")
def ledger(stack: LocalStack) -> Ledger:
    """One ledger for a module: what an earlier fault left true must stay true through the next."""
    return Ledger(stack)


@pytest.fixture
def orders(ledger: Ledger, chance: Random) -> OrderSystem:
    """An order system that the ledger knows, with numbers of its own."""
    orders = OrderSystem(ledger.stack.broker.bootstrap, seed=chance.getrandbits(32))
    ledger.sources.append(orders)
    return orders
