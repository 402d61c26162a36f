"""From the broker into effect through FastStream: nothing skipped, nothing silently reset, halts that hold."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError

from shared.engine.gate import Gate
from shared.engine.kafka import KafkaAddress, Message, OrderedProducer
from shared.engine.lease import Lease, LeaseLostError
from shared.engine.model import Subscription
from shared.engine.postgres import Database
from shared.engine.queries import load_queries
from shared.engine.reader import Reader
from tests.backends import Databases
from tests.integration.engine.ledger import Ledger, eventually, letters_of, order, orders_of, prepare, processor

pytestmark = pytest.mark.backend
QUERIES = load_queries("shared.engine")


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    database = Database(await databases.copy_of("ledger", prepare), application="test")
    yield database
    await database.close()


async def make_topic(bootstrap: str, topic: str = "orders.v1") -> None:
    """`topic` anew, with three partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        with suppress(UnknownTopicOrPartitionError):
            await admin.delete_topics([topic])

        async def gone() -> bool:
            return topic not in await admin.list_topics()

        await eventually(gone)
        await admin.create_topics([NewTopic(topic, 3, 1)])

        async def there() -> bool:
            return topic in await admin.list_topics()

        await eventually(there)
    finally:
        await admin.close()


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


def messages(numbers: Sequence[int]) -> list[Message]:
    """Orders to publish, with headers that FastStream's own parser could not read."""
    odd = [("null", None), ("latin-1", b"\xe9\xff")]
    return [Message(r.topic, r.key, r.value, odd) for r in (order(n) for n in numbers)]


@asynccontextmanager
async def reading(  # noqa: PLR0913 - a reader's circumstances
    database: Database, bootstrap: str, consumer: str, *, lease: Lease | None = None, embedded: bool = False,
    records: int = 500,
) -> AsyncIterator[Reader]:  # fmt: skip
    """A reader at work; `records` is the most of a poll."""
    ledger = Ledger()
    subscription = Subscription(("orders.v1",), ledger, records, lease)
    engine = processor(database, ledger, lease=lease, consumer=consumer)
    reader = Reader(subscription, engine, KafkaAddress(bootstrap), Gate(), embedded=embedded)
    running = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        await reader.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def count(database: Database) -> int:
    """Orders in the ledger."""
    return len(await orders_of(database))


async def test_everything_published_takes_effect_once_across_restarts(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """Published before, while and between the reader runs; headers that are null or not UTF-8 do no harm."""
    await producer.send(messages(range(300)))
    async with reading(database, kafka_bootstrap, consumer) as reader:
        await eventually(lambda: reached(database, 300))
        await producer.send(messages(range(300, 400)))
        await eventually(lambda: reached(database, 400))

        async def drained() -> bool:
            return await reader.lag() == 0

        await eventually(drained)
    await producer.send(messages(range(400, 500)))
    async with reading(database, kafka_bootstrap, consumer):
        await eventually(lambda: reached(database, 500))
    assert await orders_of(database) == sorted(f"SO-{n}" for n in range(500))
    assert await letters_of(database) == []


async def reached(database: Database, number: int) -> bool:
    """Whether the ledger holds at least so many orders."""
    return await count(database) >= number


async def test_a_group_that_lost_its_offsets_repeats_nothing(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """Kafka's committed offsets are a hint: the fence in the database drops what comes again."""
    await producer.send(messages(range(100)))
    async with reading(database, kafka_bootstrap, consumer):
        await eventually(lambda: reached(database, 100))
    await database.execute("UPDATE consumed_offsets SET consumer = $1", f"{consumer}x")
    async with reading(database, kafka_bootstrap, f"{consumer}x") as reader:
        await producer.send(messages(range(100, 110)))
        await eventually(lambda: reached(database, 110))
        assert reader.halted == {}
    assert await count(database) == 110


async def test_an_offset_of_kafka_ahead_of_the_fence_skips_nothing(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """The fence went back to the beginning while nobody read (a resume, then a kill): reading begins at the fence."""
    await producer.send(messages(range(100)))
    async with reading(database, kafka_bootstrap, consumer):
        await eventually(lambda: reached(database, 100))
    await database.execute("UPDATE consumed_offsets SET next_offset = 0, last_mark = NULL")
    await database.execute("DELETE FROM inbox")
    await database.execute("TRUNCATE ledger")
    async with reading(database, kafka_bootstrap, consumer):
        await producer.send(messages(range(100, 150)))
        await eventually(lambda: reached(database, 150))
    assert await orders_of(database) == sorted(f"SO-{n}" for n in range(150))


async def test_a_broker_that_may_lose_its_tail_is_read_again_though_its_log_has_grown(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """What was lost was replaced by more before anybody looked: all of the new log counts."""
    await producer.send(messages(range(300)))
    async with reading(database, kafka_bootstrap, consumer):
        await eventually(lambda: reached(database, 300))
    await producer.close()
    await make_topic(kafka_bootstrap)
    await producer.send(messages(range(250, 900)))
    async with reading(database, kafka_bootstrap, consumer, embedded=True):
        await eventually(lambda: reached(database, 900))
    assert await orders_of(database) == sorted(f"SO-{n}" for n in range(900))


async def test_a_topic_made_anew_halts_instead_of_being_filtered_away(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """Its new records stand below the fence: dropping them would lose orders without a word."""
    await producer.send(messages(range(300)))
    async with reading(database, kafka_bootstrap, consumer):
        await eventually(lambda: reached(database, 300))
    await producer.close()
    await make_topic(kafka_bootstrap)
    await producer.send(messages(range(300, 330)))
    async with reading(database, kafka_bootstrap, consumer) as reader:
        await eventually(lambda: set(reader.halted.values()) == {"log_truncated"})
        assert await count(database) == 300
        codes = await database.fetch("SELECT DISTINCT halted_code FROM consumed_offsets")
        assert [row["halted_code"] for row in codes] == ["log_truncated"]


async def test_a_topic_made_anew_halts_even_when_it_has_grown_past_what_was_read(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """Offsets cannot tell the new log from the old one: the record below the fence can; resumed, all of it counts."""
    await producer.send(messages(range(300)))
    async with reading(database, kafka_bootstrap, consumer):
        await eventually(lambda: reached(database, 300))
    await producer.close()
    await make_topic(kafka_bootstrap)
    await producer.send(messages(range(250, 900)))
    async with reading(database, kafka_bootstrap, consumer) as reader:
        read = await database.fetch("SELECT partition FROM consumed_offsets WHERE next_offset > 0")
        await eventually(lambda: len(reader.halted) == len(read))
        assert set(reader.halted.values()) == {"log_replaced"}
        assert await count(database) == 300
        await database.fetch(QUERIES["resume_partitions"], consumer, None, None)
        await eventually(lambda: reached(database, 900))
        assert reader.halted == {}
    assert await orders_of(database) == sorted(f"SO-{n}" for n in range(900))


async def test_what_a_poll_holds_while_its_log_is_resumed_does_not_stand_for_the_whole_log(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """It begins in the middle: in effect, it would move the fence past records that nobody had read."""
    await producer.send(messages(range(300)))
    async with reading(database, kafka_bootstrap, consumer):
        await eventually(lambda: reached(database, 300))
    await producer.close()
    await make_topic(kafka_bootstrap)
    await producer.send(messages(range(250, 900)))
    async with reading(database, kafka_bootstrap, consumer) as reader:
        async with reader._processor.serial:  # polls are taken up, and wait
            read = await database.fetch("SELECT partition FROM consumed_offsets WHERE next_offset > 0")
            await eventually(lambda: len(reader.halted) == len(read) and reader._polling)
            await eventually(lambda: reader._processor.serial._waiters)
            await database.fetch(QUERIES["resume_partitions"], consumer, None, None)
        await eventually(lambda: reached(database, 900))
    assert await orders_of(database) == sorted(f"SO-{n}" for n in range(900))


async def test_a_rebalance_does_not_take_a_resumed_log_to_kafkas_old_note(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """aiokafka begins every partition where Kafka's note stands then, also those that the reader keeps."""
    await producer.send(messages(range(300)))
    async with reading(database, kafka_bootstrap, consumer):
        await eventually(lambda: reached(database, 300))
    await producer.close()
    await make_topic(kafka_bootstrap)
    await make_topic(kafka_bootstrap, "other.v1")
    await producer.send(messages(range(250, 900)))
    async with reading(database, kafka_bootstrap, consumer, records=20) as reader:
        read = await database.fetch("SELECT partition FROM consumed_offsets WHERE next_offset > 0")
        await eventually(lambda: len(reader.halted) == len(read) and not reader._polling)

        async def not_noted(fences: object) -> None: ...

        reader._hint = not_noted  # type: ignore[method-assign]
        async with reader._processor.serial:  # a poll is taken up, and waits
            await database.fetch(QUERIES["resume_partitions"], consumer, None, None)
            await eventually(lambda: reader._processor.serial._waiters)
            other = AIOKafkaConsumer("other.v1", bootstrap_servers=kafka_bootstrap, group_id=f"{consumer}.orders.v1")
            await other.start()
        try:
            await eventually(lambda: reached(database, 900))
        finally:
            await other.stop()
    assert await orders_of(database) == sorted(f"SO-{n}" for n in range(900))


async def lose_half(database: Database) -> int:
    """Put the database back to where half of each partition had taken effect; the orders that are not in it now."""
    async with database.transaction() as tx:
        await tx.execute("UPDATE consumed_offsets SET next_offset = next_offset / 2, last_mark = NULL")
        await tx.execute("DELETE FROM ledger")
        await tx.execute("DELETE FROM inbox")
        return 300 - int(await tx.fetchval("SELECT sum(next_offset) FROM consumed_offsets"))


@pytest.mark.parametrize("more", [True, False], ids=["more comes", "nothing comes"])
async def test_a_database_that_went_back_under_a_running_reader_is_read_into_again(  # noqa: PLR0913, PLR0917
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str, more: bool
) -> None:
    """A standby took over that had not got the last transactions, or a backup was restored: the log has them still."""
    await producer.send(messages(range(300)))
    async with reading(database, kafka_bootstrap, consumer) as reader:
        await eventually(lambda: reached(database, 300))
        lost = await lose_half(database)
        if more:
            await producer.send(messages(range(300, 330)))
        await eventually(lambda: reached(database, lost + 30 * more))
        assert reader.halted == {}
    assert await count(database) == lost + 30 * more


async def test_a_database_that_went_back_while_nobody_read_is_read_into_again(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """Kafka's own note of the group is ahead of the fence then, and no new record comes to show it."""
    await producer.send(messages(range(300)))
    async with reading(database, kafka_bootstrap, consumer):
        await eventually(lambda: reached(database, 300))
    lost = await lose_half(database)
    async with reading(database, kafka_bootstrap, consumer) as reader:
        await eventually(lambda: reached(database, lost))
        assert reader.halted == {}
    assert await count(database) == lost


async def test_a_halt_holds_that_comes_while_the_fences_are_asked_for(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """The fences on their way do not know of it yet, which is no reason to go on reading."""
    await producer.send(messages(range(30)))
    async with reading(database, kafka_bootstrap, consumer) as reader:
        await eventually(lambda: reached(database, 30))
        read = await database.fetchval("SELECT min(partition) FROM consumed_offsets WHERE next_offset > 0")
        fetch, halted = database.fetch, TopicPartition("orders.v1", read)

        async def fetch_while_it_halts(query: str, *args: object) -> list[object]:
            rows = await fetch(query, *args)
            if query == QUERIES["select_offsets"] and not reader.halted:
                await reader._halt(halted.topic, halted.partition, "log_replaced", "found by a poll")
            return rows

        database.fetch = fetch_while_it_halts  # type: ignore[method-assign]
        await reader._care()
        database.fetch = fetch  # type: ignore[method-assign]
        assert halted in reader._partitions.client.paused()


async def test_a_transaction_counts_when_its_source_commits_it(
    database: Database, kafka_bootstrap: str, topic: str, consumer: str
) -> None:
    """Aborted orders never happened, and the markers that stay in the log are no lag."""
    source = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, transactional_id=consumer)
    await source.start()
    try:
        for numbers, commits in ((range(10), True), (range(10, 20), False), (range(20, 30), True)):
            await source.begin_transaction()
            for message in messages(numbers):
                await source.send_and_wait(message.topic, message.value, key=message.key)
            await (source.commit_transaction() if commits else source.abort_transaction())
    finally:
        await source.stop()
    async with reading(database, kafka_bootstrap, consumer) as reader:
        await eventually(lambda: reached(database, 20))

        async def drained() -> bool:
            return await reader.lag() == 0

        await eventually(drained)
    assert await orders_of(database) == sorted(f"SO-{n}" for n in (*range(10), *range(20, 30)))


@pytest.mark.parametrize("what", ["client", "fetcher"])
async def test_a_consumer_that_does_not_find_back_is_made_anew(  # noqa: PLR0913, PLR0917 - pytest gives them
    database: Database,
    kafka_bootstrap: str,
    topic: str,
    producer: OrderedProducer,
    consumer: str,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    """aiokafka's background task ends for good → no answer, or no record while some wait → the reader starts again."""
    monkeypatch.setattr("shared.engine.reader.DEAF_SECONDS", 2.0)
    await producer.send(messages(range(100)))
    async with reading(database, kafka_bootstrap, consumer) as reader:
        await eventually(lambda: reached(database, 100))
        broken = reader._its_consumer()
        assert broken is not None
        if what == "client":
            broken._client._sync_task.cancel()
            broken._client.force_metadata_update()
        else:
            broken._fetcher._fetch_task.cancel()
        await asyncio.sleep(0.5)  # the fetch under way ends
        await producer.send(messages(range(100, 200)))
        await eventually(lambda: reached(database, 200))
        await eventually(lambda: reader._its_consumer() not in {None, broken})
        await producer.send(messages(range(200, 210)))
        await eventually(lambda: reached(database, 210))
    assert await count(database) == 210


async def test_a_broker_that_may_lose_its_tail_is_rewound_and_the_inbox_drops_what_repeats(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """The embedded broker forgets its last second when killed: what is published afterwards still counts."""
    await producer.send(messages(range(300)))
    async with reading(database, kafka_bootstrap, consumer):
        await eventually(lambda: reached(database, 300))
    await producer.close()
    await make_topic(kafka_bootstrap)
    await producer.send(messages(range(290, 330)))
    async with reading(database, kafka_bootstrap, consumer, embedded=True):
        await eventually(lambda: reached(database, 330))
    assert await orders_of(database) == sorted(f"SO-{n}" for n in range(330))


async def test_poison_stops_one_partition_and_a_resume_goes_on_where_it_stood(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """The others go on meanwhile; nothing behind the poison is lost."""
    bad = [Message("orders.v1", b"C-1", b"{") for _ in range(150)]
    await producer.send(bad + messages(range(70)))
    async with reading(database, kafka_bootstrap, consumer) as reader:
        await eventually(lambda: bool(reader.halted))
        assert len(await letters_of(database)) == 100
        (halted,) = reader.halted
        await eventually(lambda: others_done(database, halted))
        await database.execute("UPDATE consumed_offsets SET halted_code = NULL")
        await eventually(lambda: reached(database, 70))
    assert await count(database) == 70
    assert len(await letters_of(database)) == 150


async def others_done(database: Database, halted: tuple[str, int]) -> bool:
    """Whether all orders of the other partitions are in."""
    rows = await database.fetch("SELECT next_offset FROM consumed_offsets WHERE partition <> $1", halted[1])
    orders = await count(database)
    return 0 < orders == sum(int(row["next_offset"]) for row in rows)


async def test_a_stand_by_takes_over_within_ten_seconds_of_a_holder_that_fell_silent(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """Killed or cut off, it renews nothing: the stand-by reads within 10 s, and what the old one brings is void."""
    silent, second = (Lease(database, consumer) for _ in range(2))
    assert await silent.acquire()
    began = asyncio.get_running_loop().time()
    async with reading(database, kafka_bootstrap, consumer, lease=second) as stand_by:
        await producer.send(messages(range(20)))
        await eventually(lambda: reached(database, 20))
        assert not stand_by.standing_by
        assert asyncio.get_running_loop().time() - began < 10.0
        async with database.transaction() as tx:
            with pytest.raises(LeaseLostError):
                await silent.check(tx)


async def test_a_stand_by_takes_over_when_the_holder_of_the_lease_stops(
    database: Database, kafka_bootstrap: str, topic: str, producer: OrderedProducer, consumer: str
) -> None:
    """The holder reads every partition, the stand-by none, until the lease is free."""
    first, second = (Lease(database, consumer, seconds=6) for _ in range(2))
    async with reading(database, kafka_bootstrap, consumer, lease=second) as stand_by:
        await eventually(lambda: not stand_by.standing_by)
        async with reading(database, kafka_bootstrap, consumer, lease=first) as waiting:
            await producer.send(messages(range(100)))
            await eventually(lambda: reached(database, 100))
            assert waiting.standing_by
            await stand_by.stop()
            await eventually(lambda: not waiting.standing_by)
            await producer.send(messages(range(100, 150)))
            await eventually(lambda: reached(database, 150))
    assert await count(database) == 150
