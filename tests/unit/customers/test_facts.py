"""What is told of orders' articles and of files: enough for others' rules, and never more than a record holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from services.customers.domain.customer import Customer, Profile
from services.customers.domain.facts import order_entry, trade_recorded
from services.customers.domain.orders import Order, entry_of, place
from services.customers.domain.profile import Stated, attributes
from shared.contracts.customers import TradeRecorded
from shared.contracts.orders import OrderLine
from shared.contracts.refusals import LARGEST_RECORD
from shared.engine.model import Refused
from tests.unit.customers.strategies import clock, event, order_placed, terms

TERMS = terms()
LINE = OrderLine(sku="cup", category="ware", quantity=Decimal(2), unit_price=Decimal(5), unit_cost=Decimal(3))


def placed(order: Order | None = None, at: int = 1, **said: object) -> Order:
    return place(order, order_placed("100").model_copy(update=said), clock(at), TERMS)


def test_the_same_telling_may_say_more_but_not_otherwise() -> None:
    """An order sent again with its lines gets them, whichever came first; other lines at that time contradict."""
    short: dict[str, Any] = {"channel": None, "lines": None}
    full: dict[str, Any] = {"channel": "field", "lines": (LINE,)}
    assert placed(placed(**short), **full) == placed(placed(**full), **short) == placed(**full)
    with pytest.raises(Refused, match="told otherwise"):
        placed(placed(**full), lines=(LINE, LINE))
    with pytest.raises(Refused, match="told otherwise"):
        placed(placed(**full), channel="showroom")


def test_a_later_telling_takes_the_place_of_all_lines() -> None:
    """Amending an order to nothing but its sum leaves no articles of the old one."""
    assert placed(placed(lines=(LINE,)), at=2).articles == ()


@pytest.mark.parametrize(("count", "is_told"), [(2000, False), (250, True)])
def test_lines_that_no_record_holds_are_left_out(count: int, is_told: bool) -> None:
    """The order is told all the same; its articles are a gap."""
    long = LINE.model_copy(update={"sku": "x" * 128, "category": "茶" * 4000})
    told = entry_of(placed(lines=(long,) * count), TERMS)
    assert told is not None
    entry = order_entry("O-1", told)
    assert (entry.lines is not None) == is_told
    assert len(entry.model_dump_json()) < LARGEST_RECORD


def test_a_field_that_the_policy_shares_no_more_is_told_as_gone() -> None:
    """P1: with the customer's next event, whatever that is."""
    profile = Profile(attributes={"rivals": "4", "formerly": "shared"})
    cause = event("order.placed", order_placed())
    told = trade_recorded(Customer("C-1", 1, profile=profile), cause, None, None, TERMS)
    assert isinstance(told.data, TradeRecorded)
    assert told.data.attributes == {"rivals": "4"}


def test_only_shared_fields_are_told_and_a_field_of_that_name_only() -> None:
    """P1: a free field called like one of the file's own is not it; an emptied field is told as gone."""
    moment = clock(0)
    known = {
        "rep": Stated(moment, "secret"),
        "profile.industry": Stated(moment, "free"),
        "industry": Stated(moment, "gifts"),
        "profile.rivals": Stated(moment, "4"),
        "profile.rep": Stated(moment, ""),
        "name": Stated(moment, "Acme"),
    }
    assert attributes(known, {"industry", "rivals", "rep"}) == {"industry": "gifts", "rivals": "4"}
    assert attributes(known, {"rep"}) == {}
    # K5: customs records know an importer by its name.
    assert attributes(known, {"name"}) == {"name": "Acme"}
    assert attributes(known, {"region"}) is None
