"""Copies of others' facts: levels from scoring, grants from archive, people from the organisation; the newest wins."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from shared.contracts.grants import GrantGiven, GrantRevoked
from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.contracts.tiers import LevelDecided
from shared.contracts.types import CustomerClass, Level


class CustomerLevel(NamedTuple):
    """A customer's level as scoring decided last; `sequence` grows with each decision on that customer."""

    customer_id: str
    sequence: int
    customer_class: CustomerClass
    level: Level
    since: date


def level_of(data: LevelDecided) -> CustomerLevel:
    return CustomerLevel(data.customer_id, data.sequence, data.to.customer_class, data.to.level, data.since)


class Person(NamedTuple):
    """Somebody's place in the company; `recorded_at` None while only the departure is known."""

    person: str
    recorded_at: datetime | None = None
    role: str | None = None
    department: str | None = None
    manager: str | None = None
    rep_code: str | None = None
    active: bool = True
    departed_at: datetime | None = None

    def works_here(self) -> bool:
        """Recorded as active, and not departed since."""
        if self.departed_at is None:
            return self.active
        return self.active and self.recorded_at is not None and self.recorded_at > self.departed_at


def recorded(known: Person, data: PersonRecorded, at: datetime) -> Person:
    """The person as recorded `at`, the event's time; of two records of one moment the greater content stands."""
    told = Person(
        data.person, at, data.role, data.department, data.manager, data.rep_code, data.active, known.departed_at
    )
    if known.recorded_at is None or _settled(told) > _settled(known):
        return told
    return known


def departed(known: Person, data: PersonDeparted) -> Person:
    """The person, gone since the latest departure told."""
    if known.departed_at is not None and known.departed_at >= data.departed_at:
        return known
    return known._replace(departed_at=data.departed_at)


def _settled(person: Person) -> tuple[datetime | None, str, str, str, str, bool]:
    return (
        person.recorded_at,
        person.role or "",
        person.department or "",
        person.manager or "",
        person.rep_code or "",
        # Of two records of one moment the one that lets fewer in must stand.
        not person.active,
    )


class GrantCopy(NamedTuple):
    """A grant as archive gave it (A2), `given_at` None while only its revocation is known.

    `uses` is how often it opens, None as often as wanted; how often it did is counted in its row.
    """

    grant_id: str
    file: str
    given_at: datetime | None = None
    person: str | None = None
    sections: tuple[str, ...] = ()
    copy_allowed: bool | None = None
    not_before: datetime | None = None
    until: datetime | None = None
    approved_by: str | None = None
    revoked_at: datetime | None = None
    uses: int | None = None


def given(known: GrantCopy | None, data: GrantGiven, at: datetime) -> GrantCopy:
    """The grant as given, the first telling; a revocation that came before it stands."""
    if known is not None and known.given_at is not None and known.given_at <= at:
        return known
    return GrantCopy(
        data.grant_id,
        data.file,
        at,
        data.person,
        data.sections,
        data.copy_allowed,
        data.not_before,
        data.until,
        data.approved_by,
        None if known is None else known.revoked_at,
        data.uses,
    )


def heard(known: datetime | None, at: datetime, now: datetime) -> datetime:
    """The newest heartbeat; one from the future, of a clock that was set right since, gives way to any other."""
    return at if known is None or known > now else max(known, at)


def revoked(known: GrantCopy | None, data: GrantRevoked) -> GrantCopy:
    """The grant, revoked for good; also one that is not known yet."""
    grant = known or GrantCopy(data.grant_id, data.file)
    if grant.revoked_at is not None and grant.revoked_at <= data.revoked_at:
        return grant
    return grant._replace(revoked_at=data.revoked_at)
