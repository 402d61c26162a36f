"""Resources shared out among the customers that the tables know, and the gaps that reps are to fill."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.scoring.api import allocations_router, gaps_router
from services.scoring.ports import Whom
from services.scoring.store import PostgresPotentials, TraitReadings
from services.scoring.usecases.allocating import AllocateResource
from services.scoring.usecases.gaps import ListGaps
from shared.contracts.customers import EntryLine
from shared.roles import Role
from tests.integration.scoring.articles import saying, with_lines
from tests.integration.scoring.house import DAY, TODAY, House, facts, ordered, returned
from tests.integration.scoring.test_api import Visitor
from tests.unit.scoring.scores.shops import ten_shops

pytestmark = pytest.mark.backend


@pytest.fixture
async def manager(house: House, tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody who asks scoring what to give to whom."""
    traits, clock = TraitReadings(), house.clock
    allocate = AllocateResource(database=house.database, traits=traits, policy=house.in_force, clock=clock)
    gaps = ListGaps(
        database=house.database, traits=traits, potentials=PostgresPotentials(), policy=house.in_force, clock=clock
    )
    visitor = Visitor(house, tmp_path, allocations_router(allocate, clock), gaps_router(gaps))
    yield visitor
    await visitor.close()


async def allocated(manager: Visitor, query: str, **asked: Any) -> Any:
    return await manager.ask(f"/allocation?{query}", Role.MARKETING_DIRECTOR, **asked)


def line_of(answer: Any, customer_id: str) -> Any:
    return next(line for line in answer["shares"] if line["customer_id"] == customer_id)


async def test_traits_are_what_the_orders_and_the_file_say(house: House) -> None:
    """D2: net sales, margins, growth, fulfilment and attributes, each from its own days."""
    cup = EntryLine(sku="cup", category=None, quantity=Decimal(1), amount=Decimal(200), cost=Decimal(150))
    unknown = cup.model_copy(update={"sku": "tea", "cost": None})
    await house.told(
        ordered("C", 1, TODAY - 400 * DAY, "1000", order_id="old"),
        with_lines(ordered("C", 2, TODAY - 150 * DAY, "500", order_id="a"), cup, unknown, completed_on=TODAY),
        ordered("C", 3, TODAY - 60 * DAY, "300", order_id="b"),
        ordered("C", 4, TODAY - 50 * DAY, "900", order_id="c", counts=False, last=TODAY - 60 * DAY),
        returned("C", 5, TODAY - 10 * DAY, "40", TODAY - 60 * DAY),
        saying(
            ordered("C", 6, TODAY - 5 * DAY, "70", order_id="d"), attributes={"region": "四川", "rival_counters": "2"}
        ),
    )
    readings, scores = TraitReadings(), house.policy.scores
    async with house.database.transaction() as tx:
        (known,) = [each async for each in readings.read(tx, TODAY, scores, Whom())]
    assert known.traits.attributes == {"region": "四川", "rival_counters": "2"}
    trade = known.traits.trade
    assert trade is not None
    assert trade.first_order_on == TODAY - 400 * DAY
    assert (trade.sales, trade.squares) == (Decimal(830), Decimal(500**2 + 300**2 + 70**2))
    assert (trade.recent, trade.earlier) == (Decimal(330), Decimal(500))
    assert (trade.costed, trade.margin) == (Decimal(200), Decimal(50))
    # The cancelled order was due as well, the newest one is not yet.
    assert (trade.due, trade.fulfilled) == (3, 1)


async def test_ten_thousand_packs_go_to_the_last_and_each_with_its_reason(house: House, manager: Visitor) -> None:
    """D3: the units add up over everybody in the resource's levels; who lapsed or never ordered takes no part."""
    await house.told(
        *(ordered(f"C-{n}", 1, TODAY - (300 - n) * DAY, f"{1000 * (n + 1)}") for n in range(37)),
        ordered("lapsed", 1, TODAY - 500 * DAY),
        facts("P"),
        saying(ordered("new", 1, TODAY - 3 * DAY, "12"), attributes={"region": "浙江杭州", "rival_counters": "4"}),
    )
    answer = await allocated(manager, "resource=trial-pack&quantity=10000")
    assert (answer["resource"], answer["customers"], answer["quantity"]) == ("trial_pack", 38, 10_000)
    assert sum(line["units"] for line in answer["shares"]) == 10_000
    assert sum(line["by_sales"] for line in answer["shares"]) == 10_000
    newcomer = line_of(answer, "new")
    assert newcomer["new"]
    assert newcomer["units"] >= 10_000 / 38 / 2 > newcomer["by_sales"]
    assert "4 rival counters" in newcomer["why"]["en"]
    assert "4 个竞争专柜" in newcomer["why"]["zh"]
    assert {gap["dimension"] for gap in line_of(answer, "C-1")["gaps"]} >= {"purchasing_power", "room"}
    few = await allocated(manager, "resource=trial_pack&quantity=10000&limit=3")
    assert few["shares"] == answer["shares"][:3]
    assert few["customers"] == 38


async def test_bounds_of_the_order_take_the_place_of_the_policys(house: House, manager: Visitor) -> None:
    """D3: floors and caps in units; what cannot be kept is explained, with what the bounds come to."""
    await house.told(*(ordered(f"C-{n}", 1, TODAY - 200 * DAY, f"{10**n}") for n in range(5)))
    answer = await allocated(manager, "resource=gift_set&quantity=100&at_least=10&at_most=30")
    assert {line["units"] for line in answer["shares"]} <= set(range(10, 31))
    assert sum(line["units"] for line in answer["shares"]) == 100
    refused = await allocated(manager, "resource=gift_set&quantity=100&at_most=19", status=409)
    assert "The caps of 5 customers come to 95 sets" in refused["detail"]
    assert "上限合计 95" in refused["detail_zh"]
    unknown = await allocated(manager, "resource=gold&quantity=1", status=404)
    assert "trial_pack" in unknown["detail"]
    await allocated(manager, "resource=gift_set&quantity=-1", status=422)


async def test_with_nobody_to_give_to_the_answer_says_so(manager: Visitor) -> None:
    """D3: an empty company is a reason, not an error."""
    refused = await allocated(manager, "resource=trial_pack&quantity=5", status=409)
    assert "no customer" in refused["detail"]


async def test_the_example_of_the_source_by_http(manager: Visitor) -> None:
    """篇1: given customers only, the shipped shops come out as the text argues; nothing is kept."""
    given = []
    for each in ten_shops():
        trade = each.trade
        assert trade is not None
        days = (TODAY - trade.first_order_on).days + 1
        row = {"customer_id": each.customer_id, "days": days, "sales": str(trade.sales)}
        row |= {"recent": str(trade.recent), "earlier": str(trade.earlier), "attributes": dict(each.attributes)}
        given.append(row)
    asked = {"resource": "trial-pack", "quantity": 10_000, "customers": given}
    answer = await manager.ask("/allocation/trial", Role.GM, "POST", json=asked)
    units = {line["customer_id"]: line["units"] for line in answer["shares"]}
    assert sum(units.values()) == 10_000
    assert units["客户3"] > units["客户2"] > units["客户1"]
    assert units["客户10"] > 1000
    asked["customers"] = [given[0], given[0]]
    await manager.ask("/allocation/trial", Role.GM, "POST", status=422, json=asked)


@pytest.mark.parametrize("role", [Role.REP, Role.DEPARTMENT_MANAGER, Role.OPS, Role.ORDER_SYSTEM])
async def test_reasons_are_for_those_who_may_read_every_file(manager: Visitor, role: Role) -> None:
    """A1: they quote regions and rivals from files."""
    await manager.ask("/allocation?resource=trial_pack&quantity=1", role, status=403)


async def test_gaps_are_listed_by_rep_and_by_who_can_fill_them(house: House, manager: Visitor) -> None:
    """D4, K2: what is missing, what for, in which field; who has everything is left out; pages follow the ids."""
    full = {"region": "浙江", "rival_counters": "1"}
    await house.told(
        saying(ordered("A", 1, TODAY - 300 * DAY, rep="rep-7"), attributes=full),
        saying(ordered("B", 1, TODAY - 300 * DAY, rep="rep-7"), attributes={"region": "Atlantis"}),
        ordered("C", 1, TODAY - 300 * DAY, rep="rep-8"),
        facts("S", customer_class="sample", rep="rep-7"),
        facts("T", customer_class="sample", rep="rep-7", country="AE"),
    )
    mine = await manager.ask("/gaps?rep=rep-7")
    assert [(each["customer_id"], [gap["fields"] for gap in each["gaps"]]) for each in mine["items"]] == [
        ("B", [["rival_counters", "business_sales"]]),
        ("S", [["country"]]),
    ]
    (gap,) = mine["items"][1]["gaps"]
    assert (gap["rule"], gap["filler"]) == ("K2", "rep")
    assert "档案缺少国家" in gap["what"]["zh"]
    first = await manager.ask("/gaps?limit=2")
    rest = await manager.ask(f"/gaps?limit=2&cursor={first['next']}")
    assert [each["customer_id"] for page in (first, rest) for each in page["items"]] == ["B", "C", "S"]
    policy = await manager.ask("/gaps?filler=policy")
    assert [(each["customer_id"], each["gaps"][0]["rule"]) for each in policy["items"]] == [("B", "D4")]
    system = await manager.ask("/gaps?filler=order_system&rep=rep-7")
    assert {gap["needed_for"]["en"] for gap in system["items"][0]["gaps"]} == {"contribution", "fulfilment rate"}
