"""A rep's day on a whole stack, through the command alone: look, act, plan, report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from deploy.failure import ExitCode
from tests.e2e.stacks import Tierline, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

LATER = timedelta(days=40)


@pytest.fixture(scope="module")
def today() -> date:
    """The business date on which the contacts are due."""
    return datetime.now(UTC).date() + LATER


@pytest.fixture(scope="module")
def tierline(today: date, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tierline]:
    """A stack where three customers of rep-1 ordered forty days ago."""
    folder = tmp_path_factory.mktemp("reps")
    tierline = Tierline(folder / "data")
    tierline.start()
    orders = folder / "orders.csv"
    rows = [f"REP-{n},REP-C{n},1200.50,CNY,{today - LATER},rep-1" for n in range(3)]
    orders.write_text("\n".join(("order_id,customer_id,amount,currency,placed_at,sold_by", *rows)), "utf-8")
    tierline.run("import", str(orders))
    tierline.drain()
    tierline.end()
    tierline.start("--today", today.isoformat())
    yield tierline
    tierline.end()


def test_a_reps_day_is_looked_at_and_worked_off(tierline: Tierline, today: date, tmp_path: Path) -> None:
    """One contact is made, one put off, one left out; the day, the week and the statistics tell so."""
    ids = eventually(
        lambda: found if len(found := listed(tierline)) == 3 else None,
        "three reminders",
    )
    done = tierline.run("reminder", "done", ids["REP-C0"], "--minutes", "7", "--outcome", "ordered")
    assert done["contact_id"] == f"reminder:{ids['REP-C0']}"
    tierline.run("reminder", "skip", ids["REP-C1"], "--reason", "on_leave")
    assert any(
        "error" not in tierline.run("reminder", "snooze", ids["REP-C2"], "--until", str(today + n * DAY), expect=None)
        for n in range(1, 14)
    )
    refused = tierline.run("reminder", "skip", ids["REP-C2"], "--reason", "no_mood", expect=ExitCode.NOT_SO)
    assert "on_leave" in refused["error"]["what"]
    tierline.drain()
    eventually(lambda: shown(tierline, ids["REP-C0"]) == "done", "the contact has come round")
    table = tmp_path / "day.csv"
    day = tierline.run("day", "--rep", "rep-1", "--export", str(table))
    assert (day["day"], day["done"], day["skipped"], day["worked"]) == (str(today), 1, 1, 7)
    assert table.read_text("utf-8-sig").count("REP-C") == 2
    week = tierline.run("week", "--rep", "rep-1")
    assert sum(each["planned"] for each in week["days"]) >= 2
    assert tierline.run("overdue", "--rep", "rep-1") == []
    counted = tierline.run("statistics", "--rep", "rep-1")
    assert (counted["total"]["planned"], counted["by_rep"][0]["rep"]) == (3, "rep-1")


def test_a_plan_is_written_and_read(tierline: Tierline) -> None:
    """Old versions stay, and the audit knows who looked."""
    tierline.run("plan", "write", "REP-C0", "--text", "Show the new set.", "--goal", "50 sets")
    step = "2027-03-20 call the buyer"
    assert tierline.run("plan", "write", "REP-C0", "--text", "Call first.", "--step", step)["version"] == 2
    plan = tierline.run("plan", "show", "REP-C0")
    assert (plan["text"], plan["next_steps"][0]["by"]) == ("Call first.", "2027-03-20")
    assert tierline.run("plan", "show", "REP-C0", "--version", "1")["goals"] == ["50 sets"]


def test_a_week_is_reported(tierline: Tierline) -> None:
    """Drafted from what was done, filed in the rep's own words, once."""
    drafted = tierline.run("report", "week", "rep-1")
    assert drafted["drafted_summary"]["zh"].startswith(drafted["week"])
    filed = tierline.run("report", "file", "rep-1", "--summary", "A good week.")
    assert (filed["state"], filed["summary"]) == ("filed", "A good week.")
    assert tierline.run("report", "file", "rep-1")["filed_at"] == filed["filed_at"]
    assert [each["rep"] for each in tierline.run("report", "list")] == ["rep-1"]


DAY = timedelta(days=1)


def listed(tierline: Tierline) -> dict[str, str]:
    """Customers and their contacts' ids, of today's list."""
    found = tierline.run("day", "--rep", "rep-1", "--kind", "contact")["reminders"]
    return {item["customer_id"]: item["reminder_id"] for item in found}


def shown(tierline: Tierline, reminder_id: str) -> str:
    return str(tierline.run("reminder", "show", reminder_id)["reminder"]["state"])
