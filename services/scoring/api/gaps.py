"""Scoring's HTTP for what is missing to judge customers (D4, K2, K5)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.scoring.usecases.gaps import CustomerGaps, Filler, ListGaps
from shared.contracts.types import CustomerClass, Identifier, Level, Words
from shared.http import Page, PageParams, Principal, page_params, require
from shared.roles import Role
from shared.words import Text

# A gap says that something is missing, never what stands in the file.
Reader = Annotated[Principal, Depends(require(*(role for role in Role if role is not Role.ORDER_SYSTEM)))]
Paging = Annotated[PageParams, Depends(page_params)]


class GapBody(BaseModel):
    """Something missing: the rule that needs it, what for, and the fields of the file that `filler` can fill in."""

    rule: str
    needed_for: Words
    filler: str
    fields: tuple[str, ...]
    what: Words


class CustomerGapsBody(BaseModel):
    """All that is missing of one customer."""

    customer_id: str
    rep: str | None
    customer_class: CustomerClass = Field(serialization_alias="class")
    level: Level
    gaps: list[GapBody]


def gaps_router(list_gaps: ListGaps) -> APIRouter:
    """Gaps, by default those that reps can fill in."""
    router = APIRouter(prefix="/gaps", tags=["scores"])

    @router.get("")
    async def gaps(
        _: Reader,
        page: Paging,
        rep: Annotated[Identifier | None, Query()] = None,
        filler: Filler = "rep",
    ) -> Page[CustomerGapsBody]:
        found = await list_gaps(rep, filler, page.after or "", page.limit)
        return page.of([shown(each) for each in found], lambda each: each.customer_id)

    return router


def shown(found: CustomerGaps) -> CustomerGapsBody:
    known = found.known
    return CustomerGapsBody(
        customer_id=known.traits.customer_id,
        rep=known.traits.rep,
        customer_class=known.tier.customer_class,
        level=known.tier.level,
        gaps=[
            GapBody(
                rule=gap.rule,
                needed_for=words(gap.needed_for),
                filler=gap.filler,
                fields=gap.fields,
                what=words(gap.what),
            )
            for gap in found.gaps
        ],
    )


def words(text: Text) -> Words:
    return Words(zh=text.zh, en=text.en)
