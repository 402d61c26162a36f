"""Hand out what others verify for themselves: signed heads, proofs, and the entries as they were sealed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import NamedTuple

from services.archive.domain.chain import Link
from services.archive.domain.people import UnlawfulError
from services.archive.domain.tree import Checkpoint
from services.archive.ports import Chain, Entries, Tree
from services.archive.usecases.auditing import AUDIT_FILE
from services.archive.usecases.desk import Desk
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.proof.notes import VerificationKey
from shared.proof.tiles import Wanted, consistency, inclusion
from shared.words import Text


class Inclusion(NamedTuple):
    """An entry with the proof that it is under a signed head."""

    link: Link
    checkpoint: Checkpoint
    path: Sequence[bytes]


class ProveAudit:
    """Signed heads and proofs against them; who asks for entries is in the audit by the transaction that answers."""

    def __init__(self, desk: Desk, entries: Entries, chain: Chain, tree: Tree, key: VerificationKey) -> None:
        self._desk = desk
        self._entries = entries
        self._chain = chain
        self._tree = tree
        self.key = key

    async def checkpoint(self) -> Checkpoint:
        """The newest signed head; UnlawfulError before the first."""
        async with self._desk.database.transaction() as tx:
            return await self._latest(tx)

    async def inclusion(self, by: Principal, seq: int) -> Inclusion:
        """That entry `seq` is under the newest head; UnlawfulError where there is no such entry, or not yet."""
        async with self._desk.database.transaction() as tx:
            latest = await self._latest(tx)
            if not 1 <= seq <= latest.size:
                raise UnlawfulError(
                    "not_vouched_yet",
                    Text(
                        zh=f"第 {seq} 条不在最新树头之下（共 {latest.size} 条）",
                        en=f"entry {seq} is not under the newest head, which is over {latest.size} entries",
                    ),
                )
            async with aclosing(self._chain.between(tx, seq - 1, seq)) as pages:
                links = [link async for page in pages for link in page]
            path = await self._make(tx, inclusion(seq - 1, latest.size))
            if not links:
                raise unprovable(f"entry {seq} is gone", f"第 {seq} 条已不存在")
            await self._desk.trail.append(tx, by, Deed("file.read", "audit.proved", AUDIT_FILE, reason=f"entry={seq}"))
        return Inclusion(links[0], latest, path)

    async def consistency(self, old: int, new: int | None) -> tuple[Sequence[bytes], int]:
        """That the tree of `new` entries (none: the newest signed one's) begins with that of `old`; and `new`."""
        async with self._desk.database.transaction() as tx:
            latest = await self._latest(tx)
            end = latest.size if new is None else new
            if not old <= end <= latest.size:
                raise UnlawfulError(
                    "not_vouched_yet",
                    Text(
                        zh=f"签名的树头只到 {latest.size} 条，无法由 {old} 证到 {end}",
                        en=f"signed heads reach {latest.size} entries: nothing leads from {old} to {end}",
                    ),
                )
            return await self._make(tx, consistency(old, end)), end

    async def begin_export(self, by: Principal) -> tuple[int, Checkpoint | None]:
        """How many entries an export that begins now holds, and the newest head; noted before the first is read."""
        async with self._desk.database.transaction() as tx:
            head = await self._chain.read_head(tx)
            await self._desk.trail.append(
                tx, by, Deed("file.exported", "audit.exported", AUDIT_FILE, reason=f"entries=1-{head.seq}")
            )
            return head.seq, await self._tree.latest(tx)

    async def export(self, upto: int, page: int) -> AsyncGenerator[Sequence[Link]]:
        """The entries up to `upto`, each page in a transaction of its own: nobody waits for who reads slowly."""
        for after in range(0, upto, page):
            async with (
                self._desk.database.transaction() as tx,
                aclosing(self._chain.between(tx, after, min(after + page, upto))) as pages,
            ):
                found = [link async for some in pages for link in some]
            yield found

    async def _latest(self, tx: Transaction) -> Checkpoint:
        latest = await self._tree.latest(tx)
        if latest is None:
            raise UnlawfulError(
                "no_checkpoint", Text(zh="审计树头尚未签名", en="no head of the audit has been signed yet")
            )
        return latest

    async def _make(self, tx: Transaction, wanted: Wanted) -> Sequence[bytes]:
        try:
            return wanted.made_from(await self._tree.tiles(tx, wanted.tiles))
        except ValueError as error:
            raise unprovable(str(error), "树的存储不完整") from None


def unprovable(en: str, zh: str) -> UnlawfulError:
    """The tables no longer hold what a proof needs: somebody was at them."""
    what = Text(zh=f"{zh}，请运行 tierline audit verify", en=f"{en}: run tierline audit verify")
    return UnlawfulError("unprovable", what)
