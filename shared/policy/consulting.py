"""A1–A4 as data: what a request to consult comes to, who stands in for whom, and what may be delegated."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.contracts.types import FileTier
from shared.policy.fields import Count, Section, Yes, sized
from shared.roles import Role


class Opening(Section):
    """How long what was granted stays open at most, and whether it is opened once only."""

    hours: Annotated[int, Field(strict=True, ge=1, le=8784)]
    once: Yes


class CustomerOpenings(Section):
    """By the tier of a customer's file (A1)."""

    company: Opening
    department: Opening
    personal: Opening

    def of(self, tier: FileTier) -> Opening:
        """What holds for one tier."""
        return {"company": self.company, "department": self.department, "personal": self.personal}[tier]


class RecordOpenings(Section):
    """By the rank of a company record (A3); where `files.records` names hours, those hold."""

    secret: Opening
    confidential: Opening
    unclassified: Opening


class Delegating(Section):
    """A4: who delegates to whom, for how long at most."""

    by: Annotated[tuple[Role, ...], sized(1)]
    to: Annotated[tuple[Role, ...], sized(1)]
    longest_days: Count


class Consulting(Section):
    """A1–A4.

    `unsigned` roles have nobody above them to sign. `stand_ins` take a step whose holder is the asker, or is not
    there, the first role that has somebody. An unfinished request lapses after `lapse_days`; a reader is warned
    `warn_minutes` before the end; a link in a message decides for `link_hours`.
    """

    unsigned: tuple[Role, ...]
    stand_ins: dict[Role, Annotated[tuple[Role, ...], sized(1)]]
    delegation: Delegating
    customers: CustomerOpenings
    records: RecordOpenings
    lapse_days: Count
    warn_minutes: Count
    link_hours: Annotated[int, Field(strict=True, ge=1, le=720)]
