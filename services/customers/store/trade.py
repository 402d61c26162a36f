"""The customers' own rows, as `RecordTrade` loads and saves them."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from services.customers.domain.activities import Contact, Inquiry, Judgement, Question
from services.customers.domain.customer import Asked, Customer, Profile
from services.customers.domain.documents import Payment, Return
from services.customers.domain.orders import Article, Order
from services.customers.domain.profile import Stated
from services.customers.domain.rhythm import Days
from services.customers.domain.samples import Sample, Sampling
from services.customers.domain.trade import NO_TRADE, Sale, Trade
from services.customers.domain.upkeep import NOT_LOOKED_AFTER, Holding, Upkeep
from services.customers.ports import CustomerAppearedError, Desk, Key, Wanted
from services.customers.store.matters import save_matters
from services.customers.store.queries import SQL, write
from shared.engine.model import Transaction

Row = Any
"""An asyncpg record: answers to positions and slices, in the order of the statement's columns."""

Paper = TypeVar("Paper")


class PostgresCustomers:
    """Implements `CustomerStore`: one statement per table that a batch touches."""

    async def load(self, tx: Transaction, wanted: Wanted) -> Desk:
        desk = Desk()
        if not wanted.customers:
            return desk
        rows = await tx.fetch(SQL["lock_customers"], list(wanted.customers))
        desk.customers = {row[0]: as_customer(row) for row in rows}
        desk.stored = frozenset(desk.customers)
        if wanted.orders:
            for row in await tx.fetch(SQL["load_orders"], *columns_of(wanted.orders)):
                desk.orders.setdefault(row[0], {})[row[1]] = as_order(row)
        desk.returns = await self._papers(tx, "load_returns", wanted.returns, Return._make)
        desk.payments = await self._papers(tx, "load_payments", wanted.payments, Payment._make)
        asked = {(c.customer_id, c.profile.asked.inquiry_id) for c in desk.customers.values() if c.profile.asked}
        desk.inquiries = await self._papers(tx, "load_inquiries", wanted.inquiries | asked, as_inquiry)
        desk.contacts = await self._papers(tx, "load_contacts", wanted.contacts, Contact._make)
        if wanted.samples_of:
            for row in await tx.fetch(SQL["load_samples"], list(wanted.samples_of)):
                desk.samples.setdefault(row[0], {})[row[1]] = Sample._make(row)
        if wanted.statements_of:
            for customer_id, field, stated_at, value in await tx.fetch(
                SQL["load_statements"], list(wanted.statements_of)
            ):
                desk.statements.setdefault(customer_id, {})[field] = Stated(stated_at, value)
        if wanted.holdings_of:
            for customer_id, rep, *holding in await tx.fetch(SQL["load_holdings"], list(wanted.holdings_of)):
                desk.holdings.setdefault(customer_id, {})[rep] = Holding(*holding)
        return desk

    async def trade_elsewhere(
        self, tx: Transaction, customers: Collection[str], besides: Iterable[Key], *, from_completed: bool
    ) -> dict[str, Trade]:
        rows = await tx.fetch(SQL["sum_orders_elsewhere"], list(customers), *columns_of(besides), from_completed)
        found = {row[0]: Trade(row[1], row[2], row[3], as_sale(row[4:7]), ascending(row[7])) for row in rows}
        return {customer_id: found.get(customer_id, NO_TRADE) for customer_id in customers}

    async def save(self, tx: Transaction, desk: Desk) -> None:
        changes = desk.changes
        customers = [changes.customers[key] for key in sorted(changes.customers)]
        await self._save_trade(tx, [c for c in customers if c.customer_id in desk.stored])
        await self._insert_customers(tx, [c for c in customers if c.customer_id not in desk.stored])
        profiles = [c for c in customers if c.customer_id in changes.profiles]
        await write(tx, "save_profiles", map(profile_row, profiles))
        await write(tx, "save_orders", map(order_row, in_order(changes.orders)))
        await write(tx, "insert_returns", in_order(changes.returns))
        await write(tx, "insert_payments", in_order(changes.payments))
        await write(tx, "save_inquiries", map(inquiry_row, in_order(changes.inquiries)))
        await write(tx, "save_contacts", in_order(changes.contacts))
        await write(tx, "save_samples", in_order(changes.samples))
        await write(tx, "save_statements", ((*key, *changes.statements[key]) for key in sorted(changes.statements)))
        await write(tx, "save_holdings", ((*key, *changes.holdings[key]) for key in sorted(changes.holdings)))
        await save_matters(tx, in_order(changes.sales), in_order(changes.faulty_returns))

    async def _save_trade(self, tx: Transaction, customers: Iterable[Customer]) -> None:
        await write(tx, "save_trade", map(trade_row, customers))

    async def _insert_customers(self, tx: Transaction, customers: Collection[Customer]) -> None:
        tag = await write(tx, "insert_customers", map(trade_row, customers))
        if customers and tag != f"INSERT 0 {len(customers)}":
            raise CustomerAppearedError(f"{tag} of {len(customers)} new customers")

    async def _papers(
        self, tx: Transaction, query: str, keys: Collection[Key], make: Callable[[Row], Paper]
    ) -> dict[Key, Paper]:
        if not keys:
            return {}
        return {(row[0], row[1]): make(row) for row in await tx.fetch(SQL[query], *columns_of(keys))}


def columns_of(keys: Iterable[Key]) -> tuple[list[str], list[str]]:
    pairs = list(keys)
    return [key[0] for key in pairs], [key[1] for key in pairs]


def in_order(rows: Mapping[Key, Paper]) -> list[Paper]:
    """The rows sorted by key, so that two transactions meet in the same order."""
    return [rows[key] for key in sorted(rows)]


def as_customer(row: Row) -> Customer:
    return Customer(
        row[0],
        row[1],
        Trade(row[2], row[3], row[4], as_sale(row[5:8]), as_days(row[21])),
        Profile._make(
            (
                *row[8:15],
                Sampling(row[15], row[16]),
                row[17],
                None if row[18] is None else dict(sorted(json.loads(row[18]).items())),
                None if row[19] is None else Asked(row[19], row[20]),
                as_upkeep(row[22], row[23:26]),
            )
        ),
    )


def ascending(days: Iterable[date]) -> Days:
    return tuple(sorted(day.toordinal() for day in days))


def as_days(packed: bytes | None) -> Days | None:
    """Days from four bytes each; an array cannot go through `unnest`, and text takes five times as long to read."""
    return None if packed is None else struct.unpack(f">{len(packed) >> 2}I", packed)


def packed_days(days: Days | None) -> bytes | None:
    return None if days is None else struct.pack(f">{len(days)}I", *days)


NOTHING = "*"
"""Stands for the names of all fields that any policy requires."""


def as_upkeep(gaps: str | None, moments: Row) -> Upkeep | None:
    """`gaps` are names of the policy, which have no comma."""
    if gaps == NOTHING:
        return NOT_LOOKED_AFTER
    return None if gaps is None else Upkeep(moments[0], tuple(gaps.split(",")) if gaps else (), *moments[1:])


def upkeep_row(upkeep: Upkeep | None) -> tuple[Any, ...]:
    if upkeep is None:
        return (None, None, None, None)
    improved_at, gaps, given_at, reported_at = upkeep
    return (NOTHING if gaps is None else ",".join(gaps), improved_at, given_at, reported_at)


def as_sale(row: Row) -> Sale | None:
    return None if row[0] is None else Sale(*row)


def trade_row(customer: Customer) -> tuple[Any, ...]:
    trade = customer.trade
    return (
        customer.customer_id,
        customer.version,
        trade.orders,
        trade.first_on,
        trade.last_on,
        *(trade.first_sale or (None, None, None)),
        packed_days(trade.days),
    )


def profile_row(customer: Customer) -> tuple[Any, ...]:
    profile = customer.profile
    attributes = profile.attributes
    return (
        customer.customer_id,
        *profile[:7],
        *profile.sampling,
        profile.paid,
        None if attributes is None else json.dumps(attributes),
        *(profile.asked or (None, None)),
        *upkeep_row(profile.upkeep),
    )


def as_order(row: Row) -> Order:
    returned = row[11]
    sums = () if returned is None else tuple((code, Decimal(sum_)) for code, sum_ in json.loads(returned).items())
    articles = () if row[13] is None else tuple(as_article(line) for line in json.loads(row[13]))
    return Order._make((*row[:11], tuple(sorted(sums)), row[12], articles))


def as_article(line: Sequence[str | None]) -> Article:
    sku, category, quantity, price, cost = line
    return Article(
        str(sku), category, Decimal(str(quantity)), Decimal(str(price)), None if cost is None else Decimal(cost)
    )


def order_row(order: Order) -> tuple[Any, ...]:
    returned = json.dumps({code: format(sum_, "f") for code, sum_ in order.returned}) if order.returned else None
    articles = json.dumps([article_row(article) for article in order.articles]) if order.articles else None
    return (*order[:11], returned, order.channel, articles)


def article_row(article: Article) -> tuple[str | None, ...]:
    sku, category, quantity, price, cost = article
    return sku, category, format(quantity, "f"), format(price, "f"), None if cost is None else format(cost, "f")


def as_inquiry(row: Row) -> Inquiry:
    return Inquiry(
        row[0],
        row[1],
        None if row[2] is None else Question(*row[2:5]),
        None if row[5] is None else Judgement(row[5], row[6], tuple(json.loads(row[7])), row[8]),
    )


def inquiry_row(inquiry: Inquiry) -> tuple[Any, ...]:
    judgement = inquiry.judgement
    return (
        inquiry.customer_id,
        inquiry.inquiry_id,
        *(inquiry.question or (None, None, None)),
        *(
            (None, None, None, None)
            if judgement is None
            else (judgement.judged_at, judgement.potential, json.dumps(judgement.reasons), judgement.judged_by)
        ),
    )
