"""How the engine speaks Kafka: one set of connection options, and a producer that keeps order and never hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.partitioner import murmur2

# Well under the broker's default message.max.bytes of 1,048,588, and large enough to compress well.
BATCH_BYTES = 400_000


@dataclass(frozen=True, slots=True)
class KafkaAddress:
    """Where the broker is and as whom to log in (SASL/PLAIN when `username` is set)."""

    bootstrap: str
    username: str | None = None
    password: str | None = None
    compression: str = "zstd"

    def connection(self) -> dict[str, Any]:
        """Options that consumers, producers and admin clients of aiokafka share."""
        options: dict[str, Any] = {"bootstrap_servers": self.bootstrap}
        if self.username is not None:
            options |= {
                "security_protocol": "SASL_PLAINTEXT",
                "sasl_mechanism": "PLAIN",
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return options


@lru_cache(maxsize=65_536)
def key_hash(key: bytes) -> int:
    """Kafka's own hash of a key, positive; remembered, because in Python it costs as much as deciding an event."""
    return int(murmur2(key)) & 0x7FFFFFFF


@dataclass(frozen=True, slots=True)
class Message:
    """A record to send; order among messages of one key is kept."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()


class OrderedProducer:
    """Sends messages in the order given, each key to its partition, and knows when all are acknowledged.

    Idempotent and acks=all. aiokafka never gives up an idempotent batch and can be stuck after a broker error, so
    `send` waits a bounded time, and a producer that failed is thrown away with all it held: the caller, who still has
    the messages, sends them again with the same ids.
    """

    def __init__(self, address: KafkaAddress, *, client_id: str, seconds: float = 20.0) -> None:
        self._address = address
        self._client_id = client_id
        self._seconds = seconds
        self._producer: AIOKafkaProducer | None = None
        self._closing: set[asyncio.Future[None]] = set()

    async def send(self, messages: Sequence[Message]) -> None:
        """Return when the broker has all of `messages`; raises (`KafkaError`, `TimeoutError`, `OSError`) otherwise."""
        try:
            async with asyncio.timeout(self._seconds):
                producer = await self._started()
                acknowledgements = await self._enqueue(producer, messages)
                await asyncio.gather(*acknowledgements)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Throw the producer away; what it had not sent is not sent."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        closing = asyncio.ensure_future(_tear_down(producer))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        await asyncio.wait({closing}, timeout=1.0)

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                **self._address.connection(),
                client_id=self._client_id,
                acks="all",
                enable_idempotence=True,
                compression_type=self._address.compression,
                max_batch_size=BATCH_BYTES,
                max_request_size=1_048_576,
                request_timeout_ms=10_000,
            )
            self._producer = producer
            await producer.start()
        return self._producer

    async def _enqueue(self, producer: AIOKafkaProducer, messages: Sequence[Message]) -> list[asyncio.Future[Any]]:
        """Fill one open batch per partition, handing it over when full: a partition's batches go out one by one."""
        counts: dict[str, int] = {}
        open_batches: dict[tuple[str, int], Any] = {}
        acknowledgements: list[asyncio.Future[Any]] = []
        for message in messages:
            count = counts.get(message.topic)
            if count is None:
                count = counts[message.topic] = len(await producer.partitions_for(message.topic))
            place = (message.topic, key_hash(message.key or b"") % count)
            headers = list(message.headers)
            batch = open_batches.get(place)
            if batch is None:
                batch = open_batches[place] = producer.create_batch()
            if batch.append(key=message.key, value=message.value, timestamp=None, headers=headers) is None:
                acknowledgements.append(await producer.send_batch(batch, place[0], partition=place[1]))
                batch = open_batches[place] = producer.create_batch()
                batch.append(key=message.key, value=message.value, timestamp=None, headers=headers)
        for place, batch in open_batches.items():
            batch.close()
            acknowledgements.append(await producer.send_batch(batch, place[0], partition=place[1]))
        return acknowledgements


async def _tear_down(producer: AIOKafkaProducer) -> None:
    """End it with its tasks and sockets.

    Its own `stop` flushes first, which does not end while the broker is away, and cancelled then it leaves all of them
    behind, once more with every outage.
    """
    # No public way leads there.
    producer._closed = True  # noqa: SLF001
    task = None if producer._sender is None else producer._sender.sender_task  # noqa: SLF001
    if task is not None:
        task.cancel()
    await close_client(producer.client)  # ends what the sender still waits for
    if task is not None:
        await asyncio.wait({task})


async def close_client(client: AIOKafkaClient) -> None:
    """Close a client in whatever state, and leave nobody waiting for it.

    Its own `close` raises what its task died of and leaves its sockets open, and whoever waits for metadata then waits
    for ever.
    """
    task, client._sync_task = client._sync_task, None  # noqa: SLF001
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    client.force_metadata_update = _no_metadata
    if (waited_for := client._md_update_fut) is not None and not waited_for.done():  # noqa: SLF001
        waited_for.set_result(False)
    await client.close()


def _no_metadata() -> asyncio.Future[bool]:
    answer = asyncio.get_running_loop().create_future()
    answer.set_result(False)
    return answer
