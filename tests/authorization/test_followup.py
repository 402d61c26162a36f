"""Every route of followup, of one's own things and of others', for every role."""

from __future__ import annotations

import pytest

from tests.authorization import followup, tables
from tests.authorization.asking import told_of
from tests.authorization.company import ASKERS

pytestmark = pytest.mark.backend

LINES = tables.lines("followup")


def test_every_line_is_asked_and_nothing_else() -> None:
    """A line that nobody asks would prove nothing."""
    assert {(line.what, line.when) for line in LINES} == set(followup.CALLS)


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_each_role_is_answered_as_the_table_says(followup_world: followup.World, line: tables.Line) -> None:
    """Status and code of each cell; of a list, whether the thing is in it; whoever is refused is in the audit, once."""
    call = followup.CALLS[line.what, line.when]
    async with followup_world.doors.moment():
        asks = {role: call(followup_world, who) for role, who in ASKERS.items()}
        assert await told_of(followup_world.doors, line.what.split()[0], asks) == line.answers
