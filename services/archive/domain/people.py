"""People as archive knows them: enough to tell who may decide, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.engine.model import Event
from shared.roles import Role
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's place in the company; `as_of` is the time of the event that told it.

    `rep_code` is the name under which orders know a rep, where it is not the person's id.
    """

    person: str
    role: str
    department: str | None
    manager: str | None
    active: bool
    as_of: datetime
    rep_code: str | None = None

    @property
    def codes(self) -> frozenset[str]:
        """The names under which customers are theirs."""
        return frozenset({self.person, self.rep_code or self.person})


class Acting(Protocol):
    """Who does something now, as their token says; `station` is the remote address."""

    @property
    def person(self) -> str: ...

    @property
    def role(self) -> Role: ...

    @property
    def department(self) -> str | None: ...

    @property
    def station(self) -> str | None: ...


class UnlawfulError(Exception):
    """A rule forbids this act. `code` is one word for machines; `words` tell a person what to do instead."""

    def __init__(self, code: str, words: Text) -> None:
        super().__init__(f"{code}: {words.en}")
        self.code = code
        self.words = words


def known_and_active(person: Person | None, name: str) -> Person:
    """Return the person, or raise `UnlawfulError` (`unknown_person`, `departed`)."""
    if person is None:
        raise UnlawfulError(
            "unknown_person",
            Text(zh=f"组织架构里没有 {name}，请先登记", en=f"{name} is not in the organisation: record them first"),
        )
    if not person.active:
        raise UnlawfulError("departed", Text(zh=f"{name} 已离职", en=f"{name} has left the company"))
    return person


def told(known: Person | None, event: Event) -> Person | None:
    """What `known` becomes by an event of `organisation.v1`; None when the event is older than what is known."""
    if known is not None and known.as_of > event.time:
        return None
    match event.data:
        case PersonRecorded() as it:
            return Person(it.person, it.role, it.department, it.manager, it.active, event.time, it.rep_code)
        case PersonDeparted() as it:
            # Remembered also when nobody knew them: a record that comes late must not bring them back.
            gone = known or Person(it.person, "unknown", None, None, active=False, as_of=event.time)
            return replace(gone, active=False, as_of=event.time)
    return None
