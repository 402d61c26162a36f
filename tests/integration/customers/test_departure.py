"""Somebody leaves: out at once, and all customers to others of the department, in one act (P6)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from shared.contracts.activities import ContactMade, CustomerProfiled, ProfileFields
from shared.contracts.orders import OrderPlaced
from shared.contracts.organisation import PersonDeparted
from shared.engine.postgres import Database
from shared.roles import Role
from tests.integration.customers.house import NOW, Customers

pytestmark = pytest.mark.backend

TO_BOB = {"reason": "辞职", "to": {"rep": "bob"}}


async def staffed(customers: Customers, held: int = 3) -> None:
    """Ann, rep-1 to the order system, and her customers; Bob and Eve beside her, Max elsewhere."""
    customers.clock.advance(-timedelta(days=1))
    await customers.staff("ann", Role.REP, "field", "rep-1")
    await customers.staff("bob", Role.REP, "field", "rep-2")
    await customers.staff("eve", Role.REP, "field")
    await customers.staff("sid", Role.REP, "showroom")
    await customers.staff("mia", Role.DEPARTMENT_MANAGER, "field")
    await customers.staff("max", Role.DEPARTMENT_MANAGER, "showroom")
    customers.clock.advance(timedelta(days=1))
    await customers.tell(*(order(n, n) for n in range(1, held + 1)))


def order(number: int, times: int = 1) -> OrderPlaced:
    return OrderPlaced(
        order_id=f"SO-{number}-{times}", customer_id=f"C-{number}", amount="100", currency="CNY",
        placed_at=NOW - timedelta(days=3), sold_by="rep-1",
    )  # fmt: skip


async def depart(
    customers: Customers, body: dict[str, Any], who: str = "mia", role: Role = Role.DEPARTMENT_MANAGER,
    department: str | None = "field",
) -> httpx.Response:  # fmt: skip
    async with customers.client(who, role, department) as client:
        return await client.post("/people/ann/departure", json=body)


async def reps(customers: Customers) -> dict[str, str]:
    rows = await customers.database.fetch("SELECT customer_id, rep FROM customers ORDER BY customer_id")
    return {row["customer_id"]: row["rep"] for row in rows}


async def test_one_act_lets_somebody_go_and_gives_all_their_customers_to_another(customers: Customers) -> None:
    """Out from that moment; each customer told of once, as Bob's; the organisation told; one entry in the audit."""
    await staffed(customers)
    before = len(await customers.sent("customers.v1"))
    answer = await depart(customers, TO_BOB)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["works_here"], told["remaining"]) == (False, 0)
    assert told["received"] == [{"number": 1, "to_rep": "rep-2", "customers": 3, "introduced": 0}]
    assert await reps(customers) == {"C-1": "rep-2", "C-2": "rep-2", "C-3": "rep-2"}
    news = (await customers.sent("customers.v1"))[before:]
    assert [(n["id"], n["data"]["rep"], n["data"]["cause"]["id"]) for n in news] == [
        (f"C-{n}:2", "rep-2", "departure:ann:1") for n in (1, 2, 3)
    ]
    given, gone = await customers.sent("organisation.v1")
    assert (given["type"], given["data"]["customers"], given["data"]["receivers"]) == (
        "customers.handed_over", 3, [{"person": "bob", "customers": 3}],
    )  # fmt: skip
    assert (gone["type"], gone["data"]["person"]) == ("person.departed", "ann")
    (entry,) = await customers.audited()
    assert (entry["action"], entry["actor"], entry["file"]) == ("person.departed", "mia", "person:ann")
    async with customers.client("ann", Role.REP) as client:
        assert (await client.get("/customers/C-1")).json()["code"] == "left_the_company"
    async with customers.client("bob", Role.REP) as client:
        assert (await client.get("/customers/C-1")).status_code == 200


async def test_what_comes_back_over_the_topic_changes_nothing(customers: Customers) -> None:
    """The service hears its own words on the organisation: the same state."""
    await staffed(customers)
    first = (await depart(customers, TO_BOB)).json()
    assert (await customers.take_back()).refused == 0
    async with customers.client("mia", Role.DEPARTMENT_MANAGER) as client:
        assert (await client.get("/people/ann/departure")).json() == first


async def test_the_same_act_again_does_nothing_more(customers: Customers) -> None:
    """Sent twice, or by two managers at once: one departure, each customer told of once."""
    await staffed(customers)
    first, second, third = await asyncio.gather(*(depart(customers, TO_BOB) for _ in range(3)))
    assert [a.status_code for a in (first, second, third)] == [201, 201, 201]
    assert len(first.json()["departures"]) == len(third.json()["departures"]) == 1
    assert len(await customers.sent("organisation.v1")) == 2
    assert len({event["id"] for event in await customers.sent("customers.v1")}) == 6


async def test_human_resources_record_the_departure_and_the_manager_hands_over(customers: Customers) -> None:
    """Out at once; the customers wait, frozen, until the department's manager gives them away."""
    await staffed(customers)
    refused = await depart(customers, TO_BOB, "hana", Role.HR, None)
    assert (refused.status_code, refused.json()["code"]) == (403, "role")
    recorded = await depart(customers, {"reason": "辞职"}, "hana", Role.HR, None)
    assert (recorded.json()["works_here"], recorded.json()["remaining"]) == (False, 3)
    assert [event["type"] for event in await customers.sent("organisation.v1")] == ["person.departed"]
    async with customers.client("bob", Role.REP) as client:
        claimed = await client.post("/customers/C-1/profile", json={"rep": "rep-2"})
    assert claimed.status_code == 403
    handed = await depart(customers, {"reason": "交接", "to": {"even": []}})
    assert (handed.json()["remaining"], [d["number"] for d in handed.json()["departures"]]) == (0, [1, 2])
    assert sorted((await reps(customers)).values()) == ["eve", "eve", "rep-2"]
    assert [event["type"] for event in await customers.sent("organisation.v1")] == [
        "person.departed", "customers.handed_over",
    ]  # fmt: skip


async def test_what_comes_in_for_a_leaver_later_is_handed_over_too(customers: Customers) -> None:
    """A late order names the leaver as seller of a new customer: it is counted, and the same act takes it."""
    await staffed(customers)
    await depart(customers, TO_BOB)
    await customers.tell(order(9))
    async with customers.client("mia", Role.DEPARTMENT_MANAGER) as client:
        assert (await client.get("/people/ann/departure")).json()["remaining"] == 1
    again = (await depart(customers, TO_BOB)).json()
    assert (again["remaining"], [d["customers"] for d in again["departures"]]) == (0, [3, 1])
    assert (await reps(customers))["C-9"] == "rep-2"


async def test_no_older_word_gives_a_customer_back(customers: Customers) -> None:
    """Statements by a clock ahead of ours, and those that come late, lose against the hand-over."""
    await staffed(customers, 1)
    ahead = NOW + timedelta(hours=3)
    await customers.tell(CustomerProfiled(customer_id="C-1", profiled_at=ahead, fields=ProfileFields(rep="rep-1")))
    await depart(customers, TO_BOB)
    late = NOW - timedelta(hours=3)
    await customers.tell(CustomerProfiled(customer_id="C-1", profiled_at=late, fields=ProfileFields(rep="rep-1")))
    await customers.tell(CustomerProfiled(customer_id="C-1", profiled_at=ahead, fields=ProfileFields(rep="rep-1")))
    assert await reps(customers) == {"C-1": "rep-2"}


@pytest.mark.parametrize(
    ("who", "role", "department", "body", "expected"),
    [
        ("mia", Role.DEPARTMENT_MANAGER, "field", TO_BOB, (201, "")),
        ("boss", Role.GM, None, TO_BOB, (201, "")),
        ("hana", Role.HR, None, {"reason": "x"}, (201, "")),
        ("hana", Role.HR, None, TO_BOB, (403, "role")),
        ("max", Role.DEPARTMENT_MANAGER, "showroom", TO_BOB, (403, "not_own")),
        ("ann", Role.DEPARTMENT_MANAGER, "field", TO_BOB, (403, "own_record")),
        ("ann", Role.GM, None, TO_BOB, (403, "own_record")),
        ("rep-1", Role.GM, None, TO_BOB, (403, "own_record")),
        ("bob", Role.REP, "field", TO_BOB, (403, "role")),
        ("dee", Role.MARKETING_DIRECTOR, None, TO_BOB, (403, "role")),
        ("vic", Role.DEPUTY_GM, None, TO_BOB, (403, "role")),
        ("head", Role.GM_OFFICE_HEAD, None, TO_BOB, (403, "role")),
        ("an", Role.ARCHIVIST, None, TO_BOB, (403, "role")),
        ("ivy", Role.INSPECTOR, None, TO_BOB, (403, "role")),
        ("oscar", Role.OPS, None, TO_BOB, (403, "role")),
        ("machine", Role.ORDER_SYSTEM, None, TO_BOB, (403, "role")),
    ],
)
async def test_who_may_let_somebody_go(  # noqa: PLR0913, PLR0917 - a row of the table
    customers: Customers, who: str, role: Role, department: str | None, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    """The department's manager, human resources for the departure alone, the GM; never the leaver, by no name."""
    await staffed(customers)
    answer = await depart(customers, body, who, role, department)
    assert (answer.status_code, answer.json().get("code", "")) == expected
    if expected[0] != 201:
        assert [entry["type"] for entry in await customers.audited()] == ["access.denied"]
        assert set((await reps(customers)).values()) == {"rep-1"}


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ({"rep": "ann"}, "no_receiver"),
        ({"rep": "rep-1"}, "no_receiver"),
        ({"rep": "sid"}, "no_receiver"),
        ({"rep": "mia"}, "no_receiver"),
        ({"rep": "nobody"}, "no_receiver"),
        ({"even": ["bob", "ann"]}, "no_receiver"),
        ({"customers": {"C-1": "bob"}}, "customers_left_out"),
        ({"customers": {"C-1": "bob", "C-2": "bob", "C-3": "bob", "C-7": "bob"}}, "not_the_leavers"),
        ({"rep": "bob", "even": []}, "invalid_request"),
    ],
)
async def test_a_hand_over_that_p6_does_not_allow_changes_nothing(
    customers: Customers, to: dict[str, Any], code: str
) -> None:
    """Only reps of the same department who are there take over, and every customer goes to one of them."""
    await staffed(customers)
    answer = await depart(customers, {"reason": "x", "to": to})
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert set((await reps(customers)).values()) == {"rep-1"}
    assert await customers.sent("organisation.v1") == []
    async with customers.client("mia", Role.DEPARTMENT_MANAGER) as client:
        assert (await client.get("/people/ann/departure")).json()["works_here"] is True


async def test_who_left_takes_over_nobody_by_any_door(customers: Customers) -> None:
    """Not as a receiver of a hand-over, and not by a profile that names them."""
    await staffed(customers)
    await customers.tell(PersonDeparted(person="eve", departed_at=NOW))
    assert (await depart(customers, {"reason": "x", "to": {"rep": "eve"}})).json()["code"] == "no_receiver"
    async with customers.client("boss", Role.GM, None) as client:
        named = await client.post("/customers/C-1/profile", json={"rep": "eve"})
    assert (named.status_code, named.json()["code"]) == (403, "receiver_left")


@pytest.mark.parametrize(
    ("departed_at", "expected"),
    [
        (NOW + timedelta(minutes=1), (422, "in_the_future")),
        (NOW - timedelta(days=2), (422, "recorded_since")),
        (NOW - timedelta(hours=1), (201, "")),
    ],
)
async def test_the_moment_of_a_departure_can_be(
    customers: Customers, departed_at: Any, expected: tuple[int, str]
) -> None:
    """Neither to come nor before the person was last recorded as working here, which would leave them in."""
    await staffed(customers)
    answer = await depart(customers, TO_BOB | {"departed_at": departed_at.isoformat()})
    assert (answer.status_code, answer.json().get("code", "")) == expected


async def test_a_departure_keeps_its_moment(customers: Customers) -> None:
    """Told again of another moment, it is a conflict."""
    await staffed(customers)
    await depart(customers, {"reason": "x"}, "hana", Role.HR, None)
    other = await depart(customers, TO_BOB | {"departed_at": (NOW - timedelta(hours=1)).isoformat()})
    assert (other.status_code, other.json()["code"]) == (409, "departed_before")


async def test_receivers_see_theirs_and_who_introduced_themselves_shows(customers: Customers) -> None:
    """The list of what changed hands: a rep's own part of it; contacts since count as introductions."""
    await staffed(customers)
    await depart(customers, {"reason": "x", "to": {"customers": {"C-1": "bob", "C-2": "rep-2", "C-3": "eve"}}})
    later = NOW + timedelta(hours=1)
    customers.clock.advance(timedelta(hours=1))
    await customers.tell(
        ContactMade(contact_id="k-1", customer_id="C-1", rep="rep-2", made_at=later, channel="phone"),
        ContactMade(contact_id="k-2", customer_id="C-2", rep="rep-2", made_at=NOW - timedelta(days=1), channel="mail"),
    )
    async with customers.client("bob", Role.REP) as client:
        mine = (await client.get("/people/ann/departure/customers")).json()["items"]
        assert (await client.get("/people/ann/departure")).status_code == 403
    assert [(it["customer_id"], it["introduced_at"] is not None) for it in mine] == [("C-1", True), ("C-2", False)]
    async with customers.client("mia", Role.DEPARTMENT_MANAGER) as client:
        pages = []
        cursor: str | None = None
        while True:
            page = (await client.get("/people/ann/departure/customers", params={"limit": 2, "cursor": cursor} if cursor
                                     else {"limit": 2})).json()  # fmt: skip
            pages += [it["customer_id"] for it in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        standing = (await client.get("/people/ann/departure")).json()
    assert pages == ["C-1", "C-2", "C-3"]
    assert [(it["to_rep"], it["customers"], it["introduced"]) for it in standing["received"]] == [
        ("eve", 1, 0), ("rep-2", 2, 1),
    ]  # fmt: skip


async def test_what_was_handed_over_is_written_once(customers: Customers, superuser: asyncpg.Connection) -> None:
    """Neither the service's login nor the owner edits or deletes it; nobody lets themselves go in a row either."""
    await staffed(customers)
    await depart(customers, TO_BOB)
    for statement in (
        "UPDATE departures SET reason = 'other'", "DELETE FROM departures",
        "UPDATE handed_customers SET to_rep = 'x'", "DELETE FROM handed_customers", "TRUNCATE handed_customers",
    ):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await superuser.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await customers.database.execute(statement)
    with pytest.raises(asyncpg.CheckViolationError):
        await superuser.execute("INSERT INTO departures VALUES ('ann', 9, now(), 'ann', now(), 'x', 0)")


async def test_events_that_meet_a_departure_lose_no_customer(
    customers: Customers, customers_database: Database
) -> None:
    """Orders of the same customers in the middle of it: versions without a gap, and all are Bob's."""
    await staffed(customers, 20)
    other = Customers(customers_database)
    orders = [order(n, 99) for n in range(1, 21)]
    records = [other.record(o, event_id=f"late-{n}") for n, o in enumerate(orders)]
    moved = [record._replace(partition=3) for record in records]
    _, answer = await asyncio.gather(other.processors["orders.v1"].process(moved), depart(customers, TO_BOB))
    assert answer.status_code == 201
    assert set((await reps(customers)).values()) == {"rep-2"}
    ids = [event["id"] for event in await customers.sent("customers.v1")]
    assert sorted(ids) == sorted(f"C-{n}:{version}" for n in range(1, 21) for version in (1, 2, 3))
