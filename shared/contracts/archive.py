"""`archive.v1`: what archive proposes and decides; key file."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StrictBool

from shared.contracts.types import Amount, Currency, DerivedIdentifier, EventData, Frozen, Identifier, Instant, Words


class EntryEvidence(Frozen):
    """The audit entry, by its number in the chain, that shows a breach (N9)."""

    entry: Annotated[int, Field(strict=True, ge=0, lt=2**63)]


class EventEvidence(Frozen):
    """The event, by its id, that shows a breach (N9)."""

    event: DerivedIdentifier


class FineProposed(EventData):
    """A fine was proposed from evidence (N9): never more than a proposal.

    `rule` is the rule's id (N1-N8); `file` is null where no file is concerned; `dismissal` as in N4 and N5.
    """

    moment_field: ClassVar[str | None] = "proposed_at"

    fine_id: DerivedIdentifier
    rule: Identifier
    person: Identifier
    file: DerivedIdentifier | None = None
    amount: Amount
    currency: Currency
    dismissal: StrictBool
    evidence: EntryEvidence | EventEvidence
    proposed_at: Instant
    words: Words
