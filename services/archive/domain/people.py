"""People as archive knows them: enough to tell who may decide, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.words import Text


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's place in the company; `as_of` is the time of the event that told it."""

    person: str
    role: str
    department: str | None
    manager: str | None
    active: bool
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Acting:
    """Who does something now, as their token says, and from which station."""

    person: str
    role: str
    department: str | None = None
    station: str | None = None


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
