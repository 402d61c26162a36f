"""Fines explained, waived, confirmed, appealed against and judged, each step with its reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain

from services.archive.domain import settling as rules
from services.archive.domain.catalogue import Catalogue
from services.archive.domain.fine_tasks import of_answer, of_appeal, of_confirmation, of_proposal
from services.archive.domain.fines import FAMILIES, Fine, FineState, Standing
from services.archive.ports import FineBook, People
from services.archive.usecases.desk import Desk
from services.archive.usecases.fine_steps import DecideFines
from services.archive.usecases.rivalry import Rivalry
from services.archive.usecases.tasks import TellTasks
from shared.audit import Deed
from shared.contracts.audit import NO_ONE_FILE
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.roles import Role

Check = Callable[[Standing, Catalogue], None]


class SettleFines:
    """What becomes of a proposal (N9, N10); every step is a new row, an entry of the audit, and the ledger's."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a step needs to be decided, kept and told
        self,
        desk: Desk,
        fines: FineBook,
        people: People,
        catalogue: InForce[Catalogue],
        decide: DecideFines,
        tell: TellTasks,
    ) -> None:
        self._desk = desk
        self._fines = fines
        self._people = people
        self._catalogue = catalogue
        self._decide = decide
        self._rivalry = Rivalry(fines, decide)
        self._tell = tell

    async def answer(self, by: Principal, fine_id: str, words: str) -> Standing:
        """The fined person explains."""
        return await self._step(by, fine_id, FineState.ANSWERED, words, lambda it, _: rules.answer(it, by))

    async def settle(self, by: Principal, fine_id: str, wanted: FineState, reason: str) -> Standing:
        """Human resources decide about a fine, or correct what they decided."""
        return await self._step(by, fine_id, wanted, reason, lambda it, _: rules.settle(it, wanted, by))

    async def appeal(self, by: Principal, fine_id: str, words: str) -> Standing:
        """The fined person appeals against a confirmed fine."""
        now = self._desk.clock.now()

        def check(standing: Standing, catalogue: Catalogue) -> None:
            rules.appeal(standing, catalogue.fines.appeals, by, catalogue.date_of, now)

        return await self._step(by, fine_id, FineState.APPEALED, words, check)

    async def judge(self, by: Principal, fine_id: str, wanted: FineState, reason: str) -> Standing:
        """Somebody of the policy's roles upholds or lifts a fine that was appealed against."""

        def check(standing: Standing, catalogue: Catalogue) -> None:
            rules.judge(standing, wanted, catalogue.fines.appeals, by)

        return await self._step(by, fine_id, wanted, reason, check)

    async def _step(self, by: Principal, fine_id: str, wanted: FineState, reason: str, check: Check) -> Standing:
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            catalogue = await self._catalogue(tx)
            standing = await self._fines.find(tx, fine_id)
            if standing is None:
                raise rules.unknown(fine_id)
            check(standing, catalogue)
            taken = await self._decide.take(tx, standing, rules.Act(wanted, by.person, reason, now))
            await self._ask(tx, taken, catalogue, now)
            await self._desk.trail.append(tx, by, decided_on(taken.fine, f"fine.{wanted}", reason))
            if taken.fine.kind in FAMILIES:
                await self._let_the_gravest_stand(tx, by, taken.fine, catalogue, now)
        return taken

    async def _let_the_gravest_stand(
        self, tx: Transaction, by: Principal, fine: Fine, catalogue: Catalogue, now: datetime
    ) -> None:
        """By a step on one fine another for the same fact comes back, or is replaced again."""
        for moved in await self._rivalry.settle(tx, {(fine.person, fine.fact)}, now):
            replaced = moved.state is FineState.REPLACED
            action = "fine.replaced" if replaced else "fine.restored"
            why = f"{moved.fine.fine_id} {moved.state}: {moved.decision_reason}"
            await self._desk.trail.append(tx, by, decided_on(moved.fine, action, why))
            if not replaced:
                await self._ask(tx, moved, catalogue, now, back=moved.step)

    async def _ask(
        self, tx: Transaction, taken: Standing, catalogue: Catalogue, now: datetime, *, back: int = 0
    ) -> None:
        """Ask whoever comes next; of a fine that came `back` with a step also those who were asked before."""
        match taken.state:
            case FineState.CONFIRMED:
                until = rules.appeal_until(catalogue.date_of(now), catalogue.fines.appeals)
                await self._tell.ask(tx, of_confirmation(taken.fine, end_of(until, catalogue), back=back))
            case FineState.APPEALED:
                by_role = [await self._people.with_role(tx, role) for role in catalogue.fines.appeals.decided_by]
                await self._tell.ask(tx, of_appeal(taken, chain.from_iterable(by_role), back=back))
            case FineState.PROPOSED | FineState.ANSWERED if back:
                asked = of_proposal if taken.state is FineState.PROPOSED else of_answer
                await self._tell.ask(tx, asked(taken.fine, await self._people.with_role(tx, Role.HR), back=back))


def end_of(day: date, catalogue: Catalogue) -> datetime:
    """The moment at which a business day is over."""
    return datetime.combine(day + timedelta(days=1), time.min, catalogue.zone).astimezone(UTC)


def decided_on(fine: Fine, action: str, reason: str) -> Deed:
    """A person's step on a fine."""
    return Deed("decision.made", action, fine.file or NO_ONE_FILE, reason=reason)
