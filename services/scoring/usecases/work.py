"""One transaction's work on levels: what it knows, noted and decided; none of it true before the commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from services.scoring.domain.customers import Customer, Entry, Facts, Tier
from services.scoring.domain.decisions import Circumstances, Known, Occasion
from services.scoring.domain.places import Place, money_of
from services.scoring.ports import Board, Key, Saved
from services.scoring.usecases.memory import facts_of
from shared.contracts.customers import CustomerFacts
from shared.contracts.tiers import TierChanged
from shared.contracts.types import Level
from shared.engine.model import Event, Outgoing


@dataclass(slots=True)
class Draft:
    """A customer whom the batch touches: as it was before, and what its events say so far.

    `level` and `sequence` are of the last decision, None and 0 for a new customer; `orders` and `amount` are F and M.
    `told` are the newest facts of the batch, None when they are older than what is known.
    """

    facts: Facts | None
    level: Level | None
    sequence: int
    orders: int
    amount: int
    version: int
    told: CustomerFacts | None = None
    event: Event | None = None

    @classmethod
    def of_place(cls, place: Place) -> Draft:
        facts = facts_of(place)
        return cls(facts, place.level, place.sequence, place.f, money_of(place.key), place.version)

    @classmethod
    def of_row(cls, row: Customer | None) -> Draft:
        if row is None:
            return cls(None, None, 0, 0, 0, 0)
        return cls(row.facts, row.level, row.sequence, row.orders, row.amount, row.facts.version)

    def newest(self) -> Facts:
        """The facts after the batch."""
        told = self.told
        if told is not None:
            return Facts(told.version, told.customer_class, told.last_order_on, told.country, told.potential, told.rep)
        if self.facts is None:
            raise ValueError("a new customer comes with facts")
        return self.facts


class Decided(NamedTuple):
    """The last decision of this transaction about a customer."""

    facts: Facts
    tier: Tier
    sequence: int
    since: date


@dataclass(slots=True)
class Work:
    """See the module; `waiting` are those about whom is still to be decided, and what moved them."""

    board: Board
    window_opens: date
    waiting: dict[str, Occasion]
    drafts: dict[str, Draft] = field(default_factory=dict)
    entries: dict[Key, Entry] = field(default_factory=dict)
    written: dict[Key, Entry] = field(default_factory=dict)
    fallen: dict[str, Place] = field(default_factory=dict)
    rows: dict[str, Customer] = field(default_factory=dict)
    latest: Event | None = None
    # What the last settling came to; made when the first decision is held against it.
    circumstances: Circumstances | None = None
    decided: dict[str, Decided] = field(default_factory=dict)
    outgoings: list[Outgoing] = field(default_factory=list)

    def known(self, customer_id: str, place: Place | None) -> Known | None:
        """What is known of a customer whom no event touches; None when its row has not been loaded."""
        decided = self.decided.get(customer_id)
        if decided is not None:
            facts = decided.facts if place is None else facts_of(place)
            return Known(customer_id, facts, decided.tier, decided.sequence)
        place = place or self.fallen.get(customer_id)
        if place is not None:
            return Known(customer_id, facts_of(place), place.level and Tier("contract", place.level), place.sequence)
        row = self.rows.get(customer_id)
        return row and Known(customer_id, row.facts, row.tier, row.sequence)

    def known_draft(self, customer_id: str, draft: Draft) -> Known:
        """What is known of a touched customer, with its newest facts."""
        decided = self.decided.get(customer_id)
        if decided is not None:
            return Known(customer_id, draft.newest(), decided.tier, decided.sequence)
        tier = draft.facts and draft.level and Tier(draft.facts.customer_class, draft.level)
        return Known(customer_id, draft.newest(), tier or None, draft.sequence)

    def changes(self) -> list[TierChanged]:
        return [outgoing.data for outgoing in self.outgoings if isinstance(outgoing.data, TierChanged)]

    def touched(self) -> Iterator[Saved]:
        """Rows of customers with new facts."""
        for customer_id, draft in self.drafts.items():
            if draft.told is not None:
                decided = self.decided.get(customer_id)
                if decided is not None:
                    yield Saved(customer_id, draft.newest(), decided.tier.level, decided.sequence, decided.since)
                elif draft.level is not None:
                    yield Saved(customer_id, draft.newest(), draft.level, draft.sequence, self.board.day)

    def displaced(self) -> Iterator[Saved]:
        """Rows of customers with a new level and the old facts."""
        for customer_id, decided in self.decided.items():
            draft = self.drafts.get(customer_id)
            if draft is None or draft.told is None:
                yield Saved(customer_id, decided.facts, decided.tier.level, decided.sequence, decided.since)
