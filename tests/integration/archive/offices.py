"""What people do about fines, over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx

from shared.money import to_text
from shared.roles import Role
from tests.integration.archive.house import Archive


async def post(archive: Archive, person: str, role: Role, path: str, body: dict[str, Any]) -> httpx.Response:
    """One act of somebody."""
    async with archive.client(person, role) as client:
        return await client.post(path, json=body)


async def get(archive: Archive, path: str, by: str = "hr", role: Role = Role.HR, **asked: str) -> httpx.Response:
    """What somebody is shown."""
    async with archive.client(by, role) as client:
        return await client.get(path, params=asked)


async def decide(archive: Archive, fine: str, state: str, by: str = "hr") -> httpx.Response:
    """Human resources decide."""
    return await post(archive, by, Role.HR, f"/fines/{fine}/decisions", {"state": state, "reason": "核实"})


async def tasks(archive: Archive) -> set[tuple[str, str]]:
    """Who is asked for what, and has not done it."""
    raised = {
        event["data"]["task_id"]: (event["data"]["person"], event["data"]["kind"])
        for event in await archive.sent("archive.v1", "task.raised")
    }
    cleared = {event["data"]["task_id"] for event in await archive.sent("archive.v1", "task.cleared")}
    return {task for task_id, task in raised.items() if task_id not in cleared}


async def total_of_ledger(archive: Archive, person: str) -> str:
    """What somebody owes by all postings."""
    (row,) = await archive.rows("SELECT coalesce(sum(sign * amount), 0) FROM fine_ledger WHERE person = $1", person)
    total: Decimal = row[0]
    return to_text(total).removesuffix(".00")
