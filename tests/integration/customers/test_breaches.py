"""Showroom orders and returns by an error, from the event to what archive is told (O3–O5, N8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from services.customers.domain.matters import ShowroomSale, merge
from services.customers.store.judging import PostgresMatters
from services.customers.store.matters import save_matters
from shared.contracts.activities import CustomerProfiled, ProfileFields
from shared.contracts.orders import OrderLine, OrderPlaced, OrderReturned
from shared.roles import Role
from tests.integration.customers.house import NOW, Customers

pytestmark = pytest.mark.backend

A_DAY = timedelta(hours=25)


def sold(number: int = 1, *, cost: str | None = "9", **said: Any) -> OrderPlaced:
    """Lin sells far below the margin in the showroom, unless `said` otherwise."""
    lines = (OrderLine(sku="cup", quantity=Decimal(1), unit_price=Decimal(10),
                       unit_cost=None if cost is None else Decimal(cost)),)  # fmt: skip
    data: dict[str, Any] = {"order_id": f"SO-{number}", "customer_id": "C-1", "amount": "10", "currency": "CNY",
                            "placed_at": NOW, "sold_by": "R1", "channel": "展厅", "lines": lines}  # fmt: skip
    return OrderPlaced(**data | said)


def came_back(reason: str = "rep_error") -> OrderReturned:
    return OrderReturned(return_id="RT-1", order_id="SO-1", customer_id="C-1", amount=Decimal(250), currency="CNY",
                         returned_at=NOW, reason=reason, responsible="R1")  # fmt: skip


async def settle(customers: Customers) -> list[tuple[str, str | None, str | None]]:
    """Let a day pass; kind, person and what is missing of all that was told so far."""
    customers.clock.advance(A_DAY)
    await customers.judge()
    events = [event for event in await customers.sent("audit.v1") if event["type"] == "breach.found"]
    assert all(event["id"] == event["data"]["breach_id"] for event in events)
    return [(d["kind"], d.get("person"), d.get("missing")) for d in (event["data"] for event in events)]


async def of_this_city(customers: Customers) -> None:
    """A customer of whom everything is known, and somebody who sells."""
    await customers.staff("lin", Role.REP, "showroom", "R1")
    await customers.tell(
        CustomerProfiled(customer_id="C-1", profiled_at=NOW,
                         fields=ProfileFields(industry="学校", profile={"city": "临沂市"}))
    )  # fmt: skip


async def test_a_breach_is_told_with_its_order_once_it_has_settled(customers: Customers) -> None:
    """Not at once: whoever may sign has a day."""
    await of_this_city(customers)
    await customers.tell(sold(), event_id="order-1")
    await customers.judge()
    assert [event for event in await customers.sent("audit.v1") if event["type"] == "breach.found"] == []
    assert await settle(customers) == [("low_margin", "lin", None)]
    (event,) = [event for event in await customers.sent("audit.v1") if event["type"] == "breach.found"]
    data = event["data"]
    assert (data["file"], data["order_id"], data["amount"]) == ("customer:C-1", "SO-1", "10")
    assert (data["occurred_on"], data["cause"]["id"]) == ("2026-03-02", "order-1")


async def test_a_signature_that_comes_within_the_day_lets_it_pass(customers: Customers) -> None:
    """An amendment by the order system, a few hours later."""
    await of_this_city(customers)
    await customers.staff("max", Role.DEPARTMENT_MANAGER, "showroom")
    await customers.tell(sold(), at=NOW)
    await customers.tell(sold(signed_by="max"), at=NOW + timedelta(hours=3))
    assert await settle(customers) == []


async def test_an_older_telling_that_comes_after_the_judgement_says_nothing(customers: Customers) -> None:
    """The order as it was before somebody signed arrives days late."""
    await of_this_city(customers)
    await customers.staff("max", Role.DEPARTMENT_MANAGER, "showroom")
    await customers.tell(sold(signed_by="max"), at=NOW + timedelta(hours=3))
    assert await settle(customers) == []
    await customers.tell(sold(), at=NOW)
    assert await settle(customers) == []


async def test_no_fact_is_told_twice(customers: Customers) -> None:
    """The same order told again after it was judged, amended to no better; a gap becomes a breach with its fact."""
    await of_this_city(customers)
    await customers.tell(sold(cost=None), sold(2), came_back(), at=NOW)
    first = [("low_margin", "lin", "cost"), ("low_margin", "lin", None), ("faulty_return", "lin", None)]
    assert sorted(await settle(customers), key=str) == sorted(first, key=str)
    await customers.tell(sold(2), came_back(), at=NOW)
    await customers.tell(sold(cost="8"), sold(2, cost="8"), at=NOW + A_DAY)
    assert sorted(await settle(customers), key=str) == sorted([*first, ("low_margin", "lin", None)], key=str)


async def test_the_file_that_lacks_a_city_is_listed_once(customers: Customers) -> None:
    """However many orders the customer makes."""
    await customers.staff("lin", Role.REP, "showroom", "R1")
    await customers.tell(*[sold(number, cost="1") for number in range(5)])
    assert await settle(customers) == [("regional_customer_not_passed_on", "lin", "city")]


async def test_the_table_merges_tellings_as_the_rules_do(customers: Customers) -> None:
    """In every order of arrival, of older, newer and equal moments."""

    def sale(stated: datetime, *words: str | None) -> ShowroomSale:
        return ShowroomSale("C-1", "SO-1", stated, words[0], words[1], words[2], f"e-{words}", "/o", NOW)

    told = (sale(NOW, "a", None, "b"), sale(NOW, "b", "a", None), sale(NOW - A_DAY, "z", "z", "z"))
    newer = sale(NOW + A_DAY, None, "c", None)
    for many in (told, (*told, newer)):
        expected = many[0]
        for other in many[1:]:
            expected = merge(expected, other)
        for order in permutations(many):
            async with customers.database.transaction() as tx:
                for one in order:
                    await save_matters(tx, [one], [])
                assert await PostgresMatters().take_sales(tx, NOW, 9) == [expected]
