"""An audit with entries, its signed heads in the second place, and all that somebody with the whole database can do."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import asyncpg

from services.archive.domain.chain import GENESIS, Entry, Link
from services.archive.store import ChainStore, SecondPlace
from shared.objects import ObjectsAwayError
from shared.proof.notes import TreeHead, read_checkpoint
from shared.proof.tiles import Tile
from tests.integration.archive.house import Archive
from tests.unit.archive.strategies import chained, head_of


async def links_of(archive: Archive) -> list[Link]:
    async with archive.database.transaction() as tx:
        return [link async for page in ChainStore().between(tx, 0, 2**62) for link in page]


def newest(archive: Archive) -> TreeHead:
    """The head in the second place, as somebody reads it who has the public key only."""
    return read_checkpoint((archive.place / "checkpoint").read_text("utf-8"), [archive.signing_key.verification()])


def written(archive: Archive) -> list[str]:
    """What there is in the second place."""
    return sorted(path.relative_to(archive.place).as_posix() for path in archive.place.rglob("*") if path.is_file())


async def fill(archive: Archive, entries: int) -> None:
    await archive.seal(*(archive.access(reason=f"n{n}") for n in range(entries)))


async def write_anew(superuser: asyncpg.Connection, facts: list[Entry]) -> None:
    """All a superuser can do: other entries, sealed as the sealer does, and every table of the proof made to fit."""
    links = chained(facts)
    async with superuser.transaction():
        for table in ("audit_entries", "audit_head", "audit_tiles", "audit_tree", "audit_checkpoints"):
            await superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            if table not in {"audit_head", "audit_tree"}:
                await superuser.execute(f"DELETE FROM {table}")  # noqa: S608 - names from above
        rows = [(*link.entry, link.prev_hash, link.hash) for link in links]
        columns = [*Entry._fields, "prev_hash", "hash"]
        await superuser.copy_records_to_table("audit_entries", records=rows, columns=columns)
        await superuser.execute("UPDATE audit_head SET seq = $1, hash = $2", *head_of(links))
        await superuser.execute("UPDATE audit_tree SET seq = 0, hash = $1", GENESIS.hash)
        for table in ("audit_entries", "audit_head", "audit_tiles", "audit_tree", "audit_checkpoints"):
            await superuser.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")


Forgery = Callable[[list[Entry], int], list[Entry]]

FORGERIES: dict[str, Forgery] = {
    "edit": lambda facts, at: [*facts[:at], facts[at]._replace(actor="nobody"), *facts[at + 1 :]],
    "delete": lambda facts, at: facts[:at] + facts[at + 1 :],
    "insert": lambda facts, at: [*facts[:at], facts[at]._replace(event_id="pushed in"), *facts[at:]],
    "reorder": lambda facts, at: [*facts[:at], *reversed(facts[at : at + 2]), *facts[at + 2 :]],
    "cut": lambda facts, at: facts[:at],
}


class Away(SecondPlace):
    """A second place that can be out of reach for a while."""

    there = False

    async def _get(self, key: str) -> bytes | None:
        self._reach()
        return await super()._get(key)

    async def put_tiles(self, tiles: Iterable[Tile]) -> None:
        self._reach()
        await super().put_tiles(tiles)

    def _reach(self) -> None:
        if not self.there:
            raise ObjectsAwayError("no route")
