"""What scoring keeps for analyses and scores: the last word on each order and customer, whatever came when."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.customers import EntryLine, Inquiry, TradeEntry
from shared.engine.model import Event
from tests.integration.scoring.house import DAY, TODAY, House, facts, ordered

pytestmark = pytest.mark.backend

CUP = EntryLine(sku="cup", category="ware", quantity=Decimal(3), amount=Decimal("30.50"), cost=Decimal("12.25"))
TEA = EntryLine(sku="茶", category=None, quantity=Decimal("0.5"), amount=Decimal(9), cost=None)


def with_lines(event: Event, *lines: EntryLine, **sides: object) -> Event:
    """The order with its articles, and its other sides."""
    entry = event.data.entry.model_copy(update={"lines": lines or None, **sides})
    return event._replace(data=event.data.model_copy(update={"entry": entry}))


def saying(event: Event, **said: object) -> Event:
    """The event with more facts of the customer."""
    return event._replace(data=event.data.model_copy(update=said))


async def lines_of(house: House) -> dict[tuple[str, str], list[EntryLine]]:
    rows = await house.database.fetch(
        "SELECT customer_id, entry_id, sku, category, quantity, amount, cost FROM entry_lines"
        " ORDER BY customer_id, entry_id, position"
    )
    found: dict[tuple[str, str], list[EntryLine]] = {}
    for customer_id, entry_id, *line in rows:
        fields = dict(zip(EntryLine.model_fields, line, strict=True))
        found.setdefault((customer_id, entry_id), []).append(EntryLine.model_validate(fields))
    return found


async def details_of(house: House, customer_id: str) -> tuple[Any, ...]:
    row = await house.database.fetchrow(
        "SELECT department, attributes, inquiry, paid FROM customer_facts WHERE customer_id = $1", customer_id
    )
    department, attributes, inquiry, paid = row
    return department, attributes and json.loads(attributes), inquiry and json.loads(inquiry), paid


async def test_an_amended_order_keeps_only_its_newest_lines(house: House) -> None:
    """Fewer articles than before leave none of the old ones behind; none at all leave none."""
    order = ordered("C-1", 1, TODAY, order_id="O-1")
    await house.told(with_lines(order, CUP, TEA, CUP, channel="showroom", sold_by="rep-7"))
    assert (await lines_of(house))["C-1", "o:O-1"] == [CUP, TEA, CUP]
    await house.told(with_lines(ordered("C-1", 2, TODAY, order_id="O-1"), TEA, completed_on=TODAY))
    assert (await lines_of(house))["C-1", "o:O-1"] == [TEA]
    row = await house.database.fetchrow("SELECT channel, sold_by, completed_on, lines FROM entries")
    assert tuple(row) == (None, None, TODAY, 1)
    await house.told(ordered("C-1", 3, TODAY, order_id="O-1"))
    assert await lines_of(house) == {}


async def test_an_older_telling_changes_neither_lines_nor_details(house: House) -> None:
    """A dead letter replayed after its successors."""
    newest = saying(with_lines(ordered("C-1", 3, TODAY, order_id="O-1"), CUP), attributes={"market": "gifts"})
    await house.told(newest)
    older = saying(with_lines(ordered("C-1", 2, TODAY, order_id="O-1"), TEA, TEA), attributes={"market": "tea"})
    await house.told(older)
    assert await lines_of(house) == {("C-1", "o:O-1"): [CUP]}
    assert await details_of(house, "C-1") == (None, {"market": "gifts"}, None, None)


async def test_details_follow_the_newest_facts(house: House) -> None:
    """Department, attributes, the inquiry and payments; an order that says the same again writes nothing."""
    inquiry = Inquiry(inquiry_id="I-1", received_on=TODAY, text="杯子？")
    await house.told(saying(facts("C-1"), department="export", attributes={"market": "gifts"}, inquiry=inquiry))
    asked = {"inquiry_id": "I-1", "received_on": TODAY.isoformat(), "text": "杯子？"}
    assert await details_of(house, "C-1") == ("export", {"market": "gifts"}, asked, None)
    before = await house.database.fetchval("SELECT xmin::text FROM customer_details")
    await house.told(saying(facts("C-1", 2), department="export", attributes={"market": "gifts"}, inquiry=inquiry))
    assert await house.database.fetchval("SELECT xmin::text FROM customer_details") == before
    await house.told(saying(facts("C-1", 3), department="export", attributes={}, paid=Decimal("12.5")))
    assert await details_of(house, "C-1") == ("export", {}, None, Decimal("12.5"))


async def test_a_contract_customer_asks_no_more(house: House) -> None:
    """K5: the inquiry goes when the first order comes, though nothing else is known of the customer."""
    inquiry = Inquiry(inquiry_id="I-1", received_on=TODAY, text="cups?")
    await house.told(saying(facts("C-1"), inquiry=inquiry))
    await house.told(ordered("C-1", 2, TODAY))
    assert await details_of(house, "C-1") == (None, None, None, None)


async def test_orders_without_lines_and_details_touch_no_other_table(house: House) -> None:
    """What costs nothing must not be there."""
    await house.told(*(ordered(f"C-{number}", 1, TODAY) for number in range(20)))
    await house.told(*(ordered(f"C-{number}", 2, TODAY, order_id="1") for number in range(20)))
    assert await lines_of(house) == {}
    assert await house.database.fetchval("SELECT count(*) FROM customer_details") == 0


@pytest.mark.parametrize("seed", range(4))
async def test_late_doubled_and_reordered_events_end_in_the_same_lines(house: House, seed: int) -> None:
    """Any batches of any order, some events twice: the tables hold each order's and customer's last word."""
    chance = random.Random(seed)  # noqa: S311 - test data
    events: list[Event] = []
    last_lines: dict[tuple[str, str], list[EntryLine]] = {}
    last_said: dict[str, tuple[Any, ...]] = {}
    for number in range(120):
        customer_id, version = f"C-{number % 4}", number // 4 + 1
        lines = [chance.choice([CUP, TEA]) for _ in range(chance.choice([0, 0, 1, 3]))]
        order = ordered(customer_id, version, TODAY - DAY, order_id=f"O-{chance.randrange(6)}")
        entry: TradeEntry = order.data.entry
        last_lines[customer_id, entry.entry_id] = lines
        said = chance.choice([{}, {"paid": Decimal(version)}])
        last_said[customer_id] = (None, {"market": str(version)}, None, said.get("paid"))
        events.append(saying(with_lines(order, *lines), attributes={"market": str(version)}, **said))
    told = [*events, *chance.choices(events, k=40)]
    chance.shuffle(told)
    for batch in cut(told, chance):
        await house.told(*batch)
    assert await lines_of(house) == {key: lines for key, lines in last_lines.items() if lines}
    for customer_id, said_last in last_said.items():
        assert await details_of(house, customer_id) == said_last


def cut(events: Sequence[Event], chance: random.Random) -> list[Sequence[Event]]:
    edges = sorted(chance.sample(range(len(events)), 5))
    return [events[start:end] for start, end in zip([0, *edges], [*edges, len(events)], strict=True) if start < end]
