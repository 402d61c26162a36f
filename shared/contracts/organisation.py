"""`organisation.v1`: who works here, under whom, and who is away, from the console or an HR system; key person."""

from __future__ import annotations

from typing import ClassVar

from pydantic import StrictBool

from shared.contracts.types import Day, EventData, Identifier, Moment


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
