"""F1: how a customer usually buys, kept order by order, is what its orders say when all are looked at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customers.domain.rhythm import usual, with_day
from services.customers.domain.trade import Trade
from shared.contracts.orders import OrderCancelled, OrderCompleted
from shared.contracts.types import EventData
from shared.engine.model import Event
from tests.unit.customers import naive
from tests.unit.customers.strategies import again, batched, event, order_placed, terms
from tests.unit.customers.test_any_order_of_arrival import tell

DAY = timedelta(days=1)
FIRST = datetime(2022, 1, 1, 2, tzinfo=UTC)
JANUARY = date(2026, 1, 1).toordinal()


@st.composite
def trade(draw: st.DrawFn) -> list[Event]:
    """A life of up to forty orders of one customer on thirty days, some on one day, moved, completed or cancelled."""
    told: list[EventData] = []
    for number in range(draw(st.integers(1, 40))):
        order_id = f"O-{number}"
        placed_at = FIRST + draw(st.integers(0, 30)) * draw(st.sampled_from([1, 11])) * DAY
        told.append(order_placed(order_id=order_id, placed_at=placed_at))
        if draw(st.booleans()):
            told.append(OrderCompleted(order_id=order_id, customer_id="C-1", completed_at=placed_at))
        if draw(st.integers(0, 3)) == 0:
            told.append(OrderCancelled(order_id=order_id, customer_id="C-1", cancelled_at=placed_at))
    kinds: dict[type[EventData], str] = {OrderCompleted: "order.completed", OrderCancelled: "order.cancelled"}
    events = [event(kinds.get(type(data), "order.placed"), data) for data in told]
    moved = draw(st.lists(st.sampled_from([e for e in events if e.type == "order.placed"]), max_size=3, unique=True))
    for one in moved:
        data = one.data.model_copy(update={"placed_at": FIRST + draw(st.integers(0, 30)) * DAY})
        events.append(event("order.placed", data, at=one.time + DAY))
    return events


@pytest.mark.parametrize("from_completed", [False, True])
@given(st.data(), trade())
def test_the_rhythm_is_that_of_all_orders_whatever_came_first_or_twice(
    from_completed: bool, data: st.DataObject, history: list[Event]
) -> None:
    """Late, repeated, moved and cancelled orders, in any batches, end in the full computation's rhythm."""
    repeated = [again(one) for one in data.draw(st.lists(st.sampled_from(history), max_size=5))]
    told = tell(data.draw(batched(data.draw(st.permutations([*history, *repeated])))), from_completed=from_completed)
    last = told.last("C-1")
    assert last is not None
    entries = naive.entries(history, "C-1", terms(from_completed=from_completed))
    expected = naive.rhythm({dated for dated, _, counts in entries.values() if counts})
    assert {name: getattr(last, name) for name in expected} == expected


@given(st.lists(st.integers(0, 400), unique=True, max_size=20).map(sorted))
def test_a_rhythm_tells_its_median_and_its_spread(days: list[int]) -> None:
    """At least half of the intervals lie within the spread around the median."""
    rhythm = usual(tuple(days[-13:]))
    if rhythm is None:
        assert len(days) < 2
        return
    intervals = [later - earlier for earlier, later in pairwise(days[-13:])]
    within = [interval for interval in intervals if abs(interval - rhythm.days) <= rhythm.spread]
    assert 2 * len(within) >= len(intervals)
    assert min(intervals) <= rhythm.days <= max(intervals)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], None),
        ([0], None),
        ([0, 30], (2, 30, 0)),
        ([0, 30, 61], (3, 30, 1)),
        # Every month, with one order forgotten: the mean would say 45 days.
        ([0, 30, 61, 91, 183, 213], (6, 30, 0)),
    ],
)
def test_whole_days_that_err_on_the_early_and_on_the_modest_side(
    days: list[int], expected: tuple[int, int, int] | None
) -> None:
    """The interval is rounded down and the spread up, and one gap moves neither much."""
    assert usual(tuple(JANUARY + day for day in days)) == expected


def test_days_that_an_earlier_release_did_not_keep_are_no_rhythm() -> None:
    """Until the customer is recounted nothing is told, for half of the days would tell another rhythm."""
    assert usual(Trade(days=None).days) is None
    assert with_day(None, date(2026, 1, 1)) is None
