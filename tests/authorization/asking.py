"""The cells of a line: each role asks, is answered, and the audit knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, Final, NamedTuple

import httpx

from shared.roles import Role
from tests.authorization.company import ASKERS, Somebody
from tests.authorization.tables import NOT_OF_THIS_ROLE, STATUS, UNSEEN
from tests.doors import DESK, Doors

Seeks = Callable[[Any], bool]
"""Whether an answer, read from JSON, shows what a line is about."""


class Asked(NamedTuple):
    """How a route is called; `seeks` of a list, which is answered to more people than see everything in it."""

    path: str
    body: Any = None
    content: bytes | None = None
    seeks: Seeks | None = None


REASON: Final = {"reason": "按制度"}
"""What somebody says who has to give a reason."""

Read = Callable[[httpx.Response], tuple[set[str], dict[str, str]]]
"""The files in an answer, and the reasons of those that it lists besides."""


async def told_of(
    doors: Doors, method: str, asked: Mapping[Role, Asked] | Asked, *, at: str = DESK, alone: bool = False
) -> dict[Role, str]:
    """What the cells of a line should say of the answers; all ask the same, or each role something of its own.

    AssertionError where the audit does not know of a refusal, once. What one does is taken back before the next asks,
    but for what changes nothing and has to be `alone`: in transactions of its own.
    """
    asks = asked if isinstance(asked, Mapping) else dict.fromkeys(ASKERS, asked)
    before = await doors.told()
    if method == "GET":
        # Reading changes nothing that another one's reading depends on: the audit is looked at once for all.
        answers = {role: await _answer(doors, ASKERS[role], method, how, at) for role, how in asks.items()}
        denials = await doors.denials(before)
        return {role: cell(ASKERS[role], asks[role], answer, denials, at) for role, answer in answers.items()}
    found = {}
    for role, how in asks.items():
        async with nullcontext() if alone else doors.moment():
            answer = await _answer(doors, ASKERS[role], method, how, at)
            found[role] = cell(ASKERS[role], how, answer, await doors.denials(before), at)
    return found


async def _answer(doors: Doors, who: Somebody, method: str, asked: Asked, at: str) -> httpx.Response:
    return await doors.ask(
        who.person, who.role, method, asked.path,
        department=who.department, at=at, body=asked.body, content=asked.content,
    )  # fmt: skip


def cell(who: Somebody, asked: Asked, answer: httpx.Response, denials: list[dict[str, Any]], at: str) -> str:
    """What one cell should say of an answer; `denials` are those of which the audit was told meanwhile."""
    theirs = [denial for denial in denials if denial["actor"] == who.person]
    if answer.is_success:
        assert theirs == [], (who.person, asked.path)
        return str(answer.status_code) if asked.seeks is None or asked.seeks(answer.json()) else UNSEEN
    return refused_as(answer, theirs, who, at)


async def told_of_found(doors: Doors, path: str, file: str, read: Read, *, at: str = DESK) -> dict[Role, str]:
    """What the cells of a line should say of one file in an export of all that is found.

    AssertionError where what stays is not in the audit, each once and for the reason given.
    """
    found = {}
    for role, who in ASKERS.items():
        before = await doors.told()
        answer = await doors.ask(who.person, who.role, "GET", path, department=who.department, at=at)
        theirs = [denial for denial in await doors.denials(before) if denial["actor"] == who.person]
        if not answer.is_success:
            found[role] = refused_as(answer, theirs, who, at)
            continue
        given, withheld = read(answer)
        assert sorted((denial["file"], denial["reason"]) for denial in theirs) == sorted(withheld.items())
        assert not given & withheld.keys()
        found[role] = "200" if file in given else withheld.get(file, "not_there")
    return found


def refused_as(answer: httpx.Response, denials: list[dict[str, Any]], who: Somebody, at: str) -> str:
    """What a cell says of a refusal; AssertionError where the audit does not know of it."""
    code: str = answer.json()["code"]
    if answer.status_code in {403, 404}:
        assert len(denials) == 1, (who.person, str(answer.url), code, denials)
        (denial,) = denials
        assert (denial["role"], denial["station"]) == (who.role, at)
    word = NOT_OF_THIS_ROLE if code == "role_not_allowed" else code
    # A word of the tables has one status; where it has another one here, the cell says so.
    return word if STATUS.get(word) == answer.status_code else f"{word}:{answer.status_code}"


def shows(value: str) -> Seeks:
    """Whether something anywhere in an answer is this value; names of fields are none."""

    def seeks(body: Any) -> bool:
        if isinstance(body, dict):
            return any(seeks(part) for part in body.values())
        return any(seeks(part) for part in body) if isinstance(body, list) else bool(body == value)

    return seeks
