"""Papers that do not change, returns and payments: the same id counts once, and with other content is refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from shared.contracts.orders import OrderReturned, PaymentReceived
from shared.engine.model import Refused


class Return(NamedTuple):
    """Goods that came back, in the currency of the paper; `order_id` None lowers no order but the total (RFM)."""

    customer_id: str
    return_id: str
    order_id: str | None
    amount: Decimal
    currency: str
    returned_at: datetime


class Payment(NamedTuple):
    """Money collected, in the currency of the paper (W1)."""

    customer_id: str
    payment_id: str
    order_id: str | None
    amount: Decimal
    currency: str
    received_at: datetime


Document = TypeVar("Document", Return, Payment)


def return_of(data: OrderReturned) -> Return:
    return Return(data.customer_id, data.return_id, data.order_id, data.amount, data.currency, data.returned_at)


def payment_of(data: PaymentReceived) -> Payment:
    return Payment(data.customer_id, data.payment_id, data.order_id, data.amount, data.currency, data.received_at)


def is_new(known: Document | None, document: Document) -> bool:
    """Whether `document` was not seen before; `Refused` when its id was, with other content."""
    if known is not None and known != document:
        raise Refused("contradiction", f"{document[1]!r} came before with another amount, order or date")
    return known is None
