"""Every route of scoring, of one's own customers and of others', for every role."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from shared.roles import Role
from tests.authorization import scoring, tables
from tests.authorization.asking import told_of
from tests.authorization.company import ELSEWHERE, HOME, Somebody, recorded

pytestmark = pytest.mark.backend

LINES = tables.lines("scoring")


def test_every_line_is_asked_and_nothing_else() -> None:
    """A line that nobody asks would prove nothing."""
    assert {(line.what, line.when) for line in LINES} == set(scoring.CALLS)


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_each_role_is_answered_as_the_table_says(scoring_world: scoring.World, line: tables.Line) -> None:
    """Status and code of each cell; of a list, whether the thing is in it; whoever is refused is in the audit, once."""
    call, doors = scoring.CALLS[line.what, line.when], scoring_world.doors
    alone = line.what.startswith(scoring.IN_A_TRANSACTION_OF_ITS_OWN)
    async with nullcontext() if alone else doors.moment():
        assert await told_of(doors, line.what.split()[0], call, alone=alone) == line.answers


@pytest.mark.parametrize(
    ("department", "token", "named"),
    [
        (None, None, set()),
        (None, HOME, {"C-own", "C-near"}),
        (HOME, None, {"C-own", "C-near"}),
        (HOME, ELSEWHERE, {"C-own", "C-near"}),
    ],
    ids=["of no known department", "of the token's", "of the organisation's", "of the organisation's, not the token's"],
)
async def test_a_manager_is_named_customers_of_the_own_department(
    scoring_world: scoring.World, department: str | None, token: str | None, named: set[str]
) -> None:
    """The organisation's word on a person's department holds, then the token's; without either nobody is named."""
    manager, role = f"manager of {department} or {token}", Role.DEPARTMENT_MANAGER
    if department is not None:
        await scoring_world.tell(recorded(Somebody(manager, role, department, None)))
    answer = await scoring_world.doors.ask(manager, role, "GET", "/analyses/outlook?best=100", department=token)
    assert {each["customer_id"] for each in answer.json()["best"]} & {f"C-{whose}" for whose in scoring.KEPT} == named
