"""Records raised, lowered and moved over HTTP, and what the database lets nobody do (A3)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from services.archive.api.reclassifying import reclassifications_router
from shared.contracts.organisation import PersonRecorded
from shared.roles import Role
from tests.integration.archive.house import NOW, Archive
from tests.integration.archive.record_office import DEPARTMENTS, ROLES, RecordOffice

WHY = {"reason": "按制度"}
BEHALF = """
INSERT INTO reclassification_ends (change_id, ended, decided_by, role, decided_at, reason, on_behalf_of, delegation_id)
VALUES ($1, 'agreed', $2, 'deputy_gm', $3, 'x', $4, $5)
"""


class Registry:
    """The record office, with the doors at which records are reclassified."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.archive = archive
        self.office = RecordOffice(archive, folder)
        self.router = reclassifications_router(self.office.life.reclassify)

    async def ask(self, who: str, method: str, path: str, body: Any = None, role: Role | None = None) -> httpx.Response:
        its = DEPARTMENTS.get(who, "none")
        async with self.archive.client(who, role or ROLES[who], its, doors=(self.router,)) as client:
            return await client.request(method, path, json=body)

    async def want(self, who: str, record: str = "r-1", **wish: str) -> httpx.Response:
        """Somebody asks for a change."""
        return await self.ask(who, "POST", f"/records/{record}/reclassifications", {**wish, **WHY})

    async def say(self, who: str, change: str, word: str = "agree", *, role: Role | None = None) -> httpx.Response:
        """Somebody decides."""
        path = f"/records/r-1/reclassifications/{change}/decisions"
        return await self.ask(who, "POST", path, {"decision": word, **WHY}, role)

    async def card(self, who: str) -> httpx.Response:
        return await self.ask(who, "GET", "/records/r-1")

    async def place(self) -> tuple[str, str, str, str]:
        """Where the record stands, and its section."""
        (row,) = await self.archive.rows(
            "SELECT r.rank::text, r.department, r.record_class, s.rank::text AS section"
            " FROM records AS r JOIN record_sections AS s USING (record) WHERE r.record = 'r-1'"
        )
        return tuple(row)


@pytest.fixture
async def registry(archive: Archive, tmp_path: Path) -> Registry:
    """Everybody is there, li having a manager; one record of rank 0."""
    (tmp_path / "store").mkdir()
    registry = Registry(archive, tmp_path / "store")
    await registry.office.staff()
    li = PersonRecorded(person="li", role=Role.REP, department="field", manager="mia", active=True)
    await archive.staff(li, at=NOW - timedelta(hours=1))
    await registry.office.file("r-1", until=None)
    return registry


async def acts(archive: Archive) -> list[tuple[str, str, str]]:
    """Who did what to the record, by the audit."""
    return [
        (e["data"]["action"], e["data"]["actor"], e["data"]["outcome"])
        for e in await archive.sent("audit.v1")
        if e["data"]["file"] == "record:r-1" and "reclassif" in e["data"]["action"]
    ]


@pytest.mark.parametrize("who", ["an", "mia"])
async def test_a_record_is_raised_at_once_and_what_was_open_closes(registry: Registry, who: str) -> None:
    """One act: in force, its section with it; the grant ends, the request lapses, the reader knows no more."""
    archive = registry.archive
    await registry.office.grant(1, "record:r-1", "li", 2)
    wish = {"file": "record:r-1", "why": "报价", "until": (NOW + timedelta(hours=1)).isoformat()}
    request = (await registry.ask("li", "POST", "/requests", wish)).json()["request_id"]
    assert (await registry.card("li")).json()["sections"][0]["readable"]
    answer = await registry.want(who, rank="secret")
    assert (answer.status_code, answer.json()["state"], answer.json()["waits_for"]) == (201, "agreed", [])
    assert await registry.place() == ("secret", "field", "statistics", "secret")
    (ended,) = await archive.sent("grants.v1", "grant.revoked")
    assert (ended["data"]["grant_id"], ended["data"]["revoked_by"], ended["data"]["reason"]) == (
        "g-1", who, "rank_raised",
    )  # fmt: skip
    assert (await registry.ask("li", "GET", f"/requests/{request}")).json()["state"] == "lapsed"
    assert (await registry.card("li")).json()["code"] == "unknown_record"
    assert await acts(archive) == [("record.reclassified", who, "allowed")]
    history = (await registry.ask("boss", "GET", "/records/r-1/reclassifications")).json()
    assert [(c["old"]["rank"], c["new"]["rank"], c["decided_by"]) for c in history] == [("unclassified", "secret", who)]


@pytest.mark.parametrize("wish", [{"rank": "unclassified"}, {"rank": "confidential"}, {"department": "showroom"}])
async def test_nobody_lowers_or_moves_a_record_alone(
    registry: Registry, superuser: asyncpg.Connection, wish: dict[str, str]
) -> None:
    """Asked for, it waits; who asked cannot agree, not even in the database; then it is in force, section and all."""
    await registry.want("an", rank="secret")
    asked = (await registry.want("mia", **wish)).json()
    assert (asked["state"], asked["waits_for"]) == ("waiting", ["gm"])
    assert (await registry.place())[0] == "secret"
    change = asked["change_id"]
    for who, role, code in (
        ("mia", None, "own_request"), ("mia", Role.GM, "own_request"), ("vic", None, "not_your_decision"),
        ("an", None, "not_your_decision"), ("li", None, "unknown_record"),
    ):  # fmt: skip
        assert (await registry.say(who, change, role=role)).json()["code"] == code
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="on their own"):
        await superuser.execute(
            "INSERT INTO reclassification_ends VALUES ($1, 'agreed', 'mia', 'gm', now(), 'x')", change
        )
    waiting = [e["data"]["person"] for e in await registry.archive.sent("archive.v1", "task.raised")]
    assert waiting == ["boss"]
    agreed = await registry.say("boss", change)
    assert (agreed.status_code, agreed.json()["state"], agreed.json()["decided_by"]) == (201, "agreed", "boss")
    rank, department, _, section = await registry.place()
    assert (rank, section, department) == (
        wish.get("rank", "secret"), wish.get("rank", "secret"), wish.get("department", "field"),
    )  # fmt: skip
    assert (await registry.say("boss", change)).json()["code"] == "decided_before"
    (cleared,) = await registry.archive.sent("archive.v1", "task.cleared")
    assert cleared["data"]["person"] == "boss"


async def delegated(registry: Registry, to: str, **scope: Any) -> str:
    """What the GM wrote, for an hour."""
    until = (NOW + timedelta(hours=1)).isoformat()
    paper = {"delegate": to, "scope": scope, "text": "出差期间代批", "until": until}
    answer = await registry.ask("boss", "POST", "/delegations", paper)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["delegation_id"])


async def waits_for(registry: Registry, change: str) -> list[str]:
    """Who is asked, now that the clock has looked."""
    await registry.office.life.reclassify.watch()
    async with registry.archive.database.transaction() as tx:
        return sorted(await registry.archive.consulting.office.tasks.open_for(tx, "reclassification", change))


@pytest.mark.parametrize("word", ["agree", "refuse"])
async def test_a_delegate_decides_for_the_gm_and_it_is_written_down(registry: Registry, word: str) -> None:
    """A4: asked when the paper is signed, decided in the GM's stead; row, audit and answer say for whom."""
    await registry.want("an", rank="secret")
    change = (await registry.want("mia", rank="unclassified")).json()["change_id"]
    assert await waits_for(registry, change) == ["boss"]
    await delegated(registry, "vic", ranks=["confidential"])
    await delegated(registry, "head", file="record:r-9")
    assert await waits_for(registry, change) == ["boss"]
    for who in ("vic", "head"):
        assert (await registry.say(who, change, word)).json()["code"] == "not_your_decision"
    paper = await delegated(registry, "vic", ranks=["secret"])
    assert await waits_for(registry, change) == ["boss", "vic"]
    decided = (await registry.say("vic", change, word)).json()
    assert (decided["decided_by"], decided["on_behalf_of"]) == ("vic", "boss")
    assert (await registry.place())[0] == ("unclassified" if word == "agree" else "secret")
    (row,) = await registry.archive.rows(
        "SELECT decided_by, role, on_behalf_of, delegation_id FROM reclassification_ends WHERE change_id = $1", change
    )
    assert tuple(row) == ("vic", "deputy_gm", "boss", paper)
    (entry,) = [e["data"] for e in await registry.archive.sent("audit.v1") if change in (e["data"].get("reason") or "")
                and e["data"]["actor"] == "vic"]  # fmt: skip
    assert "[boss] 按制度" in entry["reason"]
    assert await waits_for(registry, change) == []


async def test_a_delegation_that_is_over_decides_nothing(registry: Registry) -> None:
    """Revoked, or its time over: whom it let decide is asked no more."""
    await registry.want("an", rank="secret")
    change = (await registry.want("mia", rank="unclassified")).json()["change_id"]
    paper = await delegated(registry, "head", file="record:r-1")
    await delegated(registry, "vic", ranks=["secret"])
    assert await waits_for(registry, change) == ["boss", "head", "vic"]
    assert (await registry.ask("boss", "POST", f"/delegations/{paper}/revoke", WHY)).is_success
    assert await waits_for(registry, change) == ["boss", "vic"]
    registry.archive.clock.set(NOW + timedelta(hours=1))
    assert await waits_for(registry, change) == ["boss"]
    for who in ("head", "vic"):
        assert (await registry.say(who, change)).json()["code"] == "not_your_decision"


async def test_a_delegate_knows_of_a_top_secret_record_while_it_waits_for_them(registry: Registry) -> None:
    """Only the GM and the archivist know of it otherwise, and of its card a delegate learns nothing."""
    await registry.want("an", rank="top_secret")
    change = (await registry.want("an", rank="secret", department="showroom")).json()["change_id"]
    assert (await registry.say("vic", change)).json()["code"] == "unknown_record"
    await delegated(registry, "vic", ranks=["top_secret"])
    (shown,) = [it for it in (await registry.ask("vic", "GET", "/records/r-1/reclassifications")).json()
                if it["state"] == "waiting"]  # fmt: skip
    assert shown["change_id"] == change
    assert (await registry.card("vic")).json()["code"] == "unknown_record"
    assert (await registry.want("vic", rank="top_secret")).json()["code"] == "unknown_record"
    assert (await registry.say("vic", change, "refuse")).json()["state"] == "refused"
    hidden = await registry.ask("vic", "GET", "/records/r-1/reclassifications")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "unknown_record")


async def test_the_database_believes_no_delegation_that_is_none(
    registry: Registry, superuser: asyncpg.Connection
) -> None:
    """Whoever writes the row, the service's login included: of that giver, to that person, for that, and running."""
    await registry.want("an", rank="secret")
    change = (await registry.want("mia", rank="unclassified")).json()["change_id"]
    papers = {
        "other rank": await delegated(registry, "vic", ranks=["confidential"], tiers=["company"]),
        "other record": await delegated(registry, "vic", file="record:r-9"),
        "revoked": await delegated(registry, "vic", ranks=["secret"]),
        "another's": await delegated(registry, "head", ranks=["secret"]),
        "good": await delegated(registry, "vic", ranks=["secret"]),
    }
    await registry.ask("boss", "POST", f"/delegations/{papers['revoked']}/revoke", WHY)
    for paper, by, giver, at in {
        **{name: (papers[name], "vic", "boss", NOW) for name in ("other rank", "other record", "revoked", "another's")},
        "of nobody": (papers["good"], "vic", "hana", NOW),
        "to nobody": (papers["good"], "max", "boss", NOW),
        "over": (papers["good"], "vic", "boss", NOW + timedelta(hours=1)),
        "before": (papers["good"], "vic", "boss", NOW - timedelta(seconds=1)),
        "for who asked": (papers["good"], "vic", "mia", NOW),
    }.values():
        for login in (superuser, registry.archive.database):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="nobody delegated this"):
                await login.execute(BEHALF, change, by, at, giver, paper)
    with pytest.raises(asyncpg.CheckViolationError):
        await superuser.execute(BEHALF, change, "vic", NOW, None, papers["good"])
    await superuser.execute(BEHALF, change, "vic", NOW, "boss", papers["good"])


async def test_two_who_decide_at_once_decide_once(registry: Registry) -> None:
    """And the one who comes second is told."""
    await registry.want("an", rank="confidential")
    change = (await registry.want("an", rank="unclassified")).json()["change_id"]
    answers = await asyncio.gather(registry.say("boss", change), registry.say("vic", change, "refuse"))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (state,) = [answer.json()["state"] for answer in answers if answer.is_success]
    assert (await registry.place())[0] == ("unclassified" if state == "agreed" else "confidential")


async def test_what_is_refused_or_withdrawn_changes_nothing_and_may_be_asked_again(registry: Registry) -> None:
    """One change waits at a time; raising never waits, and a change that was asked for before it is not agreed to."""
    await registry.want("an", rank="confidential")
    first = (await registry.want("an", rank="unclassified")).json()["change_id"]
    assert (await registry.want("mia", rank="unclassified")).json()["code"] == "asked_before"
    assert (await registry.want("mia", rank="secret")).json()["state"] == "agreed"
    assert (await registry.say("boss", first)).json()["code"] == "changed_since"
    path = f"/records/r-1/reclassifications/{first}/withdraw"
    assert (await registry.ask("mia", "POST", path, WHY)).json()["code"] == "not_yours"
    assert (await registry.ask("an", "POST", path, WHY)).json()["state"] == "withdrawn"
    second = (await registry.want("an", rank="confidential")).json()["change_id"]
    assert (await registry.say("boss", second, "refuse")).json()["state"] == "refused"
    assert (await registry.place())[0] == "secret"
    assert [what for what, _, _ in await acts(registry.archive)][-1] == "record.reclassification_refused"


async def test_a_class_that_keeps_for_a_shorter_time_is_refused(registry: Registry) -> None:
    """Retention only grows; one that keeps for longer is in force at once, with what it promises."""
    await registry.office.file("r-2", until=None)
    refused = await registry.want("an", "r-2", **{"class": "statistics"})
    assert refused.json()["code"] == "nothing_changes"
    await registry.office.file("r-3", record_class="contracts", until=None)
    assert (await registry.want("an", "r-3", **{"class": "statistics"})).json()["code"] == "only_grows"
    await registry.office.file("r-4")
    grown = (await registry.want("an", "r-4", **{"class": "contracts"})).json()
    assert (grown["state"], grown["retain_until"] is None or grown["retain_until"] > "2025-12-31") == ("agreed", True)
    (row,) = await registry.archive.rows("SELECT record_class, retain_until FROM records WHERE record = 'r-4'")
    assert (row["record_class"], row["retain_until"] and row["retain_until"].isoformat()) == (
        "contracts", grown["retain_until"],
    )  # fmt: skip


async def test_who_may_not_know_of_it_and_who_may_not_ask(registry: Registry) -> None:
    """The first are told what is said of a record that is not there; both are in the audit."""
    assert (await registry.want("max", rank="secret")).json()["code"] == "not_yours"
    assert (await registry.want("li", rank="secret")).json()["code"] == "not_yours"
    await registry.want("an", rank="secret")
    for who in ("max", "li", "oscar", "hana"):
        hidden, missing = await registry.want(who, rank="top_secret"), await registry.want(who, "r-9", rank="secret")
        assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert ("record.reclassification_requested", "max", "denied") in await acts(registry.archive)


async def test_a_record_on_its_way_to_destruction_stays_as_it_is(registry: Registry) -> None:
    """Who approves that follows from the rank."""
    await registry.office.file("r-5")
    await registry.office.approved("r-5")
    assert (await registry.want("an", "r-5", rank="secret")).json()["code"] == "being_destroyed"


async def test_what_was_released_while_it_was_raised_ends_by_the_clock(
    registry: Registry, superuser: asyncpg.Connection
) -> None:
    """A request of before that nobody saw: its grant is of a lower rank than the record, and ends."""
    archive = registry.archive
    wish = {"file": "record:r-1", "why": "报价", "until": (NOW + timedelta(hours=1)).isoformat()}
    request = (await registry.ask("li", "POST", "/requests", wish)).json()["request_id"]
    for who in ("mia", "head"):
        decision = {"decision": "approve", **WHY}
        answer = await registry.ask(who, "POST", f"/requests/{request}/decisions", decision)
        assert answer.is_success, answer.text
    given = await registry.ask("an", "POST", "/grants", {"request": request, **WHY})
    assert given.is_success, given.text
    await archive.watch()
    assert await archive.sent("grants.v1", "grant.revoked") == []
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute("UPDATE records SET rank = 'confidential'")
    await archive.watch()
    (ended,) = await archive.sent("grants.v1", "grant.revoked")
    assert (ended["data"]["grant_id"], ended["data"]["reason"]) == (given.json()["grant_id"], "file_changed")


async def test_nobody_rewrites_a_rank_past_the_act(registry: Registry, superuser: asyncpg.Connection) -> None:
    """Neither the service's own login nor the owner of the tables; and the acts themselves stay."""
    await registry.want("an", rank="confidential")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await registry.archive.database.execute("UPDATE records SET rank = 'unclassified'")
    for statement in (
        "UPDATE records SET rank = 'unclassified'", "UPDATE records SET department = 'showroom'",
        "UPDATE record_sections SET rank = 'unclassified'", "DELETE FROM record_sections",
        "UPDATE reclassifications SET to_rank = 'unclassified'", "DELETE FROM reclassification_ends",
    ):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await superuser.execute(statement)
