"""Filing seasons, retention and holds, over HTTP and by the clock (A6, A7)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
import pytest

from tests.integration.archive.house import Archive
from tests.integration.archive.record_office import ROLES, RecordOffice

pytestmark = pytest.mark.backend


@pytest.fixture
async def office(archive: Archive, tmp_path: Path) -> RecordOffice:
    office = RecordOffice(archive, tmp_path)
    await office.staff()
    return office


async def at(office: RecordOffice, day: str) -> None:
    """The job runs on a day, at noon in Shanghai."""
    office.archive.clock.set(datetime.fromisoformat(f"{day}T04:00").replace(tzinfo=UTC))
    await office.life.filing()


async def raised(office: RecordOffice, cleared: bool = False) -> list[tuple[str, str]]:
    events = await office.archive.sent("archive.v1")
    kinds = {e["data"]["task_id"]: e["data"]["kind"] for e in events if e["type"] == "task.raised"}
    return [(e["data"]["person"], kinds[e["data"]["task_id"]]) for e in events
            if e["type"] == ("task.cleared" if cleared else "task.raised")]  # fmt: skip


async def test_a_season_asks_each_manager_for_what_is_missing(office: RecordOffice) -> None:
    """At its beginning, a week before its end and after it, each once; in March nothing is due."""
    await at(office, "2026-03-15")
    assert await raised(office) == []
    for day in ("2026-04-01", "2026-04-01", "2026-04-10"):
        await at(office, day)
    assert sorted(await raised(office)) == [("max", "filing.due"), ("mia", "filing.due")]
    await at(office, "2026-04-24")
    await at(office, "2026-05-02")
    assert sorted(await raised(office)) == sorted([
        ("mia", "filing.due"), ("max", "filing.due"), ("mia", "filing.closing"), ("max", "filing.closing"),
        ("mia", "filing.overdue"), ("aki", "filing.overdue"), ("an", "filing.overdue"),
        ("max", "filing.overdue"), ("aki", "filing.overdue"), ("an", "filing.overdue"),
    ])  # fmt: skip
    due = [e["data"]["due_at"] for e in await office.archive.sent("archive.v1")]
    assert set(due) == {"2026-04-30T16:00:00Z"}


async def test_the_list_tells_filed_missing_and_nothing_and_tasks_end_with_it(office: RecordOffice) -> None:
    """A record of the department, class and period counts whenever it came; a word of the manager does as well."""
    await office.file("S-1", period="2026-Q1", content=None)
    await office.file("S-2", period="2026-Q1", department="showroom", record_class="minutes", content=None)
    await at(office, "2026-04-01")
    for record_class in ("minutes", "contracts", "operations"):
        body = {"period": "2026-Q1", "department": "field", "record_class": record_class}
        assert (await office.ask("mia", "/filing/nothing", **body)).status_code == 201
    assert (await office.ask("mia", "/filing/nothing", **body)).json()["code"] == "declared_before"
    async with office.client("an") as client:
        found = (await client.get("/filing", params={"period": "2026-Q1"})).json()
    assert [(it["department"], it["record_class"], it["state"]) for it in found] == [
        ("field", "contracts", "nothing"), ("field", "minutes", "nothing"), ("field", "operations", "nothing"),
        ("field", "statistics", "filed"), ("showroom", "contracts", "missing"), ("showroom", "minutes", "filed"),
        ("showroom", "operations", "missing"), ("showroom", "statistics", "missing"),
    ]  # fmt: skip
    assert await raised(office, cleared=True) == [("mia", "filing.due")]


async def test_the_year_is_filed_in_february(office: RecordOffice) -> None:
    """Of the year before, its own classes."""
    await at(office, "2027-02-10")
    async with office.client("boss") as client:
        found = (await client.get("/filing")).json()
    assert {(it["period"], it["record_class"], it["due_on"]) for it in found} == {
        ("2026", "plans", "2027-02-28"), ("2026", "projects", "2027-02-28"),
    }  # fmt: skip


async def test_who_sees_and_declares_what_is_due(office: RecordOffice) -> None:
    """A manager the department's own; those who collect and supervise all; others nothing."""
    await at(office, "2026-04-01")
    body = {"period": "2026-Q1", "department": "field", "record_class": "minutes"}
    for who in ROLES:
        async with office.client(who) as client:
            answer = await client.get("/filing")
            other = await client.get("/filing", params={"department": "showroom"})
        declared = await office.ask(who, "/filing/nothing", **body)
        if who in {"an", "aki", "boss", "head", "vic", "ivy", "hana"}:
            assert ({it["department"] for it in answer.json()}, other.status_code) == ({"field", "showroom"}, 200)
        elif who in {"mia", "max"}:
            own = "field" if who == "mia" else "showroom"
            assert {it["department"] for it in answer.json()} == {own}
            assert other.status_code == (200 if own == "showroom" else 403)
        else:
            assert (answer.status_code, other.status_code) == (403, 403)
        assert declared.status_code == (201 if who == "mia" else 404), who


async def test_retention_only_grows(office: RecordOffice, superuser: asyncpg.Connection) -> None:
    """Longer, or for ever; never shorter, by HTTP as in the database; each with its reason."""
    await office.file("R-1", until=date(2026, 12, 31))
    path = "/retention/records/R-1/extensions"
    for until, status in (("2026-06-30", 409), ("2026-12-31", 409), ("2030-12-31", 201), ("2029-12-31", 409),
                          ("forever", 201), ("2090-01-01", 409), ("forever", 409)):  # fmt: skip
        answer = await office.ask("an", path, until=until)
        assert answer.status_code == status, (until, answer.text)
    assert answer.json()["code"] == "only_grows"
    for statement in ("UPDATE records SET retain_until = '2031-01-01'", "DELETE FROM retention_changes"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await superuser.execute(statement)
    changes = await office.archive.rows("SELECT number, kept_until, extended_by FROM retention_changes ORDER BY number")
    assert [tuple(row) for row in changes] == [(1, date(2030, 12, 31), "an"), (2, None, "an")]
    assert (await office.ask("an", "/retention/records/none/extensions", until="forever")).status_code == 404


async def test_what_is_over_is_listed_longest_over_first(office: RecordOffice) -> None:
    """In pages; what the policy keeps for longer by now says so; what is kept or gone is not in it."""
    for number, until in enumerate((date(2024, 1, 1), date(2020, 1, 1), date(2026, 3, 2), None, date(2026, 3, 1))):
        await office.file(
            f"R-{number}", until=until, content=None, record_class="minutes" if number == 1 else "statistics"
        )
    async with office.client("an") as client:
        first = (await client.get("/retention/expiring", params={"limit": 2})).json()
        second = (await client.get("/retention/expiring", params={"limit": 2, "cursor": first["next"]})).json()
        ahead = (await client.get("/retention/expiring", params={"before": "2026-04-01"})).json()
    found = [(it["record"], it["until"]) for page in (first, second) for it in page["items"]]
    assert found == [("R-1", None), ("R-0", "2025-12-31"), ("R-4", "2026-03-01")]
    assert len(ahead["items"]) == 4


async def test_a_hold_names_a_matter_and_counts_itself(office: RecordOffice, superuser: asyncpg.Connection) -> None:
    """Two holds of a record: it stays frozen until both are lifted; each is lifted once; the count follows."""
    await office.file("R-1")
    await office.file("R-2")
    one = (await office.ask("boss", "/holds", matter="诉讼", records=["R-1", "R-2", "R-1"])).json()
    two = (await office.ask("head", "/holds", matter="审计", records=["R-1"])).json()
    assert one["records"] == ["R-1", "R-2"]
    counts = "SELECT record, holds FROM records ORDER BY record"
    assert [tuple(row) for row in await office.archive.rows(counts)] == [("R-1", 2), ("R-2", 1)]
    assert (await office.ask("an", "/destructions", records=["R-1"])).json()["code"] == "on_hold"
    assert (await office.ask("boss", f"/holds/{two['hold_id']}/lift")).status_code == 200
    assert (await office.ask("boss", f"/holds/{two['hold_id']}/lift")).json()["code"] == "lifted_before"
    async with office.client("ivy") as client:
        standing = (await client.get("/holds", params={"record": "R-1", "standing": True})).json()["items"]
        everything = (await client.get("/holds", params={"record": "R-1"})).json()["items"]
    assert ([it["matter"] for it in standing], len(everything)) == (["诉讼"], 2)
    assert [tuple(row) for row in await office.archive.rows(counts)] == [("R-1", 1), ("R-2", 1)]
    for connection in (superuser, office.archive.database):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM hold_lifts")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await office.archive.database.execute("UPDATE records SET holds = 0")


async def test_who_freezes_and_who_extends(office: RecordOffice) -> None:
    """Every cell."""
    await office.file("R-1")
    for who in ROLES:
        held = await office.ask(who, "/holds", matter="m", records=["R-1"])
        assert held.status_code == (201 if who in {"boss", "head"} else 403), who
        async with office.client(who) as client:
            watching = [(await client.get(path)).status_code for path in ("/holds", "/retention/expiring")]
        assert watching == [200 if who in {"an", "aki", "boss", "head", "vic", "ivy"} else 403] * 2, who
        longer = await office.ask(who, "/retention/records/R-1/extensions", until="2020-01-01")
        assert longer.status_code == (409 if who in {"an", "aki", "boss", "head"} else 403), who
