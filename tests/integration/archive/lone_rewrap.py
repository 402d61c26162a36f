"""A process that wraps keys anew and halts: `python -m tests.integration.archive.lone_rewrap DSN BATCHES FOLDER`.

It says `batch` after each batch that it wrote, and waits for its end in the open transaction of the last of BATCHES.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from services.archive.domain.envelope import WrappedKey
from services.archive.store.destructions import KeySweeper
from services.archive.store.keys import DataKeyStore, KeyRing
from services.archive.usecases.keys import RewrapKeys
from shared.engine.model import Transaction
from shared.engine.postgres import Database
from shared.identity import Principal
from shared.roles import Role
from tests.integration.archive.house import Archive
from tests.integration.archive.master_keys import BOTH


class Halting(DataKeyStore):
    """Writes so many batches, and stands still in the open transaction."""

    def __init__(self, batches: int) -> None:
        self._left = batches

    async def rewrap(self, tx: Transaction, keys: Mapping[str, WrappedKey]) -> None:
        await super().rewrap(tx, keys)
        sys.stdout.write("batch\n")
        sys.stdout.flush()
        self._left -= 1
        if self._left == 0:
            await asyncio.Event().wait()


async def main(dsn: str, batches: int, folder: Path) -> None:
    archive = Archive(dsn, Database(dsn, application="lone-rewrap"), folder / "objects", folder / "outside")
    sweep = KeySweeper(archive.database)
    rewrap = RewrapKeys(archive.desk, Halting(batches), KeyRing(BOTH), at_once=2, sweep=sweep)
    after: str | None = ""
    while after is not None:
        after = (await rewrap(Principal("oscar", Role.OPS), after, "轮换")).after


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
