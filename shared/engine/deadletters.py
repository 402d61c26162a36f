"""Dead letters: what could not be taken, kept whole in the table and announced on the topic's dead-letter topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.engine.model import Received, Refused, Transaction
from shared.engine.postgres import Database
from shared.engine.queries import load_queries

QUERIES = load_queries("shared.engine")
# A reason is for reading; one that quotes a 10 kB id is cut.
LONGEST_DETAIL = 1000
# What a broker took just so (1,048,588 bytes by default) it does not take with our headers on top, and a frame that it
# never takes would hold up everything behind it.
LARGEST_ANNOUNCED = 1_000_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A refused record; `record` is whole only where one letter is asked for."""

    letter_id: int
    record: Received
    code: str
    detail: str
    attempts: int
    refused_at: datetime
    replayed_at: datetime | None = None


class DeadLetters:
    """The table of one service's dead letters."""

    async def bury(self, tx: Transaction, record: Received, refusal: Refused, topic: str) -> None:
        """Keep `record` and announce it on `topic`, both in the batch's own transaction.

        One that would be too large there is announced without key, value and headers of its own.
        """
        names, values = [name for name, _ in record.headers], [value for _, value in record.headers]
        detail = clean(refusal.detail)
        await tx.execute(
            QUERIES["bury"], record.topic, record.partition, record.offset, record.key, record.value,
            [clean(n) for n in names], values, datetime.fromtimestamp(max(record.timestamp_ms, 0) / 1000, UTC),
            refusal.code, detail,
        )  # fmt: skip
        about = {
            "tierline-topic": record.topic,
            "tierline-partition": str(record.partition),
            "tierline-offset": str(record.offset),
            "tierline-code": refusal.code,
            "tierline-detail": detail,
            "tierline-attempts": "1",
        }
        key, value = record.key, record.value
        if size_of(record) > LARGEST_ANNOUNCED:
            key, value, names, values = None, None, [], []
            about["tierline-left-out"] = "record"
        await tx.execute(
            QUERIES["append_frames"], topic, [key], [value],
            [clean(n) for n in names] + list(about), values + [v.encode() for v in about.values()],
        )  # fmt: skip

    async def lock(self, tx: Transaction, letter_id: int) -> Received | None:
        """The record of a waiting letter, locked for a replay; None when it does not wait or is being replayed."""
        rows = await tx.fetch(QUERIES["lock_dead_letters"], [letter_id])
        return received(rows[0]) if rows else None

    async def settle(self, tx: Transaction, letter_id: int) -> None:
        """The replay took effect."""
        await tx.execute(QUERIES["settle_dead_letter"], letter_id)

    async def refuse_again(self, database: Database, letter_id: int, refusal: Refused) -> None:
        """The replay failed too."""
        await database.execute(QUERIES["refuse_dead_letter"], letter_id, refusal.code, clean(refusal.detail))

    async def count(self, database: Database) -> int:
        """How many letters wait."""
        return int(await database.fetchval(QUERIES["count_dead_letters"]))

    async def waiting(self, database: Database, *, after: int, limit: int) -> list[DeadLetter]:
        """A page of waiting letters, oldest first, behind letter `after`, without contents."""
        rows = await database.fetch(QUERIES["list_dead_letters"], after, limit)
        return [letter(row, Received(row["topic"], row["partition"], row["record_offset"],
                                     milliseconds(row["recorded_at"]), None, None, ())) for row in rows]  # fmt: skip

    async def show(self, tx: Transaction, letter_id: int) -> DeadLetter | None:
        """One letter, whole."""
        row = await tx.fetchrow(QUERIES["show_dead_letter"], letter_id)
        return None if row is None else letter(row, received(row), row["replayed_at"])

    async def select(self, database: Database, *, topic: str | None, after: int, limit: int) -> list[tuple[int, str]]:
        """Ids and topics of waiting letters behind `after`, of one topic or of all."""
        rows = await database.fetch(QUERIES["select_waiting_letters"], topic, after, limit)
        return [(row["letter_id"], row["topic"]) for row in rows]


def size_of(record: Received) -> int:
    """Bytes of key, value and headers."""
    headers = sum(len(name.encode("utf-8", "surrogatepass")) + len(value or b"") + 2 for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers


def letter(row: Any, record: Received, replayed_at: datetime | None = None) -> DeadLetter:
    """Make a letter of its row."""
    return DeadLetter(
        row["letter_id"], record, row["code"], row["detail"], row["attempts"], row["refused_at"], replayed_at
    )


def received(row: Any) -> Received:
    """Make the record of its row, as it came off the wire."""
    headers: Sequence[tuple[str, bytes | None]] = list(zip(row["header_names"], row["header_values"], strict=True))
    return Received(
        row["topic"], row["partition"], row["record_offset"], milliseconds(row["recorded_at"]),
        row["record_key"], row["record_value"], headers,
    )  # fmt: skip


def milliseconds(moment: datetime) -> int:
    """Kafka's timestamp of a moment."""
    return round(moment.timestamp() * 1000)


def clean(text: str) -> str:
    """PostgreSQL's text takes neither NUL nor lone surrogates, and a reason may quote either."""
    readable = text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
    return readable if len(readable) <= LONGEST_DETAIL else readable[:LONGEST_DETAIL] + "…"
