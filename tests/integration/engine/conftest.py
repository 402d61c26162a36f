"""What the tests of reading have in common."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

import pytest

from shared.engine.kafka import KafkaAddress, OrderedProducer
from shared.engine.postgres import Database
from tests.backends import Databases
from tests.integration.engine.ledger import prepare
from tests.integration.engine.readers import make_topic


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    database = Database(await databases.copy_of("ledger", prepare), application="test")
    yield database
    await database.close()


@pytest.fixture
async def topic(kafka_bootstrap: str) -> str:
    await make_topic(kafka_bootstrap)
    return "orders.v1"


@pytest.fixture
async def producer(kafka_bootstrap: str) -> AsyncIterator[OrderedProducer]:
    producer = OrderedProducer(KafkaAddress(kafka_bootstrap), client_id="test")
    yield producer
    await producer.close()


@pytest.fixture
def consumer() -> str:
    """A consumer name, and so a group, that nobody used before."""
    return f"c{secrets.token_hex(4)}"
