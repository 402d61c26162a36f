"""Appending what a transaction publishes: frames of encoded events, for the relay to send after the commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.contracts.envelope import encode
from shared.engine.model import Outgoing, Transaction
from shared.engine.queries import load_queries

QUERIES = load_queries("shared.engine")


class Outbox:
    """The one way to publish: in the transaction that decided it, or not at all."""

    def __init__(self, source: str) -> None:
        self._source = source

    async def append(self, tx: Transaction, outgoings: Sequence[Outgoing], *, now: datetime) -> int:
        """Append `outgoings` in their order, a frame per topic, and return how many; `now` dates what has no time."""
        frames: dict[str, tuple[list[bytes], list[bytes]]] = {}
        for outgoing in outgoings:
            frame = frames.get(outgoing.topic)
            if frame is None:
                frame = frames[outgoing.topic] = ([], [])
            frame[0].append(outgoing.key.encode())
            frame[1].append(encode(outgoing, self._source, now))
        for topic, (keys, values) in frames.items():
            await tx.execute(QUERIES["append_frames"], topic, keys, values, None, None)
        return len(outgoings)
