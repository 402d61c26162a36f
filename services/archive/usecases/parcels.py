"""What leaves the archive in somebody's hands, and the audit's word on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from services.archive.domain.files import Record, record_file
from services.archive.domain.reading import Reason, Verdict
from services.archive.domain.records import Attachment
from services.archive.ports import Sought
from shared.audit import Deed

NOBODY_KNOWS = Verdict(allowed=False, reason=Reason.NO_SUCH_FILE)


@dataclass(frozen=True, slots=True)
class Card:
    """A record and what one reader may see of it: which sections, and what those consist of."""

    record: Record
    readable: frozenset[str]
    copyable: frozenset[str]
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A piece of content in a reader's hands."""

    attachment: Attachment
    content: bytes


class Kept(NamedTuple):
    """What of a record stays, and why: a section, or a piece of one; `reason` is the word that a refusal has."""

    section: str
    attachment_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """What somebody takes out of a record: under which grants, and all the pieces; and what of it stays."""

    record: Record
    grants: tuple[str, ...]
    pieces: tuple[Opened, ...]
    kept: tuple[Kept, ...]
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Taking:
    """The verdict on taking out a record: which pieces, by which grants, and what of it stays."""

    verdict: Verdict
    pieces: tuple[Attachment, ...]
    grants: tuple[str, ...]
    kept: tuple[Kept, ...]

    def parcel(self, record: Record, pieces: Sequence[Opened], lost: Sequence[Kept], taken_at: datetime) -> Parcel:
        """The parcel, once the pieces were fetched; those in `lost` were not what was filed."""
        return Parcel(record, self.grants, tuple(pieces), (*self.kept, *lost), taken_at)


@dataclass(frozen=True, slots=True)
class Found:
    """What somebody takes out of a search: the records given, and why of others nothing is, each by id."""

    parcels: tuple[Parcel, ...]
    withheld: Mapping[str, Reason]
    taken_at: datetime


class TooMuchError(Exception):
    """What is asked for does not fit into one answer; `size` and `most` are bytes."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"{size} bytes of {most}")
        self.size = size
        self.most = most


class TooManyError(Exception):
    """A search finds more records than one answer holds."""

    def __init__(self, most: int) -> None:
        super().__init__(f"more than {most} records")
        self.most = most


def allowed_of(verdicts: dict[str, Verdict]) -> frozenset[str]:
    return frozenset(name for name, verdict in verdicts.items() if verdict.allowed)


def of_all(verdicts: Mapping[Any, Verdict]) -> Verdict:
    """The verdict on taking out what may be taken out: of several the first that allows, else the first refusal."""
    found = sorted(verdicts.values(), key=lambda verdict: not verdict.allowed)
    return found[0] if found else NOBODY_KNOWS


def deed(event_type: str, action: str, record: str, verdict: Verdict) -> Deed:
    """The audit's word on an attempt, allowed or not."""
    return Deed(
        event_type if verdict.allowed else "access.denied",
        action,
        record_file(record),
        "allowed" if verdict.allowed else "denied",
        verdict.reason.value,
        verdict.needs_grant,
        verdict.grant_id,
    )


def searched(sought: Sought, after: str, found: Sequence[Record], action: str = "records.searched") -> Deed:
    """The audit's word on a search: what was asked for, and the first and last of what was found."""
    asked = " ".join("-" if part is None else part for part in astuple(sought))
    span = f"{found[0].record} … {found[-1].record}" if found else f"after {after}"
    return Deed("file.searched", action, reason=f"{asked}: {len(found)} found, {span}"[:1000])
