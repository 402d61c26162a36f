"""Every access, level and new version of a file becomes an entry of the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.archive.domain.chain import GENESIS, Head, Link, seal
from services.archive.domain.entries import ENTRIES, FileAmended
from services.archive.domain.fines import Catalogue, Fine, Gap
from services.archive.domain.outgoing import fine_proposed
from services.archive.ports import (
    Entries,
    FileRegistry,
    FineBook,
    Told,
)
from services.archive.usecases.watching import Watch, Watched
from shared.contracts.audit import Access, BreachFound
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction
from shared.in_force import InForce

# What is remembered of a file takes some 300 bytes; a forgotten one costs a needless statement, not a wrong one.
REMEMBERED_FILES = 200_000


@dataclass(slots=True)
class Sealing:
    """A batch on its way into the chain: what is sealed so far, and the end of it."""

    head: Head
    catalogue: Catalogue
    watched: Watched
    links: list[Link] = field(default_factory=list)
    fines: list[Fine] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    told: dict[str, Told] = field(default_factory=dict)
    news: dict[str, Told] = field(default_factory=dict)
    """Of the customers' files that the batch tells of: the newest word on each, and those that are written."""


class SealAudit(BatchHandler):
    """Every access, level and new version of a file becomes the next entry; a breach in it a proposal (N1-N8)."""

    def __init__(
        self, entries: Entries, fines: FineBook, files: FileRegistry, catalogue: InForce[Catalogue], watch: Watch
    ) -> None:
        self._entries = entries
        self._fines = fines
        self._files = files
        self._catalogue = catalogue
        self._watch = watch
        self._remembered: dict[str, Told] = {}

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Sealing:
        """Take the end of the chain and hold it: one sealer at a time."""
        catalogue = await self._catalogue(tx)
        head = await self._entries.lock_head(tx) if events else GENESIS
        return Sealing(head, catalogue, await self._watch.load(tx, events))

    def decide(self, work: Sealing, event: Event, now: datetime) -> Sequence[Outgoing]:
        make = ENTRIES.get(event.type)
        if make is None or work.watched.knows(event):
            return ()
        link = seal(work.head.hash, make(event, work.head.seq + 1, now))
        work.links.append(link)
        work.head = Head(link.entry.seq, link.hash)
        match event.data:
            case FileAmended() as amended:
                self._note(work, amended)
            case Access() as access:
                return self._propose(work, work.catalogue.for_access(access, event.type, work.head.seq, now))
            case BreachFound() as found if self._watch.seal(work.watched, found, work.head.seq):
                return self._propose(work, work.catalogue.for_breach(found, work.head.seq, now))
        return ()

    def _note(self, work: Sealing, amended: FileAmended) -> None:
        """Whose a file is changes seldom: what is known already is not written again (A1).

        Only the version just before proves it known, since another process may have sealed what came between.
        """
        told = Told(amended.keeping(), amended.version)
        name = told.file.file
        before = work.told.get(name) or self._remembered.get(name)
        work.told[name] = told
        if before is None or before.version + 1 != told.version or before.file != told.file or name in work.news:
            work.news[name] = told

    def _propose(self, work: Sealing, proposal: Fine | Gap | None) -> Sequence[Outgoing]:
        match proposal:
            case Fine() as fine:
                work.fines.append(fine)
                return fine_proposed(fine)
            case Gap() as gap:
                work.gaps.append(gap)
        return ()

    async def save(self, tx: Transaction, work: Sealing) -> None:
        if work.links:
            await self._entries.append(tx, work.links, work.head)
            await self._fines.add_proposed(tx, work.fines, work.gaps)
            await self._watch.save(tx, work.watched)
            await self._files.keep(tx, work.news, work.links[-1].entry.recorded_at)

    def committed(self, work: Sealing) -> None:
        if len(self._remembered) > REMEMBERED_FILES:
            self._remembered.clear()
        self._remembered.update(work.told)
