"""Who may know of a company record, read it and take it out (A3, A5): one decision, for every door.

Reading, listing, searching, counting and exporting ask `consult`, or the `Horizon` that says the same of many records
at once. Enforcing and auditing is the caller's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple

from services.archive.domain.files import RANKS, Record, Section
from services.archive.domain.stations import Station
from shared.contracts.types import Rank
from shared.policy.records import KnownTo
from shared.policy.rights import RecordRank, RecordRanks
from shared.roles import NO_READERS, Role

WHOLE: Final = "*"
"""In a grant's sections: every part."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody at the door: who they are to the company, and the station they ask from, where it is one of ours."""

    person: str
    role: Role
    department: str | None
    station: Station | None
    active: bool = True

    @property
    def is_reader(self) -> bool:
        """Whether files are for them at all, granted or not (A2): operators, machines and who left read nothing."""
        return self.active and self.role not in NO_READERS

    @property
    def in_reading_room(self) -> bool:
        return self.station is not None and self.station.active and self.station.reading_room


class GrantHeld(NamedTuple):
    """What a reader was granted of one file (A2), not revoked; valid from `not_before` until before `until`.

    `reading_room`: it opens there only. How often it opened each piece is counted where it is used.
    """

    grant_id: str
    sections: tuple[str, ...]
    copy_allowed: bool
    not_before: datetime
    until: datetime
    reading_room: bool = False

    def live(self, now: datetime) -> bool:
        return self.not_before <= now < self.until

    def opens(self, section: str, reader: Reader) -> bool:
        named = WHOLE in self.sections or section in self.sections
        return named and (reader.in_reading_room or not self.reading_room)


@dataclass(frozen=True, slots=True)
class RecordRules:
    """What the policy says of records (A3): how each rank is consulted, who knows of it, and who copies unasked."""

    ranks: RecordRanks
    known_to: KnownTo
    copying: Collection[Role]


class Reason(Enum):
    """Why a verdict was given; the value goes into the audit."""

    UNASKED = "named_reader"
    GRANTED = "grant"
    LEFT = "left_the_company"
    UNKNOWN = "may_not_know_of_it"
    NO_SUCH_FILE = "no_such_file"
    DESTROYED = "destroyed"
    NEVER = "never_consulted"
    NO_GRANT = "no_grant"
    READING_ROOM = "reading_room_only"
    NO_COPY = "no_copy_right"
    USED_UP = "used_up"


class Verdict(NamedTuple):
    """Whether, why, whether that takes a grant, and by which one."""

    allowed: bool
    reason: Reason
    needs_grant: bool = False
    grant_id: str | None = None


@dataclass(frozen=True, slots=True)
class Consultation:
    """What one reader may do with one record now: know of it, and read or copy each of its sections, by name."""

    known: bool
    read: dict[str, Verdict]
    copy: dict[str, Verdict]


def consult(
    reader: Reader, record: Record, held: Sequence[GrantHeld], rules: RecordRules, *, now: datetime
) -> Consultation:
    """The verdicts on `record` for who holds the grants `held` on it.

    Who may not know of it gets the same refusal of everything, so that no answer tells it from one that is not there.
    """
    live = [grant for grant in held if grant.live(now)] if reader.is_reader else []
    known = knows(reader, record, rules.known_to) or len(live) > 0
    if not known:
        refused = Verdict(allowed=False, reason=Reason.UNKNOWN if reader.active else Reason.LEFT)
        nothing = {section.name: refused for section in record.sections}
        return Consultation(known=False, read=nothing, copy=dict(nothing))
    read = {section.name: _read(reader, record, section, live, rules.ranks) for section in record.sections}
    copy = {section.name: _copy(reader, section, read[section.name], live, rules) for section in record.sections}
    return Consultation(known=True, read=read, copy=copy)


def knows(reader: Reader, record: Record, known_to: KnownTo) -> bool:
    """Whether the reader's place in the company lets them know that the record exists (A3)."""
    if not reader.is_reader:
        return False
    match known_to.of(record.rank).get(reader.role):
        case "any":
            return True
        case "own_department":
            return record.department is not None and record.department == reader.department
    return False


def _read(reader: Reader, record: Record, section: Section, live: Sequence[GrantHeld], ranks: RecordRanks) -> Verdict:
    """A3: rank 3 never; rank 2 in the reading room, with a grant; rank 1 with a grant; rank 0 some roles unasked."""
    rank = ranks.of(section.rank)
    barred = _barred(reader, record, rank)
    if barred is not None:
        return Verdict(allowed=False, reason=barred, needs_grant=reader.role not in rank.unasked)
    if reader.role in rank.unasked:
        return Verdict(allowed=True, reason=Reason.UNASKED)
    opening = [grant for grant in live if grant.opens(section.name, reader)]
    return _granted(opening) if opening else Verdict(allowed=False, reason=Reason.NO_GRANT, needs_grant=True)


def _copy(reader: Reader, section: Section, reading: Verdict, live: Sequence[GrantHeld], rules: RecordRules) -> Verdict:
    """A5, N4: what may be read leaves only by a grant that says so, or in the hands of who copies unasked.

    What is read in the reading room stays there, whatever a grant says (A3).
    """
    if not reading.allowed:
        return reading
    if rules.ranks.of(section.rank).consulted == "reading_room":
        return Verdict(allowed=False, reason=Reason.READING_ROOM, needs_grant=True)
    if reading.reason is Reason.UNASKED and reader.role in rules.copying:
        return reading
    copying = [grant for grant in live if grant.copy_allowed and grant.opens(section.name, reader)]
    return _granted(copying) if copying else Verdict(allowed=False, reason=Reason.NO_COPY, needs_grant=True)


def _barred(reader: Reader, record: Record, rank: RecordRank) -> Reason | None:
    """What no grant helps against."""
    if record.destroyed_at is not None:
        return Reason.DESTROYED
    if rank.consulted == "never":
        return Reason.NEVER
    return Reason.READING_ROOM if rank.consulted == "reading_room" and not reader.in_reading_room else None


def _granted(grants: Sequence[GrantHeld]) -> Verdict:
    # Of several the one that lasts longest, so that the audit names the same one each time.
    longest = max(grants, key=lambda grant: (grant.until, grant.grant_id))
    return Verdict(allowed=True, reason=Reason.GRANTED, needs_grant=True, grant_id=longest.grant_id)


class Horizon(NamedTuple):
    """What a reader's place in the company lets them know of: ranks of which all, and of which their department's."""

    any: frozenset[Rank]
    own_department: frozenset[Rank]
    department: str | None


def horizon_of(reader: Reader, known_to: KnownTo) -> Horizon:
    """What `knows` comes to, for all records at once; those that a grant tells of come on top."""
    if not reader.is_reader:
        return Horizon(frozenset(), frozenset(), None)

    def by(reach: str) -> frozenset[Rank]:
        return frozenset(rank for rank in RANKS if known_to.of(rank).get(reader.role) == reach)

    return Horizon(by("any"), by("own_department"), reader.department)
