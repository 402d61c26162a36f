"""The life of records and the leaving of people (A6, A7, P6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter

from services.archive.api.destructions import destructions_router
from services.archive.api.leaving import leavings_router
from services.archive.api.life import filing_router, holds_router, retention_router
from services.archive.api.reclassifying import reclassifications_router
from services.archive.jobs import life_jobs
from services.archive.parts.ground import Ground
from services.archive.store import EntryStore
from services.archive.store.destructions import DestructionStore, KeySweeper
from services.archive.store.filing import FilingStore
from services.archive.store.leavings import LeavingStore
from services.archive.store.life import LifeStore
from services.archive.store.reclassifying import ReclassificationStore
from services.archive.usecases import Office
from services.archive.usecases.destroying import Books, DeleteObjects, Destroy
from services.archive.usecases.leaving import ReviewLeavings, SettleLeavings
from services.archive.usecases.reclassifying import Reclassify
from services.archive.usecases.retention import KeepRetention
from services.archive.usecases.seasons import KeepFiling
from shared.engine.model import Job
from shared.objects import Objects


@dataclass(frozen=True, slots=True)
class Life:
    """Filing by season, keeping, destroying; and what is settled of those who left."""

    filing: KeepFiling
    retention: KeepRetention
    destroy: Destroy
    delete: DeleteObjects
    review: ReviewLeavings
    settle: SettleLeavings
    reclassify: Reclassify

    @classmethod
    def over(cls, ground: Ground, objects: Objects, office: Office) -> Self:
        desk, people, tasks, policy = ground.desk, ground.people, ground.tell, ground.in_force
        books, leavings = Books(LifeStore(), DestructionStore(), people, tasks), LeavingStore()
        return cls(
            filing=KeepFiling(desk, FilingStore(), people, tasks, policy),
            retention=KeepRetention(desk, books.life, people, policy),
            destroy=Destroy(desk, books, policy),
            delete=DeleteObjects(desk, books.destructions, objects, KeySweeper(ground.database)),
            review=ReviewLeavings(
                desk=desk, leavings=leavings, entries=EntryStore(), people=people, tasks=tasks, policy=policy
            ),
            settle=SettleLeavings(desk, leavings, people, tasks, policy),
            reclassify=Reclassify(office, books.life, books.destructions, ReclassificationStore()),
        )

    def routers(self) -> tuple[APIRouter, ...]:
        return (
            filing_router(self.filing),
            retention_router(self.retention),
            holds_router(self.retention),
            destructions_router(self.destroy),
            leavings_router(self.review),
            reclassifications_router(self.reclassify),
        )

    def jobs(self) -> tuple[Job, ...]:
        return life_jobs(self.settle, self.filing, self.delete, self.reclassify)
