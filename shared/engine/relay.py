"""The relay: takes frames from the outbox, sends them, deletes them after the acknowledgement.

At least once on the wire: killed between acknowledgement and delete, it sends the same events again, under the same
ids, which receivers claim.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from shared.engine.kafka import Message, OrderedProducer
from shared.engine.postgres import Database, is_transient
from shared.engine.queries import load_queries

QUERIES = load_queries("shared.engine")
log = structlog.get_logger()

# Frames per pass: enough to fill batches, few enough that a pass stays far below its timeout.
FRAMES = 24


class Relay:
    """Sends one service's outbox while it runs; of several processes only one does at a time."""

    def __init__(
        self,
        database: Database,
        producer: OrderedProducer,
        *,
        on_sent: Callable[[int], None],
        idle_seconds: float = 0.2,
    ) -> None:
        self._database = database
        self._producer = producer
        self._on_sent = on_sent
        self._idle_seconds = idle_seconds
        self._wake = asyncio.Event()
        self._stopping = False
        self._ended = asyncio.Event()

    def wake(self) -> None:
        """Something was committed: do not wait for the next look."""
        self._wake.set()

    async def run(self) -> None:
        """Relay until `finish`, waiting out a broker or database that is away: said once, and once when it is back."""
        try:
            await self._run()
        finally:
            self._ended.set()

    async def _run(self) -> None:
        delay = 0.1
        waiting = False
        while True:
            self._wake.clear()
            try:
                sent = await self.pass_once()
            except Exception as error:
                if not (isinstance(error, KafkaError) or is_transient(error)):
                    log.exception("relay_failed")
                elif not waiting:
                    log.warning("relay_waits", error=repr(error))
                waiting = True
                if self._stopping:
                    return
                await self._pause(delay * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
                delay = min(delay * 2, 5.0)
                continue
            if waiting:
                log.info("relay_goes_on")
                waiting, delay = False, 0.1
            if sent == 0:
                if self._stopping:
                    return
                await self._pause(self._idle_seconds)

    async def finish(self) -> None:
        """Let `run` send what it can reach, wait for its end and release the producer."""
        self._stopping = True
        self._wake.set()
        await self._ended.wait()
        await self._producer.close()

    async def pass_once(self) -> int:
        """Send and delete the oldest frames; returns how many records, 0 when none wait or another process relays."""
        async with self._database.transaction() as tx:
            if not await tx.fetchval(QUERIES["lock_relay"]):
                return 0
            rows = await tx.fetch(QUERIES["take_frames"], FRAMES)
            if not rows:
                return 0
            messages = [message for row in rows for message in unpack(row)]
            await self._producer.send(messages)
            await tx.execute(QUERIES["delete_frames"], [row["frame_id"] for row in rows])
        self._on_sent(len(messages))
        return len(messages)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return


def unpack(row: Any) -> list[Message]:
    """The messages of a frame, in their order."""
    headers = list(zip(row["header_names"] or (), row["header_values"] or (), strict=True))
    topic = row["topic"]
    return [
        Message(topic, key, value, headers) for key, value in zip(row["record_keys"], row["record_values"], strict=True)
    ]
