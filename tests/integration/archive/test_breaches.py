"""Breaches that others find: sealed first, priced from the entry, once for ever, and never for years ago (N9)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.archive.domain.grants import Grant
from services.archive.store import BreachStore, GrantStore, StationStore
from services.archive.usecases import Watch
from shared.contracts.audit import CALENDAR, Access
from shared.contracts.organisation import StationRecorded
from shared.engine.model import Event, Received
from tests.integration.archive.house import NOW, Archive

pytestmark = pytest.mark.backend


async def proposed(archive: Archive) -> list[tuple[str, str, int]]:
    """Kind, person and evidence of every fine."""
    return [tuple(row) for row in await archive.rows("SELECT kind, person, entry FROM fines ORDER BY entry")]


async def test_a_breach_is_sealed_and_its_entry_is_the_evidence(archive: Archive) -> None:
    """The entry comes first; the fine points at it."""
    await archive.seal(archive.access(), archive.breach())
    assert await proposed(archive) == [("unapproved_copy", "wang", 2)]
    (entry,) = await archive.rows("SELECT actor, action, file, detail FROM audit_entries WHERE seq = 2")
    assert (entry["actor"], entry["action"], entry["file"]) == ("wang", "breach.found", "C-1")
    assert '"kind":"unapproved_copy"' in entry["detail"]
    assert (await archive.verdict()).fault is None


async def test_a_breach_is_one_for_ever_whatever_event_tells_it(archive: Archive) -> None:
    """Also under another event's id, as after the inbox has forgotten the first one."""
    await archive.seal(archive.breach("first"), archive.breach("second"))
    await archive.seal(archive.breach("third"))
    assert len(await proposed(archive)) == 1
    assert await archive.rows("SELECT seq FROM audit_entries") == [(1,)]


async def test_history_is_sealed_and_not_fined(archive: Archive) -> None:
    """An import of last year's facts fines nobody."""
    await archive.seal(archive.breach(occurred_on=(NOW - timedelta(days=200)).date()))
    assert await proposed(archive) == []
    assert await archive.rows("SELECT kind FROM fine_gaps") == []
    assert len(await archive.rows("SELECT seq FROM audit_entries")) == 1


async def test_reading_of_long_ago_is_sealed_and_not_fined(archive: Archive) -> None:
    """N2: what comes with months of delay, or from before the company began to fine, is history like everything."""
    await archive.seal(archive.unapproved(at=NOW - timedelta(days=200)), archive.unapproved(at=NOW - timedelta(days=2)))
    assert await proposed(archive) == [("unapproved_consulting", "li", 2)]


@pytest.mark.parametrize(
    ("changed", "missing"),
    [({"person": None}, "person"), ({"file": None}, "file"), ({"missing": "cost"}, "cost"), ({"kind": "x"}, "rule")],
)
async def test_what_is_not_known_is_a_gap(archive: Archive, changed: dict[str, str | None], missing: str) -> None:
    """N9: never a guess."""
    await archive.seal(archive.breach(**changed))
    assert await proposed(archive) == []
    assert [row["missing"] for row in await archive.rows("SELECT missing FROM fine_gaps")] == [missing]


async def take_back(archive: Archive) -> None:
    """Seal what archive itself told, as it comes back from the broker; what comes twice changes nothing."""
    records = [
        Received("audit.v1", 1, next(archive.offsets), 1_772_000_000_000, None, json.dumps(event).encode(), ())
        for event in await archive.sent("audit.v1")
    ]
    if records:
        await archive.seal(*records)


async def gaps(archive: Archive) -> list[tuple[str, str]]:
    return [tuple(row) for row in await archive.rows("SELECT kind, missing FROM fine_gaps ORDER BY entry")]


async def at_work(archive: Archive) -> None:
    """Two places of work, an hour apart by the policy's twenty minutes."""
    for name, place, network in (("office", "linyi", "10.0.0.0/24"), ("branch", "jinan", "10.9.0.0/24")):
        station = StationRecorded(station=name, networks=(network,), place=place, reading_room=False, active=True)
        await archive.tell("organisation.v1", "station.recorded", station)


async def test_an_account_in_two_places_is_a_breach_of_its_person(archive: Archive) -> None:
    """N3: found while the accesses are sealed, over two batches; its entry names the access that shows it."""
    await at_work(archive)
    await archive.seal(archive.access())
    await archive.seal(
        archive.access(station="10.9.0.4", at=NOW + timedelta(minutes=5), event_id="there"),
        archive.access(station="10.0.0.7", at=NOW + timedelta(minutes=6)),
    )
    await take_back(archive)
    assert await proposed(archive) == [("lent_account", "li", 4)]
    (entry,) = await archive.rows("SELECT actor, station, detail FROM audit_entries WHERE seq = 4")
    assert (entry["actor"], entry["station"]) == ("li", "10.9.0.4")
    assert '"cause":{"id":"there"' in entry["detail"]
    # Later on the same day, and the same told again: that day is one fact.
    await archive.seal(archive.access(station="10.9.0.4", at=NOW + timedelta(minutes=7)))
    await take_back(archive)
    assert len(await proposed(archive)) == 1


async def test_a_calendar_that_two_devices_read_is_nobodys_breach(archive: Archive) -> None:
    """N3: desk and telephone poll one address at once; each reading is an entry, and none of them hides an access."""
    await at_work(archive)
    there: dict[str, Any] = {"station": "10.9.0.4", "at": NOW + timedelta(minutes=5)}
    polled: dict[str, Any] = {"role": CALENDAR, "action": "feed.read", "file": "*", "reason": "feed-1"}
    await archive.seal(archive.access())
    await archive.seal(*(archive.access("file.searched", **polled | there) for _ in range(2)))
    for minute in range(6):
        address = "203.0.113.5" if minute % 2 else "198.51.100.5"
        read = polled | {"station": address, "at": NOW + timedelta(minutes=minute)}
        await archive.seal(archive.access("file.searched", **read))
    await take_back(archive)
    assert (await proposed(archive), await gaps(archive)) == ([], [])
    sealed = await archive.rows("SELECT actor FROM audit_entries WHERE role = 'calendar'")
    assert [row["actor"] for row in sealed] == ["li"] * 8
    await archive.seal(archive.access(**there))
    await take_back(archive)
    assert [(kind, person) for kind, person, _ in await proposed(archive)] == [("lent_account", "li")]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_login_that_failed_hides_nobody(archive: Archive, at_once: bool) -> None:
    """N3: somebody tries the account elsewhere and fails, then gets in: only the second tells where it was used."""
    await at_work(archive)
    await archive.seal(archive.access())
    there: dict[str, Any] = {"station": "10.9.0.4", "at": NOW + timedelta(minutes=5)}
    tries = archive.access("login.failed", outcome="denied", **there), archive.access(**there)
    for batch in [tries] if at_once else [tries[:1], tries[1:]]:
        await archive.seal(*batch)
    await take_back(archive)
    assert await proposed(archive) == [("lent_account", "li", 4)]


async def test_an_access_that_was_given_up_hides_nobody(archive: Archive) -> None:
    """N3: a batch that commits without having sealed an access must not take it for seen when it comes again."""
    watch = Watch(BreachStore(), StationStore(), archive.ground.breach_rules, archive.clock)
    data = Access(file="*", actor="li", role="rep", action="x", outcome="allowed", station="10.0.0.7", at=NOW,
                  service="customers", needs_grant=False)  # fmt: skip
    event = Event("e-1", "/tierline/customers", "file.read", NOW, "", data, 0)
    for sealed, fresh in ((False, 1), (True, 1), (False, 0)):
        async with archive.database.transaction() as tx:
            watched = await watch.load(tx, [event])
            if sealed:
                watch.see(watched, event, NOW)
            await watch.save(tx, watched)
        watch.committed(watched)
        assert len(watched.fresh) == fresh


async def test_a_phone_is_listed_at_most(archive: Archive) -> None:
    """Networks of no station: to and fro is a gap for a person to look at, with no fine."""
    for minute in range(6):
        address = "203.0.113.5" if minute % 2 else "198.51.100.5"
        await archive.seal(archive.access(station=address, at=NOW + timedelta(minutes=minute)))
    await take_back(archive)
    assert await proposed(archive) == []
    assert await gaps(archive) == [("lent_account", "place")]


@pytest.mark.parametrize(
    ("changed", "fined", "missing"),
    [
        ({"needs_grant": False}, False, None),
        ({"grant": "copying"}, False, None),
        ({"grant": "viewing"}, True, None),
        ({"grant": "unheard-of"}, False, "grant"),
        ({}, True, None),
        ({"outcome": "denied"}, False, None),
    ],
)
async def test_an_export_without_the_right_to_copy_is_a_breach(
    archive: Archive, superuser: asyncpg.Connection, changed: dict[str, Any], fined: bool, missing: str | None
) -> None:
    """N4: what a grant allows is archive's own to know."""
    # The chain of approvals behind a grant is another test's.
    await superuser.execute("ALTER TABLE grants DROP CONSTRAINT grants_have_a_request, DISABLE TRIGGER USER")
    for grant, copies in (("copying", True), ("viewing", False)):
        until = NOW + timedelta(hours=1)
        given = Grant(grant, "C-1", "li", ("*",), copies, NOW, until, "gm", "archivist", NOW, None)
        async with archive.database.transaction() as tx:
            await GrantStore().add(tx, given)
    await archive.seal(archive.access("file.exported", **{"needs_grant": True, **changed}))
    await take_back(archive)
    assert [kind for kind, _, _ in await proposed(archive) if kind == "unapproved_copy"] == ["unapproved_copy"] * fined
    assert [gap for gap in await gaps(archive) if gap[0] == "unapproved_copy"] == (
        [] if missing is None else [("unapproved_copy", missing)]
    )


async def test_whereabouts_are_forgotten(archive: Archive) -> None:
    """They are kept for what comes late, and no longer."""
    later = NOW + timedelta(days=10)
    await archive.seal(archive.access())
    archive.clock.set(later)
    await archive.seal(archive.access(at=later))
    archive.clock.set(NOW + timedelta(days=15))
    await archive.intake().forget()
    assert [row["at"] for row in await archive.rows("SELECT at FROM sightings")] == [later]
