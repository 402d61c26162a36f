"""What archive's use cases need of the world; `store` and the engine provide it."""

from services.archive.ports.backups import BackupBook, BackupMeasures
from services.archive.ports.breaches import BreachBook, Calendar
from services.archive.ports.desk import Clock, Database, Publisher, Snapshot, Trail
from services.archive.ports.entries import Entries, Filters, SourceCount
from services.archive.ports.files import FileRegistry, StationBook, Told
from services.archive.ports.fines import FineBook, WageBook
from services.archive.ports.grants import GrantBook, GrantFilters
from services.archive.ports.people import People
from services.archive.ports.proofs import Alarms, Chain, Lease, Outside, Stretches, Tree
from services.archive.ports.records import RecordBook, Scope, Sought, Vault
from services.archive.ports.reminders import ReminderBook
from services.archive.ports.statements import Ledger, MonthBook
from services.archive.ports.storage import Round, StorageScan
from services.archive.ports.tasks import TaskBook

__all__ = [
    "Alarms",
    "BackupBook",
    "BackupMeasures",
    "BreachBook",
    "Calendar",
    "Chain",
    "Clock",
    "Database",
    "Entries",
    "FileRegistry",
    "Filters",
    "FineBook",
    "GrantBook",
    "GrantFilters",
    "Lease",
    "Ledger",
    "MonthBook",
    "Outside",
    "People",
    "Publisher",
    "RecordBook",
    "ReminderBook",
    "Round",
    "Scope",
    "Snapshot",
    "Sought",
    "SourceCount",
    "StationBook",
    "StorageScan",
    "Stretches",
    "TaskBook",
    "Told",
    "Trail",
    "Tree",
    "Vault",
    "WageBook",
]
