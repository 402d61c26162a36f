"""Scoring's HTTP."""

from services.scoring.api.ahead import falls_router
from services.scoring.api.analyses import analyses_router
from services.scoring.api.gaps import gaps_router
from services.scoring.api.lapse import lapse_router
from services.scoring.api.levels import overview_router, tiers_router
from services.scoring.api.policies import policies_router
from services.scoring.api.potential import potentials_router
from services.scoring.api.scores import allocations_router

__all__ = [
    "allocations_router",
    "analyses_router",
    "falls_router",
    "gaps_router",
    "lapse_router",
    "overview_router",
    "policies_router",
    "potentials_router",
    "tiers_router",
]
