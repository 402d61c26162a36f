"""Orders and activities become customers: every accepted event leaves exactly one mark on `customers.v1`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from services.customers.domain import activities, documents, facts, matters, orders, samples, trade
from services.customers.domain.customer import Asked, Customer, Profile, with_statements
from services.customers.domain.profile import POTENTIAL, Stated, attributes, gaps, improved_at, news, statements
from services.customers.domain.terms import Terms
from services.customers.domain.upkeep import NOT_LOOKED_AFTER, Upkeep, contacted, held, named
from services.customers.ports import CustomerStore, Desk, Key, Wanted
from shared.contracts.activities import (
    ContactMade,
    CustomerProfiled,
    CustomerRegistered,
    InquiryJudged,
    InquiryReceived,
)
from shared.contracts.customers import Inquiry, TradeEntry
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
from shared.in_force import InForce
from shared.money import add

Outcome = tuple[Outgoing, ...]

JUDGED = frozenset({"order.placed", "order.returned"})
"""What may leave a matter to be judged (O3–O5, N8)."""


class RecordTrade(BatchHandler):
    """Folds each customer's events in order; the final state depends only on which events were accepted.

    Each rule computes first, where it may raise `Refused`, and touches the desk last.
    """

    def __init__(self, *, store: CustomerStore, terms: InForce[Terms]) -> None:
        self._store = store
        self._terms_in_force = terms
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
        # One batch at a time works here, and all of it under these terms.
        self._terms = await self._terms_in_force(tx)
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
        if rule is None:
            return ()
        outcome = rule(work, event)
        if event.type in JUDGED:
            self._note_matter(work, event, now)
        return outcome

    async def save(self, tx: Transaction, work: Desk) -> None:
        await self._store.save(tx, work)

    def _note_matter(self, desk: Desk, event: Event, now: datetime) -> None:
        """Note a showroom's order, or a return by an error: it is judged once all that belongs to it was told."""
        terms = self._terms
        if terms.watched is None:
            return
        if event.type == "order.placed":
            if (sale := matters.sale_of(event, terms, terms.watched, now)) is not None:
                desk.put_sale(sale)
        elif (returned := matters.return_of(event, terms, terms.watched, now)) is not None:
            desk.changes.faulty_returns[returned.customer_id, returned.return_id] = returned

    def _placed(self, desk: Desk, event: Event) -> Outcome:
        data: OrderPlaced = event.data
        before = desk.order(data.customer_id, data.order_id)
        return self._traded(desk, event, before, orders.place(before, data, event.time, self._terms))

    def _completed(self, desk: Desk, event: Event) -> Outcome:
        data: OrderCompleted = event.data
        before = desk.order(data.customer_id, data.order_id)
        order = before or orders.Order(data.customer_id, data.order_id)
        return self._traded(desk, event, before, orders.complete(order, data.completed_at))

    def _cancelled(self, desk: Desk, event: Event) -> Outcome:
        data: OrderCancelled = event.data
        before = desk.order(data.customer_id, data.order_id)
        order = before or orders.Order(data.customer_id, data.order_id)
        return self._traded(desk, event, before, orders.cancel(order, data.cancelled_at))

    def _returned(self, desk: Desk, event: Event) -> Outcome:
        data: OrderReturned = event.data
        returned, key = documents.return_of(data), (data.customer_id, data.return_id)
        customer = desk.customer(data.customer_id)
        if not documents.is_new(desk.returns.get(key), returned):
            return self._trade_recorded(desk, event, customer)
        dated = self._terms.business_date(returned.returned_at)
        amount = self._terms.in_base(returned.amount, returned.currency, dated)
        if returned.order_id is None:
            entry = facts.return_entry(returned, dated, amount)
            recorded = self._trade_recorded(desk, event, customer, entry=entry)
        else:
            before = desk.order(data.customer_id, returned.order_id)
            order = before or orders.Order(data.customer_id, returned.order_id)
            lowered = orders.give_back(order, returned.amount, returned.currency, self._terms)
            recorded = self._traded(desk, event, before, lowered)
        desk.returns[key] = desk.changes.returns[key] = returned
        return recorded

    def _paid(self, desk: Desk, event: Event) -> Outcome:
        data: PaymentReceived = event.data
        payment, key = documents.payment_of(data), (data.customer_id, data.payment_id)
        customer = desk.customer(data.customer_id)
        if not documents.is_new(desk.payments.get(key), payment):
            return self._trade_recorded(desk, event, customer)
        amount = self._terms.in_base(payment.amount, payment.currency, self._terms.business_date(payment.received_at))
        desk.payments[key] = desk.changes.payments[key] = payment
        paid = customer.profile._replace(paid=add(customer.profile.paid, amount))
        return self._trade_recorded(desk, event, customer, profile=paid)

    def _sampled(self, desk: Desk, event: Event) -> Outcome:
        data: SampleOrdered | SampleShipped | SampleReceived = event.data
        told = samples.told(data)
        known = desk.samples.get(told.customer_id, {})
        desk.put_sample(samples.merge(known.get(told.sample_id, told), told))
        customer = desk.customer(told.customer_id)
        sampling = samples.sampling_of(desk.samples[told.customer_id].values(), self._terms.business_date)
        return self._trade_recorded(desk, event, customer, profile=customer.profile._replace(sampling=sampling))

    def _profiled(self, desk: Desk, event: Event) -> Outcome:
        data: CustomerRegistered | CustomerProfiled = event.data
        return self._stated(desk, event, statements(data))

    def _judged(self, desk: Desk, event: Event) -> Outcome:
        data: InquiryJudged = event.data
        key = (data.customer_id, data.inquiry_id)
        inquiry = desk.inquiries.get(key) or activities.Inquiry(*key)
        desk.inquiries[key] = desk.changes.inquiries[key] = activities.judged(inquiry, data)
        return self._stated(desk, event, [(POTENTIAL, Stated(data.judged_at, data.potential))])

    def _asked(self, desk: Desk, event: Event) -> Outcome:
        data: InquiryReceived = event.data
        key = (data.customer_id, data.inquiry_id)
        inquiry = desk.inquiries.get(key) or activities.Inquiry(*key)
        desk.inquiries[key] = desk.changes.inquiries[key] = activities.asked(inquiry, data)
        customer = desk.customer(data.customer_id)
        asked = Asked(data.received_at.astimezone(UTC), data.inquiry_id)
        newest = asked if customer.profile.asked is None else max(customer.profile.asked, asked)
        return self._profile_recorded(desk, event, customer, customer.profile._replace(asked=newest))

    def _contacted(self, desk: Desk, event: Event) -> Outcome:
        data: ContactMade = event.data
        key = (data.customer_id, data.contact_id)
        desk.contacts[key] = desk.changes.contacts[key] = activities.contacted(desk.contacts.get(key), data)
        customer, made_at = desk.customer(data.customer_id), data.made_at.astimezone(UTC)
        theirs = desk.holdings.get(data.customer_id, {})
        desk.put_holding(data.customer_id, data.rep, contacted(theirs.get(data.rep), made_at))
        profile = customer.profile._replace(contacted_at=samples.latest(customer.profile.contacted_at, made_at))
        return self._profile_recorded(desk, event, customer, holding(desk, customer.customer_id, profile))

    def _stated(self, desk: Desk, event: Event, stated: Iterable[tuple[str, Stated]]) -> Outcome:
        customer, said = desk.customer(event.data.customer_id), list(stated)
        customer_id = customer.customer_id
        fresh = news(desk.statements.get(customer_id, {}), said)
        desk.put_statements(customer_id, fresh)
        for field, statement in said:
            if field == "rep":
                theirs = desk.holdings.get(customer_id, {})
                at = statement.stated_at.astimezone(UTC)
                desk.put_holding(customer_id, statement.value, named(theirs.get(statement.value), at))
        profile = with_statements(customer.profile, fresh)
        return self._profile_recorded(desk, event, customer, as_stated(desk, customer_id, profile, self._terms))

    def _traded(self, desk: Desk, event: Event, before: orders.Order | None, after: orders.Order) -> Outcome:
        """Take over an order that may have changed, and what follows for its customer."""
        customer = desk.customer(after.customer_id)
        if after is before:
            return self._trade_recorded(desk, event, customer)
        desk.put_order(after)
        followed = trade.follow(customer.trade, before, after, self._terms)
        if followed is None:
            theirs = desk.orders[after.customer_id].values()
            followed = trade.recount(desk.elsewhere[after.customer_id], theirs, self._terms)
        told = orders.entry_of(after, self._terms)
        if told is None or (before is not None and told == orders.entry_of(before, self._terms)):
            return self._trade_recorded(desk, event, customer, traded=followed)
        entry = facts.order_entry(after.order_id, told)
        return self._trade_recorded(desk, event, customer, traded=followed, entry=entry)

    def _trade_recorded(  # noqa: PLR0913 - the customer before, and what may be new of it
        self,
        desk: Desk,
        event: Event,
        customer: Customer,
        *,
        traded: trade.Trade | None = None,
        profile: Profile | None = None,
        entry: TradeEntry | None = None,
    ) -> Outcome:
        accepted = accept(desk, customer, traded or customer.trade, profile or customer.profile)
        return (facts.trade_recorded(accepted, event, entry, asked_last(desk, accepted, self._terms), self._terms),)

    def _profile_recorded(self, desk: Desk, event: Event, customer: Customer, profile: Profile) -> Outcome:
        accepted = accept(desk, customer, customer.trade, profile)
        return (facts.profile_recorded(accepted, event, asked_last(desk, accepted, self._terms), self._terms),)


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
            wanted.holdings_of.add(customer_id)
        case "inquiry.received":
            wanted.inquiries.add((customer_id, data.inquiry_id))
        case "inquiry.judged":
            wanted.inquiries.add((customer_id, data.inquiry_id))
            wanted.statements_of.add(customer_id)
            wanted.holdings_of.add(customer_id)
        case "contact.made":
            wanted.contacts.add((customer_id, data.contact_id))
            wanted.holdings_of.add(customer_id)


def as_stated(desk: Desk, customer_id: str, profile: Profile, terms: Terms) -> Profile:
    """The profile with what follows from all statements together (P1, P2, O2)."""
    known = desk.statements.get(customer_id)
    if not known:
        return profile._replace(upkeep=NOT_LOOKED_AFTER)
    latest = improved_at(known)
    upkeep = Upkeep(None if latest is None else latest.astimezone(UTC), gaps(known, terms.required))
    stated = profile._replace(attributes=attributes(known, terms.shared), upkeep=upkeep)
    return holding(desk, customer_id, stated)


def holding(desk: Desk, customer_id: str, profile: Profile) -> Profile:
    """The profile with what the holdings on the desk say of the rep who was named (O2)."""
    return profile._replace(upkeep=held(profile.upkeep, profile.rep, desk.holdings.get(customer_id, {})))


def asked_last(desk: Desk, customer: Customer, terms: Terms) -> Inquiry | None:
    """The newest inquiry, as it is told with every event."""
    asked = customer.profile.asked
    if asked is None:
        return None
    return facts.inquiry_told(customer, desk.inquiries.get((customer.customer_id, asked.inquiry_id)), terms)


def accept(desk: Desk, customer: Customer, traded: trade.Trade, profile: Profile) -> Customer:
    """The customer one event older: every accepted event counts, also one that changes nothing else."""
    accepted = Customer(customer.customer_id, customer.version + 1, traded, profile)
    if profile is not customer.profile and profile != customer.profile:
        desk.changes.profiles.add(customer.customer_id)
    desk.put_customer(accepted)
    return accepted
