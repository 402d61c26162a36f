"""Every access, level and new version of a file becomes an entry of the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.archive.domain.chain import GENESIS, Head, Link, seal
from services.archive.domain.entries import ENTRIES, FileAmended
from services.archive.domain.files import customer_file
from services.archive.ports import Entries, FileRegistry, Told
from services.archive.usecases.pricing import Bill, PriceBreaches
from services.archive.usecases.watching import Watch, Watched
from shared.contracts.audit import Access, BreachFound
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction

# What is remembered of a file takes some 300 bytes; a forgotten one costs a needless statement, not a wrong one.
REMEMBERED_FILES = 200_000


@dataclass(slots=True)
class Sealing:
    """A batch on its way into the chain: what is sealed so far, the end of it, and what it costs whom."""

    head: Head
    bill: Bill
    watched: Watched
    links: list[Link] = field(default_factory=list)
    told: dict[str, Told] = field(default_factory=dict)
    news: dict[str, Told] = field(default_factory=dict)
    """Of the customers' files that the batch tells of: the newest word on each, and those that are written."""


class SealAudit(BatchHandler):
    """Every access, level and new version of a file becomes the next entry; a breach in it a proposal (N1-N8)."""

    def __init__(self, entries: Entries, files: FileRegistry, pricing: PriceBreaches, watch: Watch) -> None:
        self._entries = entries
        self._files = files
        self._pricing = pricing
        self._watch = watch
        self._remembered: dict[str, Told] = {}

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Sealing:
        """Take the end of the chain and hold it: one sealer at a time."""
        head = await self._entries.lock_head(tx) if events else GENESIS
        return Sealing(head, await self._pricing.load(tx, events), await self._watch.load(tx, events))

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
                if access.needs_grant and not self._watch.is_history(work.watched, access.at, now):
                    work.bill.access(access, link.entry)
                return self._watch.see(work.watched, event, now)
            case BreachFound() as found if self._watch.seal(work.watched, found, work.head.seq):
                work.bill.breach(link.entry, now)
        return ()

    def _note(self, work: Sealing, amended: FileAmended) -> None:
        """Whose a file is changes seldom: what is known already is not written again (A1).

        Only the version just before proves it known, since another process may have sealed what came between.
        """
        name, version = customer_file(amended.customer_id), amended.version
        before = work.told.get(name) or self._remembered.get(name)
        # Compared as a bare tuple: one that has a type costs more than all the rest, thousands of times a second.
        if before is not None and before.file == (name, amended.file_tier, amended.department, amended.rep):
            told = Told(before.file, version)
            known = before.version + 1 == version and name not in work.news
        else:
            told, known = Told(amended.keeping(), version), False
        work.told[name] = told
        if not known:
            work.news[name] = told

    async def save(self, tx: Transaction, work: Sealing) -> None:
        if work.links:
            await self._entries.append(tx, work.links, work.head)
            await self._pricing.save(tx, work.bill)
            await self._watch.save(tx, work.watched)
            await self._files.keep(tx, work.news, work.links[-1].entry.recorded_at)

    def committed(self, work: Sealing) -> None:
        if len(self._remembered) > REMEMBERED_FILES:
            self._remembered.clear()
        self._remembered.update(work.told)
        self._watch.committed(work.watched)
