"""Who may still act: a token outlives the day on which its holder left."""

from __future__ import annotations

from services.archive.domain.people import UnlawfulError
from services.archive.ports import People
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.words import Text


async def refuse_departed(tx: Transaction, people: People, by: Principal) -> None:
    """Raise `UnlawfulError` for somebody who is recorded as having left."""
    known = (await people.find(tx, {by.person})).get(by.person)
    if known is not None and not known.active:
        raise UnlawfulError("not_yours", Text(zh="您已离职，不能再操作", en="who left does nothing more here"))
