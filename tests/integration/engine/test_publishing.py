"""What is committed reaches the broker: in order, at least once, and from one process at a time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from shared.engine.gate import Gate
from shared.engine.housekeeping import Housekeeping
from shared.engine.kafka import KafkaAddress, Message, OrderedProducer
from shared.engine.lease import Lease, LeaseLostError
from shared.engine.postgres import Database, is_transient
from shared.engine.queries import load_queries
from shared.engine.relay import Relay
from tests.backends.embedded import EmbeddedBroker
from tests.integration.engine.ledger import Ledger, eventually, order, orders_of, processor

pytestmark = pytest.mark.backend
QUERIES = load_queries("shared.engine")


@pytest.fixture
async def topic(kafka_bootstrap: str) -> str:
    name = f"relay.{secrets.token_hex(4)}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, 12, 1)])
    await admin.close()
    return name


@pytest.fixture
async def producer(kafka_bootstrap: str) -> AsyncIterator[OrderedProducer]:
    producer = OrderedProducer(KafkaAddress(kafka_bootstrap), client_id="test")
    yield producer
    await producer.close()


class Unsteady(OrderedProducer):
    """Sends, then claims that it failed: as when the acknowledgement is lost."""

    failures = 2

    async def send(self, messages: Sequence[Message]) -> None:
        await super().send(messages)
        if self.failures:
            self.failures -= 1
            raise TimeoutError


async def read_all(bootstrap: str, topic: str, count: int) -> list[tuple[bytes, bytes]]:
    """The first `count` records of a topic, partition by partition, as (key, value)."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, p) for p in range(12)])
        found: list[tuple[bytes, bytes]] = []
        async with asyncio.timeout(20):
            while len(found) < count:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [(r.key, r.value) for r in records]
        return found
    finally:
        await consumer.stop()


async def append(database: Database, topic: str, numbers: Sequence[int]) -> None:
    """A frame of numbered records over ten keys."""
    async with database.transaction() as tx:
        await tx.execute(QUERIES["append_frames"], topic, [b"k%d" % (n % 10) for n in numbers],
                         [b"%d" % n for n in numbers], None, None)  # fmt: skip


async def pending(database: Database) -> int:
    """Records in the outbox."""
    return int((await database.fetchrow(QUERIES["count_outbox"]))["records"])


async def test_the_relay_sends_in_order_and_deletes_what_is_acknowledged(
    database: Database, producer: OrderedProducer, topic: str, kafka_bootstrap: str
) -> None:
    """Five thousand records of ten keys: each key's come out in the order they went in."""
    for start in range(0, 5000, 250):
        await append(database, topic, range(start, start + 250))
    sent: list[int] = []
    relay = Relay(database, producer, on_sent=sent.append)
    while await relay.pass_once():
        pass
    assert sum(sent) == 5000
    assert await pending(database) == 0
    by_key: dict[bytes, list[int]] = {}
    for key, value in await read_all(kafka_bootstrap, topic, 5000):
        by_key.setdefault(key, []).append(int(value))
    assert by_key == {b"k%d" % k: list(range(k, 5000, 10)) for k in range(10)}


async def test_a_lost_acknowledgement_repeats_and_never_loses(
    database: Database, topic: str, kafka_bootstrap: str
) -> None:
    """The frames stay until an acknowledgement arrived; what came twice came in the same order."""
    await append(database, topic, range(100))
    relay = Relay(database, Unsteady(KafkaAddress(kafka_bootstrap), client_id="test"), on_sent=lambda _: None)
    running = asyncio.create_task(relay.run())
    await eventually(lambda: empty(database))
    await relay.finish()
    await running
    values = [int(value) for key, value in await read_all(kafka_bootstrap, topic, 300) if key == b"k3"]
    assert values == list(range(3, 100, 10)) * 3


async def empty(database: Database) -> bool:
    """Whether nothing waits for the relay."""
    return await pending(database) == 0


async def test_only_one_of_two_relays_sends(database: Database, producer: OrderedProducer, topic: str) -> None:
    """While one process holds the relay's lock, another finds nothing to do."""
    await append(database, topic, range(10))
    async with database.transaction() as tx:
        assert await tx.fetchval(QUERIES["lock_relay"])
        assert await Relay(database, producer, on_sent=lambda _: None).pass_once() == 0
    assert await Relay(database, producer, on_sent=lambda _: None).pass_once() == 10


class Stopped(OrderedProducer):
    """Sends when it is told to, however late: as a process that was stopped and wakes up."""

    def __init__(self, address: KafkaAddress) -> None:
        super().__init__(address, client_id="stopped")
        self.in_hand, self.may_send = asyncio.Event(), asyncio.Event()

    async def send(self, messages: Sequence[Message]) -> None:
        self.in_hand.set()
        await self.may_send.wait()
        await super().send(messages)


async def test_a_relay_that_lost_its_lock_unnoticed_only_repeats(
    database: Database, producer: OrderedProducer, topic: str, kafka_bootstrap: str
) -> None:
    """Another went on meanwhile: what is new of each key comes in order, and what comes late has come before."""
    await append(database, topic, range(100))
    stopped = Stopped(KafkaAddress(kafka_bootstrap))
    late = asyncio.create_task(Relay(database, stopped, on_sent=lambda _: None).pass_once())
    await stopped.in_hand.wait()
    await database.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND state = 'idle in transaction'"
    )
    other = Relay(database, producer, on_sent=lambda _: None)
    await eventually(other.pass_once)
    await append(database, topic, range(100, 200))
    assert await other.pass_once() == 100
    stopped.may_send.set()
    assert is_transient(await failure_of(late))
    assert await pending(database) == 0
    values: dict[bytes, list[int]] = {}
    for key, value in await read_all(kafka_bootstrap, topic, 300):
        values.setdefault(key, []).append(int(value))
    for number in range(10):
        found = values[b"k%d" % number]
        assert list(dict.fromkeys(found)) == list(range(number, 200, 10))
        assert len(found) == 30
    await stopped.close()


async def failure_of(task: asyncio.Task[int]) -> BaseException:
    """What a task ended with."""
    (ended,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(ended, BaseException)
    return ended


async def test_a_broker_that_is_away_is_waited_for(database: Database, topic: str, producer: OrderedProducer) -> None:
    """Nothing is deleted and nothing hangs while the address does not answer."""
    await append(database, topic, range(10))
    away = OrderedProducer(KafkaAddress("127.0.0.1:1"), client_id="test", seconds=1.0)
    relay = Relay(database, away, on_sent=lambda _: None)
    running = asyncio.create_task(relay.run())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2.5):
            await asyncio.shield(running)
    assert await pending(database) == 10
    await relay.finish()
    await running
    assert await Relay(database, producer, on_sent=lambda _: None).pass_once() == 10


async def test_a_lease_has_one_holder_and_its_token_fences_the_old_one(database: Database) -> None:
    """A holder that slept through its lease cannot commit after a stand-by took over."""
    first, second = Lease(database, "population", seconds=0.3), Lease(database, "population", seconds=30)
    assert await first.acquire()
    assert not await second.acquire()
    await eventually(second.acquire)
    ledger = Ledger()
    with pytest.raises(LeaseLostError):
        await processor(database, ledger, lease=first).process([order(1)])
    assert await orders_of(database) == []
    assert ledger.rollbacks == 1
    await processor(database, Ledger(), lease=second).process([order(1)])
    assert await orders_of(database) == ["SO-1"]


async def test_nobody_takes_over_between_the_check_and_the_commit(database: Database) -> None:
    """The check locks the lease's row, so an expired lease is still safe until the commit."""
    first, second = Lease(database, "population", seconds=0), Lease(database, "population", seconds=30)
    assert await first.acquire()
    async with database.transaction() as tx:
        await first.check(tx)
        assert await first.acquire(), "a renewal does not wait for the holder's own batch"
        taking = asyncio.create_task(second.acquire())
        done, _ = await asyncio.wait({taking}, timeout=0.5)
        assert not done
    assert await taking


async def test_a_token_that_is_given_out_twice_fences_its_first_holder(database: Database) -> None:
    """A standby took over that had not got the taking of the lease: the next taker gets the same number."""
    first, second = Lease(database, "population", seconds=60), Lease(database, "population", seconds=60)
    assert await first.acquire()
    await database.execute("UPDATE lease SET token = 0, holder = '', expires = '-infinity'")
    assert await second.acquire()
    with pytest.raises(LeaseLostError):
        await processor(database, Ledger(), lease=first).process([order(1)])
    await first.release()
    await processor(database, Ledger(), lease=second).process([order(2)])
    assert await orders_of(database) == ["SO-2"]
    assert not await Lease(database, "population").acquire()


async def test_ids_are_forgotten_by_the_databases_clock(database: Database) -> None:
    """A machine whose clock was set two months ahead forgets nothing that may come again."""
    await processor(database, Ledger()).process([order(1)])
    housekeeping = Housekeeping(database, gate=Gate(), replay_days=lambda: 30, on_count=lambda _: None)
    left = []
    for days in (30, 31):
        await database.execute("UPDATE inbox SET seen_on = CURRENT_DATE - $1::integer", days)
        with time_machine.travel(datetime.now(UTC) + timedelta(days=60)):
            await housekeeping._prune()
        left.append(await database.fetchval("SELECT count(*) FROM inbox"))
    assert left == [1, 0]


async def test_a_released_lease_is_free_at_once(database: Database) -> None:
    """A clean stop lets the stand-by in without waiting for the end."""
    first, second = Lease(database, "population", seconds=60), Lease(database, "population", seconds=60)
    assert await first.acquire()
    await first.release()
    assert await second.acquire()
    assert not await first.acquire()


async def test_a_producer_given_up_leaves_nothing_behind(tmp_path: Path) -> None:
    """A broker that dies with records under way → the send fails → no task or socket of the producer stays."""
    broker = EmbeddedBroker(tmp_path)
    await asyncio.to_thread(broker.start)
    producer = OrderedProducer(KafkaAddress(broker.bootstrap), client_id="test", seconds=3.0)
    try:
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
        await admin.start()
        await admin.create_topics([NewTopic("relay", 3, 1)])
        await admin.close()
        before = asyncio.all_tasks()
        await producer.send([Message("relay", b"k", b"1")])
        await asyncio.to_thread(broker.kill)
        with pytest.raises((KafkaError, TimeoutError, OSError)):
            await producer.send([Message("relay", b"k", b"2")])
        await eventually(lambda: asyncio.all_tasks() <= before)
    finally:
        await producer.close()
        await asyncio.to_thread(broker.stop)
