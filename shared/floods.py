"""What strangers can bring about as often as they like: all of it in the audit, and yet no flood of it floods that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime
from typing import Generic, TypeVar

Kind = TypeVar("Kind", bound=Hashable)


class Floods(Generic[Kind]):
    """The first of a kind in a minute is told before the answer goes out; how many more there were is told once.

    So these are two entries a minute, kind and process, however many come. What a stranger can make up must be one
    kind. A process that is killed takes with it at most a minute's count of the rest.
    """

    def __init__(self, now: Callable[[], datetime], tell: Callable[[Kind, str, str | None], Awaitable[None]]) -> None:
        """`tell(kind, more, station)` makes an entry: `more` says how many more there were, "" for the first."""
        self._now = now
        self._tell = tell
        self._more: dict[tuple[datetime, Kind], int] = {}

    async def note(self, kind: Kind, station: str | None) -> None:
        """It happened; whatever this raises, there is no answer."""
        held = minute_of(self._now()), kind
        if held in self._more:
            self._more[held] += 1
            return
        self._more[held] = 0
        try:
            await self._tell(kind, "", station)
        except BaseException:
            del self._more[held]
            raise

    async def tell(self) -> None:
        """Tell how many more there were in minutes that are over."""
        now = minute_of(self._now())
        for held in [each for each in self._more if each[0] != now]:
            minute, kind = held
            if more := self._more[held]:
                await self._tell(kind, f", {more} more in the minute of {minute:%H:%M}Z", None)
            del self._more[held]


def minute_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
