"""Who may still act: a token outlives the day on which its holder left."""

from __future__ import annotations

from services.archive.domain.people import UnlawfulError
from services.archive.ports import Database, People
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.words import Text


class Attendance:
    """Asked at the door of everybody who shows a token."""

    def __init__(self, database: Database, people: People) -> None:
        self._database = database
        self._people = people

    async def left(self, who: Principal) -> bool:
        """Whether the organisation recorded that they left; who is not recorded is believed."""
        async with self._database.transaction() as tx:
            known = (await self._people.find(tx, {who.person})).get(who.person)
        return known is not None and not known.active


async def refuse_departed(tx: Transaction, people: People, by: Principal) -> None:
    """Raise `UnlawfulError` for somebody who is recorded as having left."""
    known = (await people.find(tx, {by.person})).get(by.person)
    if known is not None and not known.active:
        raise UnlawfulError("not_yours", Text(zh="您已离职，不能再操作", en="who left does nothing more here"))
