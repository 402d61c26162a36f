"""What a search finds, taken out by HTTP: each file by its own right, and nothing without its entry (A5, N4)."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from typing import Any

import asyncpg
import httpx
import pytest
import python_calamine as calamine
from structlog.testing import capture_logs

from shared.contracts.activities import CustomerProfiled, ProfileFields
from shared.contracts.grants import GrantGiven
from shared.contracts.types import FileTier
from shared.engine.postgres import Database
from shared.roles import Role
from tests.backends import Databases
from tests.integration.customers.house import APP, BOUNDS, NOW, Customers, prepare
from tests.integration.customers.test_files_api import order
from tests.integration.tables import as_login

PATH = "/customers/export"


async def file(customers: Customers, name: str, tier: FileTier = "personal", rep: str = "rep-7") -> None:
    """A customer with a file of that tier, of the field department."""
    fields = ProfileFields(name=f"={name}", file_tier=tier, department="field", rep=rep)
    await customers.tell(order(f"SO-{name}", customer_id=name))
    await customers.tell(CustomerProfiled(customer_id=name, profiled_at=NOW, fields=fields))


async def to_copy(customers: Customers, person: str, name: str, *sections: str, uses: int | None = None) -> None:
    """Archive lets somebody take a file out, for an hour."""
    await customers.tell(
        GrantGiven(
            grant_id=f"g-{person}-{name}", file=f"customer:{name}", person=person, sections=sections or ("*",),
            copy_allowed=True, not_before=NOW, until=NOW.replace(hour=5), approved_by="gm", uses=uses,
        ),
        at=NOW,
    )  # fmt: skip


async def entries(customers: Customers, person: str) -> list[tuple[Any, ...]]:
    """What the audit will hold of what somebody did."""
    return [
        (e["type"], e["action"], e["file"], e["outcome"], e.get("grant"))
        for e in await customers.audited()
        if e["actor"] == person
    ]


async def test_each_file_is_given_by_its_own_right(customers: Customers) -> None:
    """Of the GM's search: a company file unasked, one by a grant and that part alone, and one only by its number."""
    for name, tier in (("C-1", "company"), ("C-2", "personal"), ("C-3", "department")):
        await file(customers, name, tier)  # type: ignore[arg-type]
    await customers.beat()
    await to_copy(customers, "gm", "C-2", "trading")
    async with customers.client("gm", Role.GM) as client:
        answer = await client.get(PATH)
        singly = [(await client.get(f"/customers/{name}/export")).json() for name in ("C-1", "C-2", "C-3")]
    taken = answer.json()
    assert taken["files"] == singly[:2]
    assert [file["basic"] is None for file in taken["files"]] == [False, True]
    (withheld,) = taken["withheld"]
    assert withheld.keys() == {"customer_id", "reason", "words"}
    assert (withheld["customer_id"], withheld["reason"], singly[2]["code"]) == ("C-3", "no_grant", "no_grant")
    assert withheld["words"] == {"zh": singly[2]["detail_zh"], "en": singly[2]["detail"]}
    noted = await entries(customers, "gm")
    assert noted[:4] == [
        ("file.exported", "profile.exported", "customer:C-1", "allowed", None),
        ("file.exported", "profile.exported", "customer:C-2", "allowed", "g-gm-C-2"),
        ("access.denied", "profile.exported", "customer:C-3", "denied", None),
        ("file.searched", "customers.exported", "*", "allowed", None),
    ]
    # As many as the three exports one by one leave, and in the very same words.
    assert noted[4:] == noted[:3]


async def test_what_the_asker_may_not_know_of_is_as_if_it_were_not(databases: Databases) -> None:
    """To the byte, in either form: a world with customers of others, even many, is like one without."""
    answers = []
    for others in (0, BOUNDS.files + 1):
        dsn = await databases.copy_of("customers", prepare)
        database = Database(as_login(dsn, APP), application="test")
        customers = Customers(database)
        await customers.staff("li", Role.REP, "field", "rep-7")
        await file(customers, "C-1")
        await file(customers, "C-5", "department")
        for number in range(others):
            await file(customers, f"C-2{number}", rep="rep-8")
        await customers.beat()
        await to_copy(customers, "li", "C-1")
        async with customers.client("li", Role.REP) as client:
            for query in ({}, {"format": "xlsx"}, {"department": "field"}, {"rep": "rep-8"}, {"name": "C-"}):
                answer = await client.get(PATH, params=query)
                assert answer.status_code == 200
                answers.append((others, answer.headers.get("content-length"), answer.content))
        await database.close()
    half = len(answers) // 2
    assert [answer[1:] for answer in answers[:half]] == [answer[1:] for answer in answers[half:]]
    assert b'"C-1"' in answers[0][2]


async def test_a_grant_for_once_is_used_up_by_it_as_by_a_single_export(customers: Customers) -> None:
    """Taken out with the search it opens nothing more; and of two who come at once with one grant, one has the file."""
    await file(customers, "C-1")
    await customers.beat()
    await to_copy(customers, "li", "C-1", uses=1)
    await customers.staff("li", Role.REP, "field", "rep-7")
    async with customers.client("li", Role.REP) as client:
        both = await asyncio.gather(client.get(PATH), client.get(PATH))
        alone, again = await client.get("/customers/C-1/export"), await client.get(PATH)
    assert sorted(len(answer.json()["files"]) for answer in both) == [0, 1]
    assert [file["reason"] for answer in (*both, again) for file in answer.json()["withheld"]] == ["no_copy_right"] * 2
    assert alone.json()["code"] == "no_copy_right"
    given = [entry for entry in await entries(customers, "li") if entry[0] == "file.exported"]
    assert len(given) == 1


async def test_while_archive_is_not_heard_what_needs_a_grant_comes_later(customers: Customers) -> None:
    """The GM's own by policy are given out; the rest says why not."""
    await file(customers, "C-1", "company")
    await file(customers, "C-2")
    await to_copy(customers, "gm", "C-2")
    async with customers.client("gm", Role.GM) as client:
        taken = (await client.get(PATH)).json()
    assert [file["customer_id"] for file in taken["files"]] == ["C-1"]
    assert [(file["customer_id"], file["reason"]) for file in taken["withheld"]] == [("C-2", "stale_grants")]


@pytest.mark.parametrize(("copies", "orders"), [(BOUNDS.files + 1, 0), (1, BOUNDS.lines)])
async def test_more_than_one_answer_holds_is_refused_whole(customers: Customers, copies: int, orders: int) -> None:
    """Too many files, or too much in them: nothing is given, no grant is used, the audit knows, and a filter helps."""
    for number in range(copies):
        await file(customers, f"C-{number}", rep="rep-7" if number else "rep-6")
        await to_copy(customers, "gm", f"C-{number}", uses=1)
    for number in range(orders):
        await customers.tell(order(f"SO-{number}", customer_id="C-0"))
    await customers.beat()
    async with customers.client("gm", Role.GM) as client:
        refused = await client.get(PATH)
        narrower = await client.get(PATH, params={"rep": "rep-7" if copies > 1 else "nobody"})
    assert (refused.status_code, refused.json()["code"]) == (413, "export_too_large")
    assert str(BOUNDS.lines if orders else BOUNDS.files) in refused.json()["detail_zh"]
    assert narrower.status_code == 200
    assert len(narrower.json()["files"]) == copies - 1
    assert (await entries(customers, "gm"))[0] == ("access.denied", "customers.exported", "*", "denied", None)
    used = await customers.database.fetch("SELECT used FROM grants ORDER BY grant_id")
    assert [row["used"] for row in used] == [0, *[1] * (copies - 1)]


@pytest.mark.parametrize("role", [Role.HR, Role.INSPECTOR, Role.OPS, Role.ORDER_SYSTEM])
async def test_who_searches_nothing_exports_nothing(customers: Customers, role: Role) -> None:
    """A refusal, in the audit once, whether there is anything or not."""
    await file(customers, "C-1")
    await customers.beat()
    async with customers.client("wang", role) as client:
        answer = await client.get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (403, "role")
    assert await entries(customers, "wang") == [("access.denied", "customers.exported", "*", "denied", None)]


async def test_the_workbook_has_every_customer_in_every_part(customers: Customers) -> None:
    """A sheet for each part, whose line it is first in each; nothing that a customer wrote is a formula."""
    for name, tier in (("C-1", "company"), ("C-2", "company"), ("C-3", "personal")):
        await file(customers, name, tier)  # type: ignore[arg-type]
    await customers.beat()
    async with customers.client("gm", Role.GM) as client:
        answer = await client.get(PATH, params={"format": "xlsx", "lang": "en"})
    assert answer.headers["content-disposition"].endswith("customers-2026-03-02.xlsx")
    sheets = read(answer)
    assert [row[0] for row in sheets["File"]] == ["Customer", "C-1", "C-2"]
    assert [row[:2] for row in sheets["Basic data"]] == [["Customer", "Name"], ["C-1", "=C-1"], ["C-2", "=C-2"]]
    assert [row[:2] for row in sheets["Orders"]] == [["Customer", "Order"], ["C-1", "SO-C-1"], ["C-2", "SO-C-2"]]
    assert [row[0] for row in sheets["Not given out"]] == ["Customer", "C-3"]
    assert "C-3" not in str({name: rows for name, rows in sheets.items() if name != "Not given out"})


async def test_an_export_that_nobody_could_note_does_not_leave(
    customers: Customers, superuser: asyncpg.Connection
) -> None:
    """No audit, no data: without its entries there is no file, and the grant is as it was."""
    await file(customers, "C-1")
    await customers.beat()
    await to_copy(customers, "gm", "C-1", uses=1)
    await superuser.execute("REVOKE INSERT ON outbox FROM customers_app")
    async with customers.client("gm", Role.GM) as client:
        with capture_logs():
            answer = await client.get(PATH)
    assert (answer.status_code, "C-1" in answer.text) == (500, False)
    assert await superuser.fetchval("SELECT used FROM grants") == 0


def read(answer: httpx.Response) -> dict[str, Sequence[Sequence[Any]]]:
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
