"""Files by HTTP: no audit, no data."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

import asyncpg
import pytest
from structlog.testing import capture_logs

from shared.contracts.activities import (
    ContactMade,
    CustomerProfiled,
    CustomerRegistered,
    InquiryJudged,
    InquiryReceived,
    ProfileFields,
)
from shared.contracts.grants import GrantsHeartbeat
from shared.contracts.orders import OrderPlaced, OrderReturned, PaymentReceived, SampleOrdered
from shared.contracts.organisation import PersonDeparted
from shared.contracts.tiers import Explanation, Tier, TierCause, TierChanged
from shared.contracts.types import FileTier, Words
from shared.roles import Role
from tests.integration.customers.house import NOW, Customers

pytestmark = pytest.mark.backend

DAY = timedelta(days=1)


def order(order_id: str = "SO-1", customer_id: str = "C-1", amount: str = "100.00", **more: str) -> OrderPlaced:
    return OrderPlaced(
        order_id=order_id,
        customer_id=customer_id,
        amount=Decimal(amount),
        currency=more.get("currency", "CNY"),
        placed_at=NOW - DAY,
        sold_by=more.get("sold_by", "rep-7"),
    )


def profiled(customer_id: str = "C-1", **fields: str) -> CustomerProfiled:
    return CustomerProfiled(customer_id=customer_id, profiled_at=NOW - DAY, fields=ProfileFields.model_validate(fields))


def level(customer_id: str, name: str = "key", sequence: int = 1) -> TierChanged:
    return TierChanged(
        customer_id=customer_id, sequence=sequence, from_=None,
        to=Tier.model_validate({"class": "contract", "level": name}), since=NOW.date(), decided_at=NOW,
        policy_version="p", why=Explanation(cause=TierCause(kind="date"), words=Words(zh="甲", en="a")),
    )  # fmt: skip


async def test_a_rep_reads_their_customer_and_the_audit_knows(customers: Customers) -> None:
    """All four parts, and one entry with who, what, from where, and that no grant was needed."""
    await customers.staff("li", Role.REP, "field", "rep-7")
    await customers.tell(
        order(),
        OrderReturned(return_id="R-1", order_id="SO-1", customer_id="C-1", amount=Decimal(30), currency="CNY",
                      returned_at=NOW),
        PaymentReceived(payment_id="P-1", customer_id="C-1", amount=Decimal("10.5"), currency="USD", received_at=NOW),
        SampleOrdered(sample_id="S-1", customer_id="C-1", ordered_at=NOW - DAY),
    )  # fmt: skip
    await customers.tell(
        CustomerRegistered(customer_id="C-1", name="甲公司", country="DE", registered_at=NOW - DAY),
        CustomerProfiled(customer_id="C-1", profiled_at=NOW - DAY, fields=ProfileFields(profile={"rivals": "3"})),
        InquiryReceived(inquiry_id="I-1", customer_id="C-1", received_at=NOW - DAY, text="mugs?"),
        InquiryJudged(inquiry_id="I-1", customer_id="C-1", judged_at=NOW, potential="high", reasons=("site",)),
        ContactMade(contact_id="K-1", customer_id="C-1", rep="rep-7", made_at=NOW, channel="mail"),
    )
    await customers.tell(level("C-1"))
    async with customers.client("li", Role.REP) as client:
        answer = await client.get("/customers/C-1")
    assert answer.status_code == 200
    file = answer.json()
    assert (file["class"], file["level"]["level"], file["rep"], file["file_tier"]) == (
        "contract", "key", "rep-7", "personal",
    )  # fmt: skip
    assert file["basic"]["name"] == "甲公司"
    assert file["characteristics"] == {"rivals": "3"}
    assert file["business"]["potential"] == "high"
    assert [c["contact_id"] for c in file["business"]["contacts"]] == ["K-1"]
    assert file["business"]["inquiries"][0]["reasons"] == ["site"]
    assert (file["trading"]["orders"], file["trading"]["paid"]) == (1, "74.55")
    assert [(o["order_id"], o["net"]) for o in file["trading"]["newest"]] == [("SO-1", "70.00")]
    (entry,) = await customers.audited()
    assert (entry["type"], entry["file"], entry["actor"], entry["outcome"], entry["needs_grant"], entry["station"]) == (
        "file.read", "customer:C-1", "li", "allowed", False, "10.0.0.9",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tier", "role", "status"),
    [
        ("company", Role.MARKETING_DIRECTOR, 200),
        ("company", Role.DEPUTY_GM, 200),
        ("company", Role.GM, 200),
        ("company", Role.DEPARTMENT_MANAGER, 403),
        ("company", Role.REP, 403),
        ("department", Role.DEPARTMENT_MANAGER, 200),
        ("department", Role.MARKETING_DIRECTOR, 403),
        ("department", Role.REP, 403),
        ("personal", Role.DEPARTMENT_MANAGER, 403),
        ("personal", Role.GM, 403),
        ("personal", Role.ARCHIVIST, 403),
        ("personal", Role.OPS, 403),
    ],
)
async def test_who_reads_which_tier_unasked(customers: Customers, tier: FileTier, role: Role, status: int) -> None:
    """A1; every attempt is in the audit, allowed or denied."""
    await customers.tell(order(sold_by="rep-7"), profiled(file_tier=tier, department="field"))
    async with customers.client("wang", role) as client:
        assert (await client.get("/customers/C-1")).status_code == status
    (entry,) = await customers.audited()
    assert (entry["type"], entry["outcome"]) == (
        ("file.read", "allowed") if status == 200 else ("access.denied", "denied")
    )
    assert entry["needs_grant"] == (status == 403)


async def test_a_grant_opens_a_file_until_it_is_revoked(customers: Customers) -> None:
    """A2: the grant is cited in the audit, opens its sections only, and its end is the end."""
    await customers.tell(order())
    await customers.beat()
    async with customers.client("wang", Role.INSPECTOR) as client:
        assert (await client.get("/customers/C-1")).json()["code"] == "no_grant"
        await customers.grant("wang", "C-1", "trading")
        file = (await client.get("/customers/C-1")).json()
        await customers.revoke("C-1")
        assert (await client.get("/customers/C-1")).status_code == 403
    assert (file["basic"], file["trading"]["orders"]) == (None, 1)
    entries = await customers.audited()
    assert [(e["type"], e["grant"], e["needs_grant"]) for e in entries] == [
        ("access.denied", None, True),
        ("file.read", "g-1", True),
        ("access.denied", None, True),
    ]


async def test_a_grant_for_one_reading_opens_the_file_once(customers: Customers) -> None:
    """A1: however many ask at once; another grant still opens it, and a missing file uses nothing up."""
    await customers.tell(order(), profiled(department="field"))
    await customers.grant("wang", "C-1", uses=1)
    await customers.grant("wang", "C-none", grant_id="g-2", uses=1)
    await customers.beat()
    async with customers.client("wang", Role.INSPECTOR) as client:
        answers = await asyncio.gather(*(client.get("/customers/C-1") for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403, 403]
        await customers.grant("wang", "C-1", grant_id="g-3")
        await customers.beat()
        assert (await client.get("/customers/C-1")).status_code == 200
        for _ in range(2):
            assert (await client.get("/customers/C-none")).status_code == 404
    cited = [entry["grant"] for entry in await customers.audited() if entry["type"] == "file.read"]
    assert cited == ["g-1", "g-3"]


async def test_without_news_from_archive_grants_are_not_believed(customers: Customers) -> None:
    """Thirty seconds after the last heartbeat, not a moment earlier; keepers read on."""
    await customers.tell(order())
    await customers.beat()
    await customers.grant("wang", "C-1")
    async with customers.client("wang", Role.INSPECTOR) as inspector, customers.client("rep-7", Role.REP) as keeper:
        customers.clock.advance(timedelta(seconds=30))
        assert (await inspector.get("/customers/C-1")).status_code == 200
        customers.clock.advance(timedelta(seconds=1))
        stale = await inspector.get("/customers/C-1")
        assert (stale.status_code, stale.json()["code"]) == (403, "stale_grants")
        assert (await keeper.get("/customers/C-1")).status_code == 200
        await customers.beat()
        assert (await inspector.get("/customers/C-1")).status_code == 200


async def test_an_older_heartbeat_does_not_set_the_clock_back(customers: Customers) -> None:
    """Redelivered or reordered, it says nothing new."""
    await customers.tell(order())
    await customers.beat()
    customers.clock.advance(timedelta(seconds=29))
    await customers.beat()
    await customers.tell(GrantsHeartbeat(at=NOW))
    await customers.grant("wang", "C-1")
    customers.clock.advance(timedelta(seconds=10))
    async with customers.client("wang", Role.INSPECTOR) as client:
        assert (await client.get("/customers/C-1")).status_code == 200


async def test_a_heartbeat_from_the_future_keeps_no_grant_alive(customers: Customers) -> None:
    """Archive's clock ran an hour ahead, and then archive was away: for that hour nobody would have noticed."""
    await customers.tell(order())
    await customers.tell(GrantsHeartbeat(at=NOW + timedelta(hours=1)))
    await customers.grant("wang", "C-1")
    async with customers.client("wang", Role.INSPECTOR) as client:
        customers.clock.advance(timedelta(minutes=5))
        assert (await client.get("/customers/C-1")).json()["code"] == "stale_grants"
        await customers.beat()
        assert (await client.get("/customers/C-1")).status_code == 200


async def test_while_a_part_of_the_grants_is_not_read_none_is_believed(customers: Customers) -> None:
    """Heartbeats come by another partition than the one that halted, where a revocation may lie."""
    await customers.tell(order())
    await customers.beat()
    await customers.grant("wang", "C-1")
    halt = "UPDATE consumed_offsets SET halted_code = $1 WHERE topic = 'grants.v1'"
    async with customers.client("wang", Role.INSPECTOR) as client:
        for halted, status in ((None, 200), ("poison_run", 403), (None, 200)):
            await customers.database.execute(halt, halted)
            assert (await client.get("/customers/C-1")).status_code == status


async def test_whether_a_customer_exists_is_not_told_to_those_who_may_not_know(customers: Customers) -> None:
    """The very same answer for another's customer and for none; only who releases files is told 404."""
    await customers.tell(order())
    await customers.beat()
    async with customers.client("wang", Role.REP) as rep, customers.client("an", Role.ARCHIVIST) as archivist:
        anothers, nobodys = await rep.get("/customers/C-1"), await rep.get("/customers/C-9")
        assert (anothers.status_code, nobodys.status_code) == (403, 403)
        assert anothers.content == nobodys.content
        assert (await archivist.get("/customers/C-1")).status_code == 403
        assert (await archivist.get("/customers/C-9")).status_code == 404
    assert [entry["file"] for entry in await customers.audited()] == [
        "customer:C-1", "customer:C-9", "customer:C-1", "customer:C-9",
    ]  # fmt: skip


async def test_who_has_left_reads_nothing(customers: Customers) -> None:
    """P6: the organisation's word ends what the token still says."""
    await customers.tell(order())
    await customers.staff("li", Role.REP, "field", "rep-7")
    async with customers.client("li", Role.REP) as client:
        assert (await client.get("/customers/C-1")).status_code == 200
        await customers.tell(PersonDeparted(person="li", departed_at=NOW + timedelta(seconds=1)))
        assert (await client.get("/customers/C-1")).json()["code"] == "left_the_company"


async def test_department_is_the_organisations_word_not_the_tokens(customers: Customers) -> None:
    """A token that claims another department opens nothing of it."""
    await customers.tell(profiled(file_tier="department", department="field"))
    await customers.staff("wang", Role.DEPARTMENT_MANAGER, "showroom")
    async with customers.client("wang", Role.DEPARTMENT_MANAGER, "field") as client:
        assert (await client.get("/customers/C-1")).status_code == 403


async def test_no_audit_no_data(customers: Customers, superuser: asyncpg.Connection) -> None:
    """When the entry cannot be written, the answer is an error without a word of the file."""
    await customers.tell(order())
    await superuser.execute("REVOKE INSERT ON outbox FROM customers_app")
    async with customers.client("rep-7", Role.REP) as client:
        with capture_logs():
            answer = await client.get("/customers/C-1")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "rep-7" not in answer.text


async def test_searches_stay_within_the_horizon_and_mask_what_is_not_open(customers: Customers) -> None:
    """Reps their own, managers their department's, the director all; names only of files that are open."""
    await customers.tell(
        order("SO-1", "C-1", sold_by="rep-7"), order("SO-2", "C-2", sold_by="rep-8"),
        profiled("C-1", name="甲公司", department="field"), profiled("C-2", name="乙公司", department="showroom"),
        profiled("C-3", name="丙公司", file_tier="company", department="field"),
    )  # fmt: skip
    await customers.tell(level("C-1"), level("C-2", "ordinary"))

    async def names(role: Role, person: str = "wang", **params: str) -> list[tuple[str, str | None]]:
        async with customers.client(person, role) as client:
            answer = await client.get("/customers", params=params)
            assert answer.status_code == 200, answer.text
            return [(item["customer_id"], item["name"]) for item in answer.json()["items"]]

    assert await names(Role.REP, "rep-7") == [("C-1", "甲公司")]
    assert await names(Role.DEPARTMENT_MANAGER) == [("C-1", None), ("C-3", None)]
    assert await names(Role.MARKETING_DIRECTOR) == [("C-1", None), ("C-2", None), ("C-3", "丙公司")]
    assert await names(Role.MARKETING_DIRECTOR, name="公司") == [("C-3", "丙公司")]
    assert await names(Role.REP, "rep-7", name="甲") == [("C-1", "甲公司")]
    assert await names(Role.REP, "rep-7", name="乙") == []
    assert await names(Role.GM, level="ordinary") == [("C-2", None)]
    assert await names(Role.GM, **{"class": "contract"}, rep="rep-7") == [("C-1", None)]
    entries = await customers.audited()
    assert {entry["type"] for entry in entries} == {"file.searched"}
    assert entries[2]["reason"] == "- - - - -: 3 found, C-1 … C-3"
    async with customers.client("root", Role.OPS) as client:
        assert (await client.get("/customers")).status_code == 403
    assert (await customers.audited())[-1]["type"] == "access.denied"


async def test_searches_come_in_pages(customers: Customers) -> None:
    """By id in UTF-8 bytes, without skipping or repeating."""
    ids = ["C-1", "C-10", "C-2", "c-1", "Ö-1"]
    await customers.tell(*(order(f"SO-{customer_id}", customer_id) for customer_id in ids))
    seen, cursor = [], None
    async with customers.client("gm", Role.GM) as client:
        while True:
            page = (await client.get("/customers", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
            seen += [item["customer_id"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
    assert seen == ids


async def test_newest_level_stays(customers: Customers) -> None:
    """A level that comes late does not replace a later decision."""
    await customers.tell(order())
    await customers.tell(level("C-1", "lapsed", sequence=3))
    await customers.tell(level("C-1", "key", sequence=2))
    async with customers.client("rep-7", Role.REP) as client:
        assert (await client.get("/customers/C-1")).json()["level"]["level"] == "lapsed"


async def test_longest_id_is_read_and_an_impossible_one_refused(customers: Customers) -> None:
    """128 bytes are an id; a NUL or 129 bytes are not, and reach no table."""
    longest = "客" * 42 + "ab"
    await customers.tell(order(customer_id=longest))
    async with customers.client("rep-7", Role.REP) as client:
        assert (await client.get(f"/customers/{longest}")).status_code == 200
        assert (await client.get(f"/customers/{longest}c")).status_code == 422
        assert (await client.get("/customers/a%00b")).status_code == 400


async def test_ids_that_look_like_addresses_are_read(customers: Customers) -> None:
    """Order systems number customers as they please."""
    await customers.tell(order(customer_id="A/7 contacts?#%"))
    async with customers.client("rep-7", Role.REP) as client:
        path = f"/customers/{quote('A/7 contacts?#%', safe='')}"
        assert (await client.get(path)).json()["customer_id"] == "A/7 contacts?#%"
        assert (await client.post(f"{path}/contacts", json={"channel": "mail"})).status_code == 202
    assert [event["data"]["customer_id"] for event in await customers.sent("activities.v1")] == ["A/7 contacts?#%"]
