"""One cell of a table: somebody asks, is answered, and the audit knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import httpx

from tests.authorization.company import Somebody
from tests.authorization.tables import NOT_OF_THIS_ROLE, STATUS
from tests.doors import DESK, Doors


class Asked(Protocol):
    """How a route is called."""

    @property
    def path(self) -> str: ...

    @property
    def body(self) -> Any: ...

    @property
    def content(self) -> bytes | None: ...


Read = Callable[[httpx.Response], tuple[set[str], dict[str, str]]]
"""The files in an answer, and the reasons of those that it lists besides."""


async def told_of(doors: Doors, who: Somebody, method: str, asked: Asked, *, at: str = DESK) -> str:
    """What a cell should say of the answer; AssertionError where the audit does not know of a refusal."""
    before = await doors.told()
    answer = await doors.ask(
        who.person, who.role, method, asked.path,
        department=who.department, at=at, body=asked.body, content=asked.content,
    )  # fmt: skip
    denials = [denial for denial in await doors.denials(before) if denial["actor"] == who.person]
    if answer.is_success:
        assert denials == [], (who.person, asked.path)
        return str(answer.status_code)
    return refused_as(answer, denials, who, at)


async def told_of_found(  # noqa: PLR0913 - who asks for what, from where, and what of the answer matters
    doors: Doors, who: Somebody, path: str, file: str, read: Read, *, at: str = DESK
) -> str:
    """What a cell should say of one file in an export of all that is found.

    AssertionError where what stays is not in the audit, each once and for the reason given.
    """
    before = await doors.told()
    answer = await doors.ask(who.person, who.role, "GET", path, department=who.department, at=at)
    denials = [denial for denial in await doors.denials(before) if denial["actor"] == who.person]
    if not answer.is_success:
        return refused_as(answer, denials, who, at)
    given, withheld = read(answer)
    assert sorted((denial["file"], denial["reason"]) for denial in denials) == sorted(withheld.items())
    assert not given & withheld.keys()
    return "200" if file in given else withheld.get(file, "not_there")


def refused_as(answer: httpx.Response, denials: list[dict[str, Any]], who: Somebody, at: str) -> str:
    """What a cell says of a refusal; AssertionError where the audit does not know of it."""
    code: str = answer.json()["code"]
    if answer.status_code in {403, 404}:
        assert len(denials) == 1, (who.person, str(answer.url), code, denials)
        (denial,) = denials
        assert (denial["role"], denial["station"]) == (who.role, at)
    cell = NOT_OF_THIS_ROLE if code == "role_not_allowed" else code
    # A word of the tables has one status; what they do not know is shown with its own.
    return cell if STATUS.get(cell) == answer.status_code else f"{code} ({answer.status_code}): {answer.text}"
