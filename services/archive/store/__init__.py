"""The only callers of archive's SQL; rows become types here."""

from services.archive.store.entries import EntryStore
from services.archive.store.files import FileStore, StationStore
from services.archive.store.fines import FineStore
from services.archive.store.grants import GrantStore
from services.archive.store.outside import SecondPlace
from services.archive.store.people import PeopleStore
from services.archive.store.stretches import StretchReader
from services.archive.store.tree import ChainStore, TreeStore

__all__ = [
    "ChainStore",
    "EntryStore",
    "FileStore",
    "FineStore",
    "GrantStore",
    "PeopleStore",
    "SecondPlace",
    "StationStore",
    "StretchReader",
    "TreeStore",
]
