"""Histories of a few customers, small enough that ids, moments and currencies collide often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from services.customers.domain.terms import Terms
from shared.contracts import activities as a
from shared.contracts import orders as o
from shared.contracts.types import EventData
from shared.engine.model import Event

SHANGHAI = ZoneInfo("Asia/Shanghai")
REQUIRED = ("name", "industry", "rivals")
ODD_DAY = date(2024, 1, 3)


def rate(currency: str, on: date) -> Decimal | None:
    """A dollar that moves, and a euro that is unknown at first."""
    if currency == "CNY":
        return Decimal(1)
    if currency == "USD":
        return Decimal("7.11111111") if on < ODD_DAY else Decimal("6.9")
    return Decimal(8) if currency == "EUR" and on >= ODD_DAY else None


def terms(*, from_completed: bool = False) -> Terms:
    return Terms(
        business_date=lambda moment: moment.astimezone(SHANGHAI).date(),
        rate=rate,
        from_completed=from_completed,
        shared=frozenset({"rivals", "industry"}),
        required=REQUIRED,
    )


_numbers = count(1)


def event(kind: str, data: EventData, at: datetime | None = None, event_id: str | None = None) -> Event:
    """An accepted event; its time is the data's own moment unless given."""
    own = getattr(data, data.moment_field) if data.moment_field else datetime(2024, 1, 1, tzinfo=UTC)
    return Event(
        id=event_id or f"e{next(_numbers)}",
        source="test",
        type=kind,
        time=(at or own).astimezone(UTC),
        trace="",
        data=data,
        digest=0,
    )


def again(known: Event) -> Event:
    """The same told under a new id, as a sender does who forgot that it had been sent."""
    return Event(f"e{next(_numbers)}", known.source, known.type, known.time, known.trace, known.data, known.digest)


def clock(hour: int) -> datetime:
    """A moment so many hours into 2024, with the offset of the sender."""
    return datetime(2024, 1, 1, tzinfo=UTC).astimezone(SHANGHAI) + timedelta(hours=hour)


moments = st.integers(min_value=0, max_value=90).map(clock)
# Nearly all of one customer, so that much happens to it.
customer_ids = st.sampled_from(["C-1"] * 5 + ["C-2"])
order_ids = st.sampled_from(["O-1", "O-2", "Ö-3"])
reps = st.sampled_from(["rep-1", "rep-2", "rep-3"])
amounts = st.decimals(min_value=0, max_value=Decimal("999999999999.999999999999"), places=12).map(
    lambda amount: amount.quantize(Decimal("1e-12"))
)
# Small ones too, so that returns often exceed their order.
money = st.one_of(st.integers(0, 20).map(Decimal), amounts, st.just(Decimal("999999999999.999999999999")))
currencies = st.sampled_from(["CNY", "USD"])
"""Those that are never refused; `wild` histories have others too."""


lines = st.none() | st.lists(
    st.builds(
        o.OrderLine,
        sku=st.sampled_from(["cup", "茶"]),
        category=st.none() | st.sampled_from(["ware", "tea"]),
        quantity=money,
        unit_price=money,
        unit_cost=st.none() | money,
    ),
    max_size=3,
).map(tuple)
channels = st.none() | st.sampled_from(["showroom", "field", ""])


@st.composite
def placed(draw: st.DrawFn) -> Event:
    data = o.OrderPlaced(
        order_id=draw(order_ids),
        customer_id=draw(customer_ids),
        amount=draw(money),
        currency=draw(currencies),
        placed_at=draw(moments),
        sold_by=draw(st.none() | reps),
        lines=draw(lines),
        channel=draw(channels),
    )
    return event("order.placed", data, at=draw(moments))


_build = {
    "order.completed": st.builds(
        o.OrderCompleted, order_id=order_ids, customer_id=customer_ids, completed_at=moments
    ),
    "order.cancelled": st.builds(
        o.OrderCancelled, order_id=order_ids, customer_id=customer_ids, cancelled_at=moments
    ),
    "order.returned": st.builds(
        o.OrderReturned,
        return_id=st.sampled_from(["R-1", "R-2", "R-3", "R-4"]),
        order_id=st.none() | order_ids,
        customer_id=customer_ids,
        amount=money,
        currency=currencies,
        returned_at=moments,
    ),
    "payment.received": st.builds(
        o.PaymentReceived,
        payment_id=st.sampled_from(["P-1", "P-2"]),
        order_id=st.none() | order_ids,
        customer_id=customer_ids,
        amount=money,
        currency=currencies,
        received_at=moments,
    ),
    "sample.ordered": st.builds(
        o.SampleOrdered, sample_id=st.sampled_from(["S-1", "S-2"]), customer_id=customer_ids, ordered_at=moments
    ),
    "sample.shipped": st.builds(
        o.SampleShipped, sample_id=st.sampled_from(["S-1", "S-2"]), customer_id=customer_ids, shipped_at=moments
    ),
    "sample.received": st.builds(
        o.SampleReceived, sample_id=st.sampled_from(["S-1", "S-2"]), customer_id=customer_ids, received_at=moments
    ),
    "customer.registered": st.builds(
        a.CustomerRegistered,
        customer_id=customer_ids,
        name=st.none() | st.sampled_from(["甲", "乙"]),
        country=st.none() | st.sampled_from(["DE", "AE"]),
        rep=st.none() | reps,
        registered_at=moments,
    ),
    "customer.profiled": st.builds(
        a.CustomerProfiled,
        customer_id=customer_ids,
        profiled_at=moments,
        fields=st.builds(
            a.ProfileFields,
            name=st.none() | st.sampled_from(["甲", "丙"]),
            rep=st.none() | reps,
            department=st.none() | st.sampled_from(["field", "showroom"]),
            file_tier=st.none() | st.sampled_from(["company", "personal"]),
            industry=st.none() | st.sampled_from(["gifts", ""]),
            profile=st.none() | st.dictionaries(st.sampled_from(["rivals", "name"]), st.sampled_from(["1", "2", ""])),
        ),
    ),
    "inquiry.received": st.builds(
        a.InquiryReceived,
        inquiry_id=st.sampled_from(["I-1", "I-2"]),
        customer_id=customer_ids,
        received_at=moments,
        text=st.none() | st.sampled_from(["tea?", "mugs?"]),
    ),
    "inquiry.judged": st.builds(
        a.InquiryJudged,
        inquiry_id=st.sampled_from(["I-1", "I-2"]),
        customer_id=customer_ids,
        judged_at=moments,
        potential=st.sampled_from(["high", "moderate", "none"]),
        judged_by=st.none() | reps,
    ),
    "contact.made": st.builds(
        a.ContactMade,
        contact_id=st.sampled_from(["K-1", "K-2"]),
        customer_id=customer_ids,
        rep=reps,
        made_at=moments,
        channel=st.sampled_from(["mail", "visit"]),
        minutes=st.none() | st.integers(0, 60),
    ),
    "conduct.reported": st.builds(
        a.ConductReported, report_id=st.just("X-1"), person=reps, kind=st.just("late"), reported_at=moments,
        reported_by=reps,
    ),
}  # fmt: skip

_others = {kind: models.map(partial(event, kind)) for kind, models in _build.items()}
# Orders meet one another only if there are many of them, and large amounts only if they are drawn often.
events = st.one_of(
    *[placed()] * 12, *[_others["order.cancelled"]] * 2, *[_others["order.returned"]] * 4, *_others.values()
)


def consistent(history: list[Event]) -> list[Event]:
    """The history without contradictions, which are refused: one content per paper, and per order and event time."""
    seen: dict[tuple[str, ...], EventData] = {}
    kept = []
    for one in history:
        if one.type == "order.placed":
            paper: tuple[str, ...] = (one.type, one.data.customer_id, one.data.order_id, one.time.isoformat())
        elif one.type == "order.returned":
            paper = (one.type, one.data.customer_id, one.data.return_id)
        elif one.type == "payment.received":
            paper = (one.type, one.data.customer_id, one.data.payment_id)
        else:
            paper = (one.id,)
        if seen.setdefault(paper, one.data) == one.data:
            kept.append(one)
    return kept


histories = st.lists(events, min_size=1, max_size=25).map(consistent)


def exotic(known: Event) -> Event:
    """The same in euros, which have no rate at first."""
    if "currency" not in type(known.data).model_fields:
        return known
    return event(known.type, known.data.model_copy(update={"currency": "EUR"}), at=known.time)


wild = st.lists(events | events.map(exotic), min_size=1, max_size=25)
"""Histories with contradictions and unknown currencies in them."""


@st.composite
def batched(draw: st.DrawFn, history: Sequence[Event]) -> list[Sequence[Event]]:
    """The history cut into batches at random."""
    cuts = sorted(draw(st.lists(st.integers(0, len(history)), max_size=4)))
    return [history[start:end] for start, end in zip([0, *cuts], [*cuts, len(history)], strict=True)]


def order_placed(  # noqa: PLR0913 - the parts of an order
    amount: str = "100",
    *,
    order_id: str = "O-1",
    customer_id: str = "C-1",
    currency: str = "CNY",
    placed_at: datetime | None = None,
    sold_by: str | None = None,
) -> o.OrderPlaced:
    """An order for 100 yuan at the first moment of 2024 (UTC), unless said otherwise."""
    return o.OrderPlaced(
        order_id=order_id,
        customer_id=customer_id,
        amount=Decimal(amount),
        currency=currency,
        placed_at=placed_at or clock(0),
        sold_by=sold_by,
    )
