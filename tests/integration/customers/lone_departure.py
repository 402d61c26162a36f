"""A process that lets Ann go and halts in the middle: `python -m tests.integration.customers.lone_departure DSN SAVES`.

It says `saved` after each part that it wrote, and waits for its end after SAVES of them; otherwise it says `done`.
"""

from __future__ import annotations

import asyncio
import sys

from services.customers.domain.departure import Evenly
from services.customers.ports import Desk
from services.customers.store.departures import PostgresDepartures
from services.customers.store.trade import PostgresCustomers
from services.customers.usecases.departing import Leaving, LetGo
from shared.engine.model import Transaction
from shared.engine.postgres import Database
from shared.identity import Principal
from shared.roles import Role
from tests.integration.customers.house import Customers


class Halting(PostgresCustomers):
    """Writes so many parts, and stands still in the open transaction."""

    def __init__(self, saves: int) -> None:
        self._left = saves

    async def save(self, tx: Transaction, desk: Desk) -> None:
        await super().save(tx, desk)
        sys.stdout.write("saved\n")
        sys.stdout.flush()
        self._left -= 1
        if self._left == 0:
            await asyncio.Event().wait()


async def main(dsn: str, saves: int) -> None:
    customers = Customers(Database(dsn, application="lone-departure"))
    let_go = LetGo(customers.reception, Halting(saves), PostgresDepartures(), at_once=2)
    await let_go(Principal("mia", Role.DEPARTMENT_MANAGER, "field"), "ann", Leaving("辞职", way=Evenly()))
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
