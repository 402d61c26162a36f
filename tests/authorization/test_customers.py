"""Every route of customers, and every customer's file by tier, relation and grant, for every role."""

from __future__ import annotations

from itertools import product

import httpx
import pytest

from tests.authorization import customers, tables
from tests.authorization.asking import Asked, told_of, told_of_found
from tests.authorization.company import ASKERS

pytestmark = pytest.mark.backend

LINES, FILES = tables.lines("customers"), tables.lines("files")
FOUND = "GET /customers/export"
DOORS = {"GET /customers/{customer_id}": "", "GET /customers/{customer_id}/export": "/export"}


def test_every_line_is_asked_and_nothing_else() -> None:
    """A line that nobody asks would prove nothing."""
    assert {(line.what, line.when) for line in LINES} == set(customers.CALLS)


def test_every_file_is_looked_at_in_every_state() -> None:
    """No tier, relation or state is left out, and none stands twice."""
    assert {line.what for line in FILES} == {FOUND, *DOORS}
    for what in (FOUND, *DOORS):
        cells = [cell for line in FILES if line.what == what for cell in tables.cells_of(line)]
        wanted = [
            *product(customers.TIERS, customers.RELATIONS, customers.STATES),
            *product(["nothing"], ["there"], ["none", "granted"]),
        ]
        assert sorted(cells) == sorted(wanted), what


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_each_role_is_answered_as_the_table_says(customers_world: customers.World, line: tables.Line) -> None:
    """Status and code of each cell; and whoever is refused is so in the audit, once."""
    call = customers.CALLS[line.what, line.when]
    async with customers_world.doors.moment():
        asks = {role: await call(customers_world, who) for role, who in ASKERS.items()}
        assert await told_of(customers_world.doors, line.what.split()[0], asks) == line.answers


@pytest.mark.parametrize("line", FILES, ids=str)
async def test_each_file_is_open_to_whom_the_table_says(customers_world: customers.World, line: tables.Line) -> None:
    """By every tier, relation and state that the line names."""
    for tier, relation, state in tables.cells_of(line):
        customer = f"{tier}-{relation}"
        async with customers_world.doors.moment():
            await customers.into_state(customers_world, state, customer, ASKERS.values())
            if line.what == FOUND:
                found = await told_of_found(customers_world.doors, "/customers/export", f"customer:{customer}", read)
            else:
                found = await told_of(customers_world.doors, "GET", Asked(f"/customers/{customer}{DOORS[line.what]}"))
        assert found == line.answers, (tier, relation, state)


def read(answer: httpx.Response) -> tuple[set[str], dict[str, str]]:
    """The files in an export, and why others stay."""
    taken = answer.json()
    return (
        {f"customer:{file['customer_id']}" for file in taken["files"]},
        {f"customer:{file['customer_id']}": file["reason"] for file in taken["withheld"]},
    )
