"""Vouch for the audit: extend its tree, sign its head, and carry both to where this database has no say."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.archive.domain.alarms import ALARMS, AWAY, BROKEN, FORKED
from services.archive.domain.outgoing import checkpoint_signed
from services.archive.domain.tree import Checkpoint, Walk
from services.archive.ports import Alarms, Chain, Clock, Database, Lease, Outside, Publisher, Tree
from services.archive.usecases.alerting import AskAboutAlarms
from shared.engine.model import Transaction
from shared.policy.audit import AuditRules
from shared.proof.merkle import EMPTY_ROOT, HASH_BYTES
from shared.proof.notes import NoteError, SigningKey, TreeHead, VerificationKey, read_checkpoint
from shared.proof.tiles import Edge, Tile, TileId, edge_tiles, root, tiles_between, width_of

# Entries of one transaction: a tenth of a second, after which others have their turn.
BATCH = 10_000
# Tiles read from the tables at once on their way outside: two megabytes.
TILES = 256


class NotVouchedForError(Exception):
    """What would have to be signed contradicts what was signed, or sealed, before."""


@dataclass(frozen=True, slots=True)
class Means:
    """What vouching needs of the world."""

    database: Database
    chain: Chain
    tree: Tree
    outside: Outside
    publisher: Publisher
    clock: Clock
    key: SigningKey
    believed: Sequence[VerificationKey]
    """Whose heads are this audit's: the key's own, and those of the keys before it."""


class Vouch:
    """The timer behind checkpoints; of several processes one does it.

    A head is signed only if the tree grew out of every head signed before, the newest one outside included: who turns
    the whole database back, or writes it anew, gets no signature, and an alarm stands until somebody has looked.
    """

    def __init__(
        self, means: Means, lease: Lease, alarms: Alarms, ask: AskAboutAlarms, rules: Callable[[], AuditRules]
    ) -> None:
        self._means = means
        self._lease = lease
        self._alarms = alarms
        self._ask = ask
        self._rules = rules
        self._signed_at = float("-inf")
        # The newest head that this process has seen outside, or signed.
        self._known: TreeHead | None = None
        self._outside_has: int | None = None

    async def __call__(self) -> None:
        """Look whether a checkpoint is due, make it, bring outside what is not there yet, and ask for help."""
        if not await self._lease.acquire():
            # Whoever holds it knows how things are by now.
            for alarm in ALARMS:
                self._alarms.silence(alarm)
            return
        # Over millions of entries, or a slow second place, a turn takes minutes.
        async with self._lease.kept():
            await self._look()
        await self._ask(frozenset(self._alarms.standing()).intersection(ALARMS))

    async def _look(self) -> None:
        try:
            async with self._means.database.transaction() as tx:
                head, latest = await self._means.chain.read_head(tx), await self._means.tree.latest(tx)
            size = 0 if latest is None else latest.size
            if self._is_due(head.seq - size):
                await self.extend(head.seq)
                if (known := await self._look_outside()) is None:
                    return
                latest = await self.sign(known)
                self._signed_at = time.monotonic()
            if latest is not None and latest.size != self._outside_has:
                await self._publish(latest)
        except NotVouchedForError as error:
            alarm, *about = error.args
            self._alarms.sound(alarm, about=" ".join(map(str, about)))
        else:
            self._alarms.silence(BROKEN)
            self._alarms.silence(FORKED)

    def _is_due(self, unsigned: int) -> bool:
        rules = self._rules()
        waited = time.monotonic() - self._signed_at
        # Fewer than none: the chain is shorter than what was signed, which shows when it is looked at.
        return unsigned < 0 or (
            unsigned > 0 and (unsigned >= rules.checkpoint_entries or waited >= rules.checkpoint_seconds)
        )

    async def _look_outside(self) -> TreeHead | None:
        """The head from which the tree must have grown; None when nobody can tell, and so nothing may be signed."""
        try:
            note = await self._means.outside.checkpoint()
        except OSError as error:
            self._alarms.sound(AWAY, about=repr(error))
            return self._known
        there = TreeHead(self._means.key.name, 0, EMPTY_ROOT) if note is None else self._read(note)
        if self._known is None or self._known.size < there.size:
            self._known = there
        return there

    async def extend(self, upto: int) -> None:
        """Bring the tree to entry `upto`, looking at each link on the way."""
        reached = -1
        while reached < upto:
            async with self._means.database.transaction() as tx:
                reached = await self._extend_once(tx, upto)

    async def _extend_once(self, tx: Transaction, upto: int) -> int:
        await self._lease.check(tx)
        end = await self._means.tree.lock(tx)
        if end.seq > upto:
            raise NotVouchedForError(BROKEN, f"entry {upto + 1} is missing")
        edge = Edge.of(end.seq, await self._means.tree.tiles(tx, edge_tiles(end.seq)))
        walk, grown = Walk(end), dict[TileId, Tile]()
        async for page in self._means.chain.rows(tx, end.seq, min(upto, end.seq + BATCH)):
            grown |= {tile.id: tile for tile in edge.extend(walk.leaves(page))}
        if walk.broken or walk.head.seq < min(upto, end.seq + BATCH):
            raise NotVouchedForError(BROKEN, f"entry {walk.head.seq + 1} does not follow from the one before")
        if grown:
            await self._means.tree.grow(tx, grown.values(), walk.head)
        return walk.head.seq

    async def sign(self, outside: TreeHead) -> Checkpoint | None:
        """Sign the tree's head, unless it is signed; NotVouchedForError when it did not grow out of those before it."""
        async with self._means.database.transaction() as tx:
            await self._lease.check(tx)
            end, latest = await self._means.tree.lock(tx), await self._means.tree.latest(tx)
            here = None if latest is None else self._read(latest.note)
            for old in dict.fromkeys((here, outside, self._known)):
                if old is not None:
                    await self._must_have_grown(tx, end.seq, old)
            if end.seq == 0 or (latest is not None and latest.size == end.seq):
                return latest
            made = await self._root_at(tx, end.seq)
            key = self._means.key
            head = TreeHead(key.name, end.seq, made)
            signed = Checkpoint(end.seq, made, head.signed_by(key), self._means.clock.now())
            await self._means.tree.add_checkpoint(tx, signed)
            await self._means.publisher.append(tx, [checkpoint_signed(key.name, signed)], now=signed.signed_at)
        self._known = head
        return signed

    async def _publish(self, latest: Checkpoint) -> None:
        try:
            await self.publish(latest)
        except OSError as error:
            self._alarms.sound(AWAY, about=repr(error))
        else:
            self._outside_has = latest.size
            self._alarms.silence(AWAY)

    async def publish(self, latest: Checkpoint) -> None:
        """Write tiles and head outside; NotVouchedForError when the head there is not one that this tree grew from."""
        outside = self._means.outside
        note = await outside.checkpoint()
        there = TreeHead(self._means.key.name, 0, EMPTY_ROOT) if note is None else self._read(note)
        async with self._means.database.transaction() as tx:
            await self._must_have_grown(tx, latest.size, there)
        wanted = list(tiles_between(there.size, latest.size))
        for first in range(0, len(wanted), TILES):
            async with self._means.database.transaction() as tx:
                found = await self._means.tree.tiles(tx, wanted[first : first + TILES])
            # The tables may be ahead of what was signed.
            cut = {tile: hashes[: width_of(tile, latest.size) * HASH_BYTES] for tile, hashes in found.items()}
            await outside.put_tiles(Tile(tile, hashes) for tile, hashes in sorted(cut.items()))
        if there.size < latest.size:
            async with self._means.database.transaction() as tx:
                # Who slept until another took over would lay an older head over a newer one.
                await self._lease.check(tx)
            await outside.put_checkpoint(latest.size, latest.note)
        for tile in edge_tiles(there.size):
            if width_of(tile, latest.size) > width_of(tile, there.size) and tile not in edge_tiles(latest.size):
                await outside.drop_unfinished(tile)

    def _read(self, note: str) -> TreeHead:
        try:
            return read_checkpoint(note, self._means.believed)
        except NoteError as error:
            raise NotVouchedForError(FORKED, error) from None

    async def _must_have_grown(self, tx: Transaction, size: int, old: TreeHead) -> None:
        if old.size > size:
            raise NotVouchedForError(FORKED, f"{old.size} entries were signed, and {size} are there")
        if old.size and await self._root_at(tx, old.size) != old.root:
            raise NotVouchedForError(FORKED, f"the first {old.size} entries are not those that were signed")

    async def _root_at(self, tx: Transaction, size: int) -> bytes:
        wanted = root(size)
        try:
            return wanted.made_from(await self._means.tree.tiles(tx, wanted.tiles))[0]
        except ValueError as error:
            raise NotVouchedForError(FORKED, error) from None
