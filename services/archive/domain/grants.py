"""A2: who may let whom read which file, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.archive.domain.people import Acting, Person, UnlawfulError, known_and_active
from shared.roles import Role
from shared.words import Text


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """What the archivist releases, on whose approval; `not_before` None is from now on."""

    file: str
    person: str
    sections: tuple[str, ...]
    copy_allowed: bool
    not_before: datetime | None
    until: datetime
    approved_by: str


@dataclass(frozen=True, slots=True)
class Grant:
    """`person` may read `sections` of `file` in [`not_before`, `until`)."""

    grant_id: str
    file: str
    person: str
    sections: tuple[str, ...]
    copy_allowed: bool
    not_before: datetime
    until: datetime
    approved_by: str
    given_by: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Revocation:
    """The end of a grant before its time."""

    grant_id: str
    revoked_at: datetime
    revoked_by: str
    reason: str


def give(  # noqa: PLR0913 - each is a different thing, and all are needed to decide
    request: GrantRequest,
    *,
    grant_id: str,
    by: Acting,
    reader: Person | None,
    approver: Person | None,
    approver_role: Role,
    now: datetime,
) -> Grant:
    """Release a file to a reader (A2), or raise `UnlawfulError`: nobody reads on their own word."""
    if request.person in (by.person, request.approved_by):
        raise UnlawfulError(
            "own_request",
            Text(zh="任何人不得批准或经办自己的查阅申请", en="nobody approves or releases their own request"),
        )
    known_and_active(reader, request.person)
    if known_and_active(approver, request.approved_by).role != approver_role:
        raise UnlawfulError(
            "not_approved",
            Text(
                zh=f"{request.approved_by} 不是批准人（应为 {approver_role}）",
                en=f"{request.approved_by} may not approve this: it takes the role {approver_role}",
            ),
        )
    not_before = request.not_before or now
    if request.until <= max(not_before, now):
        raise UnlawfulError(
            "ended_before_it_began",
            Text(zh="授权的截止时间须晚于现在和起始时间", en="a grant must end after now and after it begins"),
        )
    return Grant(
        grant_id=grant_id,
        file=request.file,
        person=request.person,
        sections=request.sections,
        copy_allowed=request.copy_allowed,
        not_before=not_before,
        until=request.until,
        approved_by=request.approved_by,
        given_by=by.person,
        given_at=now,
    )
