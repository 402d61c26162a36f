"""One transaction's work on levels: what it knows, noted and decided; none of it true before the commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from services.scoring.domain.customers import Customer, Entry, Facts, Tier, country_code
from services.scoring.domain.decisions import Circumstances, Known, Occasion
from services.scoring.domain.markets import Market, MarketRanker, Markets
from services.scoring.domain.places import Place
from services.scoring.ports import Board, Key, Saved, Told
from services.scoring.usecases.memory import facts_of
from shared.contracts.customers import CustomerFacts, EntryLine
from shared.engine.model import Event, Outgoing


@dataclass(slots=True)
class Draft:
    """A customer whom the batch touches: as it was before, and what its events say so far.

    It was in memory (`place`), had a row only, or is new. `orders` and `amount` are F and M; `told` are the newest
    facts of the batch, None when they are older than what is known; `event` is the last one.
    """

    place: Place | None
    row: Customer | None
    orders: int
    amount: int
    version: int
    told: CustomerFacts | None = None
    event: Event | None = None

    @classmethod
    def of_place(cls, place: Place) -> Draft:
        return cls(place, None, place.f, place.m, place.version)

    @classmethod
    def of_row(cls, row: Customer | None) -> Draft:
        return cls(None, row, 0, 0, 0) if row is None else cls(None, row, row.orders, row.amount, row.facts.version)

    @property
    def tier(self) -> Tier | None:
        """The tier decided last, with the class as it was then; None for a new customer."""
        if self.place is not None and self.place.level is not None:
            return Tier("contract", self.place.level)
        return self.row and self.row.tier

    @property
    def sequence(self) -> int:
        """How many decisions there were."""
        if self.place is not None:
            return self.place.sequence
        return self.row.sequence if self.row is not None else 0

    @property
    def market(self) -> str | None:
        """The market that it was ranked in."""
        if self.place is not None:
            return self.place.market
        return self.row and self.row.facts.market

    def newest(self, markets: Markets) -> Facts:
        """The facts after the batch."""
        told = self.told
        if told is not None:
            country = country_code(told.country)
            market = markets.of(country, told.attributes)
            # What was computed stands until the customer, as it is now, has been assessed (K5).
            computed = self.row.facts.computed if self.row and told.customer_class == "potential" else None
            return Facts(
                told.version,
                told.customer_class,
                told.last_order_on,
                country,
                told.potential,
                told.rep,
                market,
                computed,
            )
        if self.place is not None:
            return facts_of(self.place)
        if self.row is None:
            raise ValueError("a new customer comes with facts")
        return self.row.facts

    def only_traded(self, facts: Facts) -> bool:
        """Whether nothing but the version and the last order is new in `facts`."""
        place = self.place
        return (
            place is not None
            and facts.customer_class == "contract"
            and facts.rep == place.rep
            and facts.country == place.country
            and facts.potential == place.potential
            and facts.market == place.market
        )


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
    # The facts of the drafts, once all events are in.
    newest: dict[str, Facts] = field(default_factory=dict)
    entries: dict[Key, Entry] = field(default_factory=dict)
    written: dict[Key, Entry] = field(default_factory=dict)
    # Of entries written anew: those that name articles, or did before.
    lines: dict[Key, Sequence[EntryLine]] = field(default_factory=dict)
    fallen: dict[str, Place] = field(default_factory=dict)
    rows: dict[str, Customer] = field(default_factory=dict)
    # The last event of trade, else the first of all: what is said to have displaced others.
    latest: Event | None = None
    # What each settling of a market that a decision was held against came to, by its number; of the last one, the
    # numbers of the markets that were asked for.
    settlings: dict[int, Circumstances] = field(default_factory=dict)
    asked: dict[Market, int] = field(default_factory=dict)
    decided: dict[str, Decided] = field(default_factory=dict)
    outgoings: list[Outgoing] = field(default_factory=list)
    history: list[Told] = field(default_factory=list)

    def circumstances(self, ranker: MarketRanker, market: Market) -> tuple[int, Circumstances]:
        """The number of a market's last settling, and what it came to: made when the first decision asks."""
        number = self.asked.get(market)
        if number is None:
            number = self.asked[market] = self.board.revision + len(self.settlings) + 1
            self.settlings[number] = Circumstances.of(ranker.of(market))
        return number, self.settlings[number]

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

    def traded(self) -> list[tuple[str, int, date | None]]:
        """Customers who only traded and stay where they are: id, version and last order; most are."""
        return [
            (customer_id, facts.version, facts.last_order_on)
            for customer_id, facts in self.newest.items()
            if customer_id not in self.decided
            and (draft := self.drafts[customer_id]).told is not None
            and draft.only_traded(facts)
        ]

    def touched(self) -> Iterator[Saved]:
        """Rows of all other customers with new facts."""
        for customer_id, facts in self.newest.items():
            draft = self.drafts[customer_id]
            if draft.told is None:
                continue
            decided, tier = self.decided.get(customer_id), draft.tier
            if decided is not None:
                yield Saved(customer_id, facts, decided.tier.level, decided.sequence, decided.since)
            elif tier is not None and not draft.only_traded(facts):
                yield Saved(customer_id, facts, tier.level, draft.sequence, self.board.day)

    def details(self) -> Iterator[CustomerFacts]:
        """The newest facts that say more of a customer than levels need, or may say less than before."""
        for draft in self.drafts.values():
            told = draft.told
            if told is not None and (
                told.department is not None
                or told.attributes is not None
                or told.inquiry is not None
                or told.paid is not None
                # A file that no longer says so was said to belong to a market.
                or draft.market is not None
                # Who becomes a contract customer asks no more.
                or (draft.row is not None and draft.row.facts.customer_class != told.customer_class)
            ):
                yield told

    def to_assess(self) -> list[str]:
        """Potential customers of whom something new was told (K5)."""
        return [
            customer_id
            for customer_id, facts in self.newest.items()
            if facts.customer_class == "potential" and self.drafts[customer_id].told is not None
        ]

    def displaced(self) -> Iterator[Saved]:
        """Rows of customers with a new level and the old facts."""
        for customer_id, decided in self.decided.items():
            draft = self.drafts.get(customer_id)
            if draft is None or draft.told is None:
                yield Saved(customer_id, decided.facts, decided.tier.level, decided.sequence, decided.since)
