"""Backups over HTTP, for whoever operates the system (A8)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from prometheus_client import CollectorRegistry, Gauge
from pydantic import BaseModel, ConfigDict, Field

from services.archive.api.doors import Prover, Reason, lawful
from services.archive.domain.backups import Backup, Standing
from services.archive.usecases import KeepBackups
from shared.contracts.types import Identifier, Moment
from shared.http import Principal, require
from shared.roles import Role

Operator = Annotated[Principal, Depends(require(Role.OPS))]
Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Number = Annotated[int, Field(ge=0, lt=2**63)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
NamedBackup = Annotated[Name, Path()]


class BackupMade(BaseModel):
    """A backup that is whole in its place, as of `made_at`; `size` in bytes; `signer` names the key that signed it."""

    backup: Name
    made_at: Moment
    place: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]+$")]
    size: Annotated[int, Field(ge=1, lt=2**63)]
    sha256: Hex
    signer: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\s\x00]+$")] | None = None
    rows: Number
    entries: Number
    head: Hex


class BackupBody(BaseModel):
    """A backup, and how it came back the last time.

    `sound` is null where nobody has tried, `signer` where nobody signed, as before backups were signed.
    """

    backup: str
    made_at: datetime
    place: str
    size: int
    sha256: str
    signer: str | None
    rows: int
    entries: int
    head: str
    noted_at: datetime
    sound: bool | None
    found: str | None
    drilled_at: datetime | None


class DrillBody(BaseModel):
    """How a backup came back: as it was, or what was found instead."""

    sound: bool
    found: Reason


class DrillNoted(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    backup: str
    drilled_at: datetime
    sound: bool
    found: str


class FilesThere(BaseModel):
    """The backups whose files are there."""

    here: Annotated[list[Identifier], Field(max_length=10_000)]


class Removals(BaseModel):
    """Which of them are to be removed."""

    remove: list[str]


class DueBody(BaseModel):
    """Whether a backup is due, and since when one was to be made; `overdue`: operations has been asked to look."""

    model_config = ConfigDict(from_attributes=True)

    since: datetime
    due: bool
    overdue: bool


def backups_router(keep: KeepBackups) -> APIRouter:
    """Backups: read by those who may prove the audit, told by operations."""
    router = APIRouter(prefix="/backups", tags=["backups"])

    @router.get("")
    async def backups(_: Prover) -> list[BackupBody]:
        return [shown_backup(standing) for standing in await keep.page()]

    @router.get("/due")
    async def due(_: Prover) -> DueBody:
        return DueBody.model_validate(await keep.schedule())

    @router.post("", status_code=201)
    async def made(who: Operator, body: BackupMade) -> BackupMade:
        with lawful():
            await keep.made(who, lambda now: Backup(**body.model_dump(), noted_at=now))
        return body

    @router.post("/removals")
    async def removals(who: Operator, body: FilesThere) -> Removals:
        return Removals(remove=list(await keep.remove(who, set(body.here))))

    @router.post("/{backup}/drills", status_code=201)
    async def drilled(who: Operator, backup: NamedBackup, body: DrillBody) -> DrillNoted:
        return DrillNoted.model_validate(await keep.drilled(who, backup, sound=body.sound, found=body.found))

    return router


def shown_backup(standing: Standing) -> BackupBody:
    drill = standing.drill
    return BackupBody(
        **standing.backup._asdict(),
        sound=None if drill is None else drill.sound,
        found=None if drill is None else drill.found,
        drilled_at=None if drill is None else drill.drilled_at,
    )


class BackupGauges:
    """What Prometheus is told of backups."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._age = Gauge(
            "tierline_backup_age_seconds", "Since the moment that the newest sound backup shows.", registry=registry
        )
        self._sound = Gauge("tierline_backup_drill_sound", "1: the last drill brought all back.", registry=registry)
        self._due = Gauge("tierline_backup_due", "1: this month's backup is still to be made.", registry=registry)
        self._age.set(float("inf"))

    def backups(self, age_seconds: float, *, sound: bool, due: bool) -> None:
        self._age.set(age_seconds)
        self._sound.set(sound)
        self._due.set(due)
