"""Archive's HTTP."""

from services.archive.api.audit import audit_router
from services.archive.api.delegations import delegations_router
from services.archive.api.fines import fines_router
from services.archive.api.grants import grants_router
from services.archive.api.links import links_router
from services.archive.api.proofs import proofs_router
from services.archive.api.records import STREAMED, records_router
from services.archive.api.requests import requests_router
from services.archive.api.stations import stations_router

__all__ = [
    "STREAMED",
    "audit_router",
    "delegations_router",
    "fines_router",
    "grants_router",
    "links_router",
    "proofs_router",
    "records_router",
    "requests_router",
    "stations_router",
]
