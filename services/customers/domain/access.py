"""Who may read and write a customer's file (A1, A2, A5), as pure verdicts; enforcing and auditing is the caller's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final, get_args

from services.customers.domain.copies import Person
from shared.contracts.organisation import PersonRecorded
from shared.contracts.types import FileTier
from shared.policy.rights import FileTiers, PartRanks, Reach
from shared.roles import NO_READERS, Role

PARTS: Final = ("basic", "characteristics", "business", "trading")
"""P1: the four parts of a file; a grant names those it opens."""

WHOLE: Final = "*"
"""In a grant's sections: every part."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A person at the door; `code` is the name under which orders know a rep; `active` ends when they leave."""

    person: str
    role: Role
    department: str | None
    code: str
    active: bool = True

    @property
    def codes(self) -> frozenset[str]:
        """The names under which customers are theirs."""
        return frozenset({self.person, self.code})


@dataclass(frozen=True, slots=True)
class FileKeeping:
    """Who keeps a customer's file: what access depends on, and nothing of its content."""

    customer_id: str
    file_tier: FileTier
    rep: str | None
    department: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A copy of what archive granted one person for one file (A2); valid from `not_before` until before `until`."""

    grant_id: str
    sections: tuple[str, ...]
    not_before: datetime
    until: datetime
    copy_allowed: bool = False

    def opens(self) -> frozenset[str]:
        return frozenset(PARTS) if WHOLE in self.sections else frozenset(PARTS) & frozenset(self.sections)


@dataclass(frozen=True, slots=True)
class GrantsHeld:
    """The reader's grants for one file, not revoked; `fresh` while archive was heard from lately enough."""

    grants: tuple[Grant, ...]
    fresh: bool


class Reason(Enum):
    """Why a verdict was given; the value goes into the audit."""

    UNASKED = "keeper_or_named_reader"
    GRANTED = "grant"
    NO_GRANT = "no_grant"
    STALE_GRANTS = "stale_grants"
    LEFT = "left_the_company"
    NO_SUCH_FILE = "no_such_file"
    NOT_OWN = "not_own"
    ROLE = "role"
    OWN_RECORD = "own_record"
    OWN_CONDUCT = "own_conduct"
    CODE_TAKEN = "code_taken"
    NO_SUCH_PERSON = "no_such_person"
    NO_DEPUTY = "no_deputy"
    GONE = "receiver_left"
    OPEN_PART = "open_part"
    NO_COPY = "no_copy_right"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether, why, by which grant, and which parts of the file (P1)."""

    allowed: bool
    reason: Reason
    needs_grant: bool = False
    grant_id: str | None = None
    parts: frozenset[str] = frozenset()


def reads_unasked(reader: Reader, file: FileKeeping, tiers: FileTiers) -> bool:
    """Whether the reader keeps the file or is named for its tier (A1); everyone else needs a grant."""
    return tiers.of(file.file_tier).reads_unasked(
        reader.role,
        same_department=file.department is not None and file.department == reader.department,
        own_customer=file.rep in reader.codes,
    )


def may_read(reader: Reader, file: FileKeeping | None, held: GrantsHeld, tiers: FileTiers, *, now: datetime) -> Verdict:
    """The verdict on reading `file` (None: there is no such customer).

    Operators and machines read nothing. Without a fresh copy of the grants nothing that needs one is allowed. A missing
    file is judged like one that nobody keeps, so that the verdict does not tell whether it exists.
    """
    if not reader.active:
        return Verdict(allowed=False, reason=Reason.LEFT)
    if reader.role in NO_READERS:
        return Verdict(allowed=False, reason=Reason.ROLE, needs_grant=True)
    if file is not None and reads_unasked(reader, file, tiers):
        return Verdict(allowed=True, reason=Reason.UNASKED, parts=frozenset(PARTS))
    if not held.fresh:
        return Verdict(allowed=False, reason=Reason.STALE_GRANTS, needs_grant=True)
    live = [g for g in held.grants if g.not_before <= now < g.until and g.opens()]
    if not live:
        return Verdict(allowed=False, reason=Reason.NO_GRANT, needs_grant=True)
    widest = max(live, key=lambda g: (len(g.opens()), g.until, g.grant_id))
    return Verdict(
        allowed=True, reason=Reason.GRANTED, needs_grant=True, grant_id=widest.grant_id, parts=widest.opens()
    )


def by_rank(verdict: Verdict, reader: Reader, file: FileKeeping | None, sections: PartRanks) -> Verdict:
    """The verdict on reading, each part by its rank (A3): rank 3 is opened by no grant, rank 0 needs none.

    Who keeps the file, or is named for it, reads all of it. A part of rank 0 is open to whoever may know of the file.
    """
    if verdict.reason is Reason.UNASKED:
        return verdict
    free = sections.ranked("unclassified") if file is not None and sees(horizon_of(reader), file) else frozenset()
    granted = verdict.parts - sections.ranked("top_secret")
    if granted:
        return replace(verdict, parts=granted | free)
    if free:
        return Verdict(allowed=True, reason=Reason.OPEN_PART, parts=free)
    # Everything that was granted is closed to grants.
    return Verdict(allowed=False, reason=Reason.NO_GRANT, needs_grant=True) if verdict.allowed else verdict


def may_copy(  # noqa: PLR0913 - each is a different thing, and all are needed to decide
    reader: Reader, reading: Verdict, held: GrantsHeld, sections: PartRanks, copying: Collection[Role], *, now: datetime
) -> Verdict:
    """The verdict on taking a file out that may be read as `reading` says (A5, N4).

    It takes a grant that says so, also of keepers, but for the roles in `copying` where they read unasked.
    """
    if not reading.allowed or (reading.reason is Reason.UNASKED and reader.role in copying):
        return reading
    if not held.fresh:
        return Verdict(allowed=False, reason=Reason.STALE_GRANTS, needs_grant=True)
    closed = sections.ranked("top_secret")
    live = [g for g in held.grants if g.copy_allowed and g.not_before <= now < g.until and g.opens() - closed]
    if not live:
        return Verdict(allowed=False, reason=Reason.NO_COPY, needs_grant=True)
    widest = max(live, key=lambda g: (len(g.opens()), g.until, g.grant_id))
    parts = widest.opens() - closed
    return Verdict(allowed=True, reason=Reason.GRANTED, needs_grant=True, grant_id=widest.grant_id, parts=parts)


@dataclass(frozen=True, slots=True)
class Horizon:
    """The customers whose existence a reader may know: all, or those of a department, or those of some reps."""

    everything: bool = False
    department: str | None = None
    reps: frozenset[str] = frozenset()


COMPANY_WIDE: Final = frozenset({Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM, Role.GM_OFFICE_HEAD, Role.ARCHIVIST})
"""Those who keep, approve or release files (A1-A3) must know which exist; knowing is not reading."""


def horizon_of(reader: Reader) -> Horizon | None:
    """What the reader's searches cover; None for those who see no customer at all, operators among them."""
    if not reader.active:
        return None
    if reader.role in COMPANY_WIDE:
        return Horizon(everything=True)
    if reader.role is Role.DEPARTMENT_MANAGER and reader.department is not None:
        return Horizon(department=reader.department)
    if reader.role is Role.REP:
        return Horizon(reps=reader.codes)
    return None


def sees(horizon: Horizon | None, file: FileKeeping) -> bool:
    """Whether a horizon covers the file."""
    if horizon is None:
        return False
    in_department = horizon.department is not None and file.department == horizon.department
    return horizon.everything or in_department or file.rep in horizon.reps


@dataclass(frozen=True, slots=True)
class Readable:
    """The tiers of file that a reader reads unasked: everybody's, their department's, their own customers' (A1)."""

    any: frozenset[FileTier]
    own_department: frozenset[FileTier]
    own_customers: frozenset[FileTier]


def readable(reader: Reader, tiers: FileTiers) -> Readable:
    """What `reads_unasked` comes to, for all files at once."""

    def by(reach: Reach) -> frozenset[FileTier]:
        return frozenset(tier for tier in get_args(FileTier) if tiers.of(tier).unasked.get(reader.role) == reach)

    return Readable(by("any"), by("own_department"), by("own_customers"))


OWNERSHIP: Final = frozenset({"rep", "department", "file_tier"})
"""Fields of a profile that move a file to another keeper."""

DIRECTING: Final = frozenset({Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM})


def may_amend(reader: Reader, file: FileKeeping | None, stated: Mapping[str, str | None] | None = None) -> Verdict:
    """The verdict on adding to a file (P2): reps to their own or nobody's, managers within their department.

    `stated` holds the ownership fields that would change: a rep may only claim for himself a customer that is
    nobody's (O2), a manager may hand on within the department (P6). Readers never alter (A5).
    """
    if not reader.active:
        return Verdict(allowed=False, reason=Reason.LEFT)
    if reader.role in DIRECTING:
        return Verdict(allowed=True, reason=Reason.UNASKED)
    moves = {field: value for field, value in (stated or {}).items() if value is not None}
    if reader.role is Role.DEPARTMENT_MANAGER and reader.department is not None:
        inside = {None, reader.department}
        own = file is None or file.department in inside
        return _own(allowed=own and moves.get("department") in inside and "file_tier" not in moves)
    if reader.role is Role.REP:
        nobodys = file is None or file.rep is None
        claims = set(moves) <= {"rep"} and moves.get("rep", reader.person) in reader.codes
        own = file is not None and file.rep in reader.codes
        return _own(allowed=(nobodys and claims) or (own and not moves))
    return Verdict(allowed=False, reason=Reason.ROLE)


def may_take_over(called: Collection[Person]) -> Verdict | None:
    """The refusal where all who go by a name have left: nobody who left takes over customers (P6)."""
    if called and not any(person.works_here() for person in called):
        return Verdict(allowed=False, reason=Reason.GONE)
    return None


def may_record_person(
    reader: Reader, recorded: PersonRecorded, known: Person | None, holders: Collection[str]
) -> Verdict:
    """The verdict on recording somebody's place: HR and the GM anybody's, managers the reps of their department (P6).

    Nobody records themselves: that would be deciding on one's own request. `holders` are those who go by the name or
    the rep code given: whoever gets a second person's code, as either, would read that person's customers.
    """
    if not reader.active:
        return Verdict(allowed=False, reason=Reason.LEFT)
    if recorded.person in reader.codes:
        return Verdict(allowed=False, reason=Reason.OWN_RECORD)
    if not set(holders) <= {recorded.person}:
        return Verdict(allowed=False, reason=Reason.CODE_TAKEN)
    if reader.role in {Role.HR, Role.GM}:
        return Verdict(allowed=True, reason=Reason.UNASKED)
    if reader.role is Role.DEPARTMENT_MANAGER and reader.department is not None:
        theirs = known is None or (known.department in {None, reader.department} and known.role in {None, Role.REP})
        return _own(allowed=theirs and recorded.department == reader.department and recorded.role == Role.REP)
    return Verdict(allowed=False, reason=Reason.ROLE)


def may_record_leave(reader: Reader, person: str, known: Person | None) -> Verdict:
    """The verdict on recording or cancelling somebody's leave: HR and the GM anybody's, managers their department's.

    Never one's own: that would be deciding on one's own request.
    """
    if not reader.active:
        return Verdict(allowed=False, reason=Reason.LEFT)
    if person in reader.codes:
        return Verdict(allowed=False, reason=Reason.OWN_RECORD)
    if reader.role in {Role.HR, Role.GM}:
        there = known is not None and known.works_here()
        return Verdict(allowed=there, reason=Reason.UNASKED if there else Reason.NO_SUCH_PERSON)
    if reader.role is Role.DEPARTMENT_MANAGER and reader.department is not None:
        return _own(allowed=known is not None and known.works_here() and known.department == reader.department)
    return Verdict(allowed=False, reason=Reason.ROLE)


def may_stand_in(person: str, deputy: str, known: Person | None) -> Verdict:
    """Whether `deputy` can do a person's work: somebody else, who works here."""
    able = deputy != person and known is not None and known.works_here()
    return Verdict(allowed=able, reason=Reason.UNASKED if able else Reason.NO_DEPUTY)


PEOPLE_WIDE: Final = COMPANY_WIDE | {Role.HR, Role.INSPECTOR}


def sees_people_of(reader: Reader) -> Collection[str] | None:
    """The departments whose people the reader may list; None for all of them."""
    if reader.active and reader.role in PEOPLE_WIDE:
        return None
    own = reader.active and reader.role in {Role.DEPARTMENT_MANAGER, Role.REP} and reader.department is not None
    return {reader.department} if own and reader.department is not None else set()


def _own(*, allowed: bool) -> Verdict:
    return Verdict(allowed=allowed, reason=Reason.UNASKED if allowed else Reason.NOT_OWN)


STATION_KEEPERS: Final = frozenset({Role.GM, Role.GM_OFFICE_HEAD, Role.ARCHIVIST})


def may_record_station(reader: Reader) -> Verdict:
    """The verdict on recording a station: which place is a reading room decides who reads records there (A3)."""
    if not reader.active:
        return Verdict(allowed=False, reason=Reason.LEFT)
    allowed = reader.role in STATION_KEEPERS
    return Verdict(allowed=allowed, reason=Reason.UNASKED if allowed else Reason.ROLE)
