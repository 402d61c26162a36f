"""`grants.v1`: who may read what and until when, written by archive alone; key file."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StrictBool

from shared.contracts.types import DerivedIdentifier, EventData, Identifier, Instant, Text


class GrantGiven(EventData):
    """A request was approved (A2): `person` may read `sections` of `file` from `not_before` until `until`.

    `copy_allowed` (wire: `copy`) lifts N4 for it. `uses` is how often it opens, null as often as wanted.
    """

    grant_id: DerivedIdentifier
    file: DerivedIdentifier
    person: Identifier
    sections: Annotated[tuple[Identifier, ...], Field(max_length=100, fail_fast=True)]
    copy_allowed: StrictBool = Field(validation_alias="copy", serialization_alias="copy")
    not_before: Instant
    until: Instant
    approved_by: Identifier
    uses: Annotated[int, Field(strict=True, ge=1, lt=2**31)] | None = None


class GrantRevoked(EventData):
    """A grant ended before its time (A2)."""

    moment_field: ClassVar[str | None] = "revoked_at"

    grant_id: DerivedIdentifier
    file: DerivedIdentifier
    revoked_at: Instant
    revoked_by: Identifier
    reason: Text


class GrantsHeartbeat(EventData):
    """Archive is alive: all grants given before `at` have been sent. A reader without a fresh one refuses (A2)."""

    moment_field: ClassVar[str | None] = "at"

    at: Instant
