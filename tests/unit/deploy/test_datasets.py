"""The demo's orders are the data's, moved in time and nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.datasets import cdnow, generated
from deploy.local.feed import record
from shared.contracts.envelope import decode
from shared.contracts.orders import OrderPlaced

TODAY = date(2026, 11, 22)
SHANGHAI = ZoneInfo("Asia/Shanghai")
TABLE = """ customer_id date number_of_cds dollar_value
 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  5   77.00
 00003 19970102  2   0.00
 00003 19980630  2   20.76
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table as CDNOW's, with an order over nothing as there are eighty of."""
    path = tmp_path / "CDNOW_master.txt"
    path.write_text(TABLE, "ascii")
    return path


def test_last_order_is_today_and_distances_stay(table: Path) -> None:
    """R, F and M are of real intervals."""
    purchases = cdnow(table, TODAY).purchases
    assert purchases[-1].on == TODAY
    assert purchases[-1].on - purchases[0].on == date(1998, 6, 30) - date(1997, 1, 1)


def test_orders_come_in_the_order_of_their_days(table: Path) -> None:
    """As a shop would have told them."""
    days = [purchase.on for purchase in cdnow(table, TODAY).purchases]
    assert days == sorted(days)


def test_ids_do_not_depend_on_today(table: Path) -> None:
    """The id is of the row, so that a second feed of the same day repeats, not adds."""
    first, second = cdnow(table, TODAY), cdnow(table, TODAY + timedelta(days=9))
    assert {p.order_id: p.amount for p in first.purchases} == {p.order_id: p.amount for p in second.purchases}


def test_amounts_are_exact(table: Path) -> None:
    """Money does not pass through floats."""
    amounts = Counter(purchase.amount for purchase in cdnow(table, TODAY).purchases)
    assert amounts == Counter(map(Decimal, ("11.77", "12.00", "77.00", "0.00", "20.76")))


def test_limit_takes_whole_customers_first(table: Path) -> None:
    """The first customers' orders, so that their histories are whole."""
    assert {p.customer_id for p in cdnow(table, TODAY, 3).purchases} == {"CDNOW-00001", "CDNOW-00002"}


@given(count=st.integers(1, 400), today=st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_generated_orders_are_as_many_as_asked_and_end_today(count: int, today: date) -> None:
    """And never lie ahead."""
    data_set = generated(today, count)
    assert len(data_set.purchases) == count
    assert max(p.on for p in data_set.purchases) == today
    assert len({p.order_id for p in data_set.purchases}) == count


def test_services_take_what_the_demo_publishes(table: Path) -> None:
    """Every record decodes as the contract has it, under its customer's key, at midnight of its business day."""
    now = datetime(2026, 11, 22, 12, tzinfo=SHANGHAI)
    for told in cdnow(table, TODAY).orders(SHANGHAI):
        order = told.data
        assert isinstance(order, OrderPlaced)
        sent = record(told, "/test")
        event = decode(sent.topic, sent.key, sent.value, (), now)
        assert event.data == order
        assert event.id == order.order_id
        assert sent.key == order.customer_id.encode()
        assert order.placed_at.time() == time.min
