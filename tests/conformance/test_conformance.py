"""Whatever anybody sends that OpenAPI describes, or almost: the answer is one that OpenAPI describes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shared.roles import Role
from tests.authorization import archive, customers, tables
from tests.authorization.company import ASKERS, ELSEWHERE, HOME, Somebody
from tests.backends import Databases
from tests.conformance.strangers import Strangers
from tests.doors import open_doors
from tests.integration.tables import tables_of

pytestmark = [pytest.mark.backend, pytest.mark.timeout(600)]

FEW, MANY = 15, 100
PEOPLE = {"person": ("rep", "li", "far", "hr", "nobody"), "department": (HOME, ELSEWHERE)}


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> int:
    return int(getattr(request, "param", FEW))


much = pytest.param(MANY, marks=pytest.mark.slow, id="much")
OFTEN = pytest.mark.parametrize("examples", [pytest.param(FEW, id="a little"), much], indirect=True)


@OFTEN
async def test_archive_answers_as_it_says(archive_world: archive.World, examples: int) -> None:
    """By tokens of several roles, on real tables: no fault of ours, and nothing that is not described."""
    world = archive_world
    request = await world.request("consent")
    granted = await world.grant()
    known = {
        **PEOPLE,
        "record_id": (*world.pieces, "none"), "attachment_id": tuple(world.pieces.values()),
        "file": ("customer:C-far", "customer:C-own", "record:unclassified-d1", "record:secret-d1"),
        "request_id": (request,), "request": (request,), "grant_id": (granted,), "month": (archive.MONTH,),
        "fine_id": (await world.fine_of("rep"), await world.fine_of("far")), "backup": ("b-1",),
        "section": ("text",), "class": ("contracts",), "kind": ("unapproved_copy", "lateness"),
    }  # fmt: skip
    await hold(
        Strangers(
            world.doors,
            list(ASKERS.values()),
            let_in("archive", "records"),
            known,
            asyncio.get_running_loop(),
            examples,
        )
    )


@OFTEN
async def test_customers_answers_as_it_says(customers_world: customers.World, examples: int) -> None:
    """By tokens of several roles, on real tables: no fault of ours, and nothing that is not described."""
    ids = tuple(f"{tier}-{relation}" for tier in customers.TIERS for relation in customers.RELATIONS)
    known = {**PEOPLE, "customer_id": ids, "inquiry_id": ("I-personal-own",)}
    await hold(
        Strangers(
            customers_world.doors, list(ASKERS.values()), let_in("customers", "files"), known,
            asyncio.get_running_loop(), examples,
        )
    )  # fmt: skip


@OFTEN
@pytest.mark.parametrize("service", ["followup", "scoring"])
async def test_the_others_answer_as_they_say(service: str, databases: Databases, tmp_path: Path, examples: int) -> None:
    """With nothing in their tables: what strangers find out of thin air is little, what they break is nothing."""
    doors = open_doors(service, await databases.copy_of(service, tables_of(service)), tmp_path)
    known = {**PEOPLE, "rep": PEOPLE["person"], "week": ("2026-W10",), "lang": ("zh", "en")}
    people = [who for role, who in ASKERS.items() if role in {Role.REP, Role.DEPARTMENT_MANAGER, Role.GM, Role.OPS}]
    try:
        await hold(Strangers(doors, [*people, *ASKERS.values()], {}, known, asyncio.get_running_loop(), examples))
    finally:
        await doors.close()


def let_in(*names: str) -> dict[str, list[Somebody]]:
    """Whom each route does something for, in some line of the tables of rights."""
    found: dict[str, list[Somebody]] = {}
    for line in (line for name in names for line in tables.lines(name)):
        insiders = found.setdefault(line.what, [])
        insiders += [ASKERS[role] for role in tables.ROLES if line.answers[role].isdigit()]
    return found


async def hold(strangers: Strangers) -> None:
    """Ask from a thread: hypothesis knows no coroutines."""
    with capture_logs():
        faults = await asyncio.to_thread(strangers.ask_everything)
    assert not faults, "\n\n".join(faults)
    # Nothing but refusals would prove little.
    assert strangers.answered.get(200, 0) > 0
