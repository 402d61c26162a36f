"""Scoring's HTTP."""

from services.scoring.api.levels import overview_router, tiers_router

__all__ = ["overview_router", "tiers_router"]
