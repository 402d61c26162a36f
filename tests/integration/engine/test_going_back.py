"""A log or a database that is not as it was: nothing is passed over, and nothing counts twice."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaConsumer

from shared.engine.kafka import OrderedProducer
from shared.engine.postgres import Database
from shared.engine.queries import load_queries
from tests.integration.engine.ledger import eventually, orders_of
from tests.integration.engine.readers import count, make_topic, messages, reached, reading

pytestmark = pytest.mark.backend
QUERIES = load_queries("shared.engine")


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
