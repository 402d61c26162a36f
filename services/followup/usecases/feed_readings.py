"""Nobody reads a file unseen, nor a calendar that names customers: who read one, or tried to, is in the audit (A1)."""

from __future__ import annotations

from typing import Final, cast

from services.followup.domain.people import Person
from services.followup.ports import Clock, Feed, FeedStore, Trail
from shared.audit import Deed
from shared.contracts.audit import CALENDAR
from shared.engine.model import Transaction
from shared.floods import Floods
from shared.identity import Principal
from shared.roles import Role

UNKNOWN: Final = "unknown_feed"


class NoteReadings:
    """Calendar programs ask every few minutes: one entry a business date for each feed and address that asks.

    It is written in the transaction that reads, so what cannot be noted is not shown. The actor is whose calendar it
    is; the role says that nobody signed in.
    """

    def __init__(self, feeds: FeedStore, trail: Trail, clock: Clock) -> None:
        self._feeds = feeds
        self._trail = trail
        self._clock = clock

    async def __call__(
        self, tx: Transaction, feed: Feed, owner: Person, station: str | None, *, refused: bool = False
    ) -> None:
        """A feed's address was asked, whose row `tx` holds; `refused` where it opens nothing any more."""
        today = self._clock.today()
        if not await self._feeds.note_reading(tx, feed.feed_id, today, station or "", refused=refused):
            return
        who = Principal(feed.person, cast("Role", CALENDAR), owner.department, station)
        deed = (
            Deed("access.denied", "feed.refused", outcome="denied", reason=feed.feed_id)
            if refused
            else Deed("file.searched", "feed.read", reason=feed.feed_id)
        )
        await self._trail.append(tx, who, deed)


class RefusedFeeds:
    """Addresses that nobody was ever given: the first of a minute, and how many more there were."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        self._trail = trail
        self._floods = Floods[str](clock.now, self._tell)

    async def note(self, path: str, station: str | None) -> None:
        """Such an address was asked, by the route `path`; whatever this raises, there is no answer."""
        await self._floods.note(path, station)

    async def tell(self) -> None:
        """Note how many more there were in minutes that are over."""
        await self._floods.tell()

    async def _tell(self, path: str, more: str, station: str | None) -> None:
        await self._trail.login_failed(station, UNKNOWN + more, path)
