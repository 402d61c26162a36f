"""What the calendar and the policy say to the rules of trade."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.customers.domain.watched import Watched
from shared.contracts.types import FileTier
from shared.engine.model import Refused
from shared.money import in_base


@dataclass(frozen=True, slots=True)
class Terms:
    """`business_date` gives the date of a moment in the business time zone, `rate` base units for one of a currency.

    With `from_completed` an order counts once it was completed, still at the date it was placed (K1).
    `default_tier` holds for files that nobody has put in another (A1). `shared` names the fields of a file that other
    services may be told, `required` those without which it is incomplete (P2). `watched` is what of the
    trade is to be judged one day (O3–O5, N8); None: nothing.
    """

    business_date: Callable[[datetime], date]
    rate: Callable[[str, date], Decimal | None]
    from_completed: bool = False
    default_tier: FileTier = "personal"
    shared: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    watched: Watched | None = None

    def in_base(self, amount: Decimal, currency: str, on: date) -> Decimal:
        """`amount` in the base currency, exact, at the rate valid `on` that date; `Refused` where there is none."""
        rate = self.rate(currency, on)
        if rate is None:
            raise Refused("unknown_currency", f"the policy has no rate for {currency} on {on.isoformat()}")
        return in_base(amount, rate)
