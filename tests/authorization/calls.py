"""How the lines of a table are kept, by what is asked and when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.authorization.archive import World
from tests.authorization.asking import Asked
from tests.authorization.company import Somebody

Call = Callable[[World, Somebody], Awaitable[Asked]]


class Calls(dict[tuple[str, str], Call]):
    """How each line is asked; what happens before it is part of its moment."""

    def call(self, what: str, when: str = "") -> Callable[[Call], Call]:
        """Say how a line of the table is asked."""

        def keep(asked: Call) -> Call:
            self[what, when] = asked
            return asked

        return keep

    def plain(self, what: str, path: str | None = None, body: Any = None, when: str = "") -> None:
        """A line that needs nothing beforehand."""

        async def asked(world: World, who: Somebody) -> Asked:
            return Asked(path or what.split()[1], body)

        self[what, when] = asked
