"""`archive.v1`: what archive proposes and decides (key file), and what people have to do for it (key person)."""

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


class TaskSubject(Frozen):
    """What a task is about: a kind of thing (`request`, `fine`, `grant` …) and which."""

    type: Identifier
    id: DerivedIdentifier


class TaskRaised(EventData):
    """Something waits for a person. The same task is raised once; what comes up again is another subject's.

    `kind` says what is to be done (`request.sign`, `grant.overdue` …), `due_at` until when, where there is an end.
    """

    moment_field: ClassVar[str | None] = "raised_at"
    key_field: ClassVar[str | None] = "person"

    task_id: DerivedIdentifier
    person: Identifier
    kind: Identifier
    file: DerivedIdentifier | None = None
    due_at: Instant | None = None
    raised_at: Instant
    words: Words
    subject: TaskSubject


class TaskCleared(EventData):
    """The task waits no more: it was done, by whomever, or there is nothing to do any more."""

    moment_field: ClassVar[str | None] = "at"
    key_field: ClassVar[str | None] = "person"

    task_id: DerivedIdentifier
    person: Identifier
    at: Instant
