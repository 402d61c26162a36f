"""Another process that stops in the middle of its work until it is told to go on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.engine.batch import BatchProcessor
from tests.integration.customers.house import Customers
from tests.integration.engine.ledger import eventually


class Unhurried:
    """A processor whose handler stops behind `step`: `load`, or `save` with the commit still to come."""

    def __init__(self, customers: Customers, handler: Any, step: str, patch: pytest.MonkeyPatch) -> None:
        taken = getattr(handler, step)
        self.stopped, self.may_go_on = asyncio.Event(), asyncio.Event()
        self.processor: BatchProcessor = customers._processor(handler)

        async def unhurried(*args: Any) -> Any:
            done = await taken(*args)
            self.stopped.set()
            await self.may_go_on.wait()
            return done

        patch.setattr(handler, step, unhurried)


async def done_or_waiting(customers: Customers, *tasks: asyncio.Task[Any]) -> None:
    """Return when all of them have ended, or somebody waits for a lock."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async def there() -> bool:
        return all(task.done() for task in tasks) or bool(await customers.database.fetchval(waits))

    await eventually(there)
