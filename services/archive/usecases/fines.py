"""Fines as people see and report them, and breaches that lack a fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.archive.domain.catalogue import Catalogue, Known
from services.archive.domain.chain import Entry
from services.archive.domain.entries import tier_of
from services.archive.domain.fines import (
    FAMILIES,
    Breach,
    Evidence,
    Fine,
    FineState,
    Gap,
    Report,
    Standing,
    fact_of,
    whose_fines,
)
from services.archive.domain.ledger import Posting
from services.archive.domain.people import UnlawfulError
from services.archive.domain.settling import unknown
from services.archive.ports import Entries, FineBook, People
from services.archive.ports.fines import Counted, Dismissal, Step
from services.archive.usecases.desk import Desk
from services.archive.usecases.pricing import counting_of
from services.archive.usecases.proposing import ProposeFines
from shared.audit import Deed
from shared.contracts.audit import NO_ONE_FILE
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Whole:
    """A fine with all that became of it."""

    standing: Standing
    steps: Sequence[Step]
    postings: Sequence[Posting]


class KeepFines:
    """Fines as people see and report them (N9, N10)."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a fine needs to be seen, reported and told
        self,
        desk: Desk,
        entries: Entries,
        fines: FineBook,
        people: People,
        catalogue: InForce[Catalogue],
        propose: ProposeFines,
    ) -> None:
        self._desk = desk
        self._entries = entries
        self._people = people
        self._fines = fines
        self._catalogue = catalogue
        self._propose = propose

    async def page(
        self, by: Principal, person: str | None, state: FineState | None, after: tuple[int, str] | None, limit: int
    ) -> Sequence[Standing]:
        """Fines, newest evidence first; without the right to see all of them only one's own."""
        async with self._desk.database.transaction() as tx:
            return await self._fines.page(tx, whose_fines(by, person), state, after, limit)

    async def find(self, by: Principal, fine_id: str) -> Whole:
        """A fine with its steps and postings; who may not know of it is told that there is none."""
        async with self._desk.database.transaction() as tx:
            standing = await self._fines.find(tx, fine_id)
            if standing is None or whose_fines(by, None) not in (None, standing.fine.person):
                raise unknown(fine_id)
            return Whole(standing, await self._fines.steps(tx, fine_id), await self._fines.postings(tx, fine_id))

    async def gaps(self, after: tuple[int, str] | None, limit: int) -> Sequence[Gap]:
        """Breaches for which a needed fact is missing, until it is found or somebody lets them be."""
        async with self._desk.database.transaction() as tx:
            return await self._fines.gaps(tx, after, limit)

    async def dismiss_gap(self, by: Principal, entry: int, kind: str, reason: str) -> Dismissal:
        """Let a breach be for which nobody will be fined, and say why; nobody their own."""
        dismissal = Dismissal(kind, entry, by.person, reason, self._desk.clock.now())
        async with self._desk.database.transaction() as tx:
            shown = await self._entries.find(tx, entry)
            if shown is not None and shown.actor == by.person:
                raise UnlawfulError("own_fine", Text(zh="任何人不得处理自己的罚款", en="nobody settles their own fine"))
            if shown is None or not await self._fines.dismiss_gap(tx, dismissal):
                raise UnlawfulError("unknown_gap", Text(zh="没有这一项待补信息", en="there is no such open gap"))
            await self._desk.trail.append(tx, by, Deed("decision.made", "gap.dismissed", shown.file, reason=reason))
        return dismissal

    async def report(self, by: Principal, report: Report, entry: int | None, event: str | None) -> Sequence[Standing]:
        """Propose a fine by report; its evidence is an audit entry, or an event about `report.file` that was sealed.

        Nothing comes of it, but that it counts, where the month's count does not reach a fine yet (N7).
        """
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            catalogue = await self._catalogue(tx)
            await self._fines.lock_facts(tx)
            shown = await self._find_evidence(tx, report.file, entry, event)
            version = await self._entries.find_version(tx, shown.file, shown.seq)
            evidence = Evidence(shown, as_event=event is not None, tier=tier_of(version))
            breach = catalogue.breach_reported(report, evidence)
            await self._refuse_nobody(tx, shown, report.person)
            known = await self._known(tx, catalogue, breach)
            breach, fines = catalogue.for_report(report, evidence, known, by, now)
            await self._refuse_repetition(tx, catalogue, breach, fines)
            fines = [await self._told_apart(tx, fine) for fine in fines]
            new = await self._propose(tx, fines)
            if len(new) != len(fines):
                raise fined_before(breach, fines[0])
            deed = Deed("decision.made", "fine.reported", breach.file or NO_ONE_FILE, reason=report.reason)
            await self._desk.trail.append(tx, by, deed)
        return [Standing(fine, FineState.PROPOSED, 0, None, None, None) for fine in new]

    async def _refuse_nobody(self, tx: Transaction, shown: Entry, person: str) -> None:
        """Whom the evidence does not name has to be recorded as somebody: a name misspelt would be fined for ever."""
        if shown.actor is None and not await self._people.find(tx, {person}):
            raise UnlawfulError(
                "unknown_person",
                Text(
                    zh=f"组织架构里没有 {person}，请先登记",
                    en=f"{person} is not in the organisation: record them first",
                ),
            )

    async def _told_apart(self, tx: Transaction, fine: Fine) -> Fine:
        """The fine under an id of its own where its entry shows something else, or of somebody else, by that rule."""
        taken = await self._fines.find(tx, fine.fine_id)
        if taken is None or (taken.fine.person, taken.fine.kind) == (fine.person, fine.kind):
            return fine
        return fine._replace(fine_id=f"{fine.fine_id}-{fine.kind}-{fine.person}")

    async def _known(self, tx: Transaction, catalogue: Catalogue, breach: Breach) -> Known:
        counting = counting_of(catalogue, breach)
        if counting is None:
            return Known()
        return (await self._fines.known(tx, {counting})).get(counting, Known())

    async def _refuse_repetition(
        self, tx: Transaction, catalogue: Catalogue, breach: Breach, fines: Sequence[Fine]
    ) -> None:
        """Never twice for one fact (N9), nor counted twice; only a graver fine may take the place of a lighter one."""
        for standing in await self._fines.for_facts(tx, {(fine.person, fine.fact) for fine in fines}):
            lighter = standing.fine.kind in FAMILIES and standing.fine.weight < fines[0].weight
            if not lighter:
                raise fined_before(breach, standing.fine)
        counting = counting_of(catalogue, breach)
        if counting is not None:
            counted = Counted(*counting, fact_of(breach), breach.entry, breach.amount)
            if not await self._fines.count(tx, [counted]):
                raise UnlawfulError(
                    "counted_before", Text(zh="这一事实已计入当月次数", en="this fact was counted in its month before")
                )

    async def _find_evidence(self, tx: Transaction, file: str | None, entry: int | None, event: str | None) -> Entry:
        shown = None
        if entry is not None:
            shown = await self._entries.find(tx, entry)
        elif event is not None and file is not None:
            shown = await self._entries.find_event(tx, file, event)
        if shown is None:
            raise UnlawfulError(
                "unknown_evidence",
                Text(
                    zh="审计链里没有这条证据", en="the audit chain holds no such entry, or no such event of that file"
                ),
            )
        return shown


def fined_before(breach: Breach, fine: Fine) -> UnlawfulError:
    """One fact is fined once."""
    return UnlawfulError(
        "fined_before",
        Text(
            zh=f"第 {breach.entry} 条审计记录的事实已按 {fine.rule} 提出过罚款",
            en=f"{fine.rule} has fined the fact of audit entry {breach.entry} before",
        ),
    )
