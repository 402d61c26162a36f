"""N6–N8 against a plain oracle: what a month of breaches costs, however it is cut into batches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from services.archive.domain.catalogue import Catalogue, Known
from services.archive.domain.fines import Breach, Fine, Gap, fact_of
from services.archive.domain.months import month_of
from shared.policy import load_policy
from shared.words import Text

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
CATALOGUE = Catalogue(load_policy(None).fines, "p-1", ZoneInfo("Asia/Shanghai"))
DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 31))
SUMS = st.decimals(0, 9000, places=2) | st.sampled_from(
    [Decimal(text) for text in ("199.99", "200", "300", "300.01", "500", "800", "800.01", "2000", "2000.01", "4000")]
)


class Told(NamedTuple):
    """A breach as somebody tells it."""

    kind: str
    day: date
    amount: Decimal | None


def breach(told: Told, entry: int = 1, person: str | None = "wang") -> Breach:
    return Breach(
        told.kind, person, "C-1", "SO-1", told.amount, told.day, None, None, entry, "/conduct", f"report-{entry}"
    )


def bill(told: Sequence[Told], wage: Decimal | None) -> list[Fine | Gap]:
    """What the rules make of breaches, one after the other."""
    known: dict[tuple[str, date], Known] = {}
    found: list[Fine | Gap] = []
    for entry, each in enumerate(told, start=1):
        key = (CATALOGUE.counted_as(each.kind) or "", month_of(each.day))
        before = known.get(key, Known(base_wage=wage, manager="boss"))
        found += CATALOGUE.for_breach(breach(each, entry), before, NOW)
        known[key] = before.and_one(each.amount)
    return found


def percent(returned: Decimal) -> int:
    """N8, written from the company's words: 200–300 1 %, –500 2 %, –800 3 %, over 800 4 %, over 2,000 6 %."""
    if returned > 2000:
        return 6
    if returned > 800:
        return 4
    if returned > 500:
        return 3
    if returned > 300:
        return 2
    return 1 if returned >= 200 else 0


@given(st.lists(DAYS, max_size=25))
def test_lateness_costs_20_the_second_time_and_10_each_later_one_in_a_month(days: list[date]) -> None:
    """N7: two times 20, each from the third on 10; a month at a time."""
    found = bill([Told("lateness", day, None) for day in days], None)
    for month in {month_of(day) for day in days}:
        times = sum(month_of(day) == month for day in days)
        costs = sum(
            fine.amount or 0 for fine in found if isinstance(fine, Fine) and month_of(fine.occurred_on) == month
        )
        assert costs == (0 if times < 2 else 20 + 10 * (times - 2))


@given(st.lists(DAYS, max_size=25))
def test_wrong_deliveries_cost_30_once_from_the_third_in_a_month(days: list[date]) -> None:
    """N7: three times or more 30."""
    found = bill([Told("wrong_delivery", day, None) for day in days], None)
    months = {month_of(day) for day in days if sum(month_of(each) == month_of(day) for each in days) >= 3}
    assert [fine.amount for fine in found if isinstance(fine, Fine)] == [Decimal(30)] * len(months)


@example([(date(2026, 3, 1), Decimal(4000)), (date(2026, 3, 2), Decimal("0.01"))], Decimal(1000))
@example([(date(2026, 3, 1), Decimal(4000)), (date(2026, 3, 2), Decimal(2000))], Decimal(1000))
@given(st.lists(st.tuples(DAYS, SUMS), max_size=15), st.decimals("0.01", 20000, places=2))
def test_returns_cost_their_part_of_the_wage_and_the_month_its_measures(
    returned: list[tuple[date, Decimal]], wage: Decimal
) -> None:
    """N8, exactly: each return by its band; the month's total over 4,000 and over 6,000 once each, from its entry."""
    found = bill([Told("faulty_return", day, sum_) for day, sum_ in returned], wage)
    assert not [each for each in found if isinstance(each, Gap)]
    fines = [each for each in found if isinstance(each, Fine)]
    paid = [fine.amount for fine in fines if fine.kind == "faulty_return"]
    assert paid == [wage * percent(sum_) / 100 for _, sum_ in returned if percent(sum_)]
    for month in {month_of(day) for day, _ in returned}:
        total, crossed = Decimal(0), list[tuple[int, str, str]]()
        for entry, (day, sum_) in enumerate(returned, start=1):
            if month_of(day) != month:
                continue
            if total <= 4000 < total + sum_:
                crossed.append((entry, "wang", "4000"))
            if total <= 6000 < total + sum_:
                crossed += [(entry, "wang", "6000"), (entry, "boss", "6000")]
            total += sum_
        measures = [fine for fine in fines if fine.kind == "returns_in_month" and month_of(fine.occurred_on) == month]
        assert [(fine.entry, fine.person, fine.fact.rsplit(" ", 1)[1]) for fine in measures] == crossed
        assert all(fine.amount is None and not fine.dismissal for fine in measures)
    assert len({fine.fine_id for fine in fines}) == len(fines)
    assert len({(fine.person, fine.fact, fine.kind) for fine in fines}) == len(fines)


@given(st.decimals(0, 10**9, places=4))
def test_embezzlement_costs_a_hundred_for_one(sum_: Decimal) -> None:
    """N7, exact to the last digit."""
    (fine,) = bill([Told("embezzlement", NOW.date(), sum_)], None)
    assert isinstance(fine, Fine)
    assert fine.amount == sum_ * 100


@given(st.none() | st.decimals(0, 200, places=2))
def test_slow_work_costs_what_is_named_within_its_bounds_and_is_a_gap_otherwise(sum_: Decimal | None) -> None:
    """N7: 30 to 100."""
    (found,) = bill([Told("slow_work", NOW.date(), sum_)], None)
    if sum_ is not None and 30 <= sum_ <= 100:
        assert isinstance(found, Fine)
        assert found.amount == sum_
    else:
        assert found == Gap("slow_work", 1, "amount", NOW)


@given(SUMS)
def test_without_a_wage_a_return_waits_and_one_that_costs_nothing_does_not(sum_: Decimal) -> None:
    """N9: a missing wage is a listed gap, never a guess; where no wage is needed none is asked for."""
    found = [each for each in bill([Told("faulty_return", NOW.date(), sum_)], None) if isinstance(each, Gap)]
    assert found == ([Gap("faulty_return", 1, "base_wage", NOW)] if percent(sum_) else [])


def test_a_manager_who_is_not_known_is_a_gap_and_the_rep_answers_all_the_same() -> None:
    """N8: the area manager answers too."""
    told = Told("faulty_return", NOW.date(), Decimal(7000))
    found = CATALOGUE.for_breach(breach(told), Known(base_wage=Decimal(1000)), NOW)
    assert [each for each in found if isinstance(each, Gap)] == [Gap("returns_in_month", 1, "manager", NOW)]
    assert {each.person for each in found if isinstance(each, Fine)} == {"wang"}


@given(
    st.sampled_from(["person", "file", "order", "sum", "kind", "missing", "tier"]),
)
def test_a_breach_that_lacks_a_fact_is_a_gap(lacking: str) -> None:
    """N9: who, which file or order, which sum; and what a finder says is missing; an unknown kind too."""
    kinds = {"file": "unapproved_copy", "order": "low_margin", "sum": "embezzlement", "tier": "unapproved_destruction"}
    whole = breach(Told(kinds.get(lacking, "repeated_error"), NOW.date(), Decimal(5)))
    lacks = {
        "person": {"person": None}, "file": {"file": None}, "order": {"order_id": None}, "sum": {"amount": None},
        "kind": {"kind": "unheard_of"}, "missing": {"missing": "cost"}, "tier": {},
    }  # fmt: skip
    found = CATALOGUE.for_breach(whole._replace(**lacks[lacking]), Known(), NOW)  # type: ignore[arg-type]
    names = {"kind": "rule", "missing": "cost"}
    assert [each.missing for each in found if isinstance(each, Gap)] == [names.get(lacking, lacking)]
    assert not [each for each in found if isinstance(each, Fine)]


def test_destruction_of_a_personal_file_costs_nothing() -> None:
    """N5: of the company's and the departments' files."""
    whole = breach(Told("unapproved_destruction", NOW.date(), None))
    assert CATALOGUE.for_breach(whole._replace(tier="personal"), Known(), NOW) == []
    (fine,) = CATALOGUE.for_breach(whole._replace(tier="company"), Known(), NOW)
    assert isinstance(fine, Fine)


def test_one_fact_is_spelled_the_same_however_it_is_found() -> None:
    """Reading and copying by one act, a file stale twice in a month, an order found by two ways: one fact each."""
    read = breach(Told("unapproved_consulting", NOW.date(), None))
    assert fact_of(read) == fact_of(read._replace(kind="unapproved_copy", entry=7, words=Text(zh="甲", en="a")))
    stale = breach(Told("stale_file", date(2026, 3, 2), None))
    assert fact_of(stale) == fact_of(stale._replace(occurred_on=date(2026, 3, 30), event="other", entry=8))
    assert fact_of(stale) != fact_of(stale._replace(occurred_on=date(2026, 4, 1)))
    sold = breach(Told("low_margin", NOW.date(), None))
    assert fact_of(sold) == fact_of(sold._replace(source="/orders", event="x"))
    assert fact_of(sold) != fact_of(sold._replace(kind="customer_not_passed_on"))


def test_orders_of_two_customers_are_two_facts_though_they_have_one_id() -> None:
    """O5: an order id is unique among a customer's orders only; a sale without its customer is a gap."""
    sold = breach(Told("low_margin", NOW.date(), None))
    assert fact_of(sold) == fact_of(sold._replace(file="customer:C-1"))
    assert fact_of(sold) != fact_of(sold._replace(file="customer:C-2"))
    (gap,) = CATALOGUE.for_breach(sold._replace(file=None), Known(), NOW)
    assert isinstance(gap, Gap)
    assert gap.missing == "file"
