"""Grants by HTTP, and the heartbeat that keeps readers trusting their copy (A2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.roles import Role
from tests.integration.archive.house import NOW, Archive

pytestmark = pytest.mark.backend

REQUEST = {
    "file": "C-1", "person": "li", "sections": ["trading"], "copy": False, "approved_by": "boss",
    "until": (NOW + timedelta(days=1)).isoformat(),
}  # fmt: skip


@pytest.fixture
async def staffed(archive: Archive) -> Archive:
    """The GM, a rep, and a manager who is no GM."""
    await archive.staff(
        PersonRecorded(person="boss", role="gm", active=True),
        PersonRecorded(person="li", role="rep", department="d1", manager="meng", active=True),
        PersonRecorded(person="meng", role="department_manager", department="d1", active=True),
    )
    return archive


async def test_a_grant_approved_by_the_gm_reaches_the_readers_and_the_audit(staffed: Archive) -> None:
    """Given by the archivist, published with its file as key, in one transaction with the audit of it."""
    async with staffed.client("an", Role.ARCHIVIST) as client:
        answer = await client.post("/grants", json=REQUEST)
    assert answer.status_code == 201
    grant = answer.json()
    assert (grant["person"], grant["copy"], grant["given_by"], grant["not_before"]) == (
        "li", False, "an", NOW.isoformat().replace("+00:00", "Z"),
    )  # fmt: skip
    (given,) = await staffed.sent("grants.v1")
    assert (given["type"], given["data"]["grant_id"], given["data"]["sections"], given["data"]["copy"]) == (
        "grant.given", grant["grant_id"], ["trading"], False,
    )  # fmt: skip
    (decision,) = await staffed.sent("audit.v1")
    assert (decision["type"], decision["data"]["action"], decision["data"]["file"], decision["data"]["actor"]) == (
        "decision.made", "grant.given", "C-1", "an",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"person": "an"}, "own_request"),
        ({"person": "boss"}, "own_request"),
        ({"approved_by": "meng"}, "not_approved"),
        ({"approved_by": "nobody"}, "unknown_person"),
        ({"person": "stranger"}, "unknown_person"),
        ({"until": NOW.isoformat()}, "ended_before_it_began"),
    ],
)
async def test_a_grant_that_breaks_a_rule_is_refused(staffed: Archive, change: dict[str, str], code: str) -> None:
    """Nobody reads on their own word, nor on that of somebody who may not give it."""
    async with staffed.client("an", Role.ARCHIVIST) as client:
        answer = await client.post("/grants", json=REQUEST | change)
    assert answer.status_code in {403, 422}
    assert answer.json()["code"] == code
    assert answer.json()["detail_zh"]
    assert await staffed.sent("grants.v1") == []


async def test_only_the_archivist_gives_grants(staffed: Archive) -> None:
    """The GM approves, but does not release (A2)."""
    async with staffed.client("boss", Role.GM) as client:
        assert (await client.post("/grants", json=REQUEST)).status_code == 403


async def test_a_grant_is_revoked_once(staffed: Archive) -> None:
    """Readers hear of it after the grant itself, on the same key."""
    async with staffed.client("an", Role.ARCHIVIST) as client:
        grant_id = (await client.post("/grants", json=REQUEST)).json()["grant_id"]
        revoked = await client.post(f"/grants/{grant_id}/revoke", json={"reason": "已离岗"})
        again = await client.post(f"/grants/{grant_id}/revoke", json={"reason": "已离岗"})
        unknown = await client.post("/grants/none/revoke", json={"reason": "?"})
    assert [answer.status_code for answer in (revoked, again, unknown)] == [200, 409, 404]
    assert [event["type"] for event in await staffed.sent("grants.v1")] == ["grant.given", "grant.revoked"]
    assert [event["data"]["action"] for event in await staffed.sent("audit.v1")] == ["grant.given", "grant.revoked"]


async def test_a_heartbeat_carries_the_present_moment(archive: Archive) -> None:
    """Each beat is an event of its own, with a time by which readers judge how old their copy is."""
    await archive.grants.beat()
    archive.clock.advance(timedelta(seconds=10))
    await archive.grants.beat()
    beats = await archive.sent("grants.v1")
    assert [beat["type"] for beat in beats] == ["grants.heartbeat"] * 2
    assert beats[0]["data"]["at"] < beats[1]["data"]["at"]
    assert beats[0]["id"] != beats[1]["id"]


async def test_who_left_gets_no_grant_even_when_the_news_comes_out_of_order(staffed: Archive) -> None:
    """The newest word counts by its time: an older record that comes late does not bring a person back."""
    later = NOW + timedelta(minutes=5)
    await staffed.staff(PersonDeparted(person="li", departed_at=later), at=later)
    await staffed.staff(PersonRecorded(person="li", role="rep", active=True), at=NOW + timedelta(minutes=1))
    async with staffed.client("an", Role.ARCHIVIST) as client:
        answer = await client.post("/grants", json=REQUEST)
    assert answer.json()["code"] == "departed"
