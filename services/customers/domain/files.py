"""A customer's file as people read it: its head, and the four parts that a grant may open one by one (P1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.customers.domain.access import FileKeeping, Reader, reads_unasked
from services.customers.domain.activities import Contact, Inquiry
from services.customers.domain.copies import CustomerLevel
from services.customers.domain.customer import Customer
from services.customers.domain.profile import FREE, Stated
from services.customers.domain.terms import Terms
from shared.policy.rights import FileTiers


class OrderLine(NamedTuple):
    """An order as the file lists it; `net` in the base currency, less returns."""

    order_id: str
    dated: date
    amount: Decimal
    currency: str
    net: Decimal
    sold_by: str | None
    completed: bool
    cancelled: bool


@dataclass(frozen=True, slots=True)
class CustomerHead:
    """A customer and its newest level, None before scoring has decided one."""

    customer: Customer
    level: CustomerLevel | None

    def keeping(self, terms: Terms) -> FileKeeping:
        """Who keeps the file, its tier being the policy's where nobody chose one (A1)."""
        profile = self.customer.profile
        return FileKeeping(
            self.customer.customer_id, profile.file_tier or terms.default_tier, self.customer.rep, profile.department
        )


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """A whole file; of orders, contacts and inquiries the newest."""

    head: CustomerHead
    fields: Mapping[str, Stated]
    orders: tuple[OrderLine, ...]
    contacts: tuple[Contact, ...]
    inquiries: tuple[Inquiry, ...]

    def field(self, name: str) -> str | None:
        """What a field of the file's own was last said to be."""
        stated = self.fields.get(name)
        return None if stated is None else stated.value

    def free_fields(self) -> dict[str, str]:
        """The free fields by their own names."""
        return {name.removeprefix(FREE): s.value for name, s in self.fields.items() if name.startswith(FREE)}


@dataclass(frozen=True, slots=True)
class Headline:
    """A line of a search: who reads the file unasked sees what it says (`open`), others that it exists."""

    head: CustomerHead
    keeping: FileKeeping
    open: bool


def headline(head: CustomerHead, reader: Reader, tiers: FileTiers, terms: Terms) -> Headline:
    keeping = head.keeping(terms)
    return Headline(head, keeping, reads_unasked(reader, keeping, tiers))
