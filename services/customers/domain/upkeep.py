"""How well a customer is looked after: its file (P2), and by the rep whose prospect it is (O2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple


class Upkeep(NamedTuple):
    """See the event's `Upkeep`; `gaps` None: nothing was ever stated, so all required fields are missing."""

    improved_at: datetime | None = None
    gaps: tuple[str, ...] | None = None
    given_at: datetime | None = None
    reported_at: datetime | None = None


NOT_LOOKED_AFTER = Upkeep()


class Holding(NamedTuple):
    """A rep and a customer: when the rep was first named as its holder, and was last in touch with it.

    The first and the last, so that any order of arrival gives the same. Who is named again after somebody else gets
    no second protection by it.
    """

    named_at: datetime | None = None
    contacted_at: datetime | None = None


Holdings = Mapping[str, Holding]
"""By the name that statements and contacts give the rep."""


def named(holding: Holding | None, at: datetime) -> Holding:
    """The holding once the rep was named `at` that moment."""
    known = holding or Holding()
    return known._replace(named_at=at if known.named_at is None else min(known.named_at, at))


def contacted(holding: Holding | None, at: datetime) -> Holding:
    """The holding once the rep was in touch `at` that moment."""
    known = holding or Holding()
    return known._replace(contacted_at=at if known.contacted_at is None else max(known.contacted_at, at))


def held(upkeep: Upkeep | None, rep: str | None, holdings: Holdings) -> Upkeep | None:
    """The upkeep as the holding of the rep that was named says; None stays None: it waits to be told anew."""
    if upkeep is None:
        return None
    holding = None if rep is None else holdings.get(rep)
    given_at, reported_at = holding or (None, None)
    return upkeep._replace(given_at=given_at, reported_at=None if given_at is None else reported_at)
