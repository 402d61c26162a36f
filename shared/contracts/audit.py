"""`audit.v1`: who touched which file, told by every service in the transaction that allowed it; key file."""

from __future__ import annotations

from hashlib import blake2b
from typing import ClassVar, Literal

from pydantic import StrictBool

from shared.contracts.types import (
    Cause,
    Day,
    DerivedIdentifier,
    EventData,
    ExactAmount,
    Identifier,
    Instant,
    Text,
    Words,
)

NO_ONE_FILE = "*"
"""Stands for the file where an access concerns many or none: a search, an export, a login."""

CALENDAR = "calendar"
"""Stands for the role where a calendar program read by an address that is a right: nobody signed in, and who holds the
address has it on several devices at once, which says nothing of a lent account (N3)."""


class Access(EventData):
    """One act upon a file, allowed or denied (A1, A2, A5).

    `station` is the remote address; `grant` the grant that allowed it; `needs_grant` says that the reader was neither
    keeper nor named reader, so that an allowed access without a grant is a breach (N2).
    """

    moment_field: ClassVar[str | None] = "at"

    file: DerivedIdentifier
    actor: Identifier
    role: Identifier
    department: Identifier | None = None
    action: Identifier
    outcome: Literal["allowed", "denied"]
    grant: DerivedIdentifier | None = None
    station: Text | None = None
    at: Instant
    reason: Text | None = None
    service: Identifier
    needs_grant: StrictBool


class FileRead(Access):
    """A file was consulted (A1)."""


class FileSearched(Access):
    """Files were searched; what was found counts as seen (A1)."""


class FileExported(Access):
    """Files left the system as a document (A5, N4)."""


class AccessDenied(Access):
    """Somebody asked for what they may not have (A1, A2)."""


class DecisionMade(Access):
    """A person decided: an approval, a replay of dead letters, a policy (A2)."""


class LoginFailed(Access):
    """A bearer token was refused (N3)."""


class BreachFound(EventData):
    """A rule was found broken (N1-N8), whoever's rule it is that found it: the entry that seals this is the evidence.

    `breach_id` is made of the fact, so that one fact is one breach, and is the event's id too. `kind` is one of the
    catalogue's; `person` who answers for it, null where nobody knows; `amount` the sum in question, in the base
    currency; `occurred_on` the business date of the fact; `cause` the event that shows it; `station` the remote
    address. `missing` names a fact without which nobody can tell whether the rule was broken: a gap, never a fine.
    """

    moment_field: ClassVar[str | None] = "found_at"

    breach_id: DerivedIdentifier
    kind: Identifier
    person: Identifier | None = None
    file: DerivedIdentifier | None = None
    order_id: Identifier | None = None
    amount: ExactAmount | None = None
    occurred_on: Day
    found_at: Instant
    service: Identifier
    cause: Cause | None = None
    station: Text | None = None
    words: Words | None = None
    missing: Identifier | None = None
    reported_by: Identifier | None = None


def breach_id(kind: str, *fact: str) -> str:
    """The same for the same kind and fact, in every service and for ever."""
    # Identifiers have no control characters, so no two facts are spelled alike.
    return f"{kind}:{blake2b(chr(10).join(fact).encode(), digest_size=16).hexdigest()}"
