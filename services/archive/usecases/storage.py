"""Every piece of content is read again and again, and held against what was filed: what is gone or altered is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog

from services.archive.domain.breaches import breach_found
from services.archive.domain.envelope import AlteredError, GoneError, WrappedKey
from services.archive.domain.files import record_file
from services.archive.domain.integrity import breach_of
from services.archive.domain.records import Attachment
from services.archive.ports import BreachBook, Calendar, RecordBook, StorageScan, Vault
from services.archive.usecases.desk import Desk
from shared.contracts.audit import BreachFound
from shared.in_force import InForce
from shared.policy.breaches import Breaches

log = structlog.get_logger()


class ScanStorage:
    """A round through the store, in constant memory and without holding a transaction while content is read.

    A store that is away raises `OSError`, and the round goes on later: nothing is gone because nobody answers.
    """

    def __init__(  # noqa: PLR0913 - what is held against what
        self,
        desk: Desk,
        *,
        records: RecordBook,
        vault: Vault,
        scan: StorageScan,
        breaches: BreachBook,
        rules: InForce[Breaches],
        calendar: Calendar,
        pieces_per_page: int,
    ) -> None:
        self._desk = desk
        self._records = records
        self._vault = vault
        self._scan = scan
        self._breaches = breaches
        self._rules = rules
        self._calendar = calendar
        self._limit = pieces_per_page

    async def __call__(self) -> None:
        """Begin a round when one is due, and finish it."""
        while await self.page():
            pass

    async def page(self) -> bool:
        """Read the next page; False when the round is over, or none is due."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            pause = timedelta(hours=(await self._rules(tx)).storage.every_hours)
            after, begun_at = await self._scan.round(tx)
            if after is None and begun_at is not None and now < begun_at + pause:
                return False
            pieces = await self._scan.pieces(tx, after or "", self._limit)
            keys = await self._records.keys(tx, [piece.attachment_id for piece in pieces])
        damaged = await self._damaged(pieces, keys)
        last = pieces[-1].attachment_id if len(pieces) == self._limit else None
        async with self._desk.database.transaction() as tx:
            # What was destroyed while it was looked for is nobody's breach.
            living = {record_file(name) for name in await self._records.living(tx, {it.record for it in pieces})}
            damaged = {breach: found for breach, found in damaged.items() if found.file in living}
            moved = await self._scan.move(tx, after, last, now, len(pieces), len(damaged))
            if moved is None:
                return False
            new = await self._breaches.claim(tx, damaged.keys())
            await self._desk.publish(tx, [breach_found(damaged[breach]) for breach in sorted(new)])
        if last is None:
            log.info("storage_scanned", pieces=moved[0], damaged=moved[1])
        return last is not None

    async def _damaged(self, pieces: Sequence[Attachment], keys: dict[str, WrappedKey]) -> dict[str, BreachFound]:
        found = {}
        for piece in pieces:
            try:
                if piece.attachment_id not in keys:
                    raise GoneError(piece.attachment_id)
                await self._vault.get(piece, keys[piece.attachment_id])
            except AlteredError as error:
                now = self._desk.clock.now()
                day = self._calendar.date_of(now)
                breach = breach_of(piece, gone=isinstance(error, GoneError), found_at=now, day=day)
                found[breach.breach_id] = breach
        return found
