"""From the broker into effect through FastStream: nothing skipped, nothing silently reset, halts that hold."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from shared.engine.kafka import Message, OrderedProducer
from shared.engine.lease import Lease, LeaseLostError
from shared.engine.postgres import Database
from shared.engine.queries import load_queries
from tests.integration.engine.ledger import eventually, letters_of, orders_of
from tests.integration.engine.readers import count, messages, reached, reading

pytestmark = pytest.mark.backend
QUERIES = load_queries("shared.engine")


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
