"""FastStream as the engine uses it: a subscriber that hands on raw polls and acknowledges nothing.

With MANUAL acknowledgement FastStream swallows what a handler raises while the position has already moved on, so the
handler must never raise. Its own parser and decoder do nothing here, because the default ones fail, silently, on a
null or non-UTF-8 header.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage, TopicPartition
from faststream.kafka.message import FAKE_CONSUMER
from faststream.security import SASLPlaintext

from shared.engine.impatience import clear_group, pace_fetches
from shared.engine.kafka import KafkaAddress, close_client
from shared.engine.model import Subscription
from shared.engine.poison import Place

GATHER_BYTES = 64 * 1024
LONG_POLL_MS = 500
# A poll may wait long for a database that is away without losing its partitions to a rebalance.
MAX_POLL_MS = 30 * 60 * 1000
STOP_SECONDS = 9.0
# Longer than the session of a member that was killed.
JOIN_SECONDS = 15.0

OnPoll = Callable[[Sequence[ConsumerRecord]], Awaitable[None]]
OnRebalance = Callable[[], None]


class Stream:
    """One subscription's consumer, from `start` to `stop`; not to be started twice."""

    def __init__(
        self,
        address: KafkaAddress,
        service: str,
        subscription: Subscription,
        on_poll: OnPoll,
        on_rebalance: OnRebalance,
    ) -> None:
        self._address = address
        self._service = service
        self._subscription = subscription
        self._on_poll = on_poll
        self._on_rebalance = on_rebalance
        self._broker = KafkaBroker(
            address.bootstrap,
            consumer_only=True,
            allow_auto_create_topics=False,
            apply_types=False,
            logger=None,
            graceful_timeout=STOP_SECONDS - 1,
            client_id=f"tierline-{service}",
            security=_security(address),
        )
        self._subscriber: Any = None
        self._group = f"{service}.{subscription.topics[0]}"

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """aiokafka's consumer, once there is one."""
        consumer: AIOKafkaConsumer | None = None if self._subscriber is None else self._subscriber.consumer
        return consumer

    async def start(self, *, embedded: bool) -> None:
        """Begin to poll: all partitions of a leased subscription, else those that the group gives."""
        topics, options = self._subscription.topics, self._options()
        if self._subscription.lease is None:
            told = _Told(self._on_rebalance)
            self._subscriber = self._broker.subscriber(*topics, listener=told, **options)
        else:
            assigned = [TopicPartition(topic=t, partition=p) for t, p in await self._all_partitions(topics)]
            self._subscriber = self._broker.subscriber(partitions=assigned, **options)
        self._subscriber(self._on_poll)
        await (self._join() if embedded and self._subscription.lease is None else self._broker.start())
        if embedded and self.consumer is not None:
            pace_fetches(self.consumer)

    async def _join(self) -> None:
        """Start, and clear a group that lets nobody in; TimeoutError then, for the caller to try again."""
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                await self._broker.start()
        except TimeoutError:
            await clear_group(self._address, self._group)
            raise

    async def stop(self) -> None:
        """End it within seconds, whatever state it is in."""
        consumer = self.consumer
        stopping = asyncio.ensure_future(self._broker.stop())
        if not (await asyncio.wait({stopping}, timeout=STOP_SECONDS))[0]:
            stopping.cancel()
        # Whatever it ends with: it is thrown away in any case.
        await asyncio.gather(stopping, return_exceptions=True)
        if consumer is not None:
            await close_client(consumer._client)  # noqa: SLF001 - a consumer whose tasks have died closes nothing

    def _options(self) -> dict[str, Any]:
        subscription = self._subscription
        return {
            "batch": True,
            "max_records": subscription.max_records,
            "batch_timeout_ms": 100,
            "group_id": self._group,
            "auto_offset_reset": "earliest",
            # What a source published in a transaction counts when the transaction does.
            "isolation_level": "read_committed",
            "ack_policy": AckPolicy.MANUAL,
            "parser": _pass_through,
            "decoder": _undecoded,
            "no_reply": True,
            "max_poll_interval_ms": MAX_POLL_MS,
            "max_partition_fetch_bytes": 2 * 1024 * 1024,
            # The broker answers when there is much, or when it has waited so long: one fetch and one transaction cost
            # the same for one record as for a hundred.
            "fetch_min_bytes": GATHER_BYTES if subscription.gather_ms else 1,
            "fetch_max_wait_ms": subscription.gather_ms or LONG_POLL_MS,
        }

    async def _all_partitions(self, topics: Sequence[str]) -> list[Place]:
        admin = AIOKafkaAdminClient(**self._address.connection())
        await admin.start()
        try:
            described = await admin.describe_topics(list(topics))
        finally:
            await admin.close()
        places = [(t["topic"], p["partition"]) for t in described for p in t["partitions"]]
        if {topic for topic, _ in places} != set(topics):
            raise ConnectionError(f"topics {', '.join(topics)} do not all exist yet")
        return sorted(places)


class _Told(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Hears of rebalances: aiokafka takes every position anew from Kafka's notes then, of kept partitions too."""

    def __init__(self, on_rebalance: OnRebalance) -> None:
        self._on_rebalance = on_rebalance

    def on_partitions_revoked(self, revoked: set[Any]) -> None:
        self._on_rebalance()

    def on_partitions_assigned(self, assigned: set[Any]) -> None:
        self._on_rebalance()


def _security(address: KafkaAddress) -> SASLPlaintext | None:
    if address.username is None:
        return None
    return SASLPlaintext(username=address.username, password=address.password or "", use_ssl=False)


async def _pass_through(records: tuple[ConsumerRecord, ...]) -> KafkaMessage:
    return KafkaMessage(
        body=b"", raw_message=records, headers={}, message_id="", correlation_id="", consumer=FAKE_CONSUMER
    )


async def _undecoded(message: Any) -> Any:
    return message.raw_message
