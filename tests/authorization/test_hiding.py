"""Whoever may not know whether a thing exists is answered the same, to the byte, whether it does or not."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.roles import Role
from tests.authorization import archive, archive_calls, customers, tables
from tests.authorization.company import ASKERS, Somebody
from tests.doors import Doors

pytestmark = pytest.mark.backend

HIDING = [
    line for line in tables.lines("archive")
    if "{" in line.what and any(answer.startswith("unknown_") for answer in line.answers.values())
]  # fmt: skip
ITSELF = "0-0-0-0"
"""A name that is nobody's and nothing's."""


def said(answer: httpx.Response, name: str) -> tuple[int, bytes, dict[str, str]]:
    """All that an answer tells, but for the trace, which is of each request its own."""
    headers = {key: value for key, value in answer.headers.items() if key not in {"traceparent", "content-length"}}
    return answer.status_code, answer.content.replace(name.encode(), ITSELF.encode()), headers


async def asked(doors: Doors, who: Somebody, line: tables.Line, path: str, how: Any) -> httpx.Response:
    return await doors.ask(
        who.person, who.role, line.what.split()[0], path, department=who.department, body=how.body, content=how.content
    )


@pytest.mark.parametrize("line", HIDING, ids=str)
async def test_what_one_may_not_know_of_is_as_if_it_were_not(archive_world: archive.World, line: tables.Line) -> None:
    """The thing is there, and so is another name that nothing goes by: nobody can tell them apart."""
    for role, answer in line.answers.items():
        if not answer.startswith("unknown_"):
            continue
        who = ASKERS[role]
        async with archive_world.doors.moment():
            how = await archive_calls.CALLS[line.what, line.when](archive_world, who)
            name = how.path.split("/")[2]
            missing = how.path.replace(name, ITSELF)
            there = await asked(archive_world.doors, who, line, how.path, how)
            not_there = await asked(archive_world.doors, who, line, missing, how)
        assert said(there, name) == said(not_there, ITSELF), role


@pytest.mark.parametrize("role", tables.ROLES)
@pytest.mark.parametrize("rank", archive.RANKS)
async def test_a_record_that_one_may_not_know_of_is_not_there(
    archive_world: archive.World, rank: str, role: Role
) -> None:
    """By its card, its content, its export, a preview and a request; and no search finds it."""
    (line,) = [
        line for line in tables.lines("records")
        if line.what == "GET /records/{record_id}" and (rank, "away", "none") in tables.cells_of(line)
    ]  # fmt: skip
    who, record, doors = ASKERS[role], f"{rank}-d2", archive_world.doors
    async with doors.moment():
        found = await doors.ask(who.person, role, "GET", "/records", department=who.department)
        listed = record in {each["record_id"] for each in found.json()["items"]}
        assert listed is (line.answers[role] == "200")
        if listed:
            return
        piece = archive_world.pieces[record]
        body = {"file": f"record:{record}", "why": "报价", "until": archive_world.later(archive.HOUR)}
        for method, path in (
            ("GET", f"/records/{record}"), ("GET", f"/records/{record}/attachments/{piece}"),
            ("GET", f"/records/{record}/attachments/none"), ("GET", f"/records/{record}/export"),
            ("GET", f"/requests/preview?file=record:{record}"), ("POST", "/requests"),
        ):  # fmt: skip
            answers = [
                said(
                    await doors.ask(
                        who.person, role, method, path.replace(record, name), department=who.department,
                        body=body | {"file": f"record:{name}"} if method == "POST" else None,
                    ), name,
                ) for name in (record, ITSELF)
            ]  # fmt: skip
            assert answers[0] == answers[1], path


@pytest.mark.parametrize(
    "role", [Role.REP, Role.DEPARTMENT_MANAGER, Role.HR, Role.INSPECTOR, Role.OPS, Role.ORDER_SYSTEM]
)
async def test_a_customer_of_others_is_as_one_that_is_not_there(customers_world: customers.World, role: Role) -> None:
    """To whoever need not know which customers there are: read or added to, without a grant or with stale ones."""
    who, doors = ASKERS[role], customers_world.doors
    for state in ("none", "stale"):
        async with doors.moment():
            await customers.into_state(customers_world, state, "another-customer", [who])
            answers = [
                said(await doors.ask(who.person, role, "GET", f"/customers/{name}", department=who.department), name)
                for name in ("personal-far", ITSELF)
            ]
        assert answers[0] == answers[1]
