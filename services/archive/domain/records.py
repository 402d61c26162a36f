"""Filing company records (A3, A6): what a record must say of itself, how long it is kept, and what it consists of."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from services.archive.domain.files import RANKS, Record, Section
from services.archive.domain.people import Acting, UnlawfulError
from shared.contracts.types import Rank
from shared.policy.records import RetentionClass
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Draft:
    """A record as somebody files it; `sections` by name, each of the record's own rank where none is given."""

    title: str
    rank: Rank
    department: str | None
    record_class: str
    period: str | None
    sections: tuple[tuple[str, Rank | None], ...]


class Attachment(NamedTuple):
    """A piece of a record's content: `size` in bytes and `sha256` are those of the content in the clear."""

    attachment_id: str
    record: str
    section: str
    name: str
    media_type: str
    size: int
    sha256: bytes
    object_key: str
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A piece of content as it comes in, for a section."""

    section: str
    name: str
    media_type: str
    content: bytes


def attachment_of(new: NewAttachment, record: str, attachment_id: str, by: Acting, now: datetime) -> Attachment:
    """The piece as the archive keeps it: known by the hash of what came in."""
    return Attachment(
        attachment_id=attachment_id,
        record=record,
        section=new.section,
        name=new.name,
        media_type=new.media_type,
        size=len(new.content),
        sha256=sha256(new.content).digest(),
        # By nothing that says what it is.
        object_key=f"{attachment_id[:2]}/{attachment_id}",
        added_by=by.person,
        added_at=now,
    )


def came_in(attachment: Attachment, now: datetime, attested_at: datetime | None) -> Attachment:
    """The piece as of the moment at which it lies there: behind a witness's word that was given before.

    Also where the clock that dates it is behind the one that dated that word: who gave it has not seen the piece.
    """
    return attachment._replace(added_at=now if attested_at is None else max(now, attested_at + timedelta.resolution))


def file_record(  # noqa: PLR0913 - each is a different thing, and all are needed to decide
    draft: Draft, *, record: str, by: Acting, classes: Mapping[str, RetentionClass], now: datetime, today: date
) -> Record:
    """The record as it goes into the archive, or `UnlawfulError` (`unknown_class`, `section_twice`, `rank_above`).

    No section outranks its record, whose rank says who may know of it.
    """
    kept = classes.get(draft.record_class)
    if kept is None:
        raise UnlawfulError(
            "unknown_class",
            Text(
                zh=f"保管制度中没有“{draft.record_class}”这一类；现有：{'、'.join(classes)}",
                en=f"the policy has no class {draft.record_class!r}: it has {', '.join(classes)}",
            ),
        )
    sections = tuple(Section(name, draft.rank if rank is None else rank) for name, rank in draft.sections)
    if len({section.name for section in sections}) < len(sections):
        raise UnlawfulError("section_twice", Text(zh="同一部分不能重复", en="a section is named twice"))
    for section in sections:
        if RANKS.index(section.rank) > RANKS.index(draft.rank):
            raise UnlawfulError(
                "rank_above",
                Text(
                    zh=f"“{section.name}”的密级高于档案本身：请提高档案密级",
                    en=f"the section {section.name!r} outranks the record: give the record its rank",
                ),
            )
    return Record(
        record=record,
        title=draft.title,
        rank=draft.rank,
        department=draft.department,
        record_class=draft.record_class,
        period=draft.period,
        filed_by=by.person,
        filed_at=now,
        sections=sections,
        retain_until=retained(kept, draft.period, today),
        holds=0,
        destroyed_at=None,
    )


def retained(kept: RetentionClass, period: str | None, today: date) -> date | None:
    """The last day on which a record of this class must still be there; None is for ever (A6)."""
    if kept.keep_years is None:
        return None
    begun = today if period is None else last_day(period)
    year = begun.year + kept.keep_years
    return date(year, begun.month, min(begun.day, monthrange(year, begun.month)[1]))


def last_day(period: str) -> date:
    """The last day of "2026", "2026-Q1" or "2026-03"."""
    year, _, part = period.partition("-")
    month = int(part.removeprefix("Q")) * 3 if part.startswith("Q") else int(part or 12)
    return date(int(year), month, monthrange(int(year), month)[1])
