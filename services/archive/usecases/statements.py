"""The month's statement of fines: what came to stand and what fell, closed once (N9, W3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from services.archive.domain.fine_tasks import STATEMENT, of_month
from services.archive.domain.fines import Standing, whose_fines
from services.archive.domain.ledger import Closing, Line, Total, totals
from services.archive.domain.months import month_after, month_before, month_of, spoken
from services.archive.domain.people import UnlawfulError
from services.archive.ports import Ledger, MonthBook, People
from services.archive.ports.statements import Decision, Deeds, Plea
from services.archive.usecases.desk import Desk
from services.archive.usecases.tasks import TellTasks
from shared.audit import Deed
from shared.contracts.audit import NO_ONE_FILE
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy.model import Policy
from shared.roles import Role
from shared.words import Text

LISTED = 10_000
"""So many denials and requests are listed in a report at most; the counts are of all of them."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A month's lines, of all months since the last one that was closed before it.

    `closing` None: it is still open. `waiting` fines of these days nobody has decided about: they come later.
    """

    month: date
    closing: Closing | None
    lines: Sequence[Line]
    totals: Sequence[Total]
    waiting: int


@dataclass(frozen=True, slots=True)
class MonthReport:
    """What human resources and the general manager are told of a month."""

    statement: Statement
    fines: Sequence[Standing]
    pleas: Sequence[Plea]
    deeds: Sequence[Deeds]
    denials: Sequence[Decision]
    requests: Sequence[Decision]
    currency: str
    today: date
    zone: ZoneInfo


class KeepStatements:
    """Statements, and the report of the month."""

    def __init__(  # noqa: PLR0913, PLR0917 - whom and what a month concerns
        self, desk: Desk, ledger: Ledger, months: MonthBook, people: People, tell: TellTasks, policy: InForce[Policy]
    ) -> None:
        self._desk = desk
        self._ledger = ledger
        self._months = months
        self._people = people
        self._tell = tell
        self._policy = policy

    async def of(self, by: Principal, month: date, person: str | None) -> Statement:
        """A month's statement; without the right to see everybody's only one's own lines."""
        whose = whose_fines(by, person)
        async with self._desk.database.transaction() as tx:
            return await self._statement(tx, month, whose)

    async def close(self, by: Principal, month: date, reason: str | None) -> Statement:
        """Close a month that is over, once, with those before it; what changes later is posted to a later one."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            zone = (await self._policy(tx)).zone
            closed = await self._ledger.hold_months(tx)
            if closed is not None and month <= closed:
                raise UnlawfulError(
                    "closed_before", Text(zh=f"{spoken(month)} 已关账", en=f"{spoken(month)} was closed before")
                )
            if month_after(month) > month_of(now.astimezone(zone).date()):
                raise UnlawfulError(
                    "month_not_over", Text(zh=f"{spoken(month)} 尚未结束", en=f"{spoken(month)} is not over yet")
                )
            await self._ledger.close(tx, Closing(month, by.person, now, reason))
            await self._tell.clear(tx, STATEMENT, spoken(month))
            why = f"{spoken(month)}: {reason}" if reason else spoken(month)
            await self._desk.trail.append(tx, by, Deed("decision.made", "statement.closed", NO_ONE_FILE, reason=why))
            return await self._statement(tx, month, None)

    async def report(self, by: Principal, month: date) -> MonthReport:
        """Everything about a month; read only after the audit knows of it."""
        async with self._desk.database.transaction() as tx:
            await self._desk.trail.append(
                tx, by, Deed("file.searched", "report.read", NO_ONE_FILE, reason=spoken(month))
            )
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            policy = await self._policy(tx)
            since, until = (datetime.combine(day, time.min, policy.zone) for day in (month, month_after(month)))
            return MonthReport(
                statement=await self._statement(tx, month, None),
                fines=await self._months.fines(tx, month),
                pleas=await self._months.pleas(tx, since, until),
                deeds=await self._months.deeds(tx, since, until),
                denials=await self._months.denials(tx, since, until, LISTED),
                requests=await self._months.requests(tx, since, until, LISTED),
                currency=policy.fines.currency,
                today=now.astimezone(policy.zone).date(),
                zone=policy.zone,
            )

    async def remind(self) -> None:
        """Ask human resources to close the month that is over, once for each month that has something to settle."""
        async with self._desk.database.transaction() as tx:
            zone = (await self._policy(tx)).zone
            this_month = month_of(self._desk.clock.now().astimezone(zone).date())
            over = month_before(this_month)
            statement = await self._statement(tx, over, None)
            if statement.closing is None and statement.lines:
                await self._tell.ask(tx, of_month(over, await self._people.with_role(tx, Role.HR)))

    async def _statement(self, tx: Transaction, month: date, person: str | None) -> Statement:
        closing, before = await self._ledger.closing(tx, month)
        lines = await self._ledger.lines(tx, before, month, person)
        waiting = await self._ledger.waiting(tx, month) if person is None else 0
        return Statement(month, closing, lines, totals(lines), waiting)
