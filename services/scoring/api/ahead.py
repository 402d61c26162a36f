"""Falls ahead over HTTP: who will lose a level by time alone, when, and what would keep it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.scoring.api.levels import Paging, Reader
from services.scoring.ports import Foretold
from services.scoring.usecases.looking_ahead import ReadFalls
from shared.contracts.types import Identifier, Level, Words
from shared.http import Page
from shared.money import to_text


class FallBody(BaseModel):
    """Without an order by `act_by` the customer falls to `falls_to` on `falls_on`.

    `keeps` is the least order in `currency` that keeps the level, as of `foreseen_on`: "0.00" for any order, null where
    no single one would.
    """

    customer_id: str
    rep: str | None
    level: Level
    falls_to: Level
    falls_on: date
    act_by: date
    keeps: str | None
    currency: str
    foreseen_on: date
    policy_version: str
    why: Words


def falls_router(read: ReadFalls) -> APIRouter:
    """Falls ahead, open to everybody inside as levels are."""
    router = APIRouter(tags=["levels"])

    @router.get("/falls")
    async def falls(_: Reader, page: Paging, rep: Annotated[Identifier | None, Query()] = None) -> Page[FallBody]:
        found = await read(rep, page.after or "", page.limit)
        return page.of([shown(told) for told in found], lambda fall: fall.customer_id)

    return router


def shown(told: Foretold) -> FallBody:
    fall = told.fall
    return FallBody(
        customer_id=fall.customer_id,
        rep=fall.rep,
        level=fall.level,
        falls_to=fall.falls_to,
        falls_on=fall.falls_on,
        act_by=fall.act_by,
        keeps=None if fall.keeps is None else to_text(fall.keeps),
        currency=told.currency,
        foreseen_on=told.foreseen_on,
        policy_version=told.policy_version,
        why=Words(zh=told.why.zh, en=told.why.en),
    )
