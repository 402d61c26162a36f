"""Departures over HTTP: somebody is let go, and all their customers go to others in the same act (P6)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from services.customers.api.routes import lawful
from services.customers.domain.departure import Evenly, ToEach, ToOne, UnlawfulHandoverError, Way
from services.customers.usecases.departing import Leaving, LetGo, Standing
from shared.contracts.types import Identifier, Moment
from shared.http import Page, PageParams, Principal, Problem, page_params, principal

Anybody = Annotated[Principal, Depends(principal)]
Paging = Annotated[PageParams, Depends(page_params)]
Name = Annotated[Identifier, Path()]
Reason = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*\S[^\x00]*$")]

CONFLICTS = frozenset({"departed_before"})
MOST_CUSTOMERS = 100_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AllTo(_Strict):
    """全部移交给一人。All customers to one rep."""

    rep: Identifier

    def way(self) -> Way:
        return ToOne(self.rep)


class EachTo(_Strict):
    """逐个指定接手人。Each customer to the rep named for it; none may be left out."""

    customers: Annotated[dict[Identifier, Identifier], Field(min_length=1, max_length=MOST_CUSTOMERS)]

    def way(self) -> Way:
        return ToEach(self.customers)


class EvenlyTo(_Strict):
    """平均分给数人，空则分给本部门全体业务员。Shared out among these reps, or among all of the department."""

    even: Annotated[tuple[Identifier, ...], Field(max_length=1000)]

    def way(self) -> Way:
        return Evenly(self.even)


class DepartureRequest(BaseModel):
    """Since when somebody is gone (now, if not said), why, and to whom the customers go.

    Human resources leave `to` out: the department's manager then hands over by the same door.
    """

    departed_at: Moment | None = None
    reason: Reason
    to: AllTo | EachTo | EvenlyTo | None = None


class DepartureBody(BaseModel):
    """One act: the departure, or a later handing over of what was left."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    departed_at: datetime
    decided_by: str
    decided_at: datetime
    reason: str
    customers: int


class ReceivedBody(BaseModel):
    """What one rep took over by an act, and with how many of the customers they have been in touch since."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    to_rep: str
    customers: int
    introduced: int


class StandingBody(BaseModel):
    """Where a departure stands; `remaining` customers are still the person's."""

    person: str
    works_here: bool
    departures: list[DepartureBody]
    received: list[ReceivedBody]
    remaining: int


class HandedBody(BaseModel):
    """A customer that changed hands; `introduced_at` is the new rep's latest contact since."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    customer_id: str
    from_rep: str
    to_rep: str
    handed_at: datetime
    introduced_at: datetime | None


def departure_router(let_go: LetGo) -> APIRouter:
    """Who leaves, and who takes over."""
    router = APIRouter(prefix="/people/{person}/departure", tags=["people"])

    @router.post("", status_code=201)
    async def depart(who: Anybody, person: Name, body: DepartureRequest) -> StandingBody:
        """登记离职并移交其全部客户。Somebody leaves: out at once, customers handed over in the same act."""
        leaving = Leaving(body.reason, body.departed_at, None if body.to is None else body.to.way())
        with lawful(), lawful_handover():
            return shown_standing(await let_go(who, person, leaving))

    @router.get("")
    async def standing(who: Anybody, person: Name) -> StandingBody:
        """离职移交情况。Where it stands, and what is still theirs."""
        with lawful():
            return shown_standing(await let_go.see(who, person))

    @router.get("/customers")
    async def handed(who: Anybody, person: Name, page: Paging) -> Page[HandedBody]:
        """移交的客户及是否已自我介绍。The customers that changed hands, and who has introduced themselves."""
        number, customer_id = page.expect(int, str) or (0, "")
        with lawful():
            found = await let_go.handed(who, person, (int(number), str(customer_id)), page.limit)
        return page.of([HandedBody.model_validate(it) for it in found], lambda it: (it.number, it.customer_id))

    return router


def shown_standing(standing: Standing) -> StandingBody:
    return StandingBody(
        person=standing.person,
        works_here=standing.works_here,
        departures=[DepartureBody.model_validate(it) for it in standing.departures],
        received=[ReceivedBody.model_validate(it) for it in standing.received],
        remaining=standing.remaining,
    )


@contextmanager
def lawful_handover() -> Iterator[None]:
    """Answer what P6 forbids as a problem, in its own words."""
    try:
        yield
    except UnlawfulHandoverError as error:
        status = 409 if error.code in CONFLICTS else 422
        raise Problem(status, error.code, error.words.en, error.words.zh) from None
