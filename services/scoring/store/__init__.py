"""The only callers of scoring's SQL; rows become types here."""

from services.scoring.store.analyses import PostgresAnalyses
from services.scoring.store.levels import LevelStore, TierReadings

__all__ = ["LevelStore", "PostgresAnalyses", "TierReadings"]
