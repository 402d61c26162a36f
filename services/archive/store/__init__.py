"""The only callers of archive's SQL; rows become types here."""

from services.archive.store.backups import BackupStore
from services.archive.store.entries import EntryStore
from services.archive.store.files import FileStore, StationStore
from services.archive.store.fines import FineStore
from services.archive.store.grants import GrantStore
from services.archive.store.people import PeopleStore
from services.archive.store.tasks import TaskStore

__all__ = [
    "BackupStore",
    "EntryStore",
    "FileStore",
    "FineStore",
    "GrantStore",
    "PeopleStore",
    "StationStore",
    "TaskStore",
]
