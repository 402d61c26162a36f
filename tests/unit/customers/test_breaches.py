"""O3–O5, N8: what of a showroom's orders is a breach, and that no order of arrival finds another one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customers.domain.breaches import Breach, SaleFacts, Staff, judge_return, judge_sale
from services.customers.domain.copies import Person
from services.customers.domain.matters import ShowroomSale, merge
from services.customers.domain.profile import Stated
from services.customers.domain.watched import Watched
from services.customers.ports import Changes
from services.customers.usecases.judge import amount_of
from services.customers.usecases.reception import terms_of
from services.customers.usecases.record_trade import RecordTrade
from shared.clock import FrozenClock
from shared.contracts.orders import OrderCancelled, OrderLine, OrderPlaced, OrderReturned
from shared.contracts.types import EventData
from shared.engine.model import Event, Transaction
from shared.policy import load_policy
from tests.in_force import always, changed
from tests.unit.customers.memory import MemoryStore

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
POLICY = load_policy(None)
TERMS = terms_of(POLICY, FrozenClock(NOW))
RULES = POLICY.breaches.showroom
IN_MEMORY = cast("Transaction", None)


def person(name: str, role: str, department: str, code: str | None = None) -> Person:
    return Person(name, NOW, role, department, None, code)


LIN, ZHAO, MAX, GM, WU = (
    person("lin", "rep", "showroom", "R1"),
    person("zhao", "rep", "field"),
    person("max", "department_manager", "showroom"),
    person("gm", "gm", "office"),
    person("wu", "department_manager", "field"),
)
STAFF = Staff({"R1": (LIN,), "lin": (LIN,), "zhao": (ZHAO,), "max": (MAX,), "gm": (GM,), "wu": (WU,),
               "both": (LIN, ZHAO)})  # fmt: skip


def placed(*, cost: str | None = "5", at: datetime = NOW, **said: Any) -> Event:
    """Lin sells one piece for ten in the showroom, unless `said` otherwise."""
    data: dict[str, Any] = {"order_id": "SO-1", "customer_id": "C-1", "amount": "10", "currency": "CNY",
                            "placed_at": NOW, "sold_by": "R1", "channel": "showroom"}  # fmt: skip
    lines = (OrderLine(sku="cup", quantity=Decimal(1), unit_price=Decimal(10),
                       unit_cost=None if cost is None else Decimal(cost)),)  # fmt: skip
    return event("order.placed", OrderPlaced(**data | {"lines": lines} | said), at)


def event(kind: str, data: EventData, at: datetime) -> Event:
    return Event(f"{kind}:{at.isoformat()}", "/orders", kind, at, "", data, 0)


def fold(batches: Iterable[Sequence[Event]], now: datetime = NOW) -> Changes:
    """The rows after these batches."""
    store = MemoryStore(TERMS)
    record_trade = RecordTrade(store=store, terms=always(TERMS))

    async def run() -> None:
        for batch in batches:
            work = await record_trade.load(IN_MEMORY, batch)
            for one in batch:
                record_trade.decide(work, one, now)
            await record_trade.save(IN_MEMORY, work)

    asyncio.run(run())
    return store.rows


def judged(rows: Changes, **fields: str) -> list[Breach]:
    """What is found, once all has settled."""
    stated = {name: Stated(NOW, value) for name, value in fields.items()}
    found: list[Breach] = []
    for key, sale in sorted(rows.sales.items()):
        order = rows.orders[key]
        found += judge_sale(SaleFacts(sale, order, amount_of(order, TERMS), stated), STAFF, RULES)
    return found + [judge_return(returned, STAFF) for _, returned in sorted(rows.faulty_returns.items())]


def kinds(
    *events: Event, city: str = "临沂市兰山区", industry: str = "学校"
) -> list[tuple[str, str | None, str | None]]:
    """Kind, person and what is missing, for a customer of the home city that is in no gift trade."""
    found = judged(fold([events]), **{"profile.city": city, "industry": industry})
    return [(breach.kind, breach.person, breach.missing) for breach in found]


def test_an_order_that_keeps_every_rule_is_none() -> None:
    """Half of the price is margin, nobody was asked for, and the customer is of this city."""
    assert kinds(placed()) == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"asked_for": "zhao"}, [("customer_not_passed_on", "lin", None)]),
        ({"asked_for": "zhao", "passed_to": "zhao"}, []),
        ({"asked_for": "lin"}, []),  # the seller, under the other name
        ({"asked_for": "R1"}, []),
        ({"asked_for": "zhao", "passed_to": "wu"}, [("customer_not_passed_on", "lin", None)]),
        ({"asked_for": "nobody"}, [("customer_not_passed_on", "lin", "asked_for")]),
        ({"asked_for": "zhao", "sold_by": "both"}, [("customer_not_passed_on", None, None)]),
        ({"asked_for": "zhao", "channel": "field"}, []),
    ],
)
def test_a_customer_who_names_a_rep_is_passed_on(said: dict[str, Any], found: list[Any]) -> None:
    """O3."""
    assert kinds(placed(**said)) == found


@pytest.mark.parametrize(
    ("city", "industry", "said", "found"),
    [
        ("青岛", "礼品零售店", {}, [("regional_customer_not_passed_on", "lin", None)]),
        ("Qingdao", "Advertising agency", {}, [("regional_customer_not_passed_on", "lin", None)]),
        ("临沂", "礼品零售店", {}, []),
        ("青岛", "学校", {}, []),
        ("青岛", "礼品零售店", {"passed_to": "市场部"}, []),
        ("青岛", "礼品零售店", {"passed_to": "zhao"}, [("regional_customer_not_passed_on", "lin", None)]),
        (" ", "礼品零售店", {}, [("regional_customer_not_passed_on", "lin", "city")]),
        ("青岛", "", {}, [("regional_customer_not_passed_on", "lin", "industry")]),
        ("", "学校", {}, []),
    ],
)
def test_a_gift_customer_from_elsewhere_is_passed_on(
    city: str, industry: str, said: dict[str, Any], found: list[Any]
) -> None:
    """O4; what the file does not tell is a gap, unless the other half settles it."""
    assert kinds(placed(**said), city=city, industry=industry) == found


@pytest.mark.parametrize(
    ("cost", "said", "found"),
    [
        ("6", {}, []),  # exactly 40 %
        ("6.01", {}, [("low_margin", "lin", None)]),
        ("6", {"amount": "9.99"}, [("low_margin", "lin", None)]),  # a discount on the whole order
        ("6", {"amount": "12"}, []),  # carriage on top
        ("6.01", {"amount": "12"}, [("low_margin", "lin", None)]),
        ("9", {"signed_by": "max"}, []),
        ("9", {"signed_by": "gm"}, []),
        ("9", {"signed_by": "wu"}, [("low_margin", "lin", None)]),  # a manager of another department
        ("9", {"signed_by": "zhao"}, [("low_margin", "lin", None)]),
        ("9", {"signed_by": "max", "sold_by": "max"}, [("low_margin", "max", None)]),  # nobody signs for himself
        ("9", {"signed_by": "?"}, [("low_margin", "lin", "signed_by")]),
        (None, {}, [("low_margin", "lin", "cost")]),
        ("5", {"lines": None}, [("low_margin", "lin", "cost")]),
    ],
)
def test_a_showroom_order_keeps_its_margin_or_is_signed(
    cost: str | None, said: dict[str, Any], found: list[Any]
) -> None:
    """O5."""
    assert kinds(placed(cost=cost, **said)) == found


def test_a_return_by_an_error_is_the_responsible_persons() -> None:
    """N8; any other return is nobody's, and one that names nobody lacks its person."""

    def came(number: int, reason: str, responsible: str | None) -> Event:
        data = OrderReturned(return_id=f"R-{number}", customer_id="C-1", amount=Decimal(250), currency="CNY",
                             returned_at=NOW, reason=reason, responsible=responsible)  # fmt: skip
        return event("order.returned", data, NOW + timedelta(seconds=number))

    events = came(1, "rep_error", "R1"), came(2, "quality", "R1"), came(3, "业务差错", None)
    assert kinds(*events) == [("faulty_return", "lin", None), ("faulty_return", None, None)]
    (breach, _) = judged(fold([events]))
    assert (breach.amount, breach.occurred_on) == (Decimal(250), NOW.date())


def test_history_leaves_nothing_to_judge() -> None:
    """An import tells of last year, in one go; and a policy may say from which day on."""
    last_year = NOW - timedelta(days=POLICY.breaches.age_days + 1)
    assert fold([[placed(placed_at=last_year, cost="9")]]).sales == {}
    begins = changed(POLICY, "x", breaches__not_before="2026-03-02").breaches
    assert Watched.of(begins).is_history(NOW.date() - timedelta(days=1), NOW.date())
    assert not Watched.of(begins).is_history(NOW.date(), NOW.date())


tellings = st.builds(
    lambda minute, cost, said: placed(cost=cost, at=NOW + timedelta(minutes=minute), **said),
    st.integers(0, 5),
    st.sampled_from(["5", "9", None]),
    st.fixed_dictionaries(
        {},
        optional={
            "asked_for": st.sampled_from(["zhao", "R1", None]),
            "signed_by": st.sampled_from(["gm", "zhao", None]),
            "passed_to": st.sampled_from(["zhao", "市场部", None]),
            "channel": st.sampled_from(["showroom", "field", None]),
        },
    ),
)
cancelled = st.just(event("order.cancelled", OrderCancelled(order_id="SO-1", customer_id="C-1", cancelled_at=NOW), NOW))
histories = st.lists(tellings, min_size=1, max_size=5, unique_by=lambda told: told.time).flatmap(
    lambda told: st.one_of(st.just(told), cancelled.map(lambda cancel: [*told, cancel]))
)


@given(histories, st.data())
def test_no_order_of_arrival_finds_another_breach(history: list[Event], data: st.DataObject) -> None:
    """Late, doubled, reordered and in whatever batches: the same breaches."""
    again = data.draw(st.permutations([*history, *data.draw(st.lists(st.sampled_from(history), max_size=4))]))
    cut = data.draw(st.integers(0, len(again)))
    facts = {"profile.city": "青岛", "industry": "礼品"}
    assert judged(fold([again[:cut], again[cut:]]), **facts) == judged(fold([sorted(history, key=when)]), **facts)


def when(told: Event) -> tuple[datetime, str]:
    return told.time, told.type


sales = st.builds(
    lambda minute, words, cause, late: ShowroomSale(
        "C-1",
        "SO-1",
        NOW + timedelta(minutes=minute),
        words[0],
        words[1],
        words[2],
        cause,
        "/orders",
        NOW + timedelta(minutes=late),
    ),
    st.integers(0, 2),
    st.tuples(*[st.sampled_from([None, "a", "b"])] * 3),
    st.sampled_from(["e-1", "e-2"]),
    st.integers(0, 3),
)


@given(sales, sales, sales)
def test_merging_needs_no_order(one: ShowroomSale, other: ShowroomSale, third: ShowroomSale) -> None:
    """Commutative, associative, idempotent: a row is a function of the set of tellings."""
    assert merge(one, other) == merge(other, one)
    assert merge(merge(one, other), third) == merge(one, merge(other, third))
    assert merge(one, one) == one
