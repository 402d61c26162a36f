"""`organisation.v1`: who works here and under whom, from the console or an HR system; key person."""

from __future__ import annotations

from typing import ClassVar

from pydantic import StrictBool

from shared.contracts.types import EventData, Identifier, Moment


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
