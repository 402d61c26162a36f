"""Why a customer lapsed (K7), and who may know."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.scoring.usecases.explaining_lapse import NotForThemError, NotLapsedError
from shared.contracts.customers import EntryLine, TradeEntry
from shared.engine.model import Event
from shared.identity import Principal
from shared.roles import Role
from tests.integration.scoring.house import DAY, TODAY, House, facts, returned

pytestmark = pytest.mark.backend

DIRECTOR = Principal("ann", Role.MARKETING_DIRECTOR)
LAST = TODAY - 400 * DAY


def bought(version: int, dated: date, attributes: dict[str, str] | None = None, **categories: int) -> Event:
    """An order of C that names an article of each category."""
    lines = tuple(
        EntryLine(sku=name, category=name, quantity=Decimal(1), amount=Decimal(amount), cost=None)
        for name, amount in categories.items()
    )
    entry = TradeEntry(
        entry_id=f"o:{version}",
        kind="order",
        dated=dated,
        amount=Decimal(sum(categories.values()) or 10),
        counts=True,
        lines=lines or None,
    )
    return facts(
        "C",
        version,
        customer_class="contract",
        last_order_on=dated,
        rep="rep-7",
        attributes=attributes,
        entry=entry,
    )


async def lapsed_customer(house: House) -> None:
    """Five orders in the year before, two in the last; porcelain dropped; the buyer changed on the way."""
    for number in range(5):
        await house.told(bought(number + 1, LAST - (700 - 60 * number) * DAY, {"buyer": "Li"}, tea=100, porcelain=50))
    await house.told(bought(6, LAST - 120 * DAY, {"buyer": "Wu"}, tea=80))
    await house.told(returned("C", 7, LAST - 60 * DAY, "30", last=LAST - 120 * DAY))
    await house.told(bought(8, LAST, {"buyer": "Wu", "suppliers": "two at the harbour"}))


async def audited(house: House) -> list[tuple[str, str, str]]:
    """Type, actor and file of all that was noted for the audit."""
    events: list[dict[str, Any]] = await house.published("audit.v1")
    return [(event["type"], event["data"]["actor"], event["data"]["file"]) for event in events]


async def test_the_last_year_is_held_against_the_one_before(house: House) -> None:
    """K7: purchases, frequency, categories dropped, change of buyer, other suppliers; gaps are listed (D4)."""
    await lapsed_customer(house)
    report = await house.explain_lapse(DIRECTOR, "C")
    assert report is not None
    assert (report.last_order_on, report.lapsed_on) == (LAST, LAST + 365 * DAY)
    last, before = report.last_year, report.year_before
    assert (last.orders, last.amount, last.returned, last.usual_gap_days) == (2, Decimal(60), Decimal(30), 120)
    assert (before.orders, before.amount, before.usual_gap_days) == (5, Decimal(750), 60)
    assert [purchase.entry_id for purchase in report.purchases] == ["o:6", "r:7", "o:8"]
    assert [(c.category, c.year_before, c.last_year, c.dropped) for c in report.categories] == [
        ("tea", Decimal(500), Decimal(80), False),
        ("porcelain", Decimal(250), Decimal(0), True),
    ]
    assert [(c.before, c.after, c.noted_on) for c in report.buyer_changes] == [("Li", "Wu", TODAY)]
    assert report.suppliers == "two at the harbour"
    said = " ".join(finding.en for finding in report.findings)
    for part in ("2 orders, 60.00 CNY", "from 60 to 120 days", "porcelain", "from Li to Wu", "harbour"):
        assert part in said
    assert [gap.en for gap in report.gaps] == ["1 order names no articles."]
    assert await audited(house) == [("file.read", "ann", "customer:C")]


async def test_only_its_rep_and_leaders_read_it_and_each_attempt_is_audited(house: House) -> None:
    """A1: the report quotes the file; whoever is turned away is noted, and learns nothing of what exists."""
    await lapsed_customer(house)
    assert await house.explain_lapse(Principal("rep-7", Role.REP), "C") is not None
    for stranger, customer in (("rep-8", "C"), ("rep-7", "nobody")):
        with pytest.raises(NotForThemError):
            await house.explain_lapse(Principal(stranger, Role.REP), customer)
    assert await audited(house) == [
        ("file.read", "rep-7", "customer:C"),
        ("access.denied", "rep-8", "customer:C"),
        ("access.denied", "rep-7", "customer:nobody"),
    ]
    assert await house.explain_lapse(DIRECTOR, "nobody") is None


async def test_who_is_not_lapsed_has_no_such_report(house: House) -> None:
    """An order brings a customer back, and with it the question ends."""
    await lapsed_customer(house)
    await house.told(bought(9, TODAY, tea=10))
    with pytest.raises(NotLapsedError):
        await house.explain_lapse(DIRECTOR, "C")
