"""Base wages, as human resources tell them: on them the fines for returns depend (N8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from services.archive.domain.catalogue import Catalogue, Known
from services.archive.domain.findings import breach_of
from services.archive.domain.fines import Fine
from services.archive.domain.months import month_of, spoken
from services.archive.domain.people import UnlawfulError
from services.archive.ports import FineBook, WageBook
from services.archive.ports.fines import Wage
from services.archive.usecases.desk import Desk
from services.archive.usecases.proposing import ProposeFines
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.roles import Role
from shared.words import Text


class KeepWages:
    """Wages stay in archive, and no entry of the audit says one."""

    def __init__(
        self, desk: Desk, wages: WageBook, fines: FineBook, catalogue: InForce[Catalogue], propose: ProposeFines
    ) -> None:
        self._desk = desk
        self._wages = wages
        self._fines = fines
        self._catalogue = catalogue
        self._propose = propose

    async def tell(
        self, by: Principal, person: str, from_month: date, amount: Decimal, reason: str
    ) -> tuple[Wage, Sequence[Fine]]:
        """Say a wage from a month on, and propose what waited for it; what was priced before stays as it is."""
        if by.person == person:
            raise UnlawfulError("own_wage", Text(zh="任何人不得登记自己的工资", en="nobody records their own wage"))
        now = self._desk.clock.now()
        wage = Wage(person, from_month, amount, by.person, now, reason)
        async with self._desk.database.transaction() as tx:
            catalogue = await self._catalogue(tx)
            await self._fines.lock_facts(tx)
            await self._wages.add(tx, wage)
            new = await self._propose(tx, await self._priced(tx, catalogue, person))
            why = f"{person} {spoken(from_month)}: {reason}"
            await self._desk.trail.append(tx, by, Deed("decision.made", "wage.recorded", reason=why))
        return wage, new

    async def of(self, by: Principal, person: str) -> Sequence[Wage]:
        """All that was said of a person's wage: to human resources, and to the person."""
        if by.role != Role.HR and by.person != person:
            raise UnlawfulError("not_yours", Text(zh="只能查看本人的工资", en="you may see your own wage only"))
        async with self._desk.database.transaction() as tx:
            await self._desk.trail.append(tx, by, Deed("file.searched", "wage.read", reason=person))
            return await self._wages.of(tx, person)

    async def page(self, by: Principal, after: str | None, limit: int) -> Sequence[Wage]:
        """The newest wage of each person."""
        async with self._desk.database.transaction() as tx:
            await self._desk.trail.append(tx, by, Deed("file.searched", "wages.read"))
            return await self._wages.page(tx, after, limit)

    async def _priced(self, tx: Transaction, catalogue: Catalogue, person: str) -> Sequence[Fine]:
        """What the gaps come to that waited for this person's wage; a month without one still waits."""
        told = await self._wages.of(tx, person)
        now = self._desk.clock.now()
        fines = []
        for shown in await self._fines.unpaid_gaps(tx, person):
            breach = breach_of(shown)
            if breach is None:
                continue
            month = month_of(breach.occurred_on)
            wage = next((each.amount for each in told if each.from_month <= month), None)
            found = catalogue.price(breach, Known(base_wage=wage), now)
            if isinstance(found, Fine):
                fines.append(found)
        return fines
