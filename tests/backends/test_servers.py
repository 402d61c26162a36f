"""The servers under the tests keep what the fault tests take for granted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.backends import Backend, Broker, Databases

pytestmark = pytest.mark.backend


async def test_databases_of_two_tests_share_nothing_but_their_template(databases: Databases) -> None:
    """A template is prepared once, and a copy's rows are its own."""
    prepared = []

    async def prepare(dsn: str) -> None:
        prepared.append(dsn)
        await _execute(dsn, "CREATE TABLE t (a int)")

    first, second = [await databases.copy_of("shared", prepare) for _ in range(2)]
    await _execute(first, "INSERT INTO t VALUES (1)")
    assert len(prepared) == 1
    assert await _rows(second) == []
    assert await _rows(first) == [1]


async def test_postgres_keeps_what_it_committed_when_it_is_shut_down_at_once(backend: Backend, tmp_path: Path) -> None:
    """An immediate shutdown loses no commit, and the server comes back at the same address."""
    if backend.name == "given":
        pytest.skip("a given server is not the tests' to kill")
    server = backend.database_server(tmp_path)
    server.start()
    try:
        await _execute(server.dsn, "CREATE TABLE t (a int)")
        await _execute(server.dsn, "INSERT INTO t VALUES (1)")
        server.kill()
        with pytest.raises(OSError):  # noqa: PT011 - refused or reset, whichever the system says
            await asyncpg.connect(server.dsn)
        server.start()
        assert await _rows(server.dsn) == [1]
    finally:
        server.stop()


@pytest.mark.broker
async def test_a_killed_broker_comes_back_at_its_address(backend: Backend, tmp_path: Path) -> None:
    """A broker that keeps what it acknowledged still has it after a kill, and any takes new records again."""
    if backend.name == "given":
        pytest.skip("a given broker is not the tests' to kill")
    broker = backend.broker(tmp_path)
    broker.start()
    try:
        await _create_topic(broker, "kept")
        await _send(broker, b"before")
        broker.kill()
        await asyncio.to_thread(broker.start)
        if broker.keeps_acknowledged:
            await _send(broker, b"after")
            assert await _values(broker, 2) == [b"before", b"after"]
    finally:
        broker.stop()


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _rows(dsn: str) -> list[int]:
    connection = await asyncpg.connect(dsn)
    try:
        return [row["a"] for row in await connection.fetch("SELECT a FROM t")]
    finally:
        await connection.close()


async def _create_topic(broker: Broker, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 1, 1)])
    finally:
        await admin.close()


async def _send(broker: Broker, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait("kept", value)
    finally:
        await producer.stop()


async def _values(broker: Broker, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition("kept", 0)])
        return [(await asyncio.wait_for(consumer.getone(), 20)).value for _ in range(count)]
    finally:
        await consumer.stop()
