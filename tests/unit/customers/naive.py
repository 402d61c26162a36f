"""The rules once more, written for reading: from the whole set of events at once, without any state in between."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor
from statistics import median

from services.customers.domain.terms import Terms
from shared.contracts.customers import Inquiry, Upkeep
from shared.engine.model import Event
from shared.money import EXACT, ZERO, total

Facts = dict[str, object]


Line = tuple[str, str | None, Decimal, Decimal, Decimal | None]


def lines(history: Iterable[Event], customer_id: str, terms: Terms) -> dict[str, tuple[Line, ...]]:
    """entry_id → the lines of one customer's orders: quantity, and price and cost of all of it in the base currency."""
    mine = [event for event in history if getattr(event.data, "customer_id", None) == customer_id]
    result = {}
    for order_id, newest in newest_orders(mine).items():
        rate = terms.rate(newest.data.currency, terms.business_date(newest.data.placed_at))
        assert rate is not None
        result[f"o:{order_id}"] = tuple(
            (
                line.sku,
                line.category,
                line.quantity,
                EXACT.multiply(EXACT.multiply(line.quantity, line.unit_price), rate),
                None if line.unit_cost is None else EXACT.multiply(EXACT.multiply(line.quantity, line.unit_cost), rate),
            )
            for line in newest.data.lines or ()
        )
    return result


def sides(history: Iterable[Event], customer_id: str, terms: Terms) -> dict[str, tuple[object, ...]]:
    """entry_id → channel, seller and business date of the first completion of one customer's orders."""
    mine = [event for event in history if getattr(event.data, "customer_id", None) == customer_id]
    completed: dict[str, list[datetime]] = {}
    for event in mine:
        if event.type == "order.completed":
            completed.setdefault(event.data.order_id, []).append(event.data.completed_at)
    return {
        f"o:{order_id}": (
            newest.data.channel,
            newest.data.sold_by,
            terms.business_date(min(completed[order_id])) if order_id in completed else None,
        )
        for order_id, newest in newest_orders(mine).items()
    }


def entries(history: Iterable[Event], customer_id: str, terms: Terms) -> dict[str, tuple[date, Decimal, bool]]:
    """entry_id → (date, amount in the base currency, whether it counts) of one customer (RFM)."""
    mine = [event for event in history if getattr(event.data, "customer_id", None) == customer_id]
    returns = {event.data.return_id: event.data for event in mine if event.type == "order.returned"}
    cancelled = {event.data.order_id for event in mine if event.type == "order.cancelled"}
    completed = {event.data.order_id for event in mine if event.type == "order.completed"}
    result = {}
    for order_id, newest in newest_orders(mine).items():
        dated = terms.business_date(newest.data.placed_at)
        counts = order_id not in cancelled and (order_id in completed or not terms.from_completed)
        gross = terms.in_base(newest.data.amount, newest.data.currency, dated)
        back = total(terms.in_base(r.amount, r.currency, dated) for r in returns.values() if r.order_id == order_id)
        result[f"o:{order_id}"] = (dated, max(ZERO, EXACT.subtract(gross, back)) if counts else ZERO, counts)
    for return_id, r in returns.items():
        if r.order_id is None:
            dated = terms.business_date(r.returned_at)
            result[f"r:{return_id}"] = (dated, EXACT.minus(terms.in_base(r.amount, r.currency, dated)), True)
    return result


def newest_orders(mine: Iterable[Event]) -> dict[str, Event]:
    newest: dict[str, Event] = {}
    for event in sorted((e for e in mine if e.type == "order.placed"), key=lambda e: e.time):
        newest[event.data.order_id] = event
    return newest


def facts(history: Iterable[Event], customer_id: str, terms: Terms) -> Facts:
    """What `customers.v1` should say in the end of the customer's trade, samples, ownership and contacts."""
    mine = [event for event in history if getattr(event.data, "customer_id", None) == customer_id]
    told = entries(mine, customer_id, terms)
    standing = {key.removeprefix("o:"): v for key, v in told.items() if key.startswith("o:") and v[2]}
    sampled = any(event.type.startswith("sample.") for event in mine)
    sellers = [
        (event.data.placed_at, order_id.encode(), event.data.sold_by)
        for order_id, event in newest_orders(mine).items()
        if order_id in standing and event.data.sold_by is not None
    ]
    rep = stated(mine, "rep")
    payments = (event.data for event in mine if event.type == "payment.received")
    paid = {p.payment_id: terms.in_base(p.amount, p.currency, terms.business_date(p.received_at)) for p in payments}
    return {
        "customer_class": "contract" if standing else "sample" if sampled else "potential",
        "orders": len(standing),
        "first_order_on": min((v[0] for v in standing.values()), default=None),
        "last_order_on": max((v[0] for v in standing.values()), default=None),
        "rep": rep if rep is not None or not sellers else min(sellers)[2],
        "country": stated(mine, "country"),
        "department": stated(mine, "department"),
        "file_tier": stated(mine, "file_tier") or terms.default_tier,
        "potential": max(
            ((e.data.judged_at, e.data.potential) for e in mine if e.type == "inquiry.judged"), default=(None, None)
        )[1],
        "attributes": shared(mine),
        "inquiry": None if standing else asked(mine, terms),
        "paid": total(paid.values()) or None,
        "contacted_at": max((e.data.made_at for e in mine if e.type == "contact.made"), default=None),
        **rhythm({v[0] for v in standing.values()}),
        "upkeep": upkeep(mine, rep, terms),
    }


def rhythm(days: Iterable[date]) -> Facts:
    """Median and median deviation of the intervals between the newest 13 of distinct days, in whole days."""
    newest = sorted(days)[-13:]
    intervals = [(later - earlier).days for earlier, later in pairwise(newest)]
    if not intervals:
        return {"purchases": None, "usual_interval": None, "usual_spread": None}
    usual = floor(median(intervals))
    spread = ceil(median(abs(interval - usual) for interval in intervals))
    return {"purchases": len(newest), "usual_interval": usual, "usual_spread": spread}


def upkeep(mine: Iterable[Event], rep: str | None, terms: Terms) -> Upkeep:
    """What the file lacks, when it was last improved, and how the rep who was named has looked after the customer."""
    said: dict[str, tuple[datetime, str]] = {}
    named: list[datetime] = []
    free: dict[str, str] = {}
    for event in mine:
        if event.type == "customer.registered":
            at, fields, free = event.data.registered_at, event.data.model_dump(exclude={"customer_id"}), {}
        elif event.type == "customer.profiled":
            at, fields = event.data.profiled_at, event.data.fields.model_dump(exclude={"profile"})
            free = event.data.fields.profile or {}
        elif event.type == "inquiry.judged":
            at, fields, free = event.data.judged_at, {"potential": event.data.potential}, {}
        else:
            continue
        fields.pop("registered_at", None)
        for field, value in [*fields.items(), *((f"profile.{name}", value) for name, value in free.items())]:
            if value is not None:
                said[field] = max((at, value), said.get(field, (at, value)))
        if rep is not None and fields.get("rep") == rep:
            named.append(at)
    if not said:
        return Upkeep()
    filled = {field for field, (_, value) in said.items() if value}
    contents = filled - {"rep", "department", "file_tier", "potential"}
    names = {"name": "name", "industry": "industry", "rivals": "profile.rivals"}
    reported = [e.data.made_at for e in mine if e.type == "contact.made" and e.data.rep == rep and named]
    return Upkeep(
        improved_on=terms.business_date(max(said[field][0] for field in contents)) if contents else None,
        gaps=tuple(name for name, field in names.items() if field not in filled),
        given_on=terms.business_date(min(named)) if named else None,
        reported_on=terms.business_date(max(reported)) if reported else None,
    )


def shared(mine: Iterable[Event]) -> dict[str, str] | None:
    """The fields that `strategies.terms` lets others know, those that were emptied left out."""
    mine = list(mine)
    industry = stated(mine, "industry")
    rivals = max(
        (
            (event.data.profiled_at, event.data.fields.profile["rivals"])
            for event in mine
            if event.type == "customer.profiled" and "rivals" in (event.data.fields.profile or {})
        ),
        default=(None, None),
    )[1]
    told = {"industry": industry, "rivals": rivals}
    known = {name: value for name, value in told.items() if value is not None}
    return {name: value for name, value in known.items() if value} if known else None


def asked(mine: Iterable[Event], terms: Terms) -> Inquiry | None:
    """What the customer asked last: each inquiry as it was told last, then the newest of them."""
    newest: dict[str, tuple[datetime, str]] = {}
    for event in mine:
        if event.type == "inquiry.received":
            told = (event.data.received_at, event.data.text or "")
            newest[event.data.inquiry_id] = max(told, newest.get(event.data.inquiry_id, told))
    if not newest:
        return None
    inquiry_id = max(newest, key=lambda each: (newest[each][0], each))
    received_at, text = newest[inquiry_id]
    return Inquiry(inquiry_id=inquiry_id, received_on=terms.business_date(received_at), text=text)


def stated(mine: Iterable[Event], field: str) -> str | None:
    said = []
    for event in mine:
        if event.type == "customer.registered":
            said.append((event.data.registered_at, getattr(event.data, field, None)))
        elif event.type == "customer.profiled":
            said.append((event.data.profiled_at, getattr(event.data.fields, field, None)))
    return max(((at, value) for at, value in said if value is not None), default=(None, None))[1]
