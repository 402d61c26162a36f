"""What scoring keeps of a customer: the facts that its rules need, and the level decided last."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from shared.contracts.types import CustomerClass, Level, Potential
from shared.money import to_atoms

CODE_LENGTH: Final = 2


class Tier(NamedTuple):
    """Class and level (K1-K3)."""

    customer_class: CustomerClass
    level: Level


class Facts(NamedTuple):
    """A customer as of `version`, as the customers service tells it; `last_order_on` is a business date.

    `potential` is what a person judged, `computed` what the criteria come to (K5): only of potential customers.
    `market` names the population that it is ranked in; None: there is one for all, or its file does not say.
    """

    version: int
    customer_class: CustomerClass
    last_order_on: date | None
    country: str | None
    potential: Potential | None
    rep: str | None
    market: str | None = None
    computed: Potential | None = None


def country_code(written: str | None) -> str | None:
    """The ISO 3166-1 alpha-2 code that a file gives as its country; None for any other word.

    The policy's regions are of codes (K2): a country written out belongs to none of them, and is a gap for the rep.
    """
    code = written and written.strip().upper()
    return code if code and len(code) == CODE_LENGTH and code.isascii() and code.isalpha() else None


class Customer(NamedTuple):
    """A customer's row; `sequence` counts its decisions, the last of which gave `level`.

    `orders` and `amount` (atoms) are F and M of the window.
    """

    customer_id: str
    facts: Facts
    level: Level
    sequence: int
    orders: int
    amount: int

    @property
    def tier(self) -> Tier:
        return Tier(self.facts.customer_class, self.level)


class Entry(NamedTuple):
    """The newest state of an order or an unnamed return, told by the customer's event `version`.

    `amount` is in the base currency, negative for a return; an entry that does not count adds nothing. `gross` is an
    order before returns where some came back, `lines` how many articles it names, and `told` what these come to before
    discounts and returns.
    """

    version: int
    is_order: bool
    dated: date
    amount: Decimal
    counts: bool
    gross: Decimal | None = None
    channel: str | None = None
    sold_by: str | None = None
    completed_on: date | None = None
    lines: int = 0
    told: Decimal | None = None

    def adds(self, window_opens: date) -> tuple[int, int]:
        """What it adds to F, and to M in atoms, when orders after `window_opens` count (RFM)."""
        if not self.counts or self.dated <= window_opens:
            return 0, 0
        return int(self.is_order), to_atoms(self.amount)
