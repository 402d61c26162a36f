"""A stack of its own for each module: what one breaks, the next must not inherit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from random import Random

import pytest

from tests.backends import Backend
from tests.backends.stack import LocalStack
from tests.faults.ledger import Ledger
from tests.faults.order_system import OrderSystem

SEED = int(os.environ.get("TIERLINE_FAULT_SEED", "20260302"))


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """What the stack of this module is told beyond the usual; a module overrides it."""
    return {}


@pytest.fixture(scope="module")
def stack(
    backend: Backend, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalStack]:
    """A whole Tierline on servers of its own, which tests may kill."""
    if backend.name == "given":
        pytest.skip("given servers are not the tests' to kill")
    folder = tmp_path_factory.mktemp("stack")
    with ExitStack() as running:
        broker, database_server = backend.broker(folder / "broker"), backend.database_server(folder / "postgres")
        for server in (broker, database_server):
            running.callback(server.stop)
            server.start()
        stack = LocalStack(folder, broker, database_server, environment=environment)
        running.callback(stack.stop)
        stack.start()
        yield stack


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
