"""A poll's records on their way: what decoding made of each, and what the whole came to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple, Protocol

from shared.contracts.envelope import WHOLE, Views, decode
from shared.engine.model import Event, Received, Refused
from shared.engine.poison import Place
from shared.engine.postgres import is_data_fault, is_transient


class Item(NamedTuple):
    """A record with what decoding made of it: an event with the key that claims it, or the verdict that refuses it."""

    record: Received
    event: Event | None
    refusal: Refused | None
    claim: bytes

    @property
    def place(self) -> Place:
        """The partition it came from."""
        return self.record.topic, self.record.partition


Verdicts = dict[int, Refused]
"""The refusals of one attempt, by identity of their item."""


@dataclass(slots=True)
class Outcome:
    """What one poll came to, for the door that hints offsets and pauses partitions."""

    next_offsets: dict[Place, int] = field(default_factory=dict)
    halted: set[Place] = field(default_factory=set)
    dropped: set[Place] = field(default_factory=set)
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0

    def add(self, other: Outcome) -> None:
        """Take in what a part of the poll came to."""
        self.next_offsets.update(other.next_offsets)
        self.halted |= other.halted
        self.dropped |= other.dropped
        self.accepted += other.accepted
        self.duplicates += other.duplicates
        self.refused += other.refused


class Observer(Protocol):
    """Is told what a processor does, for metrics and wake-ups."""

    def committed(self, outcome: Outcome, seconds: float) -> None:
        """A transaction took effect."""
        ...

    def waits(self, error: BaseException | None) -> None:
        """Waiting began, or with None is over."""
        ...


class FaultyRecordError(Exception):
    """Deciding on this one record failed in a way its author did not foresee."""

    def __init__(self, item: Item, error: Exception) -> None:
        super().__init__(str(error))
        self.item = item
        self.error = error


def claim_key(topic: str, event: Event) -> bytes:
    """128 bits over topic, source and id: an id is unique per topic and source."""
    return blake2b(f"{topic}\0{event.source}\0{event.id}".encode(), digest_size=16).digest()


def read(record: Received, now: datetime, views: Views = WHOLE) -> Item:
    """Decode one record alone, so that it cannot harm or forge another."""
    try:
        event = decode(record.topic, record.key, record.value, record.headers, now, views)
    except Refused as refusal:
        return Item(record, None, refusal, b"")
    return Item(record, event, None, claim_key(record.topic, event))


def as_refusal(error: Exception) -> Refused | None:
    """The verdict that `error` passes on a record tried alone; None when the record is not at fault."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, FaultyRecordError):
        error = error.error
    if is_transient(error) or not is_data_fault(error):
        return None
    return Refused("internal_error", f"{type(error).__name__}: {error}"[:500])


def condemn(items: Sequence[Item], faulty: Item, error: Exception) -> list[Item]:
    """The same items, the faulty one refused."""
    refusal = Refused("internal_error", f"{type(error).__name__}: {error}"[:500])
    return [Item(i.record, None, refusal, b"") if i is faulty else i for i in items]


def flags_by_place(items: Sequence[Item], verdicts: Verdicts) -> dict[Place, tuple[list[int], list[bool]]]:
    """Per partition, in order, the offsets and whether each record was refused."""
    flags: dict[Place, tuple[list[int], list[bool]]] = {}
    for item in items:
        offsets, refused = flags.setdefault(item.place, ([], []))
        offsets.append(item.record.offset)
        refused.append(id(item) in verdicts)
    return flags


Now = Callable[[], datetime]
"""The present moment, aware UTC."""
