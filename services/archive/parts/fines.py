"""What breaches cost: proposed, settled, taken together by the month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter

from services.archive.api import fines_router, statements_router, wages_router
from services.archive.domain.catalogue import Catalogue
from services.archive.parts.ground import Ground
from services.archive.store import EntryStore, FineStore, LedgerStore, WageStore
from services.archive.usecases import (
    DecideFines,
    KeepFines,
    KeepStatements,
    KeepWages,
    PriceBreaches,
    ProposeFines,
    SettleFines,
)
from shared.in_force import Derived


@dataclass(frozen=True, slots=True)
class Fines:
    """What is done about fines; `pricing` is the sealer's."""

    pricing: PriceBreaches
    keep: KeepFines
    settle: SettleFines
    wages: KeepWages
    statements: KeepStatements

    @classmethod
    def over(cls, ground: Ground) -> Self:
        desk, people, tell = ground.desk, ground.people, ground.tell
        entries, fines, ledger = EntryStore(), FineStore(), LedgerStore()
        catalogue = Derived(ground.in_force, Catalogue.of_policy)
        decide = DecideFines(fines, ledger, tell)
        propose = ProposeFines(desk, fines, people, tell, decide)
        return cls(
            pricing=PriceBreaches(entries, fines, catalogue, propose),
            keep=KeepFines(desk, entries, fines, people, catalogue, propose),
            settle=SettleFines(desk, fines, people, catalogue, decide, tell),
            wages=KeepWages(desk, WageStore(), fines, catalogue, propose),
            statements=KeepStatements(desk, ledger, ledger, people, tell, ground.in_force),
        )

    def routers(self) -> tuple[APIRouter, ...]:
        return fines_router(self.keep, self.settle), wages_router(self.wages), statements_router(self.statements)
