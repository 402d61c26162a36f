"""Scoring's HTTP."""

from services.scoring.api.analyses import analyses_router
from services.scoring.api.levels import overview_router, tiers_router

__all__ = ["analyses_router", "overview_router", "tiers_router"]
