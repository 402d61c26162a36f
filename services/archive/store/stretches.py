"""The chain recomputed by several processes: hashing is all work and no waiting, and would stop a service's loop."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from services.archive.domain.chain import Head
from services.archive.domain.tree import STRETCH, Recomputed, Stretch
from services.archive.ports import Snapshot
from services.archive.store.queries import SQL
from services.archive.store.tree import PAGE, ChainStore
from shared.engine.model import Transaction

# A shorter chain is done before another process has started.
WORTH_PROCESSES = 4
MOST_PROCESSES = 4
HELPER = "services.archive.store.helper"


class StretchReader:
    """Recomputes in processes of its own, all of which see what the asking transaction sees."""

    def __init__(self, dsn: str, processes: int | None = None, *, worth: int = WORTH_PROCESSES) -> None:
        self._dsn = dsn
        self._worth = worth
        self._processes = processes or min(MOST_PROCESSES, os.cpu_count() or 1)

    async def __call__(self, tx: Snapshot, upto: int) -> AsyncGenerator[Stretch]:
        """The chain's stretches up to entry `upto`, in their order."""
        borders = list(bounds(upto))
        if len(borders) < self._worth:
            for after, last in borders:
                yield await recompute(tx, after, last)
            return
        snapshot = await tx.fetchval(SQL["export_snapshot"])
        async with helpers(self._processes, self._dsn, snapshot) as idle:
            coming: deque[asyncio.Task[Stretch]] = deque()
            try:
                for after, last in borders:
                    coming.append(asyncio.create_task(handed_out(idle, after, last)))
                    if len(coming) > self._processes:
                        yield await coming.popleft()
                while coming:
                    yield await coming.popleft()
            finally:
                for task in coming:
                    task.cancel()
                await asyncio.gather(*coming, return_exceptions=True)


def bounds(upto: int) -> Iterator[tuple[int, int]]:
    """Where each stretch begins and ends."""
    return ((after, min(after + STRETCH, upto)) for after in range(0, upto, STRETCH))


async def recompute(tx: Transaction, after: int, last: int, page: int = PAGE) -> Stretch:
    """Recompute the entries behind `after` up to `last`."""
    made = Recomputed(after, last)
    async for rows in ChainStore(page).rows(tx, after, last):
        made.read(rows)
    return made.close()


Helper = asyncio.subprocess.Process


@asynccontextmanager
async def helpers(count: int, dsn: str, snapshot: str) -> AsyncIterator[asyncio.Queue[Helper]]:
    """Processes that recompute what they are handed; gone afterwards, whatever they were at."""
    idle: asyncio.Queue[Helper] = asyncio.Queue()
    started: list[Helper] = []
    try:
        for _ in range(count):
            helper = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                HELPER,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            started.append(helper)
            # Not as an argument: those are for everybody to see.
            tell(helper, {"dsn": dsn, "snapshot": snapshot})
            idle.put_nowait(helper)
        yield idle
    finally:
        for helper in started:
            if helper.returncode is None:
                helper.kill()
            await helper.wait()


async def handed_out(idle: asyncio.Queue[Helper], after: int, last: int) -> Stretch:
    """A stretch as one of the processes recomputed it; OSError when that ended instead."""
    helper = await idle.get()
    tell(helper, {"after": after, "last": last})
    if helper.stdout is None or not (line := await helper.stdout.readline()):
        raise OSError(f"a process that recomputes the audit ended with {await helper.wait()}")
    idle.put_nowait(helper)
    return from_json(json.loads(line))


def tell(helper: Helper, what: dict[str, Any]) -> None:
    if helper.stdin is not None:
        helper.stdin.write(json.dumps(what).encode() + b"\n")


def to_json(stretch: Stretch) -> dict[str, Any]:
    return {
        "after": stretch.after,
        "upon": stretch.upon.hex(),
        "seq": stretch.head.seq,
        "hash": stretch.head.hash.hex(),
        "blocks": stretch.blocks.hex(),
        "rest": stretch.rest.hex(),
        "whole": stretch.whole,
    }


def from_json(said: dict[str, Any]) -> Stretch:
    upon, sealed, blocks, rest = (bytes.fromhex(said[name]) for name in ("upon", "hash", "blocks", "rest"))
    return Stretch(said["after"], upon, Head(said["seq"], sealed), blocks, rest, said["whole"])
