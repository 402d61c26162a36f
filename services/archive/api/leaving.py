"""Who left over HTTP: what ended, who took over, and what they looked at in their last weeks (P6)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict

from services.archive.api.audit import AuditEntry, shown_entry
from services.archive.api.doors import Anybody, Paging, Reason, lawful
from services.archive.usecases.leaving import LastWeeks, ReviewLeavings
from shared.contracts.types import Identifier
from shared.http import Page

Name = Annotated[Identifier, Path()]


class LeavingBody(BaseModel):
    """A leaving; `handed_over_at` null while the customers wait, `finding` null while nobody has reviewed it."""

    model_config = ConfigDict(from_attributes=True)

    person: str
    departed_at: datetime
    department: str | None
    settled_at: datetime | None
    handed_over_at: datetime | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    finding: Literal["clear", "suspicious"] | None
    remark: str | None


class DeedBody(BaseModel):
    """How often something was done, on how many files, and how often on the strength of a grant."""

    model_config = ConfigDict(from_attributes=True)

    action: str
    outcome: str
    times: int
    files: int
    by_grant: int
    last_at: datetime


class LastWeeksBody(BaseModel):
    """What a leaver did from `since` on; the entries one by one are below `/entries`."""

    leaving: LeavingBody
    since: datetime
    until: datetime
    deeds: list[DeedBody]


class ReviewBody(BaseModel):
    """What the manager found."""

    finding: Literal["clear", "suspicious"]
    remark: Reason


class RemarkBody(BaseModel):
    remark: Reason


def leavings_router(review: ReviewLeavings) -> APIRouter:
    """Who left."""
    router = APIRouter(prefix="/leavings", tags=["leaving"])

    @router.get("")
    async def leavings(who: Anybody, page: Paging) -> Page[LeavingBody]:
        """离职清单：移交与复核情况。Who left, the newest first."""
        with lawful():
            found = await review.page(who, page.after_moment, page.limit)
        shown = [LeavingBody.model_validate(it) for it in found]
        return page.of(shown, lambda it: (it.departed_at.isoformat(), it.person))

    @router.get("/{person}")
    async def last_weeks(who: Anybody, person: Name) -> LastWeeksBody:
        """离职前数周的查阅、检索与导出汇总。What was read, searched and exported in the last weeks, counted."""
        with lawful():
            return shown_weeks(await review.last_weeks(who, person))

    @router.get("/{person}/entries")
    async def entries(
        who: Anybody, person: Name, page: Paging, action: Annotated[Identifier | None, Query()] = None
    ) -> Page[AuditEntry]:
        """逐条审计记录。The same, entry by entry, the newest first."""
        with lawful():
            found = await review.entries(who, person, action, page.after_number or None, page.limit)
        return page.of([shown_entry(entry) for entry in found], lambda entry: entry.seq)

    @router.post("/{person}/review", status_code=201)
    async def reviewed(who: Anybody, person: Name, body: ReviewBody) -> LeavingBody:
        """经理复核意见。The manager's word on it."""
        with lawful():
            return LeavingBody.model_validate(await review.review(who, person, body.finding, body.remark))

    @router.post("/{person}/introduced", status_code=201)
    async def introduced(who: Anybody, person: Name, body: RemarkBody) -> RemarkBody:
        """接手人已告知客户。The new holder has told the customers."""
        with lawful():
            await review.introduced(who, person, body.remark)
        return body

    return router


def shown_weeks(weeks: LastWeeks) -> LastWeeksBody:
    return LastWeeksBody(
        leaving=LeavingBody.model_validate(weeks.leaving),
        since=weeks.since,
        until=weeks.until,
        deeds=[DeedBody.model_validate(deed) for deed in weeks.deeds],
    )
