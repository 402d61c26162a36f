"""A breach read back from the entry that sealed it: so it is priced the same way when a missing fact comes later."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from json import loads

from services.archive.domain.chain import Entry
from services.archive.domain.entries import FILE_AMENDED
from services.archive.domain.fines import Breach
from shared.contracts.audit import NO_ONE_FILE
from shared.contracts.types import FileTier
from shared.words import Text

FOUND = "breach.found"


def origin_of(shown: Entry) -> tuple[str, str]:
    """Source and id of the event that an entry shows: of a file's new version the one that it came of (N9).

    So a return that a rule found and that somebody reports by the file's version is one fact.
    """
    if shown.action == FILE_AMENDED:
        told = loads(shown.detail)
        return told["cause_source"], told["cause"]
    found = breach_of(shown)
    return (shown.event_source, shown.event_id) if found is None else (found.source, found.event)


def breach_of(shown: Entry, tier: FileTier | None = None) -> Breach | None:
    """The breach that an entry holds; None when it holds something else. `tier` is the file's at that time."""
    if shown.action != FOUND:
        return None
    told = loads(shown.detail)
    cause, words, amount = told["cause"], told["words"], told["amount"]
    return Breach(
        kind=told["kind"],
        person=shown.actor,
        file=None if shown.file == NO_ONE_FILE else shown.file,
        order_id=told["order"],
        amount=None if amount is None else Decimal(amount),
        occurred_on=date.fromisoformat(told["day"]),
        missing=told["missing"],
        words=None if words is None else Text(zh=words["zh"], en=words["en"]),
        entry=shown.seq,
        # What two rules find in one event is one fact; what has no event is known by the breach itself.
        source=shown.event_source if cause is None else cause["source"],
        event=shown.event_id if cause is None else cause["id"],
        tier=tier,
        reported_by=told["reported_by"],
    )
