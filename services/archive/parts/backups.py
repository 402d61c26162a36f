"""Backups, as operations tell of them (A8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from services.archive.api import BackupGauges, backups_router
from services.archive.parts.ground import Ground
from services.archive.store import BackupStore
from services.archive.usecases import BackupParts, KeepBackups


@dataclass(frozen=True, slots=True)
class Backups:
    """Kept, proved, asked for."""

    keep: KeepBackups

    @classmethod
    def over(cls, ground: Ground, registry: CollectorRegistry) -> Self:
        """`registry` is where their age is measured."""
        parts = BackupParts(ground.desk, BackupStore(), ground.people, ground.tell, ground.in_force, ground.zone)
        return cls(KeepBackups(parts, BackupGauges(registry)))

    def routers(self) -> tuple[APIRouter, ...]:
        return (backups_router(self.keep),)
