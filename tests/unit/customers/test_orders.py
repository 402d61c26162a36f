"""What is told of an order, case by case (domain.md, RFM; K1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from services.customers.domain.orders import Order, OrderEntry, cancel, complete, entry_of, give_back, place
from services.customers.domain.trade import NO_TRADE, follow, with_order
from shared.engine.model import Refused
from tests.unit.customers.strategies import clock, order_placed, rate, terms

TERMS = terms()


def test_later_event_amends_the_whole_order() -> None:
    """A later event time replaces amount, date and seller, also by nothing."""
    order = place(None, order_placed("100", placed_at=clock(0), sold_by="rep-1"), clock(1), TERMS)
    amended = place(order, order_placed("70", placed_at=clock(30)), clock(2), TERMS)
    assert (amended.net, amended.dated, amended.sold_by) == (Decimal(70), date(2024, 1, 2), None)


def test_earlier_and_equal_events_change_nothing() -> None:
    """The very same object comes back, so that nothing is written or told."""
    order = place(None, order_placed("100"), clock(2), TERMS)
    assert place(order, order_placed("70"), clock(1), TERMS) is order
    assert place(order, order_placed("100.00"), clock(2), TERMS) is order


def test_two_contents_at_the_same_event_time_are_refused() -> None:
    """Neither is the later one, and arrival must not decide."""
    order = place(None, order_placed("100"), clock(2), TERMS)
    with pytest.raises(Refused, match="contradiction"):
        place(order, order_placed("70"), clock(2), TERMS)


def test_date_is_that_of_the_business_time_zone() -> None:
    """16:00 UTC is the next day in Shanghai."""
    assert place(None, order_placed(placed_at=clock(15)), clock(15), TERMS).dated == date(2024, 1, 1)
    assert place(None, order_placed(placed_at=clock(16)), clock(16), TERMS).dated == date(2024, 1, 2)


def test_currency_converts_exactly_at_the_rate_of_the_orders_date() -> None:
    """Nothing is rounded, whatever the digits."""
    order = place(None, order_placed("999999999999.999999999999", currency="USD"), clock(0), TERMS)
    assert order.net == Decimal("7111111109999.99999999999288888889")
    assert place(None, order_placed("10", currency="USD", placed_at=clock(60)), clock(60), TERMS).net == Decimal("69.0")


@pytest.mark.parametrize(("currency", "hour"), [("XXX", 0), ("EUR", 0)])
def test_currency_without_a_rate_on_that_date_is_refused(currency: str, hour: int) -> None:
    """A code that the policy does not list, and one whose first rate begins later."""
    with pytest.raises(Refused, match="unknown_currency"):
        place(None, order_placed(currency=currency, placed_at=clock(hour)), clock(hour), TERMS)


def test_returns_lower_the_order_never_below_zero() -> None:
    """Partial returns add up, at the rate of the order's date, before or after the order."""
    waiting = give_back(Order("C-1", "O-1"), Decimal(30), "CNY", TERMS)
    assert entry_of(waiting, TERMS) is None
    order = place(waiting, order_placed("100"), clock(1), TERMS)
    assert order.net == Decimal(70)
    assert give_back(order, Decimal(1), "USD", TERMS).net == Decimal("62.88888889")
    assert give_back(order, Decimal("70.01"), "CNY", TERMS).net == 0


def test_amendment_keeps_the_returns() -> None:
    """The new amount is lowered by what came back before."""
    order = give_back(place(None, order_placed("100"), clock(1), TERMS), Decimal(30), "CNY", TERMS)
    assert place(order, order_placed("50"), clock(2), TERMS).net == Decimal(20)


def test_cancelled_order_counts_nowhere_whatever_follows() -> None:
    """Cancelled before it was placed, amended and returned: still nothing."""
    order = cancel(Order("C-1", "O-1"), clock(3))
    order = give_back(place(order, order_placed("100"), clock(4), TERMS), Decimal(1), "CNY", TERMS)
    assert entry_of(order, TERMS) == OrderEntry(date(2024, 1, 1), Decimal(0), counts=False)


def test_policy_may_count_completed_orders_only_at_the_date_they_were_placed() -> None:
    """K1: completion decides whether, placing decides when."""
    rules = terms(from_completed=True)
    order = place(None, order_placed("100", placed_at=clock(0)), clock(1), rules)
    assert entry_of(order, rules) == OrderEntry(date(2024, 1, 1), Decimal(0), counts=False)
    assert entry_of(complete(order, clock(80)), rules) == OrderEntry(
        date(2024, 1, 1), Decimal(100), counts=True, completed_on=date(2024, 1, 4)
    )


def test_first_sale_of_one_moment_is_settled_by_order_id() -> None:
    """Two orders of the same moment: the smaller id in UTF-8 bytes names the seller."""
    one = place(None, order_placed(order_id="O-1", sold_by="rep-9"), clock(1), TERMS)
    two = place(None, order_placed(order_id="O-2", sold_by="rep-1"), clock(1), TERMS)
    for first, second in ((one, two), (two, one)):
        sale = with_order(with_order(NO_TRADE, first), second).first_sale
        assert sale is not None
        assert sale.sold_by == "rep-9"


def test_moved_order_asks_for_the_others() -> None:
    """An order that leaves its date cannot be followed alone: another may now be the last."""
    before = place(None, order_placed(placed_at=clock(0)), clock(1), TERMS)
    after = place(before, order_placed(placed_at=clock(50)), clock(2), TERMS)
    assert follow(with_order(NO_TRADE, before), before, after, TERMS) is None


def test_rates_of_the_tests_move() -> None:
    """The fixture itself: a dollar changes its rate inside the histories drawn."""
    assert rate("USD", date(2024, 1, 2)) != rate("USD", date(2024, 1, 3))
