"""`organisation.v1`: who works here, under whom, and who is away, from the console or an HR system; key person."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StrictBool

from shared.contracts.types import Day, DerivedIdentifier, EventData, Frozen, Identifier, Instant, Moment


class PersonRecorded(EventData):
    """All that is known of a person's place in the company, whole: the newest version is enough.

    `manager` is a person; `rep_code` is the name under which orders know a rep, where it is not the person's id.
    """

    person: Identifier
    role: Identifier
    department: Identifier | None = None
    manager: Identifier | None = None
    rep_code: Identifier | None = None
    active: StrictBool


class PersonDeparted(EventData):
    """A person left; the department manager hands the customers on (P6)."""

    moment_field: ClassVar[str | None] = "departed_at"

    person: Identifier
    departed_at: Moment


Number = Annotated[int, Field(strict=True, ge=0, lt=2**31)]


class TakenOver(Frozen):
    """How many of a leaver's customers one person took over."""

    person: Identifier
    customers: Number


class CustomersHandedOver(EventData):
    """All customers of `person`, who leaves, went to others in one act (P6); `customers` 0: there were none."""

    moment_field: ClassVar[str | None] = "handed_over_at"

    handover_id: DerivedIdentifier
    person: Identifier
    handed_over_at: Instant
    by: Identifier
    customers: Number
    receivers: Annotated[tuple[TakenOver, ...], Field(max_length=10_000, fail_fast=True)] = ()


class LeaveRecorded(EventData):
    """A person does not work from `first` to `last`, both included; `deputy` does what falls due meanwhile.

    A leave of other days is another one: this is cancelled, and that recorded.
    """

    leave_id: Identifier
    person: Identifier
    first: Day
    last: Day
    deputy: Identifier | None = None


class LeaveCancelled(EventData):
    """The person is there after all; for a leave under way and to come alike."""

    leave_id: Identifier
    person: Identifier
