"""`audit.v1`: who touched which file, told by every service in the transaction that allowed it; key file."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import StrictBool

from shared.contracts.types import DerivedIdentifier, EventData, Identifier, Instant, Text

NO_ONE_FILE = "*"
"""Stands for the file where an access concerns many or none: a search, an export, a login."""


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
