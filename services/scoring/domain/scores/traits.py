"""What is known of a customer that its measures are made of (D2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from shared.money import ZERO


class Trade(NamedTuple):
    """A customer's trade in the window, in the base currency.

    `sales` are net of returns; `squares` is the sum of the squared amounts of its orders. `recent` and `earlier` are
    the net sales of the last growth period and of as many days before. Of the lines whose cost is known, `costed` is
    what they sold for and `margin` that less their cost. Of the orders old enough to be fulfilled, `due` counts all
    and `fulfilled` those completed; `fulfilled` None: nobody tells of completions.
    """

    first_order_on: date
    sales: Decimal
    squares: Decimal
    recent: Decimal = ZERO
    earlier: Decimal = ZERO
    costed: Decimal = ZERO
    margin: Decimal = ZERO
    due: int = 0
    fulfilled: int | None = None


class Traits(NamedTuple):
    """A customer to be scored; `attributes` are fields of its file as entered, `trade` None where it never ordered."""

    customer_id: str
    trade: Trade | None
    attributes: Mapping[str, str]
    rep: str | None = None
