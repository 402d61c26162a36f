"""Reading and proving the audit by HTTP."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from services.archive.domain.chain import GENESIS, seal
from services.archive.store import EntryStore
from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.roles import Role
from tests.integration.archive.house import NOW, Archive

pytestmark = pytest.mark.backend


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.INSPECTOR, "/audit"),
        (Role.ARCHIVIST, "/grants"),
        (Role.ARCHIVIST, "/requests?side=all"),
        (Role.HR, "/fines"),
        (Role.ARCHIVIST, "/records/R-1"),
    ],
)
async def test_who_left_is_shown_nothing_by_a_token_that_is_still_good(archive: Archive, role: Role, path: str) -> None:
    """P6: at every door, whatever is behind it; the attempt is in the audit, with what was asked for."""
    await archive.staff(PersonRecorded(person="du", role=role, department=None, active=True), at=NOW)
    async with archive.client("du", role) as client:
        assert (await client.get(path)).json().get("code") != "left_the_company"
        await archive.staff(PersonDeparted(person="du", departed_at=NOW), at=NOW + timedelta(seconds=1))
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (403, "left_the_company")
    last = (await archive.sent("audit.v1"))[-1]
    assert (last["type"], last["data"]["actor"], last["data"]["outcome"]) == ("access.denied", "du", "denied")
    assert last["data"]["reason"] == ("left_the_company record_id=R-1" if "R-1" in path else "left_the_company")


async def test_the_audit_is_read_newest_first_in_pages(archive: Archive) -> None:
    """Cursors neither skip nor repeat, also while entries come in."""
    await archive.seal(*(archive.access(event_id=f"e{n}") for n in range(5)))
    async with archive.client("an", Role.ARCHIVIST) as client:
        first = (await client.get("/audit", params={"limit": 2})).json()
        await archive.seal(archive.access())
        second = (await client.get("/audit", params={"limit": 2, "cursor": first["next"]})).json()
        third = (await client.get("/audit", params={"limit": 2, "cursor": second["next"]})).json()
    assert [item["seq"] for page in (first, second, third) for item in page["items"]] == [5, 4, 3, 2, 1]
    assert third["next"] is None
    assert first["items"][0]["detail"] == {"act": "profile.read", "department": "d1", "needs_grant": False}


async def test_reading_the_audit_is_in_the_audit(archive: Archive) -> None:
    """Who looked, from where and for what, in the transaction that answered."""
    async with archive.client("an", Role.ARCHIVIST) as client:
        assert (await client.get("/audit", params={"file": "C-1", "actor": "li"})).status_code == 200
        assert (await client.get("/audit/reconciliation")).status_code == 200
    searched, reconciled = await archive.sent("audit.v1")
    assert searched["type"] == "file.searched"
    assert {name: searched["data"][name] for name in ("file", "actor", "role", "action", "station", "reason")} == {
        "file": "audit", "actor": "an", "role": "archivist", "action": "audit.searched", "station": "10.0.0.9",
        "reason": "file=C-1 actor=li",
    }  # fmt: skip
    assert reconciled["data"]["action"] == "audit.reconciled"


async def test_filters_narrow_the_audit(archive: Archive) -> None:
    """By file, person, action and time; a day is a business day in Shanghai, and `to` includes it."""
    evening = NOW.replace(hour=15, minute=59)
    await archive.seal(
        archive.access(file="C-2"),
        archive.access(actor="wang"),
        archive.access("access.denied", outcome="denied"),
        archive.access(at=evening),
        archive.access(at=evening + timedelta(minutes=1)),
    )
    asked = {
        "file=C-2": [1],
        "actor=wang": [2],
        "action=access.denied": [3],
        "from=2026-03-02&to=2026-03-02": [4, 3, 2, 1],
        "from=2026-03-03": [5],
        "from=2026-03-02T15:59:00Z&to=2026-03-02T16:00:00Z": [4],
        "file=C-2&actor=wang": [],
    }
    async with archive.client("boss", Role.GM) as client:
        found = {q: [item["seq"] for item in (await client.get(f"/audit?{q}")).json()["items"]] for q in asked}
        assert (await client.get("/audit?from=2026-03-02T15:59:00")).status_code == 422
    assert found == asked


async def test_only_those_who_answer_for_the_files_read_the_audit(archive: Archive) -> None:
    """Ops may prove the chain but not read it; a rep may do neither; nobody without a token."""
    async with archive.client("ops", Role.OPS) as client:
        assert (await client.get("/audit")).status_code == 403
        assert (await client.get("/audit/verification")).status_code == 200
    async with archive.client("li", Role.REP) as client:
        assert (await client.get("/audit")).status_code == 403
        assert (await client.get("/audit/verification")).status_code == 403
        assert (await client.get("/audit", headers={"Authorization": ""})).status_code == 401
    told = [(event["data"]["actor"], event["type"]) for event in await archive.sent("audit.v1")]
    assert told == [("ops", "access.denied"), ("li", "access.denied"), ("li", "access.denied")]


async def test_verification_tells_the_first_bad_entry_in_both_languages(
    archive: Archive, superuser: asyncpg.Connection
) -> None:
    """Sound: how many and the head; not sound: which, and what is wrong with it."""
    await archive.seal(*(archive.access() for _ in range(4)))
    head = (await archive.rows("SELECT hash FROM audit_head"))[0]["hash"].hex()
    async with archive.client("ops", Role.OPS) as client:
        sound = (await client.get("/audit/verification")).json()
        await superuser.execute("ALTER TABLE audit_entries DISABLE TRIGGER ALL")
        await superuser.execute("UPDATE audit_entries SET actor = 'nobody' WHERE seq = 3")
        broken = (await client.get("/audit/verification")).json()
    assert sound.pop("seconds") >= 0
    assert sound == {"entries": 4, "verified": True, "first_bad": None, "head": head, "vouched": 0, "outside": False}
    assert (broken["entries"], broken["verified"]) == (2, False)
    assert broken["first_bad"] == {
        "seq": 3,
        "kind": "edited",
        "why": {
            "zh": "第 3 条被改动：内容与封存时的哈希不符",
            "en": "entry 3 was edited: it no longer matches the hash it was sealed with",
        },
    }


async def test_a_head_noted_elsewhere_betrays_a_chain_made_anew(
    archive: Archive, superuser: asyncpg.Connection
) -> None:
    """A superuser who reseals everything and the head too leaves a sound chain, but not the one that was noted."""
    await archive.seal(*(archive.access() for _ in range(3)))
    async with archive.client("inspector", Role.INSPECTOR) as client:
        noted = (await client.get("/audit/verification")).json()
        asked = {"noted_entries": noted["entries"], "noted_head": noted["head"]}
        await archive.seal(archive.access())
        assert (await client.get("/audit/verification", params=asked)).json()["verified"]
        await reseal(archive, superuser)
        assert (await client.get("/audit/verification")).json()["verified"]
        betrayed = (await client.get("/audit/verification", params=asked)).json()
        assert (await client.get("/audit/verification", params={"noted_entries": 3})).status_code == 422
    assert (betrayed["verified"], betrayed["first_bad"]["seq"]) == (False, 3)


async def reseal(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Change the first entry's actor and make the rest of the chain fit it."""
    await superuser.execute("ALTER TABLE audit_entries DISABLE TRIGGER ALL")
    async with archive.database.transaction() as tx:
        entries = [link.entry async for page in EntryStore().pages(tx) for link in page]
    entries[0] = entries[0]._replace(actor="nobody")
    prev = GENESIS.hash
    for entry in entries:
        link = seal(prev, entry)
        prev = link.hash
        await superuser.execute(
            "UPDATE audit_entries SET actor = $2, prev_hash = $3, hash = $4 WHERE seq = $1",
            entry.seq, entry.actor, link.prev_hash, link.hash,
        )  # fmt: skip
    await superuser.execute("ALTER TABLE audit_head DISABLE TRIGGER ALL")
    await superuser.execute("UPDATE audit_head SET hash = $1", prev)


async def test_reconciliation_counts_what_was_sealed_from_whom(archive: Archive) -> None:
    """Each service can hold its own count against it."""
    await archive.seal(archive.access(), archive.amended(), archive.amended(version=2), archive.decided())
    async with archive.client("an", Role.ARCHIVIST) as client:
        sources = (await client.get("/audit/reconciliation")).json()
    assert [(s["service"], s["action"], s["entries"], s["last_seq"]) for s in sources] == [
        ("customers", "file.read", 1, 1),
        ("customers", "file_amended", 2, 3),
        ("scoring", "level_decided", 1, 4),
    ]
