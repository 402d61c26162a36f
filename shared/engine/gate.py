"""Back-pressure between taking in and sending out."""

from __future__ import annotations

import asyncio

import structlog

log = structlog.get_logger()


class Gate:
    """Polls wait here while too much waits for the relay."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    def update(self, pending: int, *, high: int, low: int) -> None:
        """Close above `high` pending records, open again below `low`."""
        if pending > high and self._open.is_set():
            log.warning("back_pressure", pending=pending)
            self._open.clear()
        elif pending < low and not self._open.is_set():
            log.info("back_pressure_over", pending=pending)
            self._open.set()

    async def wait(self) -> None:
        """Return once the gate is open."""
        await self._open.wait()
