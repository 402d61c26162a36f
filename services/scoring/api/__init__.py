"""Scoring's HTTP."""

from services.scoring.api.ahead import falls_router
from services.scoring.api.analyses import analyses_router
from services.scoring.api.lapse import lapse_router
from services.scoring.api.levels import overview_router, tiers_router
from services.scoring.api.policies import policies_router

__all__ = [
    "analyses_router",
    "falls_router",
    "lapse_router",
    "overview_router",
    "policies_router",
    "tiers_router",
]
