"""Company records: filed, read, and held against their store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from fastapi import APIRouter

from services.archive.api import records_router, stations_router
from services.archive.parts.ground import Ground
from services.archive.store import BreachStore, ObjectVault, RecordStore, StationStore, StorageScanStore
from services.archive.usecases import FileRecords, ListStations, ReadRecords, ScanStorage


class Limits(NamedTuple):
    """The most bytes of one attachment; the most bytes, and records, of one export; pieces of one look at the store."""

    attachment_bytes: int
    export_bytes: int
    export_records: int
    scan_pieces: int


@dataclass(frozen=True, slots=True)
class Records:
    """What is done with records, and the places where they may be read."""

    limits: Limits
    file: FileRecords
    read: ReadRecords
    scan: ScanStorage
    stations: ListStations

    @classmethod
    def over(cls, ground: Ground, vault: ObjectVault, limits: Limits) -> Self:
        desk, records, stations, breaches = ground.desk, RecordStore(), StationStore(), BreachStore()
        return cls(
            limits=limits,
            file=FileRecords(desk, records, vault, ground.in_force),
            read=ReadRecords(
                desk,
                records=records,
                vault=vault,
                people=ground.people,
                stations=stations,
                policy=ground.in_force,
                breaches=breaches,
                largest_export=limits.export_bytes,
                most_exported=limits.export_records,
            ),
            scan=ScanStorage(
                desk,
                records=records,
                vault=vault,
                scan=StorageScanStore(),
                breaches=breaches,
                rules=ground.breach_rules,
                calendar=ground.clock,
                pieces_per_page=limits.scan_pieces,
            ),
            stations=ListStations(ground.database, stations),
        )

    def routers(self) -> tuple[APIRouter, ...]:
        return records_router(self.file, self.read, self.limits.attachment_bytes), stations_router(self.stations)
