"""Appending what a transaction publishes: frames of encoded events, for the relay to send after the commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from shared.contracts.envelope import encode
from shared.engine.model import Outgoing, Transaction
from shared.engine.queries import load_queries

QUERIES = load_queries("shared.engine")


class Frames:
    """What one transaction publishes, encoded as it is decided: a frame per topic, each in the order of deciding."""

    __slots__ = ("_by_topic", "_now", "_source")

    def __init__(self, source: str, now: datetime) -> None:
        self._source = source
        self._now = now
        self._by_topic: dict[str, tuple[list[bytes], list[bytes]]] = {}

    def add(self, outgoings: Iterable[Outgoing], trace: str | None = None) -> None:
        """Take in decided events; `trace` carries on that of their cause where they have none of their own."""
        for outgoing in outgoings:
            frame = self._by_topic.get(outgoing.topic)
            if frame is None:
                frame = self._by_topic[outgoing.topic] = ([], [])
            frame[0].append(outgoing.key.encode())
            frame[1].append(encode(outgoing, self._source, self._now, trace))

    async def append(self, tx: Transaction) -> None:
        """Write the frames into the outbox, in the transaction that decided them."""
        for topic, (keys, values) in self._by_topic.items():
            await tx.execute(QUERIES["append_frames"], topic, keys, values, None, None)


class Outbox:
    """The one way to publish: in the transaction that decided it, or not at all."""

    def __init__(self, source: str) -> None:
        self._source = source

    def frames(self, now: datetime) -> Frames:
        """Open the frames of a transaction; `now` dates the events that have no time of their own."""
        return Frames(self._source, now)

    async def append(self, tx: Transaction, outgoings: Sequence[Outgoing], *, now: datetime) -> None:
        """Append `outgoings`, for doors that decide all at once."""
        frames = self.frames(now)
        frames.add(outgoings)
        await frames.append(tx)
