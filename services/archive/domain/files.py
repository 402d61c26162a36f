"""What may be consulted: customers' files, of which archive knows whose they are, and company records (A1, A3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from shared.contracts.types import FileTier, Rank

RANKS: Final[tuple[Rank, ...]] = ("unclassified", "confidential", "secret", "top_secret")
"""A3, from rank 0 to rank 3."""

CUSTOMER: Final = "customer:"
RECORD: Final = "record:"


class CustomerFile(NamedTuple):
    """Whose a customer's file is, as customers last told; `file` is "customer:<customer_id>"."""

    file: str
    tier: FileTier
    department: str | None
    rep: str | None


class Section(NamedTuple):
    """A part of a record, with a rank of its own."""

    name: str
    rank: Rank


@dataclass(frozen=True, slots=True)
class Record:
    """A company record's card (A3): everything but its content; `file` is how grants and the audit call it.

    `period` is what it is of: "2026", "2026-Q1" or "2026-03" (A6). `retain_until` None is for ever; while there are
    `holds` nothing of it is destroyed.
    """

    record: str
    title: str
    rank: Rank
    department: str | None
    record_class: str
    period: str | None
    filed_by: str
    filed_at: datetime
    sections: tuple[Section, ...]
    retain_until: date | None
    holds: int
    destroyed_at: datetime | None

    @property
    def file(self) -> str:
        return record_file(self.record)

    def section(self, name: str) -> Section | None:
        """The section of that name."""
        return next((section for section in self.sections if section.name == name), None)


def customer_file(customer_id: str) -> str:
    """How grants and the audit call a customer's file."""
    return f"{CUSTOMER}{customer_id}"


def record_file(record: str) -> str:
    """How grants and the audit call a record."""
    return f"{RECORD}{record}"


def names_of(file: str) -> tuple[str, ...]:
    """The names under which entries on `file` stand: the chain once called a customer's file by the bare customer id.

    Those entries are sealed and stay as they are; people may go on asking by either name.
    """
    if file.startswith(CUSTOMER):
        return (file, file.removeprefix(CUSTOMER))
    return (file,) if file.startswith(RECORD) else (file, customer_file(file))
