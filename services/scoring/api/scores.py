"""Scoring's HTTP for resources shared out by scores (D1–D4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.scoring.domain.scores.allocating import Line, Order
from services.scoring.domain.scores.measures import LACKS, Missing
from services.scoring.domain.scores.scoring import POINTS
from services.scoring.domain.scores.traits import Trade, Traits
from services.scoring.usecases.allocating import (
    AllocateResource,
    Allocation,
    CannotShareError,
    UnknownResourceError,
)
from shared.clock import Clock
from shared.contracts.types import Amount, ExactAmount, Identifier, Text, Words
from shared.http import Principal, Problem, require
from shared.money import to_text
from shared.roles import Role

# Reasons quote the file (rivals, region): they are for those who read every file without a request (A1).
Allocator = Annotated[Principal, Depends(require(Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR))]

Units = Annotated[int, Field(ge=0, le=10**12)]
Days = Annotated[int, Field(ge=1, le=36_500)]
Small = Annotated[int, Field(ge=0, le=10**6)]
MOST_GIVEN = 20_000


class Asked(BaseModel):
    """What is to be shared out, and bounds in units that take the place of the policy's.

    `at_least_new` is for new customers, `at_least` for the others, `at_most` for everybody.
    """

    resource: Identifier
    quantity: Units
    at_least_new: Units | None = None
    at_least: Units | None = None
    at_most: Units | None = None

    def order(self) -> Order:
        return Order(self.quantity, self.at_least_new, self.at_least, self.at_most)


class Question(Asked):
    """What is to be shared out, and how many of the shares are to be shown."""

    limit: Annotated[int, Field(ge=1, le=1_000_000)] = 1000


class GivenCustomer(BaseModel):
    """A customer for a trial: `days` since its first order, net `sales` of the window (a year) from so many `orders`.

    Without `orders` one a month is assumed. `attributes` are fields of the file, such as region.
    """

    customer_id: Identifier
    days: Days
    sales: ExactAmount
    orders: Small | None = None
    recent: ExactAmount = Decimal(0)
    earlier: ExactAmount = Decimal(0)
    costed: Amount = Decimal(0)
    margin: ExactAmount = Decimal(0)
    due: Small = 0
    fulfilled: Small | None = None
    attributes: Annotated[dict[Identifier, Text], Field(max_length=100)] = Field(default_factory=dict)

    def traits(self, clock: Clock) -> Traits:
        orders = self.orders or max(1, round(min(self.days, 365) / 30))
        trade = Trade(
            clock.today() - timedelta(days=self.days - 1),
            self.sales,
            self.sales * self.sales / orders,
            self.recent,
            self.earlier,
            self.costed,
            self.margin,
            self.due,
            self.fulfilled,
        )
        return Traits(self.customer_id, trade, self.attributes)


class Trial(Asked):
    """An allocation among customers that are only given here."""

    customers: Annotated[list[GivenCustomer], Field(max_length=MOST_GIVEN)]


class GapBody(BaseModel):
    """What is not known of a customer for a dimension: `filler` can mend it, by these fields of the file."""

    dimension: str
    filler: str
    fields: tuple[str, ...]
    what: Words


class ShareBody(BaseModel):
    """A customer's share; `score` and `parts` are 0 to 1, `by_sales` what plain sales would give.

    `bound` is `least` or `most` where a bound set the share, null where the score did.
    """

    customer_id: str
    rep: str | None
    units: int
    score: float
    parts: dict[str, float]
    new: bool
    bound: str | None
    at_least: int
    at_most: int
    by_score_alone: float
    by_sales: int
    sales_rank: int
    sales: str
    gaps: list[GapBody]
    why: Words


class AllocationBody(BaseModel):
    """A resource shared out, most units first; `shares` may be cut to the first `limit` of all `customers`.

    `mean_rate` is the population's sales a day, `credibility_days` the days of trade that weigh as much (D2).
    """

    resource: str
    words: Words
    score: str
    day: str
    policy_version: str
    quantity: int
    customers: int
    mean_rate: float
    credibility_days: float
    shares: list[ShareBody]


def allocations_router(allocate: AllocateResource, clock: Clock) -> APIRouter:
    """Allocations, for those who decide on resources."""
    router = APIRouter(prefix="/allocation", tags=["scores"])

    @router.get("")
    async def allocation(_: Allocator, asked: Annotated[Question, Query()]) -> AllocationBody:
        with possible():
            return shown(await allocate(asked.resource, asked.order()), asked, asked.limit)

    @router.post("/trial")
    async def trial(_: Allocator, asked: Trial) -> AllocationBody:
        refuse_doubles(asked.customers)
        given = [customer.traits(clock) for customer in asked.customers]
        with possible():
            return shown(await allocate.trial(asked.resource, asked.order(), given), asked, len(given))

    return router


def refuse_doubles(customers: list[GivenCustomer]) -> None:
    seen: set[str] = set()
    for customer in customers:
        if customer.customer_id in seen:
            name = customer.customer_id
            raise Problem(422, "customer_twice", f"{name} is given twice", f"客户 {name} 重复")
        seen.add(customer.customer_id)


@contextmanager
def possible() -> Iterator[None]:
    """Turn what cannot be shared out into problems that say why."""
    try:
        yield
    except UnknownResourceError as error:
        known = ", ".join(error.known)
        raise Problem(
            404,
            "unknown_resource",
            f"the policy has no resource {error.name}; there are: {known}",
            f"政策中没有资源 {error.name}；可用：{known}",
        ) from None
    except CannotShareError as error:
        raise Problem(409, "impossible_bounds", error.why.en, error.why.zh) from None


def shown(allocation: Allocation, asked: Asked, limit: int) -> AllocationBody:
    words = allocation.resource.words
    return AllocationBody(
        resource=asked.resource.replace("-", "_"),
        words=Words(zh=words.zh, en=words.en),
        score=allocation.resource.score,
        day=allocation.day.isoformat(),
        policy_version=allocation.policy_version,
        quantity=asked.quantity,
        customers=len(allocation.lines),
        mean_rate=allocation.credibility.mean,
        credibility_days=allocation.credibility.days,
        shares=[shown_share(line, allocation) for line in allocation.lines[:limit]],
    )


def shown_share(line: Line, allocation: Allocation) -> ShareBody:
    why = allocation.why(line)
    measured, dimensions = line.scored.measured, allocation.score.dimensions
    return ShareBody(
        customer_id=measured.customer_id,
        rep=measured.rep,
        units=line.grant.units,
        score=line.scored.points / POINTS,
        parts={dimension: round(part, 6) for dimension, part in line.scored.parts.items()},
        new=measured.is_new,
        bound=line.grant.bound,
        at_least=line.least,
        at_most=line.most,
        by_score_alone=line.grant.exact / 1000,
        by_sales=line.by_sales,
        sales_rank=line.sales_rank,
        sales=to_text(measured.sales),
        gaps=[shown_gap(missing) for missing in measured.missing if missing.dimension in dimensions],
        why=Words(zh=why.zh, en=why.en),
    )


def shown_gap(missing: Missing) -> GapBody:
    what: Any = LACKS[missing.lack]
    return GapBody(
        dimension=missing.dimension, filler=missing.filler, fields=missing.fields, what=Words(zh=what.zh, en=what.en)
    )
