"""Archive's HTTP."""

from services.archive.api.audit import audit_router
from services.archive.api.backups import BackupGauges, backups_router
from services.archive.api.fines import fines_router
from services.archive.api.grants import grants_router

__all__ = ["BackupGauges", "audit_router", "backups_router", "fines_router", "grants_router"]
