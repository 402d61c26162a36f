"""Archive's HTTP."""

from services.archive.api.audit import audit_router
from services.archive.api.fines import fines_router
from services.archive.api.grants import grants_router

__all__ = ["audit_router", "fines_router", "grants_router"]
