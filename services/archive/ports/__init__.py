"""What archive's use cases need of the world; `store` and the engine provide it."""

from services.archive.ports.breaches import BreachBook, Calendar
from services.archive.ports.desk import Clock, Database, Publisher, Snapshot, Trail
from services.archive.ports.entries import Entries, Filters, SourceCount
from services.archive.ports.files import FileRegistry, StationBook, Told
from services.archive.ports.fines import FineBook, FineStanding
from services.archive.ports.grants import GrantBook, GrantFilters
from services.archive.ports.people import People
from services.archive.ports.proofs import Alarms, Chain, Lease, Outside, Stretches, Tree
from services.archive.ports.records import RecordBook, Scope, Sought, Vault
from services.archive.ports.tasks import TaskBook

__all__ = [
    "Alarms",
    "BreachBook",
    "Calendar",
    "Chain",
    "Clock",
    "Database",
    "Entries",
    "FileRegistry",
    "Filters",
    "FineBook",
    "FineStanding",
    "GrantBook",
    "GrantFilters",
    "Lease",
    "Outside",
    "People",
    "Publisher",
    "RecordBook",
    "Scope",
    "Snapshot",
    "Sought",
    "SourceCount",
    "StationBook",
    "Stretches",
    "TaskBook",
    "Told",
    "Trail",
    "Tree",
    "Vault",
]
