"""Archive's HTTP."""

from services.archive.api.audit import audit_router
from services.archive.api.fines import fines_router
from services.archive.api.grants import grants_router
from services.archive.api.proofs import proofs_router

__all__ = ["audit_router", "fines_router", "grants_router", "proofs_router"]
