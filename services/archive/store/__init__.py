"""The only callers of archive's SQL; rows become types here."""

from services.archive.store.breaches import BreachStore
from services.archive.store.delegations import DelegationStore
from services.archive.store.entries import EntryStore
from services.archive.store.files import FileStore, StationStore
from services.archive.store.fines import FineStore
from services.archive.store.grants import GrantStore
from services.archive.store.people import PeopleStore
from services.archive.store.records import RecordStore
from services.archive.store.requests import RequestStore
from services.archive.store.tasks import TaskStore
from services.archive.store.vault import ObjectVault, read_master_keys

__all__ = [
    "BreachStore",
    "DelegationStore",
    "EntryStore",
    "FileStore",
    "FineStore",
    "GrantStore",
    "ObjectVault",
    "PeopleStore",
    "RecordStore",
    "RequestStore",
    "StationStore",
    "TaskStore",
    "read_master_keys",
]
