"""Calendar feeds over HTTP: kept by people with a token, read by calendar programs, whose right is the address."""

from __future__ import annotations

from asyncio import to_thread
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from services.followup.api.doors import Contactor, Paging, told
from services.followup.api.ics import PRODID, as_ics
from services.followup.ports import Feed
from services.followup.usecases.feed_readings import RefusedFeeds
from services.followup.usecases.feeds import Calendar, KeepFeeds, ReadFeed
from shared.contracts.types import Identifier
from shared.http import Page, Problem
from shared.http.bearer import route_of
from shared.http.noting import no_audit
from shared.words import Language

log = structlog.get_logger()

Secret = Annotated[str, Path(min_length=1, max_length=200)]

# Calendar programs ask every few minutes at most; who asks more often is answered in a minute again.
A_MINUTE = 30
KEYS_AT_MOST = 10_000


class FeedRequest(BaseModel):
    """Whose feed, oneself where left out, and its language."""

    person: Identifier | None = None
    language: Language = Language.ZH


class FeedItem(BaseModel):
    """A feed in use; its address was told once, when it was made."""

    feed_id: str
    person: str
    language: Language
    created_at: datetime
    created_by: str


class NewFeed(FeedItem):
    """A feed and its address, which is not told again: who has it reads the calendar, until the feed is revoked."""

    url: str


class Throttle:
    """So many in a minute, by key; forgets when the minute is over."""

    def __init__(self, now: Callable[[], datetime], a_minute: int = A_MINUTE) -> None:
        self._now = now
        self._a_minute = a_minute
        self._minute = ""
        self._counts = Counter[str]()

    def allows(self, key: str) -> bool:
        minute = f"{self._now():%Y%m%d%H%M}"
        if minute != self._minute or len(self._counts) > KEYS_AT_MOST:
            self._minute, self._counts = minute, Counter()
        self._counts[key] += 1
        return self._counts[key] <= self._a_minute


def feeds_router(keep_feeds: KeepFeeds, base: str | None = None) -> APIRouter:
    """A rep's own feeds, a department's for its manager, all for the GM; addresses begin with `base`."""
    router = APIRouter(prefix="/feeds", tags=["feeds"])

    @router.post("", status_code=201)
    async def create_feed(who: Contactor, request: Request, body: FeedRequest) -> NewFeed:
        """新建日历订阅，地址仅返回一次。A new feed; its address is told this once."""
        with told():
            feed, secret = await keep_feeds.create(who, body.person, body.language)
        # Asked inside a container, the request's own address is one that no calendar program reaches.
        path = request.app.url_path_for("read_feed", secret=secret)
        url = f"{(base or str(request.base_url)).rstrip('/')}{path}"
        return NewFeed(**feed_item(feed).model_dump(), url=url)

    @router.get("")
    async def list_feeds(
        who: Contactor, page: Paging, person: Annotated[Identifier | None, Query()] = None
    ) -> Page[FeedItem]:
        """在用的日历订阅。Feeds in use, without their addresses."""
        position = page.expect(str)
        with told():
            found = await keep_feeds.page(who, person, "" if position is None else str(position[0]), page.limit)
        return page.of([feed_item(feed) for feed in found], lambda item: (item.feed_id,))

    @router.delete("/{feed_id}", status_code=204, response_class=Response)
    async def revoke_feed(who: Contactor, feed_id: Annotated[Identifier, Path()]) -> None:
        """撤销日历订阅，立即失效。From now on the address opens nothing."""
        with told():
            await keep_feeds.revoke(who, feed_id)

    return router


def calendar_programs_router(read_feed: ReadFeed, refused: RefusedFeeds, now: Callable[[], datetime]) -> APIRouter:
    """What calendar programs read: no bearer token, the address is the right. Not shown where it cannot be noted."""
    router = APIRouter(tags=["feeds"])
    throttle = Throttle(now)

    # Some programs ask HEAD first; in OpenAPI it would be the same operation twice.
    @router.head("/feeds/{secret}.ics", name="read_feed", response_class=Response, include_in_schema=False)
    @router.get("/feeds/{secret}.ics", name="read_feed", response_class=Response)
    async def read(request: Request, secret: Secret) -> Response:
        """供日历应用订阅，无需令牌，地址即权限。For calendar programs: no token, the address is the right."""
        key = sha256(secret.encode()).hexdigest()
        station = request.client.host if request.client else None
        if not throttle.allows(key):
            raise _too_often()
        with _noted():
            calendar, known = await read_feed(secret, station)
            if not known:
                await refused.note(route_of(request.scope), station)
        if not known and not throttle.allows(f"unknown:{station}"):
            raise _too_often()
        if calendar is None:
            raise Problem(404, "unknown_feed", "this feed was revoked, or never was", "该日历订阅已撤销或不存在")
        etag = f'"{revision_of(calendar)}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer"}
        if etag in _etags(request):
            return Response(status_code=304, headers=headers)
        headers["Content-Disposition"] = 'inline; filename="tierline.ics"'
        # A millisecond an event: a full calendar must not hold up everything else.
        content = await to_thread(as_ics, calendar)
        return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)

    return router


def revision_of(calendar: Calendar) -> str:
    """Of all that the file is made from: it is written only for who does not have it."""
    told = [calendar.zone, calendar.feed.language, calendar.feed.person, PRODID[calendar.feed.language]]
    told += [f"{shown.reminder_id}:{shown.sequence}" for shown, _ in calendar.revisions]
    return sha256("\n".join(told).encode()).hexdigest()[:32]


@contextmanager
def _noted() -> Iterator[None]:
    """Without the entry there is no answer; a calendar program asks again."""
    try:
        yield
    except Exception as error:
        log.warning("answer_withheld", action="feed.read", error=repr(error))
        raise no_audit() from error


def _too_often() -> Problem:
    return Problem(
        429, "too_often", "a feed is read some times a minute at most", "请求过于频繁", headers={"Retry-After": "60"}
    )


def _etags(request: Request) -> set[str]:
    asked = request.headers.get("if-none-match", "")
    return {tag.strip().removeprefix("W/") for tag in asked.split(",")}


def feed_item(feed: Feed) -> FeedItem:
    return FeedItem(
        feed_id=feed.feed_id,
        person=feed.person,
        language=feed.language,
        created_at=feed.created_at,
        created_by=feed.created_by,
    )
