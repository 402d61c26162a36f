"""Calendar feeds, in `feeds` and `feed_events`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from services.followup.domain.feeds import Shown, Task
from services.followup.domain.people import Scope
from services.followup.ports import Feed
from services.followup.store.rows import columns
from shared.engine.model import Transaction
from shared.engine.queries import load_queries
from shared.words import Language

QUERIES = load_queries("services.followup", "sql/feeds.sql")


class PostgresFeeds:
    """Addresses and what each showed last; days begin in `zone`, an IANA name."""

    def __init__(self, zone: Callable[[], str]) -> None:
        self._zone = zone

    async def add(self, tx: Transaction, feed: Feed, token_hash: bytes, *, at_most: int) -> bool:
        made = await tx.fetchval(
            QUERIES["add_feed"],
            feed.feed_id,
            feed.person,
            token_hash,
            feed.language.value,
            feed.created_at,
            feed.created_by,
            at_most,
        )
        return made is not None

    async def find(self, tx: Transaction, token_hash: bytes) -> Feed | None:
        return _feed(await tx.fetchrow(QUERIES["find_feed"], token_hash))

    async def show(self, tx: Transaction, feed_id: str) -> Feed | None:
        return _feed(await tx.fetchrow(QUERIES["select_feed"], feed_id))

    async def revoke(self, tx: Transaction, feed_id: str, at: datetime, by: str) -> None:
        await tx.execute(QUERIES["revoke_feed"], feed_id, at, by)

    async def page(
        self, tx: Transaction, scope: Scope, persons: frozenset[str] | None, after: str, limit: int
    ) -> Sequence[Feed]:
        wanted = None if persons is None else list(persons)
        seen = scope.everything, list(scope.people), scope.department
        rows = await tx.fetch(QUERIES["page_feeds"], wanted, *seen, after, limit)
        return [feed for feed in map(_feed, rows) if feed is not None]

    async def note_reading(self, tx: Transaction, feed_id: str, day: date, station: str, *, refused: bool) -> bool:
        new = await tx.fetchval(QUERIES["note_feed_reading"], feed_id, day, station, refused)
        if new is not None:
            await tx.execute(QUERIES["forget_feed_readings"], feed_id, day)
        return new is not None

    async def tasks(self, tx: Transaction, names: Collection[str], at_most: int) -> Sequence[Task]:
        return [
            Task(*row.values()) for row in await tx.fetch(QUERIES["select_tasks"], list(names), at_most, self._zone())
        ]

    async def shown(self, tx: Transaction, feed_id: str) -> Mapping[str, Shown]:
        rows = await tx.fetch(QUERIES["select_feed_events"], feed_id)
        return {row["reminder_id"]: Shown(*row.values()) for row in rows}

    async def save(self, tx: Transaction, feed_id: str, shown: Iterable[Shown], forget_before: datetime) -> None:
        rows = sorted(shown)
        if rows:
            await tx.execute(QUERIES["save_feed_events"], feed_id, *columns(rows))
        await tx.execute(QUERIES["forget_feed_events"], feed_id, forget_before)


def _feed(row: Any) -> Feed | None:
    if row is None:
        return None
    feed = Feed(*row.values())
    return feed._replace(language=Language(feed.language))
