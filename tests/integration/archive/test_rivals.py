"""A fine that a graver one for the same fact replaced comes back when that one falls (N9)."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from shared.contracts.organisation import PersonRecorded
from shared.roles import Role
from tests.integration.archive.house import Archive
from tests.integration.archive.offices import decide, get, post, tasks, total_of_ledger

pytestmark = pytest.mark.backend
BECAUSE = {"reason": "because"}
LIGHT, GRAVE = "N2-1", "N4-2"
EXPORT = {"id": "export-1", "source": "/tierline/customers", "type": "file.exported"}
WAYS: dict[str, tuple[str, ...]] = {
    "proposed": (),
    "answered": ("answered",),
    "confirmed": ("confirmed",),
    "appealed": ("confirmed", "appealed"),
    "upheld": ("confirmed", "appealed", "upheld"),
}
ASKED = {
    "proposed": {("wang", "fine.explain"), ("hr", "fine.decide")},
    "answered": {("hr", "fine.decide")},
    "confirmed": {("wang", "fine.appeal")},
    "appealed": {("boss", "fine.judge")},
    "upheld": set[tuple[str, str]](),
}


async def step(archive: Archive, fine: str, state: str) -> None:
    """Somebody who may takes a fine to a state."""
    match state:
        case "answered":
            answer = await post(archive, "wang", Role.REP, f"/fines/{fine}/explanation", BECAUSE)
        case "appealed":
            answer = await post(archive, "wang", Role.REP, f"/fines/{fine}/appeal", BECAUSE)
        case "upheld" | "lifted":
            body = {"state": state, **BECAUSE}
            answer = await post(archive, "boss", Role.GM, f"/fines/{fine}/appeal/decisions", body)
        case _:
            answer = await decide(archive, fine, state)
    assert answer.status_code == 201, answer.text


async def replaced(archive: Archive, *states: str) -> None:
    """Wang's reading, brought so far, is found to have been a copy."""
    staff = (("wang", "rep"), ("hr", "hr"), ("boss", "gm"))
    await archive.staff(*(PersonRecorded(person=person, role=role, active=True) for person, role in staff))
    await archive.seal(archive.unapproved(event_type="file.exported", event_id="export-1", actor="wang"))
    for state in states:
        await step(archive, LIGHT, state)
    await archive.seal(archive.breach(cause=EXPORT))
    assert await states_of(archive) == {LIGHT: "replaced", GRAVE: "proposed"}


async def states_of(archive: Archive) -> dict[str, str]:
    return {it["fine_id"]: it["state"] for it in (await get(archive, "/fines")).json()["items"]}


async def steps_of(archive: Archive, fine: str) -> list[tuple[str, Any]]:
    whole = (await get(archive, f"/fines/{fine}")).json()
    return [(it["state"], it["decided_by"]) for it in whole["steps"]]


@pytest.mark.parametrize("stood", WAYS)
async def test_it_comes_back_to_where_it_stood(archive: Archive, stood: str) -> None:
    """With its history; what stood is owed again, and whoever was asked is asked anew."""
    await replaced(archive, *WAYS[stood])
    before = await steps_of(archive, LIGHT)
    for state in ("confirmed", "appealed", "lifted"):
        assert (await states_of(archive))[LIGHT] == "replaced"
        await step(archive, GRAVE, state)
    assert await states_of(archive) == {LIGHT: stood, GRAVE: "lifted"}
    assert await steps_of(archive, LIGHT) == [*before, (stood, None)]
    assert await total_of_ledger(archive, "wang") == ("50" if stood in {"confirmed", "appealed", "upheld"} else "0")
    assert await tasks(archive) == ASKED[stood]
    told = [(e["data"]["actor"], e["data"]["action"]) for e in await archive.sent("audit.v1", "decision.made")]
    assert told[-2:] == [("boss", "fine.lifted"), ("boss", "fine.restored")]


async def test_it_makes_way_again_when_the_graver_one_stands_after_all(archive: Archive) -> None:
    """Human resources correct what they decided: at any time one of the two is owed, or none."""
    await replaced(archive, "confirmed")
    owed = []
    for state in ("waived", "confirmed", "explained", "waived"):
        await step(archive, GRAVE, state)
        owed.append((state, (await states_of(archive))[LIGHT], await total_of_ledger(archive, "wang")))
    assert owed == [
        ("waived", "confirmed", "50"), ("confirmed", "replaced", "500"), ("explained", "confirmed", "50"),
        ("waived", "confirmed", "50"),
    ]  # fmt: skip
    assert [state for state, _ in await steps_of(archive, LIGHT)] == [
        "confirmed", "replaced", "confirmed", "replaced", "confirmed",
    ]  # fmt: skip
    assert await tasks(archive) == {("wang", "fine.appeal")}
    # Who confirmed it then has not been forgotten, and its time for an appeal has begun anew.
    assert await archive.database.fetchval("SELECT confirmed_by FROM fine_standings WHERE fine_id = $1", LIGHT) == "hr"
    await step(archive, LIGHT, "appealed")
    assert await tasks(archive) == {("boss", "fine.judge")}


async def test_what_fell_by_itself_does_not_come_back(archive: Archive) -> None:
    """A reading that was explained before the copy was found stays explained."""
    await archive.staff(PersonRecorded(person="hr", role="hr", active=True))
    await archive.seal(archive.unapproved(event_type="file.exported", event_id="export-1", actor="wang"))
    await step(archive, LIGHT, "explained")
    await archive.seal(archive.breach(cause=EXPORT))
    await step(archive, GRAVE, "waived")
    assert await states_of(archive) == {LIGHT: "explained", GRAVE: "waived"}


@pytest.mark.parametrize(
    ("state", "grave", "words"),
    [
        ("confirmed", "confirmed", "another fine stands"),
        ("upheld", "waived", "what replaces what"),
        ("proposed", "waived", "what replaces what"),
    ],
)
async def test_the_database_takes_nothing_back_that_does_not_come_back(
    archive: Archive, superuser: asyncpg.Connection, state: str, grave: str, words: str
) -> None:
    """Nor while the graver fine stands, nor to another state than before, nor twice: whatever the service believes."""
    await replaced(archive, "confirmed")
    await step(archive, GRAVE, grave)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=words):
        await superuser.execute(
            "INSERT INTO fine_decisions SELECT fine_id, step + 1, $2::text::fine_state, NULL, 'x', now()"
            " FROM fine_standings WHERE fine_id = $1",
            LIGHT, state,
        )  # fmt: skip
