"""An overdue reminder of a rep who has a manager, and the steps that it takes."""

from __future__ import annotations

from shared.identity import Principal, Role
from tests.integration.followup.house import (
    House,
    person,
)

ANN = Principal("ann", Role.REP, "field")

MIA = Principal("mia", Role.DEPARTMENT_MANAGER, "field")


async def steps(house: House) -> list[tuple[str, str, str | None]]:
    """Customer, whom to, and who, of every step that was published."""
    return [
        (event["data"]["customer_id"], event["data"]["to_role"], event["data"].get("to"))
        for event in await house.published("reminder.escalated")
    ]


async def peopled(house: House) -> None:
    """A rep, the manager, and one reminder of Monday 2 March."""
    await house.told(person("ann", "field", "rep-1", manager="mia"), person("mia", "field", role="department_manager"))
    await house.many_due(1)
    await house.database.execute("UPDATE schedules SET department = 'field'")
    assert await house.dispatch() == 1


async def reminder_id(house: House) -> str:
    [row] = await house.database.fetch("SELECT reminder_id FROM reminders")
    return str(row["reminder_id"])
