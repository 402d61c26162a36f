"""Where backups are kept, whoever keeps them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from deploy.backup.envelope import Sink, Source

SUFFIX = ".tierline.age"


class Kept(NamedTuple):
    """A backup that is there: its file's name, bytes, and when it was written (aware UTC)."""

    name: str
    size: int
    written_at: datetime


class Place(Protocol):
    """Keeps backups by name; `str` of it is for people. Every method raises Failure where that does not work."""

    def writing(self, name: str) -> AbstractContextManager[Sink]:
        """What is written is there under `name` after leaving, whole; on an exception nothing is."""
        ...

    def reading(self, name: str) -> AbstractContextManager[Source]: ...

    def kept(self) -> list[Kept]:
        """All that are whole, in no order."""
        ...

    def remove(self, name: str) -> None:
        """It is not there afterwards, whether or not it was before."""
        ...
