"""The only callers of archive's SQL; rows become types here."""

from services.archive.store.backups import BackupStore
from services.archive.store.breaches import BreachStore
from services.archive.store.delegations import DelegationStore
from services.archive.store.entries import EntryStore
from services.archive.store.files import FileStore, StationStore
from services.archive.store.fines import FineStore
from services.archive.store.grants import GrantStore
from services.archive.store.outside import SecondPlace
from services.archive.store.people import PeopleStore
from services.archive.store.records import RecordStore
from services.archive.store.reminders import ReminderStore
from services.archive.store.requests import RequestStore
from services.archive.store.statements import LedgerStore
from services.archive.store.storage import StorageScanStore
from services.archive.store.stretches import StretchReader
from services.archive.store.tasks import TaskStore
from services.archive.store.tree import ChainStore, TreeStore
from services.archive.store.vault import ObjectVault, read_master_keys
from services.archive.store.wages import WageStore

__all__ = [
    "BackupStore",
    "BreachStore",
    "ChainStore",
    "DelegationStore",
    "EntryStore",
    "FileStore",
    "FineStore",
    "GrantStore",
    "LedgerStore",
    "ObjectVault",
    "PeopleStore",
    "RecordStore",
    "ReminderStore",
    "RequestStore",
    "SecondPlace",
    "StationStore",
    "StorageScanStore",
    "StretchReader",
    "TaskStore",
    "TreeStore",
    "WageStore",
    "read_master_keys",
]
