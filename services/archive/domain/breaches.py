"""What archive itself finds to be a breach, as it tells it; and which facts are too old to be any."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from services.archive.domain.accounts import KIND, Shared
from shared.contracts.activities import ConductReported
from shared.contracts.audit import NO_ONE_FILE, Access, BreachFound, breach_id
from shared.contracts.registry import key_of
from shared.contracts.types import Cause, Words
from shared.engine.model import Event, Outgoing
from shared.policy.breaches import Breaches
from shared.words import Text

SERVICE = "archive"

NO_COPY = Text(zh="未获准复制而导出档案", en="a file was exported by somebody who was not allowed to copy it")


def is_history(occurred_on: date, today: date, rules: Breaches) -> bool:
    """Whether a fact is too old to be fined: imports tell of years ago, and nobody is fined for those."""
    if rules.not_before is not None and occurred_on < rules.not_before:
        return True
    return occurred_on < today - timedelta(days=rules.age_days)


def breach_found(found: BreachFound) -> Outgoing:
    """The breach, on its way to the sealer."""
    return Outgoing("audit.v1", key_of("audit.v1", found), "breach.found", found.breach_id, found)


def copy_id(event: Event) -> str:
    """One export is one breach."""
    return breach_id("unapproved_copy", event.source, event.id)


def copied(event: Event, copying: Mapping[str, bool], day: date, now: datetime) -> BreachFound | None:
    """N4: a file left by an export that needed a grant to copy; `copying` tells of the grants that are known.

    An attempt that was refused copied nothing. A grant of which nobody knows what it allows is a gap.
    """
    access: Access = event.data
    if event.type != "file.exported" or access.outcome != "allowed" or not access.needs_grant:
        return None
    allowed = False if access.grant is None else copying.get(access.grant)
    if allowed:
        return None
    return BreachFound(
        breach_id=copy_id(event),
        kind="unapproved_copy",
        person=access.actor,
        file=None if access.file == NO_ONE_FILE else access.file,
        occurred_on=day,
        found_at=now,
        service=SERVICE,
        cause=Cause(id=event.id, type=event.type, source=event.source),
        station=access.station,
        words=Words(zh=NO_COPY.zh, en=NO_COPY.en),
        missing="grant" if allowed is None else None,
    )


def lent(shared: Shared, now: datetime) -> BreachFound:
    """N3: an account that somebody else used too; the cause is the later of the two accesses."""
    later, words = shared.later, shared.words
    return BreachFound(
        breach_id=shared.breach_id,
        kind=KIND,
        person=later.person,
        occurred_on=shared.day,
        found_at=now,
        service=SERVICE,
        cause=Cause(id=later.event_id, type=later.event_type, source=later.event_source),
        station=later.address,
        words=Words(zh=words.zh, en=words.en),
        missing=shared.missing,
    )


def reported_id(data: ConductReported) -> str:
    """A report is one fact, whatever it says."""
    return breach_id("conduct", data.report_id)


def reported(event: Event, day: date, now: datetime) -> BreachFound:
    """N7: what somebody reported; the reporter's words are the reason."""
    data: ConductReported = event.data
    return BreachFound(
        breach_id=reported_id(data),
        kind=data.kind,
        person=data.person,
        amount=data.amount,
        occurred_on=day,
        found_at=now,
        service=SERVICE,
        cause=Cause(id=event.id, type=event.type, source=event.source),
        words=None if data.note is None else Words(zh=data.note, en=data.note),
        reported_by=data.reported_by,
    )
