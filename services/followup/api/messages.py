"""Messages over HTTP: what one would say, whether a channel works, what became of those that went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.followup.api.doors import Operator, Paging, Reader, told
from services.followup.domain.delivering import Outcome
from services.followup.domain.notices import Topic
from services.followup.ports.messages import Delivered, DeliveryFilters, Shown
from services.followup.usecases.previewing import Condition, LookAtMessages, Wish
from shared.contracts.types import Identifier, Words
from shared.http import Page
from shared.http.noting import no_file
from shared.words import Language, Text


@dataclass(frozen=True, slots=True)
class PreviewQuery:
    """Which message: `channel` is a channel's name or one of wecom, dingtalk, feishu, mail.

    With `reminder` it is of that reminder, with `person` that person's digest as of now, with neither a made-up one.
    """

    channel: Annotated[Identifier, Query()]
    topic: Annotated[Topic, Query()] = "digest"
    language: Annotated[Language | None, Query()] = None
    reminder: Annotated[Identifier | None, Query()] = None
    person: Annotated[Identifier | None, Query()] = None


@dataclass(frozen=True, slots=True)
class DeliveryQuery:
    """Which attempts: of a person, on a channel, with an outcome, of a message."""

    person: Annotated[Identifier | None, Query()] = None
    channel: Annotated[Identifier | None, Query()] = None
    outcome: Annotated[Outcome | None, Query()] = None
    message: Annotated[Identifier | None, Query()] = None


class PreviewPage(BaseModel):
    """A page as it would be sent: `body` in the provider's own `form`, `bytes` of the `limit` that it may have."""

    page: int
    pages: int
    title: str
    form: str
    body: str
    html: str | None
    bytes: int
    limit: int


class Preview(BaseModel):
    """A message in pages."""

    pages: list[PreviewPage]


class Delivery(BaseModel):
    """An attempt to send a page: `code` and `said` are the provider's own, `state` the message's afterwards."""

    delivery_id: int
    message_id: str
    person: str
    topic: str
    channel: str
    page: int
    pages: int
    tried_at: datetime
    seconds: float
    outcome: str
    code: str
    said: str
    meaning: Words | None
    state: Literal["queued", "sent", "dead", "dropped"]


class TestOrder(BaseModel):
    """The channel to be tried; for mail the address, unless the asker has one in the preferences."""

    channel: Annotated[str, Field(min_length=1, max_length=40)]
    mail: Annotated[str, Field(max_length=254)] | None = None


class TestResult(BaseModel):
    """What the provider answered."""

    channel: str
    outcome: str
    code: str
    said: str
    meaning: Words | None


class ChannelCondition(BaseModel):
    """A channel and its last 24 hours; `limits` are messages in seconds."""

    channel: str
    kind: str
    limits: list[tuple[int, float]]
    queued: int
    sent: int
    failed: int
    last_failure: str | None
    silent_until: datetime | None


class MessagesCondition(BaseModel):
    """Channels, and the messages that wait or died."""

    channels: list[ChannelCondition]
    queued: int
    oldest: datetime | None
    dead: int
    last_dead: str | None


def messages_router(look: LookAtMessages) -> APIRouter:
    """Messages: a rep's own, a manager's department's, all for the GM and ops."""
    router = APIRouter(tags=["messages"])

    @router.get("/messages/preview")
    async def preview_message(who: Reader, query: Annotated[PreviewQuery, Depends()]) -> Preview:
        """预览某渠道上的消息。A message as its channel would send it; nothing is sent."""
        wish = Wish(query.channel, query.topic, query.language, query.reminder, query.person)
        with told():
            shown = await look.preview(who, wish)
        return Preview(pages=[preview_page(page) for page in shown])

    @router.post("/messages/test")
    async def test_channel(who: Operator, order: TestOrder) -> TestResult:
        """向某渠道发送测试消息。Send a test message now, and tell what the provider answered."""
        with told():
            verdict = await look.test(who, order.channel, order.mail)
        return TestResult(
            channel=order.channel,
            outcome=verdict.outcome,
            code=verdict.code,
            said=verdict.said,
            meaning=words(verdict.meaning),
        )

    @router.get("/messages/status", openapi_extra=no_file("of the machines, not of files"))
    async def messages_status(who: Operator) -> MessagesCondition:
        """各渠道与待发消息的状况。How channels fare, and how many messages wait or died."""
        return messages_condition(await look.condition(who))

    @router.get("/deliveries")
    async def list_deliveries(who: Reader, query: Annotated[DeliveryQuery, Depends()], page: Paging) -> Page[Delivery]:
        """发送记录及渠道方原话。Attempts to send, the newest first, in the providers' own words."""
        position = page.expect(int)
        before = None if position is None else int(position[0])
        filters = DeliveryFilters(None, query.channel, query.outcome, query.message)
        with told():
            found = await look.deliveries(who, query.person, filters, before, page.limit)
        return page.of([delivery(one) for one in found], lambda item: (item.delivery_id,))

    return router


def preview_page(shown: Shown) -> PreviewPage:
    page = shown.page
    return PreviewPage(
        page=page.number,
        pages=page.of,
        title=page.title,
        form=shown.form,
        body=shown.body,
        html=page.html or None,
        bytes=shown.size,
        limit=shown.limit,
    )


def delivery(delivered: Delivered) -> Delivery:
    told_of = delivered.attempt._asdict() | {"meaning": words(delivered.attempt.meaning)}
    return Delivery(delivery_id=delivered.delivery_id, **told_of)


def messages_condition(condition: Condition) -> MessagesCondition:
    census = condition.census
    return MessagesCondition(
        channels=[
            ChannelCondition(
                **state._asdict(), kind=channel.kind, limits=[(limit.most, limit.seconds) for limit in channel.limits]
            )
            for channel, state in condition.channels
        ],
        **census._asdict(),
    )


def words(text: Text | None) -> Words | None:
    return None if text is None else Words(zh=text.zh, en=text.en)
