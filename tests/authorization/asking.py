"""One cell of a table: somebody asks, is answered, and the audit knows."""

from __future__ import annotations

from typing import Any, Protocol

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
    code: str = answer.json()["code"]
    if answer.status_code in {403, 404}:
        assert len(denials) == 1, (who.person, asked.path, code, denials)
        (denial,) = denials
        assert (denial["role"], denial["station"]) == (who.role, at)
    cell = NOT_OF_THIS_ROLE if code == "role_not_allowed" else code
    # A word of the tables has one status; what they do not know is shown with its own.
    return cell if STATUS.get(cell) == answer.status_code else f"{code} ({answer.status_code}): {answer.text}"
