"""Long lists in pages, by opaque cursors: `?limit=100&cursor=…` answers `{"items": […], "next": …}`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from shared.contracts.types import OLDEST_YEAR
from shared.http.problems import Problem

LARGEST_PAGE: Final = 1000
LONGEST_CURSOR: Final = 4096
LAST_YEAR: Final = 9999
"""Python's own: a zone could move a moment of it out of reach."""

Item = TypeVar("Item")
Key = str | int
"""Part of a place in a list; integers are of PostgreSQL's bigint."""


class Page(BaseModel, Generic[Item]):
    """A part of a list; `next` is the cursor of the following part, null at the end."""

    items: list[Item]
    next: str | None


@dataclass(frozen=True, slots=True)
class PageParams:
    """How many items to give, and the key of the last one given before (empty: from the start)."""

    limit: int
    position: tuple[Key, ...] = ()

    @property
    def after(self) -> str | None:
        """The last key, where items are keyed by one text."""
        return str(self.position[0]) if self.position else None

    @property
    def after_number(self) -> int:
        """The last key, where items are keyed by one number above 0; 0 for the start. Raises Problem 400."""
        (number,) = self.expect(int) or (0,)
        return int(number)

    def expect(self, *kinds: type[Key]) -> tuple[Key, ...] | None:
        """The last key, of parts of these types; None for the start. Raises Problem 400 when it is another list's."""
        if not self.position:
            return None
        if [type(part) for part in self.position] != list(kinds):
            raise _bad_cursor()
        return self.position

    @property
    def after_moment(self) -> tuple[datetime, str] | None:
        """The last (moment, id), where items are keyed so; None for the start. Raises Problem 400."""
        place = self.expect(str, str)
        if place is None:
            return None
        try:
            moment = datetime.fromisoformat(str(place[0]))
        except ValueError:
            raise _bad_cursor() from None
        # A day alone is another list's. In UTC the first hours of the oldest year are of the one before.
        if moment.tzinfo is None or not OLDEST_YEAR - 1 <= moment.year < LAST_YEAR:
            raise _bad_cursor()
        return moment, str(place[1])

    @property
    def after_day(self) -> tuple[date, str] | None:
        """The last (day, id), where items are keyed so; None for the start. Raises Problem 400."""
        place = self.expect(str, str)
        if place is None:
            return None
        try:
            return date.fromisoformat(str(place[0])), str(place[1])
        except ValueError:
            raise _bad_cursor() from None

    def of(self, items: Sequence[Item], key: Callable[[Item], Key | Sequence[Key]]) -> Page[Item]:
        """The page of `items` (at most `limit` of them); a full one is followed by another, possibly empty."""
        if len(items) < self.limit:
            return Page(items=list(items), next=None)
        last = key(items[-1])
        return Page(items=list(items), next=encode_cursor([last] if isinstance(last, str | int) else last))


def page_params(
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 100,
    cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR)] = None,
) -> PageParams:
    """FastAPI dependency: `limit` and `cursor` of the query."""
    return PageParams(limit, () if cursor is None else decode_cursor(cursor))


def encode_cursor(position: Sequence[Key]) -> str:
    """An opaque word for a place in a list."""
    text = json.dumps(list(position), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[Key, ...]:
    """The inverse of `encode_cursor`; Problem 400 for anything that it did not make."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise _bad_cursor() from None
    if not isinstance(parts, list) or not parts or not all(_usable(part) for part in parts):
        raise _bad_cursor()
    return tuple(parts)


def _usable(part: object) -> bool:
    # A stranger's cursor must not reach PostgreSQL with what it refuses: NUL, surrogates, integers past bigint.
    if isinstance(part, str):
        return "\x00" not in part and not any("\ud800" <= character <= "\udfff" for character in part)
    return isinstance(part, int) and not isinstance(part, bool) and -(2**63) <= part < 2**63


def _bad_cursor() -> Problem:
    return Problem(
        400,
        "bad_cursor",
        "the cursor is not one that this list gave; leave it out to start anew",
        "游标无效；去掉它即可从头开始",
    )
