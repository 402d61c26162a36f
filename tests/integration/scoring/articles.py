"""Orders with articles in them, and customers of whom more is known."""

from __future__ import annotations

from decimal import Decimal

from shared.contracts.customers import EntryLine
from shared.engine.model import Event

CUP = EntryLine(sku="cup", category="ware", quantity=Decimal(3), amount=Decimal("30.50"), cost=Decimal("12.25"))
TEA = EntryLine(sku="茶", category=None, quantity=Decimal("0.5"), amount=Decimal(9), cost=None)


def with_lines(event: Event, *lines: EntryLine, **sides: object) -> Event:
    """The order with its articles, and its other sides."""
    entry = event.data.entry.model_copy(update={"lines": lines or None, **sides})
    return event._replace(data=event.data.model_copy(update={"entry": entry}))


def saying(event: Event, **said: object) -> Event:
    """The event with more facts of the customer."""
    return event._replace(data=event.data.model_copy(update=said))
