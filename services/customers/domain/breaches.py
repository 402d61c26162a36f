"""O3–O5, N8: what of a showroom's orders, and of returns by an error, is a breach; what is not known is a gap (N9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.customers.domain.copies import Person
from services.customers.domain.matters import FaultyReturn, ShowroomSale
from services.customers.domain.orders import Order
from services.customers.domain.profile import BASIC, FREE, Stated
from shared.contracts.audit import breach_id
from shared.money import ZERO, multiply, subtract, total
from shared.policy.breaches import Showroom
from shared.policy.fines import FineKind
from shared.roles import Role
from shared.words import Text


class Breach(NamedTuple):
    """A rule that was broken, or with `missing` one of which nobody can tell; `breach_id` is made of the fact."""

    breach_id: str
    kind: FineKind
    person: str | None
    customer_id: str
    order_id: str | None
    amount: Decimal | None
    occurred_on: date
    cause_id: str
    cause_source: str
    cause_type: str
    words: Text
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """Those whom the papers name, under every name that orders know them by."""

    by_name: Mapping[str, tuple[Person, ...]]

    def find(self, name: str | None) -> Person | None:
        """The one person of that name; None where nobody, or more than one, goes by it."""
        found = () if name is None else self.by_name.get(name, ())
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class SaleFacts:
    """All that judging a sale needs; `amount` of the order in the base currency, `fields` as the file states them."""

    sale: ShowroomSale
    order: Order
    amount: Decimal
    fields: Mapping[str, Stated]

    def field(self, name: str) -> str | None:
        """What a field of the file was last said to be; None for one that is not, or no more, filled."""
        stated = self.fields.get(name if name in BASIC else FREE + name)
        return (stated.value.strip() or None) if stated is not None else None


def judge_sale(facts: SaleFacts, staff: Staff, rules: Showroom) -> Iterator[Breach]:
    """Every rule that the order breaks. None for one that was cancelled, or amended into no showroom's."""
    order, sale = facts.order, facts.sale
    if order.cancelled_at is not None or order.stated_at != sale.stated_at or order.channel not in rules.channels:
        return
    for breach in (_not_passed_on(facts, staff), _regional(facts, staff, rules), _low_margin(facts, staff, rules)):
        if breach is not None:
            yield breach


def judge_return(returned: FaultyReturn, staff: Staff) -> Breach:
    """N8: whoever is responsible answers for the return; what it costs depends on the sum."""
    person = staff.find(returned.responsible)
    return Breach(
        breach_id("faulty_return", returned.customer_id, returned.return_id),
        "faulty_return",
        None if person is None else person.person,
        returned.customer_id,
        returned.order_id,
        returned.amount,
        returned.returned_on,
        returned.cause_id,
        returned.cause_source,
        "order.returned",
        Text(zh="因业务差错造成的退货", en="a return by the rep's own error"),
    )


def _not_passed_on(facts: SaleFacts, staff: Staff) -> Breach | None:
    """O3: the customer named a rep; somebody else sold, and did not pass the customer on."""
    sale, sold_by = facts.sale, facts.order.sold_by
    asked_for = sale.asked_for
    if asked_for is None or asked_for in {sold_by, sale.passed_to}:
        return None
    named, seller, receiver = (staff.find(name) for name in (asked_for, sold_by, sale.passed_to))
    if named is not None and named in (seller, receiver):
        return None
    # Under a name that nobody has, it may well be the seller who was asked for.
    missing = "asked_for" if named is None else None
    words = Text(
        zh=f"客户点名 {asked_for}，由 {sold_by or '他人'} 成交且未转交",
        en=f"the customer asked for {asked_for}; {sold_by or 'somebody else'} sold, and passed nobody on",
    )
    return _of_sale(facts, staff, "customer_not_passed_on", words, missing)


def _regional(facts: SaleFacts, staff: Staff, rules: Showroom) -> Breach | None:
    """O4: a customer of the gift trades from elsewhere goes to the departments in charge, at once."""
    passed_to = facts.sale.passed_to
    receiver = staff.find(passed_to)
    if passed_to in rules.passed_to or (receiver is not None and receiver.department in rules.passed_to):
        return None
    city, trade = facts.field(rules.city_field), facts.field(rules.trade_field)
    if city is not None and names_one_of(city, rules.home_cities):
        return None
    if trade is not None and not names_one_of(trade, rules.gift_trades):
        return None
    missing = rules.city_field if city is None else rules.trade_field if trade is None else None
    if missing is not None:
        words = Text(
            zh="客户档案缺少城市或行业，无法判断是否应转交",
            en="the file tells no city or no trade: nobody knows whether the customer had to be passed on",
        )
        breach = _of_sale(facts, staff, "regional_customer_not_passed_on", words, missing)
        # Every order of a customer lacks the same: it is listed once.
        return breach._replace(breach_id=breach_id(breach.kind, facts.order.customer_id, "", missing))
    # What the file says stays in it: city and trade are in no audit entry.
    words = Text(
        zh="外地礼品销售客户未转交市场部或外省拓展部",
        en="a customer of the gift trades from elsewhere was not passed on to the department in charge",
    )
    return _of_sale(facts, staff, "regional_customer_not_passed_on", words)


def _low_margin(facts: SaleFacts, staff: Staff, rules: Showroom) -> Breach | None:
    """O5: (price − cost) / price below the policy's share, without the signature of one who may."""
    order, signed_by = facts.order, facts.sale.signed_by
    costs = [article.unit_cost for article in order.articles]
    if not costs or None in costs:
        words = Text(zh="缺少成本，无法判断利润率", en="no cost is known, so the margin cannot be judged")
        return _of_sale(facts, staff, "low_margin", words, "cost")
    listed = total(multiply(article.quantity, article.unit_price) for article in order.articles)
    # What is taken off the whole order is taken off its margin; what is added for the way earns nothing.
    price = listed if order.amount is None else min(listed, order.amount)
    cost = total(multiply(article.quantity, article.unit_cost or ZERO) for article in order.articles)
    # Not divided: a price of nothing has no margin, but may well have a cost.
    if subtract(price, cost) >= multiply(rules.margin, price):
        return None
    signer = staff.find(signed_by)
    if signed_by is not None and signer is None:
        words = Text(zh=f"签字人 {signed_by} 未登记", en=f"{signed_by}, who signed, is in no organisation")
        return _of_sale(facts, staff, "low_margin", words, "signed_by")
    if signer is not None and signer != staff.find(order.sold_by) and may_sign(signer, rules):
        return None
    least = format((rules.margin * 100).normalize(), "f")
    words = Text(
        zh=f"利润率 {margin_words(price, cost)}，低于 {least} %，且无展厅经理或总经理签字",
        en=f"a margin of {margin_words(price, cost)}, below {least} %, and nobody signed who may",
    )
    return _of_sale(facts, staff, "low_margin", words)


def may_sign(signer: Person, rules: Showroom) -> bool:
    """O5: whether the signature lets a low margin pass: a department's manager signs for a showroom only."""
    if signer.role not in rules.signed_by:
        return False
    return signer.role != Role.DEPARTMENT_MANAGER or signer.department in rules.departments


def names_one_of(text: str, words: Iterable[str]) -> bool:
    """Whether one of the words stands in a text, in any case."""
    folded = text.casefold()
    return any(word.casefold() in folded for word in words)


def margin_words(price: Decimal, cost: Decimal) -> str:
    """The margin in percent, for people: one decimal place."""
    if not price:
        return "0 %"
    return f"{(price - cost) * 100 / price:.1f} %"


def _of_sale(facts: SaleFacts, staff: Staff, kind: FineKind, words: Text, missing: str | None = None) -> Breach:
    order, sale = facts.order, facts.sale
    seller = staff.find(order.sold_by)
    if order.dated is None:
        raise ValueError(f"an order that was not placed cannot be judged: {order.order_id}")
    return Breach(
        # What was listed for want of a fact may turn out a breach once the fact is told.
        breach_id(kind, order.customer_id, order.order_id, *([] if missing is None else [missing])),
        kind,
        None if seller is None else seller.person,
        order.customer_id,
        order.order_id,
        facts.amount,
        order.dated,
        sale.cause_id,
        sale.cause_source,
        "order.placed",
        words,
        missing,
    )
