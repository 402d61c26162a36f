"""What each event leaves in the chain: who did what to which file, never what the file says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from json import JSONEncoder, loads
from json.encoder import encode_basestring as quote
from types import MappingProxyType

from services.archive.domain.chain import Entry
from services.archive.domain.files import CustomerFile, customer_file
from shared.contracts.audit import NO_ONE_FILE, Access, BreachFound
from shared.contracts.tiers import LevelDecided, Tier
from shared.contracts.types import Cause, EventData, FileTier, Identifier
from shared.engine.model import Event

FILE_AMENDED = "file_amended"
LEVEL_DECIDED = "level_decided"
DONE = "done"


class FileAmended(EventData):
    """What archive takes from an event of `customers.v1`: which version of which file came of what, and whose it is."""

    customer_id: Identifier
    version: int
    cause: Cause
    file_tier: FileTier
    department: Identifier | None
    rep: Identifier | None

    def keeping(self) -> CustomerFile:
        """Whose the file is as of this version (A1)."""
        return CustomerFile(customer_file(self.customer_id), self.file_tier, self.department, self.rep)


# Sorted and without blanks: the same fact is always the same text.
compact = JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

# By position, in the order of `Entry`'s fields: thousands a second are made here, and names cost half as much again.


def of_access(event: Event, seq: int, now: datetime) -> Entry:
    """A person touched a file, or was kept from it (A1, A2); the entry's action is the event's type."""
    access: Access = event.data
    detail = compact({"act": access.action, "department": access.department, "needs_grant": access.needs_grant})
    return Entry(
        seq, access.at, now, access.actor, access.role, event.type, access.file, access.outcome, access.grant,
        access.station, access.service, access.reason, detail, event.id, event.source,
    )  # fmt: skip


def of_decided_level(event: Event, seq: int, now: datetime) -> Entry:
    """Scoring moved a customer (K6): from and to, under which policy; the reasons stay in scoring."""
    changed: LevelDecided = event.data
    detail = compact(
        {
            "from": _spell(changed.from_),
            "to": _spell(changed.to),
            "policy": changed.policy_version,
            "sequence": changed.sequence,
            "since": changed.since.isoformat(),
        }
    )
    return Entry(
        seq, changed.decided_at, now, None, None, LEVEL_DECIDED, customer_file(changed.customer_id), DONE, None,
        None, "scoring", None, detail, event.id, event.source,
    )  # fmt: skip


def of_breach(event: Event, seq: int, now: datetime) -> Entry:
    """A rule was found broken (N1-N8): the actor is who answers for it, null where nobody knows."""
    found: BreachFound = event.data
    cause, words = found.cause, found.words
    detail = compact(
        {
            "amount": None if found.amount is None else format(found.amount, "f"),
            "cause": None if cause is None else {"id": cause.id, "source": cause.source, "type": cause.type},
            "day": found.occurred_on.isoformat(),
            "kind": found.kind,
            "missing": found.missing,
            "order": found.order_id,
            "reported_by": found.reported_by,
            "words": None if words is None else {"en": words.en, "zh": words.zh},
        }
    )
    return Entry(
        seq, found.found_at, now, found.person, None, event.type, found.file or NO_ONE_FILE, DONE, None,
        found.station, found.service, None, detail, event.id, event.source,
    )  # fmt: skip


def of_amended_file(event: Event, seq: int, now: datetime) -> Entry:
    """A customer's file came to a new version, of a tier (A1); which event made it so is named, what it said is not."""
    facts: FileAmended = event.data
    cause = facts.cause
    detail = (
        f'{{"cause":{quote(cause.id)},"cause_source":{quote(cause.source)},"cause_type":{quote(cause.type)}'
        f',"tier":"{facts.file_tier}","version":{facts.version}}}'
    )
    return Entry(
        seq, event.time, now, None, None, FILE_AMENDED, customer_file(facts.customer_id), DONE, None,
        None, "customers", None, detail, event.id, event.source,
    )  # fmt: skip


def tier_of(amended: Entry | None) -> FileTier | None:
    """The tier of a file (A1) as of its entry; None without one."""
    if amended is None:
        return None
    tier: FileTier = loads(amended.detail)["tier"]
    return tier


def _spell(tier: Tier | None) -> str | None:
    return None if tier is None else f"{tier.customer_class}/{tier.level}"


ENTRIES: Mapping[str, Callable[[Event, int, datetime], Entry]] = MappingProxyType(
    {
        "file.read": of_access,
        "file.searched": of_access,
        "file.exported": of_access,
        "access.denied": of_access,
        "decision.made": of_access,
        "login.failed": of_access,
        "breach.found": of_breach,
        "tier.changed": of_decided_level,
        "trade.recorded": of_amended_file,
        "profile.recorded": of_amended_file,
    }
)
"""Event type to what it leaves; a type that is not here (a warning ahead of time) is not an act and leaves nothing."""

VIEWS: Mapping[str, type[EventData]] = MappingProxyType(
    {"tier.changed": LevelDecided, "trade.recorded": FileAmended, "profile.recorded": FileAmended}
)
"""What of the events is read: of most they leave only who and when."""
