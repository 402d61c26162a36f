"""A token outlives the day on which its holder moved: every service asks the organisation what they are now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.contracts.organisation import PersonRecorded
from shared.roles import Role
from tests.backends import Databases
from tests.doors import Doors, open_doors
from tests.integration.tables import tables_of

pytestmark = pytest.mark.backend

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(params=["customers", "scoring", "followup", "archive"])
async def doors(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> AsyncIterator[Doors]:
    """Each of the four services, as its `__main__` puts it together."""
    opened = open_doors(request.param, await databases.copy_of(request.param, tables_of(request.param)), tmp_path)
    yield opened
    await opened.close()


async def test_an_old_token_opens_what_its_holder_is_now(doors: Doors) -> None:
    """Who was the GM yesterday is refused what no rep does, and is a rep to the audit, whatever the token says."""
    await doors.tell(
        PersonRecorded(person="wei", role="gm", active=True),
        PersonRecorded(person="wei", role="rep", department="d1", active=True),
        since=NOON,
    )
    assert (await doors.ask("new", Role.GM, "GET", "/dead-letters")).status_code == 200
    assert (await doors.ask("wei", Role.GM, "GET", "/dead-letters")).json()["code"] == "role_not_allowed"
    assert {(denial["actor"], denial["role"]) for denial in await doors.denials(0)} == {("wei", "rep")}


async def test_an_old_token_says_nothing_of_the_department(doors: Doors) -> None:
    """Who moved is of the department that is recorded, for rules and audit alike."""
    await doors.tell(PersonRecorded(person="wei", role="rep", department="d2", active=True), since=NOON)
    refused = await doors.ask("wei", Role.REP, "GET", "/dead-letters", department="d1")
    assert refused.json()["code"] == "role_not_allowed"
    assert [denial["department"] for denial in await doors.denials(0)] == ["d2"]
