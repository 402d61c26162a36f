"""The real store keeps what the store in memory keeps, which the rules are tested on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.customers.domain.trade import NO_TRADE, Sale, Trade
from services.customers.ports import Changes, CustomerAppearedError, CustomerStore, Desk, Wanted
from services.customers.store.trade import PostgresCustomers
from services.customers.usecases.record_trade import RecordTrade
from shared.contracts.orders import OrderCancelled
from shared.engine.model import Event, Outgoing, Transaction
from shared.engine.postgres import Database
from tests.in_force import always
from tests.unit.customers.memory import MemoryStore
from tests.unit.customers.strategies import batched, clock, event, histories, order_placed, terms

pytestmark = pytest.mark.backend

NOW = datetime(2024, 6, 1, tzinfo=UTC)


class UndoneError(Exception):
    """Ends a transaction whose rows nobody is to keep."""


@asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Transaction]:
    """A transaction that is rolled back."""
    with suppress(UndoneError):
        async with database.transaction() as tx:
            yield tx
            raise UndoneError


async def tell(
    store: CustomerStore, tx: Transaction, batches: Sequence[Sequence[Event]], *, from_completed: bool
) -> list[Outgoing]:
    record_trade = RecordTrade(store=store, terms=always(terms(from_completed=from_completed)))
    told: list[Outgoing] = []
    for batch in batches:
        work = await record_trade.load(tx, batch)
        for one in batch:
            told.extend(record_trade.decide(work, one, NOW))
        await record_trade.save(tx, work)
    return told


def everything(rows: Changes) -> Wanted:
    customers = set(rows.customers)
    return Wanted(
        customers=customers,
        orders=set(rows.orders),
        returns=set(rows.returns),
        payments=set(rows.payments),
        inquiries=set(rows.inquiries),
        contacts=set(rows.contacts),
        samples_of=customers,
        statements_of=customers,
        holdings_of=customers,
    )


def flat(desk: Desk) -> Changes:
    """The rows of a desk, in the shape of the store in memory."""
    return Changes(
        customers=desk.customers,
        orders={(c, o): order for c, theirs in desk.orders.items() for o, order in theirs.items()},
        returns=desk.returns,
        payments=desk.payments,
        inquiries=desk.inquiries,
        contacts=desk.contacts,
        samples={(c, s): sample for c, theirs in desk.samples.items() for s, sample in theirs.items()},
        statements={(c, f): stated for c, theirs in desk.statements.items() for f, stated in theirs.items()},
        holdings={(c, r): held for c, theirs in desk.holdings.items() for r, held in theirs.items()},
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), history=histories, from_completed=st.booleans())
async def test_real_and_memory_store_keep_the_same(
    customers_database: Database, data: st.DataObject, history: list[Event], from_completed: bool
) -> None:
    """The same batches leave the same rows and publish the same events, exact to the last digit."""
    batches = data.draw(batched(history))
    memory, real = MemoryStore(terms(from_completed=from_completed)), PostgresCustomers()
    async with undone(customers_database) as tx:
        expected = await tell(memory, tx, batches, from_completed=from_completed)
        published = await tell(real, tx, batches, from_completed=from_completed)
        rows = flat(await real.load(tx, everything(memory.rows)))
    assert published == expected
    memory.rows.profiles.clear()
    assert rows == memory.rows


async def test_customer_new_to_two_transactions_fails_the_later_one(customers_database: Database) -> None:
    """Both saw no row; the second must not overwrite what the first has written."""
    store = PostgresCustomers()
    record_trade = RecordTrade(store=store, terms=always(terms()))
    first, second = (event("order.placed", order_placed(order_id=f"O-{n}")) for n in (1, 2))
    async with customers_database.transaction() as late:
        async with customers_database.transaction() as early:
            desks = [await record_trade.load(tx, [one]) for tx, one in ((early, first), (late, second))]
            for desk, one in zip(desks, (first, second), strict=True):
                record_trade.decide(desk, one, NOW)
            await record_trade.save(early, desks[0])
        with pytest.raises(CustomerAppearedError):
            await record_trade.save(late, desks[1])


async def test_trade_elsewhere_leaves_out_what_does_not_count(customers_database: Database) -> None:
    """Named orders, cancelled ones, and those that only wait for their order."""
    store = PostgresCustomers()
    waiting = event("order.cancelled", OrderCancelled(order_id="O-3", customer_id="C-1", cancelled_at=clock(1)))
    told = [event("order.placed", order_placed(order_id=f"O-{n}", sold_by=f"rep-{n}")) for n in (1, 2, 3)]
    async with undone(customers_database) as tx:
        await tell(store, tx, [[waiting, *told]], from_completed=False)
        besides = await store.trade_elsewhere(tx, ["C-1", "C-9"], [("C-1", "O-1")], from_completed=False)
        completed = await store.trade_elsewhere(tx, ["C-1"], [("C-1", "O-1")], from_completed=True)
    day = date(2024, 1, 1)
    assert besides == {"C-1": Trade(1, day, day, Sale(clock(0), "O-2", "rep-2"), (day.toordinal(),)), "C-9": NO_TRADE}
    assert completed == {"C-1": NO_TRADE}
