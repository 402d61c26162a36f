"""What people state about a customer, field by field: the latest statement wins, whatever came first (P1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from shared.contracts.activities import CustomerProfiled, CustomerRegistered, ProfileFields
from shared.contracts.customers import ATTRIBUTE_LENGTH

FREE: Final = "profile."
"""Before the name of a free field: the file's own names have no dot."""

POTENTIAL: Final = "potential"
"""A judgement of an inquiry states the potential like any other field (K5)."""

BASIC: Final = ("name", "country", "rep", "department", "file_tier", "industry", "website", "buyer", "source")


SHAREABLE: Final = frozenset({"name", "industry", "website", "buyer", "source"})
"""The file's own fields that the policy may let others know; every other name of `facts.shared` is a free field."""


KEEPING: Final = frozenset({"rep", "department", "file_tier", POTENTIAL})
"""Statements on who keeps the customer and what is thought of it: no improvement of the file (P2)."""


class Stated(NamedTuple):
    """What a field was said to be, and when. Two of the same moment compare by value, so arrival plays no part."""

    stated_at: datetime
    value: str


def statements(data: CustomerRegistered | CustomerProfiled) -> Iterator[tuple[str, Stated]]:
    """Every field that the event states; what it leaves out or gives as null stays as it is."""
    if isinstance(data, CustomerRegistered):
        yield from _stated(data, data.registered_at)
        return
    yield from _stated(data.fields, data.profiled_at)
    for name, value in (data.fields.profile or {}).items():
        yield FREE + name, Stated(data.profiled_at, value)


def news(known: Mapping[str, Stated], stated: Iterable[tuple[str, Stated]]) -> dict[str, Stated]:
    """Those statements that replace what is known."""
    return {field: new for field, new in stated if field not in known or new > known[field]}


def attributes(known: Mapping[str, Stated], shared: Iterable[str]) -> dict[str, str] | None:
    """Those statements that others may be told, by their plain names, cut to what is told; None before the first.

    A field that was emptied is left out.
    """
    stated = {name: known.get(name if name in SHAREABLE else FREE + name) for name in sorted(shared)}
    told = {name: said.value[:ATTRIBUTE_LENGTH] for name, said in stated.items() if said is not None}
    return {name: value for name, value in told.items() if value} if told else None


def gaps(known: Mapping[str, Stated], required: Iterable[str]) -> tuple[str, ...]:
    """Those required fields that are not filled (P1, P2)."""
    held = {name: known.get(name if name in BASIC else FREE + name) for name in required}
    return tuple(name for name, said in held.items() if said is None or not said.value)


def improved_at(known: Mapping[str, Stated]) -> datetime | None:
    """When something was last stated in the file; who only confirms what stands there looks after it, too (P2)."""
    return max((said.stated_at for field, said in known.items() if said.value and field not in KEEPING), default=None)


def _stated(source: CustomerRegistered | ProfileFields, at: datetime) -> Iterator[tuple[str, Stated]]:
    for field in BASIC:
        value = getattr(source, field, None)
        if value is not None:
            yield field, Stated(at, value)
