"""The only callers of scoring's SQL; rows become types here."""

from services.scoring.store.ahead import FallStore
from services.scoring.store.analyses import PostgresAnalyses
from services.scoring.store.lapse import TradeReadings
from services.scoring.store.levels import LevelStore, TierReadings
from services.scoring.store.people import PeopleStore
from services.scoring.store.policies import PolicyStore, ProspectReadings
from services.scoring.store.potential import PostgresPotentials
from services.scoring.store.traits import TraitReadings

__all__ = [
    "FallStore",
    "LevelStore",
    "PeopleStore",
    "PolicyStore",
    "PostgresAnalyses",
    "PostgresPotentials",
    "ProspectReadings",
    "TierReadings",
    "TradeReadings",
    "TraitReadings",
]
