"""The audit chain: what is hashed, how entries are linked, and how the first bad one is found.

`hash = SHA-256(previous hash ‖ canonical bytes)`. The previous hash always has 32 bytes, so the border needs no mark.

Canonical bytes, format 1: `1;seq;at;recorded_at;` in decimal digits (times in microseconds since 1970 UTC), then each
text as a netstring `<bytes of its UTF-8>:<text>,`, or `-,` where there is none. Canonical JSON was the other candidate.
It lost because every language escapes, spells numbers and orders keys a little differently, while a length in front of
bytes leaves nothing to choose: two entries have the same bytes only if they are the same entry, whatever their texts
hold, and an auditor who trusts none of our code recomputes the chain with `octet_length` and `sha256` in psql (the
integration tests do). It is also half the work. A later format starts with another number; this one stays
verifiable.

What a chain cannot tell by itself: somebody who may rewrite every entry and the head as well leaves a chain that is
sound. Against that a head noted elsewhere is compared (`noted`), and the tree over the same bytes, whose signed heads
and hashes are kept outside (`merkle`, `tiles`, `notes`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from shared.words import Text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Entry(NamedTuple):
    """One fact in the chain; a tuple, because thousands a second are made of these and a table's row is one anyway.

    `at` is when it happened, `recorded_at` when it was sealed; both aware. `actor` is None when no person acted.
    `detail` is JSON as text, kept to the letter. Never the content of a file.
    """

    seq: int
    at: datetime
    recorded_at: datetime
    actor: str | None
    role: str | None
    action: str
    file: str
    outcome: str
    grant_id: str | None
    station: str | None
    service: str
    reason: str | None
    detail: str
    event_id: str
    event_source: str


class Link(NamedTuple):
    """An entry as it stands in the chain."""

    entry: Entry
    prev_hash: bytes
    hash: bytes


class Head(NamedTuple):
    """The last link's number and hash."""

    seq: int
    hash: bytes


GENESIS = Head(0, sha256(b"tierline audit chain").digest())


def canonical(entry: Entry) -> bytes:
    """Return the bytes that are hashed (format 1, above); `UnicodeEncodeError` on text that is not Unicode."""
    seq, at, recorded_at, *texts = entry
    return spelled(seq, at, recorded_at, texts)


def spelled(seq: int, at: datetime, recorded_at: datetime, texts: Iterable[str | None]) -> bytes:
    """The same, for who has the parts in hand."""
    fields = "".join(["-," if text is None else f"{len(text.encode())}:{text}," for text in texts])
    return f"1;{seq};{(at - EPOCH) // MICROSECOND};{(recorded_at - EPOCH) // MICROSECOND};{fields}".encode()


def seal(prev_hash: bytes, entry: Entry) -> Link:
    """Link `entry` to the chain that ends in `prev_hash`."""
    return Link(entry, prev_hash, sha256(prev_hash + canonical(entry)).digest())


class FaultKind(StrEnum):
    """What is wrong at the first bad position."""

    EDITED = "edited"  # its content or a hash in its row is not what was sealed
    REPLACED = "replaced"  # it was sealed anew, and what follows it (or the head) knows another
    INSERTED = "inserted"  # it came in between, or behind the end, without the sealer
    MISSING = "missing"  # it was deleted, moved away, or the tail was cut off
    UNVOUCHED = "unvouched"  # up to it, the entries are not those that were signed; which one is nowhere to be read


@dataclass(frozen=True, slots=True)
class Fault:
    """The first bad entry, by its number."""

    seq: int
    kind: FaultKind

    def words(self) -> Text:
        """What is wrong, for people."""
        zh, en = _WORDS[self.kind]
        return Text(zh=f"第 {self.seq} 条{zh}", en=f"entry {self.seq} {en}")


_WORDS = {
    FaultKind.EDITED: (
        "被改动：内容与封存时的哈希不符",
        "was edited: it no longer matches the hash it was sealed with",
    ),
    FaultKind.REPLACED: ("被替换：与后一条或链尾不衔接", "was replaced: what comes after it was sealed upon another"),
    FaultKind.INSERTED: ("是插入的：未经封存程序", "was inserted: the sealer did not put it there"),
    FaultKind.MISSING: (
        "缺失：被删除、移走或链尾被截断",
        "is missing: it was deleted or moved, or the tail was cut off",
    ),
    FaultKind.UNVOUCHED: (
        "及之前的条目与签名的树头不符，且无从得知始于哪一条",
        "and those before it are not what was signed; where that begins nothing is left to tell",
    ),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`entries` were recomputed before a fault showed, `head` is the last of them; `fault` None: the chain is sound.

    `vouched` of them agree with the newest signed head of their tree; `outside` that one was kept outside.
    """

    entries: int
    head: Head
    fault: Fault | None
    vouched: int = 0
    outside: bool = False


@dataclass(slots=True)
class Verifier:
    """Folds a chain from its beginning, in its order; remembers a few hashes, however long the chain is.

    `remembered` is where the sealer says that the chain ends; `noted` a head that somebody wrote down earlier, outside
    the database. It may begin behind entries that are known to be sound: `head` is the last of them, `before` the hash
    of the one before that.
    """

    remembered: Head
    noted: Head | None = None
    head: Head = GENESIS
    fault: Fault | None = None
    before: bytes = field(default=b"", repr=False)
    _suspect: bytes | None = field(default=None, repr=False)

    def read(self, links: Iterable[Link]) -> None:
        """Go on with the next links; after the first fault the rest says nothing and is skipped."""
        for link in links:
            self._convict(link.prev_hash)
            if self.fault is not None:
                return
            self.fault = self._judge(link)
            if self.fault is None and self._suspect is None:
                self.before = self.head.hash
                self.head = Head(link.entry.seq, link.hash)
                self.fault = self._compare_with_noted()

    def close(self) -> Verdict:
        """Hold the end against the remembered head, and against the noted one if it was not reached."""
        self._convict(self.remembered.hash)
        if self.fault is None:
            self.fault = self._judge_end()
        return Verdict(self.head.seq, self.head, self.fault)

    def _judge(self, link: Link) -> Fault | None:
        seq, expected = link.entry.seq, self.head.seq + 1
        if seq != expected:
            # A number that was there already has come in; one that is skipped is gone, or stands elsewhere.
            return Fault(seq, FaultKind.INSERTED) if seq < expected else Fault(expected, FaultKind.MISSING)
        fault = self._judge_seal(link)
        if seq > self.remembered.seq and (fault is None or fault.seq == seq):
            return Fault(seq, FaultKind.INSERTED)
        return fault

    def _judge_seal(self, link: Link) -> Fault | None:
        seq = link.entry.seq
        body = canonical(link.entry)
        if link.prev_hash == self.head.hash:
            sealed = sha256(link.prev_hash + body).digest() == link.hash
            return None if sealed else Fault(seq, FaultKind.EDITED)
        if sha256(self.head.hash + body).digest() == link.hash:
            return Fault(seq, FaultKind.EDITED)  # nothing but its prev_hash was touched
        if link.prev_hash == self.before:
            return Fault(seq - 1, FaultKind.INSERTED)  # it was sealed upon the last but one
        if sha256(link.prev_hash + body).digest() == link.hash:
            self._suspect = link.hash  # it or the one before it was sealed anew: the next one knows
            return None
        return Fault(seq, FaultKind.EDITED)

    def _convict(self, successor_prev: bytes) -> None:
        """Of two neighbours that do not fit, each sound by itself, the one that the chain goes on from is true."""
        if self._suspect is not None and self.fault is None:
            seq = self.head.seq if successor_prev == self._suspect else self.head.seq + 1
            self.fault = Fault(max(seq, 1), FaultKind.REPLACED)

    def _compare_with_noted(self) -> Fault | None:
        if self.noted is None or self.head.seq != self.noted.seq or self.head.hash == self.noted.hash:
            return None
        return Fault(self.head.seq, FaultKind.REPLACED)

    def _judge_end(self) -> Fault | None:
        end = self.remembered.seq if self.noted is None else max(self.remembered.seq, self.noted.seq)
        if self.head.seq < end:
            return Fault(self.head.seq + 1, FaultKind.MISSING)
        return None if self.head.hash == self.remembered.hash else Fault(self.head.seq, FaultKind.REPLACED)


def verify(links: Iterable[Link], remembered: Head, noted: Head | None = None) -> Verdict:
    """Recompute a whole chain and name its first bad entry, as `Verifier` does in pieces."""
    verifier = Verifier(remembered, noted)
    verifier.read(links)
    return verifier.close()
