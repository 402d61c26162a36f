"""Publishes orders as the order system would."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from aiokafka.errors import KafkaError

from deploy.failure import Failure
from shared.contracts.envelope import encode
from shared.contracts.orders import OrderPlaced
from shared.engine.kafka import KafkaAddress, Message, OrderedProducer
from shared.engine.model import Outgoing
from shared.words import Text

TOPIC = "orders.v1"
# Enough for each of twelve partitions to fill a batch, little enough for a bar to move.
AT_ONCE = 4000


async def publish(
    address: KafkaAddress, orders: Iterable[OrderPlaced], *, source: str, on_progress: Callable[[int], None]
) -> int:
    """Publish all, acknowledged; `on_progress` gets how many are out so far. Failure when the broker takes no more."""
    producer = OrderedProducer(address, client_id="tierline-feed")
    sent = 0
    try:
        for messages in chunks(orders, source):
            await producer.send(messages)
            sent += len(messages)
            on_progress(sent)
    except (KafkaError, OSError, TimeoutError) as error:
        raise Failure(
            Text(en=f"Kafka took {sent} orders and then no more.", zh=f"Kafka 接收 {sent} 个订单后不再应答。"),
            Text(en="Publishing again is safe: each order counts once.", zh="可以放心重发:每个订单只计一次。"),
            detail=repr(error),
        ) from None
    finally:
        await producer.close()
    return sent


def chunks(orders: Iterable[OrderPlaced], source: str) -> Iterator[list[Message]]:
    """The orders as records, so many at a time: structured CloudEvents, keyed by customer."""
    remaining = iter(orders)
    while chunk := [record(order, source) for order in islice(remaining, AT_ONCE)]:
        yield chunk


def record(order: OrderPlaced, source: str) -> Message:
    """One order as a record; its id is the order's own, so that a repetition is known as one."""
    event = Outgoing(TOPIC, order.customer_id, "order.placed", order.order_id, order)
    return Message(TOPIC, order.customer_id.encode(), encode(event, source, order.placed_at))
