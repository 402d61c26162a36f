"""A2, A3: what a released request opens, for whom, how long and how often; and what ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.archive.domain.people import UnlawfulError
from services.archive.domain.requests import Standing
from services.archive.domain.steps import Opening
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Grant:
    """`person` may read `sections` of `file` in [`not_before`, `until`), `uses` times (None: as often as wanted).

    Of a record each piece counts by itself: one-time is each of its pages once.

    `reading_room`: at its stations only. `original`: the paper itself is lent, and comes back by `until`.
    `request_id` is None only for grants of before requests were kept.
    """

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
    request_id: str | None
    uses: int | None = None
    reading_room: bool = False
    original: bool = False


@dataclass(frozen=True, slots=True)
class Revocation:
    """The end of a grant before its time."""

    grant_id: str
    revoked_at: datetime
    revoked_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class GrantStanding:
    """A grant and what became of it; `used` counts readings of records, `returned_at` is of a lent original."""

    grant: Grant
    used: int = 0
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoke_reason: str | None = None
    returned_at: datetime | None = None
    received_by: str | None = None


def grant_of(standing: Standing, opening: Opening, *, grant_id: str, now: datetime) -> Grant:
    """What a request opens whose every step was approved; `UnlawfulError` (`too_late`) when its time is over."""
    request, decisions = standing.request, standing.decisions
    if standing.state != "released" or standing.approver is None:
        raise UnlawfulError("not_approved", Text(zh="申请尚未逐级批准", en="not every step was approved"))
    not_before = max(request.wish.not_before or now, now)
    until = min(request.wish.until, not_before + timedelta(hours=opening.hours))
    if until <= not_before:
        raise UnlawfulError("too_late", Text(zh="申请的截止时间已过", en="what was asked for is over"))
    return Grant(
        grant_id=grant_id,
        file=request.wish.file,
        person=request.asker,
        sections=request.subject.sections,
        copy_allowed=request.wish.copy_allowed,
        not_before=not_before,
        until=until,
        approved_by=standing.approver,
        given_by=decisions[-1].decided_by,
        given_at=now,
        request_id=request.request_id,
        uses=1 if opening.once else None,
        reading_room=opening.reading_room,
        original=request.wish.original,
    )
