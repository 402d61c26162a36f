"""Levels over HTTP: what they are and why, what they were, how many there are, and the proof that they are right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from services.scoring.domain.customers import Tier
from services.scoring.domain.flows import Every
from services.scoring.ports import Recorded
from services.scoring.usecases.checking import CheckLevels, StandingByError, Verdict
from services.scoring.usecases.reading import ReadLevels, Standing
from shared.contracts.tiers import Cutoffs, Explanation, TierCause
from shared.contracts.tiers import Tier as TierPair
from shared.contracts.types import CustomerClass, Day, Identifier, Level, Words
from shared.http import Page, PageParams, Principal, Problem, page_params, require
from shared.money import from_atoms, to_text
from shared.roles import Role

# A level is not the file: everybody inside may know whom the company values.
Reader = Annotated[Principal, Depends(require(*(role for role in Role if role is not Role.ORDER_SYSTEM)))]
Prover = Annotated[
    Principal, Depends(require(Role.OPS, Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR, Role.INSPECTOR))
]
LONGEST = 40 * 366  # days: an answer stays an answer
Paging = Annotated[PageParams, Depends(page_params)]


class TierBody(BaseModel):
    """A customer's level; `orders` and `amount` are F and M of the window, r to amount null where it is not ranked.

    `since` is the business date of the decision; all else is as of now.
    """

    customer_id: str
    customer_class: CustomerClass = Field(serialization_alias="class")
    level: Level
    r: int | None
    f: int | None
    m: int | None
    rank: int | None
    recency_days: int | None
    orders: int | None
    amount: str | None
    since: date
    why: Words


class ExplainedTier(TierBody):
    """A level with all that it was held against, what moved it, and under which policy.

    `market` names the population; null: there is one for all, or none on file. `cutoffs` are days, orders and money:
    the 20/40/60/80 % quantiles; null where the customer is not ranked, or while this process stands by. `rep`,
    `sequence` and `decided_at` are of the decision.
    """

    market: str | None
    population: int | None
    key_size: int | None
    cutoffs: Cutoffs | None
    rep: str | None
    cause: TierCause
    policy_version: str
    sequence: int
    decided_at: datetime


class DecisionBody(BaseModel):
    """A level as it was decided; `from` is null for the first."""

    model_config = ConfigDict(validate_by_name=True)

    customer_id: str
    sequence: int
    before: TierPair | None = Field(serialization_alias="from")
    to: TierPair
    since: date
    decided_at: datetime
    policy_version: str
    why: Explanation


class LevelCount(BaseModel):
    """How many customers have a level."""

    customer_class: CustomerClass = Field(serialization_alias="class")
    level: Level
    customers: int


class DayCounts(BaseModel):
    """How many customers each level had at the end of a business day, as it was decided then."""

    day: date
    levels: list[LevelCount]


class DifferenceBody(BaseModel):
    """A customer that is not as the full computation has it."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: str
    expected: dict[str, str | int | None]
    found: dict[str, str | int | None]


class VerdictBody(BaseModel):
    """How many customers were compared with the full computation, how many differ, and some of those."""

    model_config = ConfigDict(from_attributes=True)

    customers: int
    different: int
    examples: list[DifferenceBody]


def tiers_router(read: ReadLevels) -> APIRouter:
    """Customers' levels, open to everybody inside."""
    router = APIRouter(prefix="/tiers", tags=["levels"])

    @router.get("")
    async def tiers(
        _: Reader,
        page: Paging,
        customer_class: Annotated[CustomerClass | None, Query(alias="class")] = None,
        level: Level | None = None,
    ) -> Page[TierBody]:
        found = await read.page(customer_class, level, page.after or "", page.limit)
        return page.of([shown(standing) for standing in found], lambda tier: tier.customer_id)

    @router.get("/{customer_id:path}/history")
    async def history(_: Reader, page: Paging, customer_id: Identifier) -> Page[DecisionBody]:
        found = await read.history(customer_id, page.after_number or None, page.limit)
        if not found and not page.position:
            raise unknown(customer_id)
        return page.of([told(recorded) for recorded in found], lambda decision: decision.sequence)

    @router.get("/{customer_id:path}")
    async def tier(_: Reader, customer_id: Identifier, as_of: Day | None = None) -> ExplainedTier:
        if as_of is None:
            standing = await read.standing(customer_id)
            if standing is None:
                raise unknown(customer_id)
            return explained(standing, await read.behind(standing))
        recorded = await read.decision(customer_id, as_of)
        if recorded is None:
            raise unknown(customer_id)
        return as_decided(recorded)

    return router


def overview_router(read: ReadLevels, check: CheckLevels) -> APIRouter:
    """All levels at a glance, and the proof that they are right for those who answer for them."""
    router = APIRouter(tags=["levels"])

    @router.get("/levels")
    async def levels(_: Reader, as_of: Day | None = None) -> list[LevelCount]:
        if as_of is None:
            return counted(await read.counts())
        ((_day, counts),) = await read.counts_over(as_of, as_of, "day")
        return counted(counts)

    @router.get("/levels/over-time")
    async def over_time(
        _: Reader,
        first: Annotated[Day, Query(alias="from")],
        last: Annotated[Day | None, Query(alias="until")] = None,
        every: Every = "month",
    ) -> list[DayCounts]:
        last = last or await read.today() or first
        if first > last or (last - first).days > LONGEST:
            raise Problem(
                422,
                "bad_span",
                f"`from` is not after `until`, and at most {LONGEST:,} days before it",
                f"起始日不得晚于截止日，且跨度不超过 {LONGEST:,} 天",
            )
        found = await read.counts_over(first, last, every)
        return [DayCounts(day=day, levels=counted(counts)) for day, counts in found]

    @router.get("/best")
    async def best(
        _: Reader, limit: Annotated[int, Query(ge=1, le=1000)] = 10, market: Identifier | None = None
    ) -> list[TierBody]:
        return [shown(standing) for standing in await read.best(limit, market)]

    @router.post("/check")
    async def prove(_: Prover) -> VerdictBody:
        try:
            verdict: Verdict = await check()
        except StandingByError:
            raise Problem(
                503,
                "standing_by",
                "another process decides the levels, or this one has just started; ask it, or try again shortly",
                "分级由另一进程负责，或本进程刚启动；请向其查询或稍后再试",
            ) from None
        return VerdictBody.model_validate(verdict)

    return router


def counted(counts: Mapping[Tier, int]) -> list[LevelCount]:
    return [
        LevelCount(customer_class=tier[0], level=tier[1], customers=number) for tier, number in sorted(counts.items())
    ]


def unknown(customer_id: str) -> Problem:
    return Problem(
        404, "unknown_customer", f"no level was decided for {customer_id}", f"没有客户 {customer_id} 的分级记录"
    )


def shown(standing: Standing) -> TierBody:
    scores = standing.scores
    return TierBody(
        customer_id=standing.customer_id,
        customer_class=standing.tier.customer_class,
        level=standing.tier.level,
        r=scores and scores.r,
        f=scores and scores.f,
        m=scores and scores.m,
        rank=scores and scores.rank,
        recency_days=scores and max(scores.recency_days, 0),
        orders=scores and scores.orders,
        amount=scores and to_text(from_atoms(scores.amount)),
        since=standing.since,
        why=Words(zh=standing.why.zh, en=standing.why.en),
    )


def explained(standing: Standing, recorded: Recorded) -> ExplainedTier:
    circumstances, is_ranked = standing.circumstances, standing.scores is not None
    return ExplainedTier(
        **shown(standing).__dict__,
        market=standing.facts.market,
        population=circumstances.population if is_ranked else None,
        key_size=circumstances.key_size if is_ranked else None,
        cutoffs=circumstances.cutoffs if is_ranked else None,
        rep=standing.facts.rep,
        cause=recorded.why.cause,
        policy_version=recorded.policy_version,
        sequence=recorded.sequence,
        decided_at=recorded.decided_at,
    )


def as_decided(recorded: Recorded) -> ExplainedTier:
    """A level as it was known and decided at the time."""
    why = recorded.why
    return ExplainedTier(
        customer_id=recorded.customer_id,
        customer_class=recorded.tier.customer_class,
        level=recorded.tier.level,
        r=why.r,
        f=why.f,
        m=why.m,
        rank=why.rank,
        recency_days=why.recency_days,
        orders=why.orders,
        amount=None if why.amount is None else to_text(why.amount),
        since=recorded.since,
        why=why.words,
        market=why.market,
        population=why.population,
        key_size=why.key_size,
        cutoffs=why.cutoffs,
        rep=None,
        cause=why.cause,
        policy_version=recorded.policy_version,
        sequence=recorded.sequence,
        decided_at=recorded.decided_at,
    )


def told(recorded: Recorded) -> DecisionBody:
    before = recorded.before
    return DecisionBody(
        customer_id=recorded.customer_id,
        sequence=recorded.sequence,
        before=before and TierPair(**before._asdict()),
        to=TierPair(**recorded.tier._asdict()),
        since=recorded.since,
        decided_at=recorded.decided_at,
        policy_version=recorded.policy_version,
        why=recorded.why,
    )
