"""Links that opened nothing, in the audit: each of them, and yet no flood of them floods it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, cast

from services.archive.ports import People
from services.archive.usecases.desk import Desk
from shared.audit import NOBODY, Deed
from shared.contracts.audit import NO_ONE_FILE
from shared.floods import Floods
from shared.identity import Principal
from shared.links import Link
from shared.roles import Role


class Why(StrEnum):
    """What was wrong with a link; only the audit learns which it was."""

    FORGED = "forged"  # or cut short by a mail program: nobody can say whose it was
    EXPIRED = "expired"
    USED = "used"  # the step was decided, or there never was one
    NOT_THEIRS = "not_theirs"  # its person may decide no more


class Refusal(NamedTuple):
    """Links of one kind: whose, and for which decision, where the seal proves that it is theirs."""

    why: Why
    link: Link | None


class RefusedLinks:
    """The first one of a minute and how many more there were; sealed links are as many as were sent."""

    def __init__(self, desk: Desk, people: People) -> None:
        self._desk = desk
        self._people = people
        self._floods = Floods[Refusal](desk.clock.now, self._tell)

    async def note(self, why: Why, link: Link | None, station: str | None) -> None:
        """A link was refused; whatever this raises, there is no answer."""
        await self._floods.note(Refusal(why, link), station)

    async def tell(self) -> None:
        """Note how many more there were in minutes that are over."""
        await self._floods.tell()

    async def _tell(self, refusal: Refusal, more: str, station: str | None) -> None:
        about = refusal.why.value if refusal.link is None else f"{refusal.why} {refusal.link.subject}"
        deed = Deed("access.denied", "link.refused", NO_ONE_FILE, "denied", (about + more)[:1000])
        async with self._desk.database.transaction() as tx:
            who = None
            if refusal.link is not None:
                name = refusal.link.person
                known = (await self._people.find(tx, {name})).get(name)
                # As the organisation calls it; nothing is opened by it.
                role, department = (NOBODY, None) if known is None else (known.role, known.department)
                who = Principal(name, cast("Role", role), department, station)
            await self._desk.trail.append(tx, who, deed, station=station)
