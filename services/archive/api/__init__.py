"""Archive's HTTP."""

from services.archive.api.audit import audit_router
from services.archive.api.backups import BackupGauges, backups_router
from services.archive.api.fines import fines_router
from services.archive.api.grants import grants_router
from services.archive.api.records import STREAMED, records_router
from services.archive.api.stations import stations_router

__all__ = [
    "STREAMED",
    "BackupGauges",
    "audit_router",
    "backups_router",
    "fines_router",
    "grants_router",
    "records_router",
    "stations_router",
]
