"""Orders and activities become customers: every accepted event leaves exactly one mark on `customers.v1`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from services.customers.domain import activities, documents, facts, orders, profile, samples, trade
from services.customers.domain.customer import Customer, Profile, with_statements
from services.customers.domain.terms import Terms
from services.customers.ports import CustomerStore, Desk, Key, Wanted
from shared.contracts.activities import (
    ContactMade,
    CustomerProfiled,
    CustomerRegistered,
    InquiryJudged,
    InquiryReceived,
)
from shared.contracts.orders import (
    OrderCancelled,
    OrderCompleted,
    OrderPlaced,
    OrderReturned,
    PaymentReceived,
    SampleOrdered,
    SampleReceived,
    SampleShipped,
)
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction
from shared.money import add

Outcome = tuple[Outgoing, ...]


class RecordTrade(BatchHandler):
    """Folds each customer's events in order; the final state depends only on which events were accepted.

    Each rule computes first, where it may raise `Refused`, and touches the desk last.
    """

    def __init__(self, *, store: CustomerStore, terms: Terms) -> None:
        self._store = store
        self._terms = terms
        self._rules: Mapping[str, Callable[[Desk, Event], Outcome]] = {
            "order.placed": self._placed,
            "order.completed": self._completed,
            "order.cancelled": self._cancelled,
            "order.returned": self._returned,
            "payment.received": self._paid,
            "sample.ordered": self._sampled,
            "sample.shipped": self._sampled,
            "sample.received": self._sampled,
            "customer.registered": self._profiled,
            "customer.profiled": self._profiled,
            "inquiry.received": self._asked,
            "inquiry.judged": self._judged,
            "contact.made": self._contacted,
        }

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Desk:
        wanted, placed, reopened = Wanted(), set[Key](), set[str]()
        for event in events:
            if event.type == "order.placed":
                data = event.data
                key = (data.customer_id, data.order_id)
                wanted.customers.add(key[0])
                if key in placed:
                    reopened.add(key[0])
                placed.add(key)
            elif event.type in self._rules:
                want(wanted, event)
                if event.type == "order.cancelled":
                    reopened.add(event.data.customer_id)
        wanted.orders |= placed
        desk = await self._store.load(tx, wanted)
        reopened.update(
            customer_id
            for customer_id, known in desk.orders.items()
            if any(order.stated_at is not None and (customer_id, order.order_id) in placed for order in known.values())
        )
        if reopened:
            besides = [key for key in wanted.orders if key[0] in reopened]
            desk.elsewhere = await self._store.trade_elsewhere(
                tx, reopened, besides, from_completed=self._terms.from_completed
            )
        return desk

    def decide(self, work: Desk, event: Event, now: datetime) -> Outcome:
        rule = self._rules.get(event.type)
        # Others' business on the same topic: a person's conduct is archive's.
        return () if rule is None else rule(work, event)

    async def save(self, tx: Transaction, work: Desk) -> None:
        await self._store.save(tx, work)

    def _placed(self, desk: Desk, event: Event) -> Outcome:
        data: OrderPlaced = event.data
        before = desk.orders.get(data.customer_id, {}).get(data.order_id)
        return self._traded(desk, event, before, orders.place(before, data, event.time, self._terms))

    def _completed(self, desk: Desk, event: Event) -> Outcome:
        data: OrderCompleted = event.data
        before = desk.orders.get(data.customer_id, {}).get(data.order_id)
        order = before or orders.Order(data.customer_id, data.order_id)
        return self._traded(desk, event, before, orders.complete(order, data.completed_at))

    def _cancelled(self, desk: Desk, event: Event) -> Outcome:
        data: OrderCancelled = event.data
        before = desk.orders.get(data.customer_id, {}).get(data.order_id)
        order = before or orders.Order(data.customer_id, data.order_id)
        return self._traded(desk, event, before, orders.cancel(order, data.cancelled_at))

    def _returned(self, desk: Desk, event: Event) -> Outcome:
        data: OrderReturned = event.data
        returned, key = documents.return_of(data), (data.customer_id, data.return_id)
        customer = desk.customers.get(data.customer_id) or Customer(data.customer_id)
        if not documents.is_new(desk.returns.get(key), returned):
            return self._trade_recorded(desk, event, customer, None)
        dated = self._terms.business_date(returned.returned_at)
        amount = self._terms.in_base(returned.amount, returned.currency, dated)
        if returned.order_id is None:
            recorded = self._trade_recorded(desk, event, customer, facts.return_entry(returned, dated, amount))
        else:
            before = desk.orders.get(data.customer_id, {}).get(returned.order_id)
            order = before or orders.Order(data.customer_id, returned.order_id)
            lowered = orders.give_back(order, returned.amount, returned.currency, self._terms)
            recorded = self._traded(desk, event, before, lowered)
        desk.returns[key] = desk.changes.returns[key] = returned
        return recorded

    def _paid(self, desk: Desk, event: Event) -> Outcome:
        data: PaymentReceived = event.data
        payment, key = documents.payment_of(data), (data.customer_id, data.payment_id)
        customer = desk.customers.get(data.customer_id) or Customer(data.customer_id)
        if documents.is_new(desk.payments.get(key), payment):
            dated = self._terms.business_date(payment.received_at)
            amount = self._terms.in_base(payment.amount, payment.currency, dated)
            customer = with_profile(desk, customer, customer.profile._replace(paid=add(customer.profile.paid, amount)))
            desk.payments[key] = desk.changes.payments[key] = payment
        return self._trade_recorded(desk, event, customer, None)

    def _sampled(self, desk: Desk, event: Event) -> Outcome:
        data: SampleOrdered | SampleShipped | SampleReceived = event.data
        known = desk.samples.setdefault(data.customer_id, {})
        told = samples.told(data)
        before = known.get(told.sample_id, told)
        sample = samples.merge(before, told)
        customer = desk.customers.get(data.customer_id) or Customer(data.customer_id)
        known[sample.sample_id] = desk.changes.samples[data.customer_id, sample.sample_id] = sample
        sampling = samples.sampling_of(known.values(), self._terms.business_date)
        customer = with_profile(desk, customer, customer.profile._replace(sampling=sampling))
        return self._trade_recorded(desk, event, customer, None)

    def _profiled(self, desk: Desk, event: Event) -> Outcome:
        data: CustomerRegistered | CustomerProfiled = event.data
        return self._stated(desk, event, profile.statements(data))

    def _judged(self, desk: Desk, event: Event) -> Outcome:
        data: InquiryJudged = event.data
        key = (data.customer_id, data.inquiry_id)
        inquiry = desk.inquiries.get(key) or activities.Inquiry(*key)
        desk.inquiries[key] = desk.changes.inquiries[key] = activities.judged(inquiry, data)
        return self._stated(desk, event, [(profile.POTENTIAL, profile.Stated(data.judged_at, data.potential))])

    def _asked(self, desk: Desk, event: Event) -> Outcome:
        data: InquiryReceived = event.data
        key = (data.customer_id, data.inquiry_id)
        inquiry = desk.inquiries.get(key) or activities.Inquiry(*key)
        desk.inquiries[key] = desk.changes.inquiries[key] = activities.asked(inquiry, data)
        return self._profile_recorded(desk, event, desk.customers.get(data.customer_id) or Customer(data.customer_id))

    def _contacted(self, desk: Desk, event: Event) -> Outcome:
        data: ContactMade = event.data
        key = (data.customer_id, data.contact_id)
        desk.contacts[key] = desk.changes.contacts[key] = activities.contacted(desk.contacts.get(key), data)
        customer = desk.customers.get(data.customer_id) or Customer(data.customer_id)
        made_at = samples.latest(customer.profile.contacted_at, data.made_at.astimezone(UTC))
        customer = with_profile(desk, customer, customer.profile._replace(contacted_at=made_at))
        return self._profile_recorded(desk, event, customer)

    def _stated(self, desk: Desk, event: Event, stated: Iterable[tuple[str, profile.Stated]]) -> Outcome:
        customer_id: str = event.data.customer_id
        known = desk.statements.setdefault(customer_id, {})
        news = profile.news(known, stated)
        known.update(news)
        desk.changes.statements.update({(customer_id, field): statement for field, statement in news.items()})
        customer = desk.customers.get(customer_id) or Customer(customer_id)
        customer = with_profile(desk, customer, with_statements(customer.profile, news))
        return self._profile_recorded(desk, event, customer)

    def _traded(self, desk: Desk, event: Event, before: orders.Order | None, after: orders.Order) -> Outcome:
        """Take over an order that may have changed, and what follows for its customer."""
        customer = desk.customers.get(after.customer_id) or Customer(after.customer_id)
        if after is before:
            return self._trade_recorded(desk, event, customer, None)
        theirs = desk.orders.get(after.customer_id)
        if theirs is None:
            theirs = desk.orders[after.customer_id] = {}
        theirs[after.order_id] = after
        desk.changes.orders[after.customer_id, after.order_id] = after
        followed = trade.follow(customer.trade, before, after, self._terms)
        if followed is None:
            followed = trade.recount(desk.elsewhere[after.customer_id], theirs.values(), self._terms)
        if followed is not customer.trade:
            customer = customer._replace(trade=followed)
        entry = orders.entry_of(after, self._terms)
        if entry is None or entry == orders.entry_of(before, self._terms):
            return self._trade_recorded(desk, event, customer, None)
        return self._trade_recorded(desk, event, customer, facts.order_entry(after.order_id, entry))

    def _trade_recorded(self, desk: Desk, event: Event, customer: Customer, entry: facts.Entry | None) -> Outcome:
        customer = accept(desk, customer)
        return (facts.trade_recorded(customer, event, entry, self._terms),)

    def _profile_recorded(self, desk: Desk, event: Event, customer: Customer) -> Outcome:
        customer = accept(desk, customer)
        return (facts.profile_recorded(customer, event, self._terms),)


def want(wanted: Wanted, event: Event) -> None:
    """Add the rows that deciding on `event` needs."""
    data = event.data
    customer_id = data.customer_id
    wanted.customers.add(customer_id)
    match event.type:
        case "order.completed" | "order.cancelled":
            wanted.orders.add((customer_id, data.order_id))
        case "order.returned":
            wanted.returns.add((customer_id, data.return_id))
            if data.order_id is not None:
                wanted.orders.add((customer_id, data.order_id))
        case "payment.received":
            wanted.payments.add((customer_id, data.payment_id))
        case "sample.ordered" | "sample.shipped" | "sample.received":
            wanted.samples_of.add(customer_id)
        case "customer.registered" | "customer.profiled":
            wanted.statements_of.add(customer_id)
        case "inquiry.received":
            wanted.inquiries.add((customer_id, data.inquiry_id))
        case "inquiry.judged":
            wanted.inquiries.add((customer_id, data.inquiry_id))
            wanted.statements_of.add(customer_id)
        case "contact.made":
            wanted.contacts.add((customer_id, data.contact_id))


def accept(desk: Desk, customer: Customer) -> Customer:
    """The customer one event older: every accepted event counts, also one that changes nothing else."""
    accepted = Customer(customer.customer_id, customer.version + 1, customer.trade, customer.profile)
    desk.customers[customer.customer_id] = desk.changes.customers[customer.customer_id] = accepted
    return accepted


def with_profile(desk: Desk, customer: Customer, changed: Profile) -> Customer:
    """The customer with this profile, noted as to be written where it differs."""
    if changed == customer.profile:
        return customer
    desk.changes.profiles.add(customer.customer_id)
    return customer._replace(profile=changed)
