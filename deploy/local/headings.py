"""Headings of tables of trade: what a column makes of its rows, and what else it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.contracts.orders import OrderLine
from shared.contracts.registry import TOPICS

TOPIC = TOPICS["orders.v1"]
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "return_id": ("order.returned",),
    "payment_id": ("payment.received",),
    "sample_id": ("sample.ordered", "sample.shipped", "sample.received"),
    "order_id": ("order.placed", "order.completed", "order.cancelled"),
}
"""Identity column to the events that a row may tell; a return may name its order too, so the order's comes last."""

LINE = tuple(OrderLine.model_fields)
# What the sheets of a company here are called, beside the names of the contract.
ALIASES: Mapping[str, str] = {
    "订单号": "order_id",
    "订单编号": "order_id",
    "退货单号": "return_id",
    "回款单号": "payment_id",
    "收款单号": "payment_id",
    "样品单号": "sample_id",
    "客户编号": "customer_id",
    "客户号": "customer_id",
    "金额": "amount",
    "币种": "currency",
    "下单时间": "placed_at",
    "下单日期": "placed_at",
    "完成日期": "completed_at",
    "取消日期": "cancelled_at",
    "退货日期": "returned_at",
    "回款日期": "received_at",
    "收款日期": "received_at",
    "寄样日期": "shipped_at",
    "签收日期": "received_at",
    "退货原因": "reason",
    "业务员": "sold_by",
    "收款人": "collected_by",
    "责任人": "responsible",
    "渠道": "channel",
    "货号": "sku",
    "产品编号": "sku",
    "品类": "category",
    "类别": "category",
    "数量": "quantity",
    "单价": "unit_price",
    "单位成本": "unit_cost",
}


def moment_column(kind: str) -> str:
    """The column of the event's moment."""
    return TOPIC.types[kind].moment_field or ""


def required_columns(kind: str) -> list[str]:
    """The columns that an event cannot do without."""
    return [name for name, field in TOPIC.types[kind].model_fields.items() if field.is_required()]


def known_columns(family: Sequence[str]) -> list[str]:
    """All columns of a table of this kind, those first that it needs."""
    optional = [name for kind in family for name in TOPIC.types[kind].model_fields if name != "lines"]
    articles = LINE if family[0] == "order.placed" else ()
    return list(dict.fromkeys([*required_columns(family[0]), *optional, *articles]))
