"""What the use cases need of the world; `store` and the engine provide it."""

from services.scoring.ports.analyses import AnalysisStore
from services.scoring.ports.falls import Falls, Foretold, Stay, Trades
from services.scoring.ports.levels import Board, Counted, Lot, Saved, ScoringStore, Told
from services.scoring.ports.people import People
from services.scoring.ports.policies import PolicyBook
from services.scoring.ports.potential import Basis, Computed, PotentialFound, PotentialStore, Reason, Unassessed
from services.scoring.ports.readings import EVERYBODY, Prospects, Ranked, Readings, Recorded, Wanted
from services.scoring.ports.scores import Known, TraitSource, Whom
from services.scoring.ports.world import Clock, Database, Desk, Key, Lease, Publisher, Snapshot, Trail

__all__ = [
    "EVERYBODY",
    "AnalysisStore",
    "Basis",
    "Board",
    "Clock",
    "Computed",
    "Counted",
    "Database",
    "Desk",
    "Falls",
    "Foretold",
    "Key",
    "Known",
    "Lease",
    "Lot",
    "People",
    "PolicyBook",
    "PotentialFound",
    "PotentialStore",
    "Prospects",
    "Publisher",
    "Ranked",
    "Readings",
    "Reason",
    "Recorded",
    "Saved",
    "ScoringStore",
    "Snapshot",
    "Stay",
    "Told",
    "Trades",
    "Trail",
    "TraitSource",
    "Unassessed",
    "Wanted",
    "Whom",
]
