"""Prove the audit: recompute it from its table, and hold it against what was signed and carried outside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import structlog

from services.archive.domain.chain import GENESIS, Fault, FaultKind, Head, Link, Verdict, Verifier, canonical
from services.archive.domain.tree import STRETCH, Stretch, first_difference
from services.archive.ports import Chain, Database, Entries, Outside, Snapshot, Stretches, Tree
from shared.proof.merkle import HASH_BYTES, leaf_hash
from shared.proof.notes import NoteError, TreeHead, VerificationKey, read_checkpoint
from shared.proof.tiles import WIDTH, Edge, TileId, hashes_in, width_of

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Witness:
    """The newest signed head that can be had, and the hashes under it; `outside` where this database has no say."""

    head: TreeHead
    tile: Callable[[TileId, int], Awaitable[bytes | None]]
    outside: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """What the audit is recomputed from and held against."""

    entries: Entries
    chain: Chain
    tree: Tree
    outside: Outside
    stretches: Stretches
    believed: Sequence[VerificationKey]


@dataclass(slots=True)
class Progress:
    """How far the recomputing has come: the last sound entry, the tree up to there, and who is suspected meanwhile."""

    head: Head = GENESIS
    edge: Edge = field(default_factory=Edge)
    suspect: Fault | None = None
    vouched: bool = False


class VerifyAudit:
    """Recomputes the whole chain and its tree, in constant memory; two at once would only take turns.

    It goes through in stretches that other processes recompute. Where one does not hold, the careful verifier looks at
    it link by link. A chain that holds, made anew as a whole, is betrayed by the tree: its hashes outside name the
    first entry that is another now.
    """

    def __init__(self, database: Database, sources: Sources) -> None:
        self._database = database
        self._sources = sources
        self._turn = asyncio.Lock()

    async def __call__(self, noted: Head | None = None) -> Verdict:
        """The first bad entry or none; `noted` is a head of the chain that somebody wrote down outside."""
        async with self._turn:
            # Before the snapshot: of a head that was signed meanwhile the snapshot has no entries yet.
            outside = await self._look_outside()
            async with self._database.transaction() as tx:
                remembered = await self._sources.entries.begin_snapshot(tx)
                return await _Verification(self._sources, tx, remembered, noted, outside).run()

    async def _look_outside(self) -> Witness | None:
        """The newest head outside; None where none is to be had that could be believed."""
        outside = self._sources.outside
        try:
            note = await outside.checkpoint()
            if note is not None:
                return Witness(read_checkpoint(note, self._sources.believed), outside.tile, outside=True)
        except OSError as error:
            log.warning("second_place_away", error=repr(error))
        except NoteError as error:
            log.warning("checkpoint_outside_not_believed", error=str(error))
        return None


class _Verification:
    def __init__(
        self, sources: Sources, tx: Snapshot, remembered: Head, noted: Head | None, outside: Witness | None
    ) -> None:
        self._sources = sources
        self._tx = tx
        self._remembered = remembered
        self._noted = noted
        self._outside = outside

    async def run(self) -> Verdict:
        witness = self._outside or await self._find_witness()
        progress = Progress()
        async with aclosing(self._sources.stretches(self._tx, self._remembered.seq)) as stretches:
            async for stretch in stretches:
                if not stretch.whole or stretch.upon != progress.head.hash:
                    break
                if witness is not None:
                    await self._hold_against(witness, progress, stretch)
                progress.edge.extend_by_blocks(hashes_in(stretch.blocks))
                progress.head = stretch.head
        fault = await self._judge_chain(progress)
        if witness is not None:
            fault = _earlier(fault, await self._judge_tree(witness, progress, fault))
        vouched = witness.head.size if fault is None and witness is not None else 0
        head = progress.head if fault is None else await self._last_before(fault.seq, progress.head)
        return Verdict(head.seq, head, fault, vouched, vouched > 0 and witness is not None and witness.outside)

    async def _find_witness(self) -> Witness | None:
        """The newest head here, for while the one outside cannot be had."""
        latest = await self._sources.tree.latest(self._tx)
        if latest is None:
            return None
        try:
            return Witness(read_checkpoint(latest.note, self._sources.believed), self._tile_here, outside=False)
        except NoteError as error:
            log.warning("checkpoint_here_not_believed", error=str(error))
            return None

    async def _tile_here(self, tile: TileId, width: int) -> bytes | None:
        found = (await self._sources.tree.tiles(self._tx, [tile])).get(tile)
        return None if found is None or len(found) < width * HASH_BYTES else found

    async def _hold_against(self, witness: Witness, progress: Progress, stretch: Stretch) -> None:
        """Compare the roots over 256 entries each, then the entries of the first block that differs."""
        size = witness.head.size
        upto = min(stretch.head.seq, size)
        if upto <= stretch.after:
            return
        blocks = stretch.blocks[: (upto - stretch.after) // WIDTH * HASH_BYTES]
        if progress.suspect is None and blocks:
            tile = TileId(1, stretch.after // STRETCH)
            theirs = await witness.tile(tile, width_of(tile, size))
            differs = None if theirs is None else first_difference(blocks, theirs)
            if differs is not None:
                progress.suspect = await self._search(witness, stretch.after + differs * WIDTH)
        last = upto - upto % WIDTH
        if progress.suspect is None and upto > last:
            progress.suspect = await self._search(witness, last)
        if upto == size:
            edge = progress.edge.copy()
            edge.extend_by_blocks(hashes_in(blocks))
            edge.extend([leaf_hash(canonical(link.entry)) for link in await self._block(last, upto)])
            progress.vouched = edge.root() == witness.head.root

    async def _search(self, witness: Witness, after: int) -> Fault | None:
        """The first of the 256 entries behind `after` that is not the one whose hash is outside."""
        tile = TileId(0, after // WIDTH)
        width = width_of(tile, witness.head.size)
        theirs = await witness.tile(tile, width)
        if theirs is None:
            return None
        ours = {link.entry.seq: leaf_hash(canonical(link.entry)) for link in await self._block(after, after + width)}
        for seq, leaf in enumerate(hashes_in(theirs)[:width], start=after + 1):
            if ours.get(seq) != leaf:
                return Fault(seq, FaultKind.REPLACED if seq in ours else FaultKind.MISSING)
        return None

    async def _block(self, after: int, upto: int) -> Sequence[Link]:
        return [link async for page in self._sources.chain.between(self._tx, after, upto) for link in page]

    async def _judge_chain(self, progress: Progress) -> Fault | None:
        head = progress.head
        stray = await self._sources.chain.find_stray(self._tx, self._remembered.seq)
        if stray is not None and stray < 1:
            return Fault(stray, FaultKind.INSERTED)
        if head == self._remembered and stray is None:
            return await self._compare_with_noted(head)
        known = await self._sources.chain.find_hashes(self._tx, head.seq)
        verifier = Verifier(self._remembered, self._noted, head, before=b"" if known is None else known[0])
        async with aclosing(self._sources.chain.between(self._tx, head.seq, 2**63 - 1)) as pages:
            async for page in pages:
                verifier.read(page)
                if verifier.fault is not None:
                    break
        return _earlier(await self._compare_with_noted(head), verifier.close().fault)

    async def _compare_with_noted(self, head: Head) -> Fault | None:
        noted = self._noted
        if noted is None or noted == GENESIS:
            return None
        if noted.seq > head.seq:
            return Fault(head.seq + 1, FaultKind.MISSING) if head == self._remembered else None
        found = await self._sources.chain.find_hashes(self._tx, noted.seq)
        return None if found is not None and found[1] == noted.hash else Fault(noted.seq, FaultKind.REPLACED)

    async def _judge_tree(self, witness: Witness, progress: Progress, fault: Fault | None) -> Fault | None:
        if progress.vouched:
            if progress.suspect is not None:
                log.warning("tiles_outside_not_believed", seq=progress.suspect.seq)
            return None
        if progress.suspect is not None:
            return progress.suspect
        size, reached = witness.head.size, progress.head.seq
        if fault is None:
            kind = FaultKind.MISSING if reached < size else FaultKind.UNVOUCHED
            return Fault(reached + 1 if reached < size else size, kind)
        for after in range(reached - reached % WIDTH, min(fault.seq, size), WIDTH):
            if (found := await self._search(witness, after)) is not None:
                return found
        return None

    async def _last_before(self, seq: int, reached: Head) -> Head:
        if seq > reached.seq:
            last = max(reached.seq, min(seq - 1, self._remembered.seq))
            return await self._head_at(last)
        return await self._head_at(max(0, seq - 1))

    async def _head_at(self, seq: int) -> Head:
        found = await self._sources.chain.find_hashes(self._tx, seq)
        return GENESIS if found is None else Head(seq, found[1])


def _earlier(one: Fault | None, other: Fault | None) -> Fault | None:
    """The fault that comes first; of two at one place the first, which knows more of how it was done."""
    if one is None or other is None:
        return one or other
    return other if other.seq < one.seq else one
