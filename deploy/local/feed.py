"""Publishes trade as the order system would."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from aiokafka.errors import KafkaError

from deploy.failure import Failure
from shared.contracts.envelope import encode
from shared.contracts.registry import TOPICS
from shared.contracts.types import EventData
from shared.engine.kafka import KafkaAddress, Message, OrderedProducer
from shared.engine.model import Outgoing
from shared.words import Text

TOPIC = "orders.v1"
# Enough for each of twelve partitions to fill a batch, little enough for a bar to move.
AT_ONCE = 4000


class Told(NamedTuple):
    """An event to publish; `id` is the same whenever the same is told."""

    type: str
    id: str
    data: EventData


async def publish(
    address: KafkaAddress, told: Iterable[Told], *, source: str, on_progress: Callable[[int], None]
) -> int:
    """Publish all, acknowledged; `on_progress` gets how many are out so far. Failure when the broker takes no more."""
    producer = OrderedProducer(address, client_id="tierline-feed")
    sent = 0
    try:
        for messages in chunks(told, source):
            await producer.send(messages)
            sent += len(messages)
            on_progress(sent)
    except (KafkaError, OSError, TimeoutError) as error:
        raise Failure(
            Text(en=f"Kafka took {sent} events and then no more.", zh=f"Kafka 接收 {sent} 个事件后不再应答。"),
            Text(en="Publishing again is safe: each counts once.", zh="可以放心重发:每个事件只计一次。"),
            detail=repr(error),
        ) from None
    finally:
        await producer.close()
    return sent


def chunks(told: Iterable[Told], source: str) -> Iterator[list[Message]]:
    """The events as records, so many at a time: structured CloudEvents, keyed by customer."""
    remaining = iter(told)
    while chunk := [record(event, source) for event in islice(remaining, AT_ONCE)]:
        yield chunk


def record(told: Told, source: str) -> Message:
    """One event as a record, at the moment that it tells of; its id makes a repetition known as one."""
    key = TOPICS[TOPIC].key_of(told.data)
    event = Outgoing(TOPIC, key, told.type, told.id, told.data)
    return Message(TOPIC, key.encode(), encode(event, source, getattr(told.data, told.data.moment_field or "")))
