"""Archive's HTTP."""

from services.archive.api.audit import audit_router
from services.archive.api.fines import fines_router
from services.archive.api.grants import grants_router
from services.archive.api.statements import statements_router
from services.archive.api.wages import wages_router

__all__ = ["audit_router", "fines_router", "grants_router", "statements_router", "wages_router"]
