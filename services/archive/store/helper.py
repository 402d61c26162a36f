"""`python -m services.archive.store.helper`: a process that recomputes stretches of the chain for another."""

from __future__ import annotations

import asyncio
import json
import os
import sys

import asyncpg

from services.archive.store.stretches import recompute, to_json
from shared.engine.postgres import SESSION, PostgresTransaction

# Less urgent than what seals.
NICENESS = 5
# Nobody else waits for this loop.
PAGE = 4000


async def help_out() -> None:
    """What such a process does: take stretches from standard input until that ends."""
    os.nice(NICENESS)
    told = json.loads(sys.stdin.readline())
    connection = await asyncpg.connect(
        told["dsn"],
        timeout=10,
        server_settings=SESSION
        | {
            "application_name": "tierline-archive-verify",
            "transaction_timeout": "0",
            "idle_in_transaction_session_timeout": "0",
        },
    )
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        # A name that the server made itself; this statement takes no parameters.
        await connection.execute(f"SET TRANSACTION SNAPSHOT '{told['snapshot']}'")
        tx = PostgresTransaction(connection)
        for line in sys.stdin:
            asked = json.loads(line)
            stretch = await recompute(tx, asked["after"], asked["last"], PAGE)
            sys.stdout.write(json.dumps(to_json(stretch)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(help_out())
