"""Whatever comes first, twice or in other batches: the same customers, and the same last word on every entry."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customers.domain.customer import Customer
from services.customers.ports import Changes
from services.customers.usecases.record_trade import RecordTrade
from shared.contracts.customers import CustomerFacts, TradeEntry
from shared.contracts.orders import OrderReturned
from shared.engine.model import Event, Outgoing, Refused, Transaction
from tests.in_force import always
from tests.unit.customers import naive
from tests.unit.customers.memory import MemoryStore
from tests.unit.customers.strategies import again, batched, clock, event, histories, terms, wild

NOW = datetime(2024, 6, 1, tzinfo=UTC)
CUSTOMERS = ("C-1", "C-2")
IN_MEMORY = cast("Transaction", None)


@dataclass
class Told:
    """What came of a history: the rows, what was published, and the last word on each entry."""

    rows: Changes
    published: list[Outgoing] = field(default_factory=list)
    refused: list[Event] = field(default_factory=list)

    def entries(self) -> dict[tuple[str, str], TradeEntry]:
        return {
            (outgoing.key, entry.entry_id): entry
            for outgoing in self.published
            if (entry := getattr(outgoing.data, "entry", None)) is not None
        }

    def last(self, customer_id: str) -> CustomerFacts | None:
        """The newest facts published of a customer."""
        facts = [o.data for o in self.published if o.key == customer_id]
        return facts[-1] if facts and isinstance(facts[-1], CustomerFacts) else None


def tell(batches: Iterable[Sequence[Event]], *, from_completed: bool = False) -> Told:
    """Run the batches through the use case, each loaded from and saved to the rows of the ones before."""
    rules = terms(from_completed=from_completed)
    store = MemoryStore(rules)
    record_trade = RecordTrade(store=store, terms=always(rules))
    told = Told(store.rows)

    async def run() -> None:
        for batch in batches:
            work = await record_trade.load(IN_MEMORY, batch)
            for one in batch:
                try:
                    told.published.extend(record_trade.decide(work, one, NOW))
                except Refused:
                    told.refused.append(one)
            await record_trade.save(IN_MEMORY, work)

    asyncio.run(run())
    return told


def timeless(rows: Changes) -> Changes:
    """The rows without the count of events, which repetitions may well raise."""
    customers = {key: Customer(key, 0, known.trade, known.profile) for key, known in rows.customers.items()}
    return Changes(customers, set(), rows.orders, rows.returns, rows.payments, rows.inquiries, rows.contacts,
                   rows.samples, rows.statements, rows.holdings)  # fmt: skip


@pytest.mark.parametrize("from_completed", [False, True])
@given(st.data(), histories)
def test_order_of_arrival_and_repetition_do_not_matter(
    from_completed: bool, data: st.DataObject, history: list[Event]
) -> None:
    """Any permutation with any repetitions, cut into any batches, ends in the same rows and the same last entries."""
    repeated = [again(one) for one in data.draw(st.lists(st.sampled_from(history), max_size=5))]
    shuffled = data.draw(st.permutations([*history, *repeated]))
    told = tell([history], from_completed=from_completed)
    assert not told.refused
    retold = tell(data.draw(batched(shuffled)), from_completed=from_completed)
    assert timeless(retold.rows) == timeless(told.rows)
    assert retold.entries() == told.entries()


@pytest.mark.parametrize("from_completed", [False, True])
@given(st.data(), histories)
def test_state_equals_a_reading_of_the_whole_history_at_once(
    from_completed: bool, data: st.DataObject, history: list[Event]
) -> None:
    """Facts and entries, kept up event by event, equal those computed naively from all events together."""
    rules = terms(from_completed=from_completed)
    told = tell(data.draw(batched(history)), from_completed=from_completed)
    for customer_id in CUSTOMERS:
        mine = {key[1]: e for key, e in told.entries().items() if key[0] == customer_id}
        assert {k: (e.dated, e.amount, e.counts) for k, e in mine.items()} == naive.entries(history, customer_id, rules)
        assert {
            k: tuple((x.sku, x.category, x.quantity, x.amount, x.cost) for x in e.lines or ())
            for k, e in mine.items()
            if e.kind == "order"
        } == naive.lines(history, customer_id, rules)
        assert {k: (e.channel, e.sold_by, e.completed_on) for k, e in mine.items() if e.kind == "order"} == naive.sides(
            history, customer_id, rules
        )
        last = told.last(customer_id)
        if last is not None:
            expected = naive.facts(history, customer_id, rules)
            assert {name: getattr(last, name) for name in expected} == expected


@given(histories)
def test_every_accepted_event_leaves_one_mark_with_the_next_version(history: list[Event]) -> None:
    """One event of a customer in, one event of that customer out; versions count from 1 without a gap."""
    told = tell([history])
    mine = [one for one in history if one.type != "conduct.reported"]
    assert [(o.data.cause.id, o.key) for o in told.published if isinstance(o.data, CustomerFacts)] == [
        (one.id, one.data.customer_id) for one in mine
    ]
    for customer_id in CUSTOMERS:
        ids = [outgoing.id for outgoing in told.published if outgoing.key == customer_id]
        assert ids == [f"{customer_id}:{version}" for version in range(1, len(ids) + 1)]


@given(st.data(), wild)
def test_what_is_refused_leaves_no_trace(data: st.DataObject, history: list[Event]) -> None:
    """With and without the refused events: the same rows, versions and publications."""
    told = tell(data.draw(batched(history)))
    kept = tell([[one for one in history if one not in told.refused]])
    assert not kept.refused
    assert kept.rows.customers == told.rows.customers
    assert timeless(kept.rows) == timeless(told.rows)
    assert kept.published == told.published


@given(histories)
def test_whatever_is_published_reads_back(history: list[Event]) -> None:
    """Facts are assembled unchecked, so every history's must hold to the contract, field by field in its order."""
    for outgoing in tell([history]).published:
        assert type(outgoing.data).model_validate_json(outgoing.data.model_dump_json()) == outgoing.data
        assert list(outgoing.data.__dict__) == list(type(outgoing.data).model_fields)
        assert outgoing.data.model_fields_set == set(type(outgoing.data).model_fields)


@pytest.mark.parametrize("order_id", [None, "O-1"])
def test_a_refused_return_is_refused_again_in_the_same_batch(order_id: str | None) -> None:
    """Refusing leaves nothing on the desk by which a repetition would pass for known."""
    back = OrderReturned(
        return_id="R-1", order_id=order_id, customer_id="C-1", amount=Decimal(1), currency="EUR", returned_at=clock(0)
    )
    told = tell([[event("order.returned", back), event("order.returned", back)]])
    assert len(told.refused) == 2
    assert told.rows == Changes()
