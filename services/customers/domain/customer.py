"""A customer as its events have made it, and its class (K1-K3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from services.customers.domain.profile import Stated
from services.customers.domain.samples import NO_SAMPLE, Sampling
from services.customers.domain.trade import NO_TRADE, Trade
from services.customers.domain.upkeep import NOT_LOOKED_AFTER, Upkeep
from shared.contracts.types import CustomerClass, FileTier, Potential
from shared.money import ZERO


class Asked(NamedTuple):
    """An inquiry by its moment and id; of two of one moment the greater id is the newer."""

    received_at: datetime
    inquiry_id: str


class Profile(NamedTuple):
    """What is known besides orders.

    `rep` is the one that somebody named (see `Customer.rep`); `file_tier` None leaves it to the policy (A1);
    `contacted_at` is the latest contact that happened (F7); `paid` all payments in the base currency (W1).
    `attributes` are what was stated that others may be told, None before any was; `asked` the newest inquiry (K5).
    `upkeep` is None while a customer of an earlier release waits to be told anew.
    """

    name: str | None = None
    country: str | None = None
    rep: str | None = None
    department: str | None = None
    file_tier: FileTier | None = None
    potential: Potential | None = None
    contacted_at: datetime | None = None
    sampling: Sampling = NO_SAMPLE
    paid: Decimal = ZERO
    attributes: Mapping[str, str] | None = None
    asked: Asked | None = None
    upkeep: Upkeep | None = NOT_LOOKED_AFTER


NO_PROFILE = Profile()

STATED: Final = ("name", "country", "rep", "department", "file_tier", "potential")
"""Those fields of a profile that people state (`domain.profile`)."""


def with_statements(profile: Profile, news: Mapping[str, Stated]) -> Profile:
    """The profile as newly stated; the contracts have checked that each value is one of its field's."""
    values: dict[str, Any] = {field: news[field].value for field in STATED if field in news}
    return profile._replace(**values) if values else profile


class Customer(NamedTuple):
    """`version` counts the customer's accepted events; 0 is a customer of whom nothing was heard."""

    customer_id: str
    version: int = 0
    trade: Trade = NO_TRADE
    profile: Profile = NO_PROFILE

    @property
    def rep(self) -> str | None:
        """Whose customer it is: the rep that was named, else the seller of the first order that tells one."""
        if self.profile.rep is not None:
            return self.profile.rep
        sale = self.trade.first_sale
        return None if sale is None else sale.sold_by

    @property
    def customer_class(self) -> CustomerClass:
        """K1 with a counting order, else K2 with a sample, else K3."""
        if self.trade.orders:
            return "contract"
        return "potential" if self.profile.sampling.phase == "none" else "sample"
