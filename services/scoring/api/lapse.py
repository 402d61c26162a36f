"""Why a customer lapsed, over HTTP (K7)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, PlainSerializer

from services.scoring.api.levels import Reader, unknown
from services.scoring.domain.lapse import Lapse
from services.scoring.usecases.explaining_lapse import ExplainLapse, NotForThemError, NotLapsedError
from shared.contracts.types import Identifier, Words
from shared.http import Problem
from shared.money import to_text

Money = Annotated[Decimal, PlainSerializer(to_text, return_type=str)]


class Body(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class YearBody(Body):
    """A year that ends on `until`; `amount` is net of returns, `returned` those that name no order."""

    until: date
    orders: int
    amount: Money
    returned: Money
    usual_gap_days: int | None


class PurchaseBody(Body):
    entry_id: str
    dated: date
    is_order: bool
    amount: Money


class CategoryBody(Body):
    """`dropped`: nothing of it in the last half year of trade."""

    category: str
    year_before: Money
    last_year: Money
    last_bought_on: date
    dropped: bool


class ChangeBody(Body):
    """What the file said until `noted_on`, and says since; null: nothing."""

    noted_on: date
    before: str | None
    after: str | None


class LapseBody(Body):
    """The last year of trade against the one before; amounts in the base currency. `gaps`: what nobody said (D4)."""

    customer_id: str
    last_order_on: date
    lapsed_on: date
    last_year: YearBody
    year_before: YearBody
    purchases: list[PurchaseBody]
    categories: list[CategoryBody]
    buyer: str | None
    buyer_changes: list[ChangeBody]
    suppliers: str | None
    supplier_changes: list[ChangeBody]
    findings: list[Words]
    gaps: list[Words]


def lapse_router(explain_lapse: ExplainLapse) -> APIRouter:
    """The report on one lapsed customer: it quotes the file, so each reading of it is in the audit."""
    router = APIRouter(tags=["levels"])

    @router.get("/lapses/{customer_id:path}")
    async def lapse(who: Reader, customer_id: Identifier) -> LapseBody:
        try:
            report = await explain_lapse(who, customer_id)
        except NotForThemError:
            raise Problem(
                403,
                "not_your_customer",
                "only its rep, the rep's department manager and the leaders of sales see this",
                "仅其业务员、所属部门经理与营销领导可查看",
            ) from None
        except NotLapsedError:
            raise Problem(
                409, "not_lapsed", f"{customer_id} is not lapsed", f"客户 {customer_id} 不是沉没客户"
            ) from None
        if report is None:
            raise unknown(customer_id)
        return shown(customer_id, report)

    return router


def shown(customer_id: str, report: Lapse) -> LapseBody:
    return LapseBody(
        customer_id=customer_id,
        last_order_on=report.last_order_on,
        lapsed_on=report.lapsed_on,
        last_year=YearBody.model_validate(report.last_year),
        year_before=YearBody.model_validate(report.year_before),
        purchases=[PurchaseBody.model_validate(each) for each in report.purchases],
        categories=[CategoryBody.model_validate(each) for each in report.categories],
        buyer=report.buyer,
        buyer_changes=[ChangeBody.model_validate(each) for each in report.buyer_changes],
        suppliers=report.suppliers,
        supplier_changes=[ChangeBody.model_validate(each) for each in report.supplier_changes],
        findings=[Words(zh=each.zh, en=each.en) for each in report.findings],
        gaps=[Words(zh=each.zh, en=each.en) for each in report.gaps],
    )
