"""Every route of archive, for every role: each cell of the table is asked for real."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from shared.roles import Role
from tests.authorization import archive, archive_routes, tables
from tests.authorization.archive_calls import CALLS
from tests.authorization.asking import told_of
from tests.authorization.company import ASKERS

pytestmark = pytest.mark.backend

LINES = tables.lines("archive")
OF_EACH = {"POST /delegations"}
"""What each role asks in words of its own, besides all that is about one's own things."""


def test_every_line_is_asked_and_nothing_else() -> None:
    """A line that nobody asks would prove nothing."""
    assert {(line.what, line.when) for line in LINES} == set(CALLS)


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_each_role_is_answered_as_the_table_says(archive_world: archive.World, line: tables.Line) -> None:
    """Status and code of each cell; and whoever is refused is so in the audit, once."""
    call, method = CALLS[line.what, line.when], line.what.split()[0]
    alone = line.what in archive_routes.IN_A_TRANSACTION_OF_ITS_OWN
    async with nullcontext() if alone else archive_world.doors.moment():
        asks: Any = (
            {role: await call(archive_world, who) for role, who in ASKERS.items()}
            if line.when == "own" or line.what in OF_EACH
            else await call(archive_world, ASKERS[Role.REP])
        )
        assert await told_of(archive_world.doors, method, asks, alone=alone) == line.answers
