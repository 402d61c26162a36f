"""Small recurring care of the engine's tables: back-pressure from the outbox, and an inbox that forgets in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from shared.engine.gate import Gate
from shared.engine.postgres import Database
from shared.engine.queries import load_queries

QUERIES = load_queries("shared.engine")
log = structlog.get_logger()

LOOK_SECONDS = 2.0
PRUNE_EVERY_SECONDS = 600.0
PRUNE_ROWS = 20_000
# About twenty seconds of full load: more than a relay ever lags while the broker is there.
HIGH_RECORDS = 200_000


class Housekeeping:
    """Runs beside the readers of one service."""

    def __init__(
        self, database: Database, *, gate: Gate, replay_days: Callable[[], int], on_count: Callable[[int], None]
    ) -> None:
        self._database = database
        self._gate = gate
        self._replay_days = replay_days
        self._on_count = on_count

    async def run(self) -> None:
        """Look after the tables until cancelled; a database that is away is somebody else's message."""
        loop = asyncio.get_running_loop()
        pruned_at = float("-inf")
        while True:
            try:
                row = await self._database.fetchrow(QUERIES["count_outbox"])
                self._on_count(row["records"])
                self._gate.update(row["records"], high=HIGH_RECORDS, low=HIGH_RECORDS // 2)
                if loop.time() - pruned_at > PRUNE_EVERY_SECONDS:
                    await self._prune()
                    pruned_at = loop.time()
            except Exception as error:  # noqa: BLE001 - tried again in two seconds
                log.debug("housekeeping_failed", error=repr(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def _prune(self) -> None:
        """Forget ids beyond the replay window; a duplicate that comes later still takes effect a second time.

        The database's clock dates ids and forgets them: not the business date that a local stack may set, nor this
        machine's clock, which would forget everything when it is set a month ahead by mistake.
        """
        pruned = PRUNE_ROWS
        while pruned == PRUNE_ROWS:
            pruned = await self._database.fetchval(QUERIES["prune_inbox"], self._replay_days(), PRUNE_ROWS)
