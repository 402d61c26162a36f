"""Why a customer lapsed (K7), and who may know."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.scoring.usecases.explaining_lapse import NotForThemError, NotLapsedError
from services.scoring.usecases.organisation import RecordPeople
from shared.contracts.customers import EntryLine, TradeEntry
from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.engine.model import Event
from shared.identity import Principal
from shared.roles import Role
from tests.integration.scoring.house import DAY, NOON, TODAY, House, facts, returned

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


def recorded(person: str, department: str | None, rep_code: str | None = None, *, active: bool = True) -> Event:
    """A person as the organisation tells it."""
    data = PersonRecorded(person=person, role="rep", department=department, rep_code=rep_code, active=active)
    return Event(f"person:{person}", "/tierline/customers", "person.recorded", NOON, "", data, 0)


def departed(person: str) -> Event:
    data = PersonDeparted(person=person, departed_at=NOON)
    return Event(f"departed:{person}", "/tierline/customers", "person.departed", NOON, "", data, 0)


async def told_of_people(house: House, *events: Event) -> None:
    """A batch of `organisation.v1`."""
    record = RecordPeople(house.people)
    async with house.database.transaction() as tx:
        work = await record.load(tx, events)
        for event in events:
            record.decide(work, event, NOON)
        await record.save(tx, work)


async def reads(house: House, person: str, role: Role, department: str | None = None) -> bool:
    """Whether they are shown why C lapsed."""
    try:
        return await house.explain_lapse(Principal(person, role, department), "C") is not None
    except NotForThemError:
        return False


async def test_a_department_manager_reads_of_the_own_departments_customers(house: House) -> None:
    """A1: the organisation, not the token, says who works where; orders may know the rep by a code."""
    await lapsed_customer(house)
    manager, north = Role.DEPARTMENT_MANAGER, "north"
    assert not await reads(house, "max", manager, north), "nobody has said yet whose customer it is"
    await told_of_people(house, recorded("lin", north, "rep-7"), recorded("max", north), recorded("sue", "south"))
    assert await reads(house, "max", manager, north)
    assert await reads(house, "max", manager, "south"), "the token is older than the organisation"
    assert not await reads(house, "sue", manager, north)
    assert await reads(house, "lin", Role.REP), "rep-7 is lin's code"
    assert not await reads(house, "max", Role.REP, north), "only a manager reads of colleagues' customers"
    for role in Role:
        allowed = role in {Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR}
        assert await reads(house, "somebody", role, north) == (allowed or role is manager)
    await told_of_people(house, recorded("lin", "south", "rep-7"), recorded("max", None))
    assert await reads(house, "sue", manager), "the rep has moved, and the customers with the rep"
    assert not await reads(house, "max", manager, north), "a manager of no department"
    with pytest.raises(NotForThemError):
        await house.explain_lapse(Principal("sue", manager), "nobody")
    kinds = Counter(kind for kind, _, _ in await audited(house))
    assert kinds == {"file.read": 8, "access.denied": 12}


async def test_a_customer_without_a_known_rep_is_its_files_departments(house: House) -> None:
    """The file names a department too; whoever is in none manages nobody's customers."""
    await lapsed_customer(house)
    await house.told(
        facts("C", 9, customer_class="contract", last_order_on=LAST, rep=None, department="north", attributes={})
    )
    assert await reads(house, "max", Role.DEPARTMENT_MANAGER, "north")
    assert not await reads(house, "max", Role.DEPARTMENT_MANAGER, None)


async def test_who_left_reads_nothing(house: House) -> None:
    """P6: a token that outlives its bearer's job opens nothing, whatever its role; who comes back reads again."""
    await lapsed_customer(house)
    await told_of_people(house, recorded("lin", "north", "rep-7"), recorded("max", "north"), recorded("ann", None))
    people = (("lin", Role.REP), ("max", Role.DEPARTMENT_MANAGER), ("ann", Role.GM))
    assert all([await reads(house, person, role) for person, role in people])
    await told_of_people(house, *(departed(person) for person, _ in people))
    assert not any([await reads(house, person, role) for person, role in people])
    await told_of_people(house, departed("max"), recorded("max", "north"))
    assert await reads(house, "max", Role.DEPARTMENT_MANAGER), "and the rep who left still had the customer"


async def test_who_is_not_lapsed_has_no_such_report(house: House) -> None:
    """An order brings a customer back, and with it the question ends."""
    await lapsed_customer(house)
    await house.told(bought(9, TODAY, tea=10))
    with pytest.raises(NotLapsedError):
        await house.explain_lapse(DIRECTOR, "C")
