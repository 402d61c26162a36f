"""All doors of all services: each is in one table or open on purpose; none opens to a stranger or to who left."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

import pytest
from joserfc.jwk import OKPKey

from shared.contracts.organisation import PersonDeparted
from shared.identity import TokenSigner
from shared.roles import Role
from tests.authorization import archive, customers, followup, scoring, tables
from tests.authorization.company import ASKERS, recorded
from tests.doors import Doors

pytestmark = pytest.mark.backend

TABLES: Final = {
    "archive": ("archive", "records"),
    "customers": ("customers", "files"),
    "followup": ("followup",),
    "scoring": ("scoring",),
}
EVERYWHERE: Final = {
    "GET /healthz", "GET /readyz", "GET /metrics", "GET /docs", "GET /docs/openapi.json", "GET /docs/asyncapi",
    "GET /docs/{asset}",
}  # fmt: skip
"""What monitors and programmers ask of every service: nothing of it is the company's."""
OPEN: Final = {
    # The word in the address is the right: nobody finds one by trying (DECISIONS 64, 87).
    "archive": {"GET /decide/{token}", "POST /decide/{token}"},
    "customers": set[str](),
    "followup": {"GET /feeds/{secret}.ics", "HEAD /feeds/{secret}.ics"},
    "scoring": set[str](),
}


def test_every_door_is_in_one_table_or_open_on_purpose(every_door: Mapping[str, Doors]) -> None:
    """Whoever adds a route says here who may use it; whoever removes one takes its lines along."""
    for service, doors in every_door.items():
        named = Counter(what for table in TABLES[service] for what in {line.what for line in tables.lines(table)})
        assert max(named.values()) == 1, service
        assert doors.routes() == named.keys() | EVERYWHERE | OPEN[service], service
        assert not named.keys() & (EVERYWHERE | OPEN[service]), service
        assert doors.operations() - OPEN[service] == named.keys(), service


async def test_no_door_opens_without_a_token_that_is_believed(every_door: Mapping[str, Doors]) -> None:
    """Nobody, somebody with nonsense, and somebody whose token another key signed; the last two are in the audit."""
    forged = TokenSigner(OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)).sign("gm", Role.GM)
    for service, doors in every_door.items():
        for method, path in addresses(doors, service):
            for authorization, entries in ((None, 0), ("Bearer nonsense", 1), (f"Bearer {forged}", 1)):
                async with doors.moment():
                    before = await doors.told()
                    answer = await doors.ask_with(authorization, method, path)
                    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), path
                    assert answer.headers["www-authenticate"].startswith("Bearer"), path
                    told = [denial["actor"] for denial in await doors.denials(before)]
                    assert told == ["unknown"] * entries, (service, path, authorization)


async def test_open_doors_ask_nobody_who_they_are(every_door: Mapping[str, Doors]) -> None:
    """And whose address is a right answer who guesses one as if there were nothing."""
    for service, doors in every_door.items():
        for what in EVERYWHERE | OPEN[service]:
            method, path = at_random(what.replace("{asset}", "swagger-ui.css"))
            answer = await doors.ask_with(None, method, path)
            # Nothing reads from a broker here, which is what readiness says.
            assert answer.status_code == 404 if what in OPEN[service] else answer.status_code in {200, 503}, what


async def test_who_left_is_let_in_by_no_door_of_archive(archive_world: archive.World) -> None:
    """Whatever the role."""
    world = archive_world
    async with world.doors.moment():
        world.house.database._pool = world.doors.database._pool
        for who in ASKERS.values():
            await world.house.staff(PersonDeparted(person=who.person, departed_at=world.now), at=world.now)
        await let_nobody_in(world.doors)


async def test_who_left_is_let_in_by_no_door_of_customers(customers_world: customers.World) -> None:
    """Whatever the role."""
    async with customers_world.doors.moment():
        now = customers_world.now
        await customers_world.tell(*(PersonDeparted(person=who.person, departed_at=now) for who in ASKERS.values()))
        await let_nobody_in(customers_world.doors)


async def test_who_left_is_let_in_by_no_door_of_followup(followup_world: followup.World) -> None:
    """Whatever the role."""
    async with followup_world.doors.moment():
        left = [followup.person_of(recorded(who, active=False)) for who in ASKERS.values()]
        await followup_world.tell(*left)
        await let_nobody_in(followup_world.doors)


async def test_who_left_is_let_in_by_no_door_of_scoring(scoring_world: scoring.World) -> None:
    """Whatever the role."""
    async with scoring_world.doors.moment():
        await scoring_world.tell(*(recorded(who, active=False) for who in ASKERS.values()))
        await let_nobody_in(scoring_world.doors)


async def let_nobody_in(doors: Doors) -> None:
    """Everybody has left: each door says so to each role, and each time the audit knows."""
    for method, path in addresses(doors, doors.service):
        before = await doors.told()
        for role, who in ASKERS.items():
            answer = await doors.ask(who.person, role, method, path, department=who.department)
            assert (answer.status_code, answer.json()["code"]) == (403, "left_the_company"), (role, method, path)
        denied = [denial["actor"] for denial in await doors.denials(before)]
        assert denied == [who.person for who in ASKERS.values()], path


def addresses(doors: Doors, service: str) -> list[tuple[str, str]]:
    """Method and address of every door that asks who is there; what their names stand for matters to none of them."""
    guarded = sorted(doors.routes() - EVERYWHERE - OPEN[service])
    return [at_random(what) for what in guarded]


def at_random(what: str) -> tuple[str, str]:
    """Method and address of a door, with names that nothing goes by."""
    method, path = what.split()
    return method, re.sub(r"\{\w+\}", "1", path)
