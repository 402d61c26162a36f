"""All doors of all services: each is in one table or open on purpose; none opens to a stranger or to who left."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import pytest
from joserfc.jwk import OKPKey

from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.identity import TokenSigner
from shared.roles import Role
from tests.authorization import tables
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
        for _, method, path in addresses(doors):
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


@pytest.mark.parametrize("service", TABLES)
async def test_who_left_is_let_in_by_no_door(every_door: Mapping[str, Doors], service: str) -> None:
    """P6: whatever the role, also who was never recorded while they were there; each time the audit knows."""
    doors = every_door[service]
    async with doors.moment():
        await doors.tell(*left(), since=datetime.now(UTC))
        for what, method, path in addresses(doors):
            before = await doors.told()
            for role, who in ASKERS.items():
                answer = await doors.ask(who.person, role, method, path, department=who.department)
                assert (answer.status_code, answer.json()["code"]) == (403, "left_the_company"), (role, method, path)
            denials = await doors.denials(before)
            assert [denial["actor"] for denial in denials] == [who.person for who in ASKERS.values()], path
            assert {denial["reason"].split()[0] for denial in denials} == {"left_the_company"}, path
            assert {denial["action"].replace(":path", "") for denial in denials} == {what.split()[1]}, path


def left() -> list[PersonRecorded | PersonDeparted]:
    """Everybody leaves, said in one way or the other; the order system is nobody whom anyone told of before."""
    now = datetime.now(UTC)
    return [
        recorded(who, active=False)
        if role in {Role.REP, Role.HR, Role.GM}
        else PersonDeparted(person=who.person, departed_at=now)
        for role, who in ASKERS.items()
    ]


def addresses(doors: Doors) -> list[tuple[str, str, str]]:
    """Each door that asks who is there, its method and an address; what names stand for matters to none of them."""
    return [(what, *at_random(what)) for what in sorted(doors.routes() - EVERYWHERE - OPEN[doors.service])]


def at_random(what: str) -> tuple[str, str]:
    """Method and address of a door, with names that nothing goes by."""
    method, path = what.split()
    return method, re.sub(r"\{\w+\}", "1", path)
