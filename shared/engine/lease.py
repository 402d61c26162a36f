"""One writer among several processes: a row in PostgreSQL with a fencing token that every commit checks."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import structlog

from shared.engine.model import Transaction
from shared.engine.postgres import Database
from shared.engine.queries import load_queries

log = structlog.get_logger()

QUERIES = load_queries("shared.engine")


class LeaseLostError(Exception):
    """Another process holds the lease now; nothing of this transaction may be committed."""


class Lease:
    """A named lease of `seconds`, to be renewed well before it ends.

    A stand-by takes over within `seconds` of the holder's last renewal. Time is the database's alone, so clocks that
    jump on the machines do no harm; a holder that slept through its lease is stopped by `check`, not by its own clock.
    """

    def __init__(self, database: Database, name: str, *, seconds: float = 6.0) -> None:
        self.name = name
        self.seconds = seconds
        self._database = database
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._token: int | None = None

    @property
    def held(self) -> bool:
        """Whether the last attempt found this process the holder; only `check` proves that it still is."""
        return self._token is not None

    async def acquire(self) -> bool:
        """Take or renew the lease; False when another process holds it."""
        ours = (self.name, self._holder, self.seconds)
        token = await self._database.fetchval(QUERIES["renew_lease"], *ours)
        if token is None:
            await self._database.execute(QUERIES["ensure_lease"], self.name)
            token = await self._database.fetchval(QUERIES["take_lease"], *ours)
            if token is None:
                # Two readers of one process begin at once: the other one has taken it for both.
                token = await self._database.fetchval(QUERIES["renew_lease"], *ours)
        self._token = token
        return token is not None

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renew the lease while the work inside goes on, however long that takes; it does not ask for it again.

        So a lease may be short, and a killed holder's stand-by soon at work, although some turns are long.
        """
        keeping = asyncio.create_task(self._keep(), name=f"lease:{self.name}")
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])

    async def _keep(self) -> None:
        while self.held:
            await asyncio.sleep(self.seconds / 3)
            try:
                ours = (self.name, self._holder, self.seconds)
                self._token = await self._database.fetchval(QUERIES["renew_lease"], *ours)
            except Exception as error:  # noqa: BLE001 - whether it is ours still, `check` tells
                log.warning("lease_not_renewed", name=self.name, error=repr(error))

    def forget(self) -> None:
        """Stop believing in the lease; the next `acquire` asks again."""
        self._token = None

    async def check(self, tx: Transaction) -> None:
        """Raise `LeaseLostError` unless this process holds the lease until `tx` ends."""
        ours = (self.name, self._token, self._holder)
        if self._token is None or await tx.fetchval(QUERIES["check_lease"], *ours) is None:
            raise LeaseLostError(self.name)

    async def release(self) -> None:
        """Let a stand-by take over at once."""
        if self._token is not None:
            token, self._token = self._token, None
            await self._database.execute(QUERIES["drop_lease"], self.name, token, self._holder)
