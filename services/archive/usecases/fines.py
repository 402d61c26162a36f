"""Fines as people see, report and settle them."""

from __future__ import annotations

from collections.abc import Sequence

from services.archive.domain.chain import Entry
from services.archive.domain.entries import tier_of
from services.archive.domain.fines import Catalogue, Evidence, Fine, FineState, Gap, Report, settle, whose_fines
from services.archive.domain.outgoing import fine_proposed
from services.archive.domain.people import UnlawfulError
from services.archive.ports import (
    Entries,
    FineBook,
    FineStanding,
)
from services.archive.usecases.desk import Desk
from shared.audit import Deed
from shared.contracts.audit import NO_ONE_FILE
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.words import Text


class KeepFines:
    """Fines as people see, report and settle them (N9, N10)."""

    def __init__(self, desk: Desk, entries: Entries, fines: FineBook, catalogue: InForce[Catalogue]) -> None:
        self._desk = desk
        self._entries = entries
        self._fines = fines
        self._catalogue = catalogue

    async def page(
        self, by: Principal, person: str | None, state: FineState | None, after: tuple[int, str] | None, limit: int
    ) -> Sequence[FineStanding]:
        """Fines, newest evidence first; without the right to see all of them only one's own."""
        async with self._desk.database.transaction() as tx:
            return await self._fines.page(tx, whose_fines(by, person), state, after, limit)

    async def gaps(self, after: tuple[int, str] | None, limit: int) -> Sequence[Gap]:
        """Breaches for which a needed fact is missing."""
        async with self._desk.database.transaction() as tx:
            return await self._fines.gaps(tx, after, limit)

    async def report(self, by: Principal, report: Report, entry: int | None, event: str | None) -> FineStanding:
        """Propose a fine by report; its evidence is an audit entry, or an event about `report.file` that was sealed."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            catalogue = await self._catalogue(tx)
            shown = await self._find_evidence(tx, report.file, entry, event)
            version = await self._entries.find_version(tx, shown.file, shown.seq)
            evidence = Evidence(shown, as_event=event is not None, tier=tier_of(version))
            fine = catalogue.for_report(report, evidence, by, now)
            if not await self._fines.add_reported(tx, fine):
                raise UnlawfulError(
                    "fined_before",
                    Text(
                        zh=f"第 {fine.entry} 条审计记录已按 {fine.rule} 提出过罚款",
                        en=f"{fine.rule} has fined audit entry {fine.entry} before",
                    ),
                )
            await self._desk.publish(tx, fine_proposed(fine))
            await self._desk.trail.append(tx, by, decided_on(fine, "fine.reported", report.reason))
        return FineStanding(fine, FineState.PROPOSED, 0, None, None, None)

    async def settle(self, by: Principal, fine_id: str, wanted: FineState, reason: str) -> FineStanding:
        """Decide about a fine, or correct what was decided."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            standing = await self._fines.find(tx, fine_id)
            if standing is None:
                raise UnlawfulError("unknown_fine", Text(zh=f"没有罚款 {fine_id}", en=f"there is no fine {fine_id}"))
            settle(standing.fine, standing.state, wanted, by)
            settled = FineStanding(standing.fine, wanted, standing.step + 1, by.person, reason, now)
            if not await self._fines.add_decision(tx, settled):
                raise UnlawfulError(
                    "decided_meanwhile",
                    Text(zh="刚才已有人处理，请重新查看", en="somebody decided at the same moment: look again"),
                )
            await self._desk.trail.append(tx, by, decided_on(settled.fine, f"fine.{wanted}", reason))
        return settled

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


def decided_on(fine: Fine, action: str, reason: str) -> Deed:
    """A person's step on a fine."""
    return Deed("decision.made", action, fine.file or NO_ONE_FILE, reason=reason)
