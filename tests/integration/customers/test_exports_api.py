"""Files taken out, and stations recorded, by HTTP."""

from __future__ import annotations

import io

import pytest
import python_calamine as calamine

from services.customers.domain.access import STATION_KEEPERS
from shared.contracts.activities import CustomerProfiled, ProfileFields
from shared.contracts.grants import GrantGiven
from shared.roles import Role
from tests.integration.customers.house import NOW, Customers
from tests.integration.customers.test_files_api import order


async def granted(customers: Customers, person: str, *sections: str, copy: bool, uses: int | None = None) -> None:
    """Archive lets somebody read, or copy, for an hour."""
    await customers.beat()
    await customers.tell(
        GrantGiven(
            grant_id=f"g-{copy}", file="customer:C-1", person=person, sections=sections or ("*",), copy_allowed=copy,
            not_before=NOW, until=NOW.replace(hour=5), approved_by="gm", uses=uses,
        ),
        at=NOW,
    )  # fmt: skip


async def test_a_keeper_reads_but_does_not_take_out(customers: Customers) -> None:
    """A5, N4: a rep's own customer too takes a grant to copy; both attempts are in the audit."""
    await customers.tell(order())
    await customers.beat()
    async with customers.client("rep-7", Role.REP) as client:
        read, refused = await client.get("/customers/C-1"), await client.get("/customers/C-1/export")
        await granted(customers, "rep-7", copy=True)
        taken = await client.get("/customers/C-1/export")
    assert (read.status_code, refused.status_code, refused.json()["code"]) == (200, 403, "no_copy_right")
    assert taken.json() == read.json()
    entries = [(e["type"], e["action"], e["file"], e["reason"], e["grant"]) for e in await customers.audited()]
    assert entries[1:] == [
        ("access.denied", "profile.exported", "customer:C-1", "no_copy_right", None),
        ("file.exported", "profile.exported", "customer:C-1", "grant", "g-True"),
    ]


async def test_a_grant_to_read_is_none_to_copy(customers: Customers) -> None:
    """And one to copy a part opens that part alone, as often as it says."""
    await customers.tell(order())
    await granted(customers, "wang", copy=False)
    async with customers.client("wang", Role.REP) as client:
        assert (await client.get("/customers/C-1")).status_code == 200
        assert (await client.get("/customers/C-1/export")).json()["code"] == "no_copy_right"
        await granted(customers, "wang", "trading", copy=True, uses=1)
        taken = (await client.get("/customers/C-1/export")).json()
        again = await client.get("/customers/C-1/export")
    assert [part for part in ("basic", "characteristics", "business", "trading") if taken[part]] == ["trading"]
    assert (again.status_code, again.json()["code"]) == (403, "no_copy_right")


async def test_who_may_not_read_learns_nothing_by_an_export(customers: Customers) -> None:
    """The same answer for a file that is there and for one that is not."""
    await customers.tell(order())
    await customers.beat()
    for role in (Role.REP, Role.DEPARTMENT_MANAGER, Role.HR, Role.OPS):
        async with customers.client("wang", role, "showroom") as client:
            there, missing = await client.get("/customers/C-1/export"), await client.get("/customers/C-9/export")
        assert (there.status_code, there.json()) == (403, missing.json())


async def test_the_gm_takes_out_a_workbook_in_which_nothing_is_a_formula(customers: Customers) -> None:
    """Company files are the GM's to read and, by policy, to copy; what a customer wrote stays text."""
    fields = ProfileFields(name="=1+1", file_tier="company")
    await customers.tell(order(), CustomerProfiled(customer_id="C-1", profiled_at=NOW, fields=fields))
    async with customers.client("gm", Role.GM) as client:
        answer = await client.get("/customers/C-1/export", params={"format": "xlsx", "lang": "en"})
    assert answer.headers["content-disposition"].endswith("C-1.xlsx")
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    basic = {row[0]: row[1] for row in book.get_sheet_by_name("Basic data").to_python()}
    orders = book.get_sheet_by_name("Orders").to_python()
    assert basic["Name"] == "=1+1"
    assert (orders[0][0], orders[1][0]) == ("Order", "SO-1")


async def test_a_workbook_speaks_to_people(customers: Customers) -> None:
    """Codes are words, money is numbers to be summed, and what is unknown is an empty cell, not a word for it."""
    fields = ProfileFields(file_tier="company", profile={"amount": "about ten", "city": "none"})
    await customers.tell(order(), CustomerProfiled(customer_id="C-1", profiled_at=NOW, fields=fields))
    async with customers.client("gm", Role.GM) as client:
        told = (await client.get("/customers/C-1/export")).json()
        answer = await client.get("/customers/C-1/export", params={"format": "xlsx", "lang": "zh"})
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    card, business, trading, own = (
        {row[0]: row[1] for row in book.get_sheet_by_name(name).to_python()}
        for name in ("档案", "业务状况", "交易活动", "客户特征")
    )
    assert (card["客户编号"], card["客户分类"], card["档案级别"]) == ("C-1", "合同客户", "公司级")
    assert (business["潜力"], business["寄样阶段"]) == ("", "未寄样")
    assert (trading["订单数"], trading["已收款"]) == (1, 0)
    assert own == {"金额": "about ten", "城市": "none"}
    _, first = book.get_sheet_by_name("订单").to_python()
    assert first[2] == float(told["trading"]["newest"][0]["amount"])


@pytest.mark.parametrize("role", list(Role))
async def test_a_station_is_recorded_by_who_may(customers: Customers, role: Role) -> None:
    """A3: told to all, with a word to the audit; to anybody else refused, with a word too."""
    body = {"networks": ["10.1.4.0/24", "10.1.9.7"], "place": "总部三楼", "reading_room": True}
    async with customers.client("wang", role) as client:
        answer = await client.put("/stations/room-1", json=body)
        wrong = await client.put("/stations/room-1", json=body | {"networks": ["10.1.4.1/24"]})
    assert answer.status_code == (202 if role in STATION_KEEPERS else 403)
    assert wrong.status_code == 422
    told = await customers.sent("organisation.v1")
    assert [event["data"]["networks"] for event in told] == [["10.1.4.0/24", "10.1.9.7/32"]] * (role in STATION_KEEPERS)
    (entry,) = await customers.audited()
    assert (entry["type"], entry["action"]) == (
        "decision.made" if role in STATION_KEEPERS else "access.denied", "station.recorded",
    )  # fmt: skip
    if told:
        await customers.take_back()
