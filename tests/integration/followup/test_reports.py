"""F9: every Saturday before closing the week's summary and the next week's plan, drafted from what was done."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.identity import Role
from tests.in_force import changed
from tests.integration.followup.guests import ANN, BO, BOSS, MIA, Asker, Door
from tests.integration.followup.house import DAY, POLICY, TODAY, House, facts

pytestmark = [pytest.mark.backend, pytest.mark.usefixtures("staffed")]

WEEK = "2026-W10"
MINE = f"/weekly-reports/ann/{WEEK}"
SATURDAY = datetime(2026, 3, 7, 5, 30, tzinfo=UTC)  # 13:30 in Shanghai, four hours before closing


async def work(house: House, door: Door) -> None:
    """Ann makes the week's contact on Monday; it takes 12 minutes, and the next one is wished for next week."""
    item = await door.only(ANN)
    said = {"made_at": "2026-03-02T11:00:00+08:00", "channel": "phone", "minutes": 12, "next_on": "2026-03-11"}
    await door.post(ANN, f"/reminders/{item['reminder_id']}/done", said)
    made_at = datetime(2026, 3, 2, 3, tzinfo=UTC)
    await house.told(facts("A", 2, last_order_on=TODAY, orders=2, contacted_at=made_at, department="north"))


async def test_a_report_is_asked_for_on_saturday_before_closing_and_once(house: House) -> None:
    """Each rep with customers, by the person's own id; not the manager, not before its hour."""
    house.clock.set(SATURDAY - DAY / 1440)
    assert await house.ask_for_reports() == 0
    house.clock.set(SATURDAY)
    assert await house.ask_for_reports() == 2
    assert await house.ask_for_reports() == 0
    due = {event["data"]["rep"]: event["data"] for event in await house.published("report.due")}
    assert set(due) == {"ann", "bo"}
    told = {name: due["ann"][name] for name in ("week", "department", "due_on", "due_at")}
    assert told == {"week": WEEK, "department": "north", "due_on": "2026-03-07", "due_at": "2026-03-07T09:30:00Z"}
    assert due["ann"]["words"]["zh"] == "请在 2026-03-07 下班前提交 2026-W10 的小结与下周计划。"


async def test_where_saturday_is_off_friday_is_the_day(house: House) -> None:
    """The week's last working day, as the policy has it."""
    other = changed(POLICY, "2", working_time__days_off=["saturday", "sunday"])
    await house.follow(other)
    house.clock.set(SATURDAY - DAY)
    assert await house.ask_for_reports() == 2
    [first, _] = await house.published("report.due")
    assert first["data"]["due_on"] == "2026-03-06"


async def test_who_was_away_on_saturday_asks_on_monday(house: House) -> None:
    """An outage over the weekend forgets nobody who had reminders, and a new stack asks nobody for the past."""
    house.clock.set(SATURDAY + 2 * DAY)
    assert await house.ask_for_reports() == 2
    assert {event["data"]["week"] for event in await house.published("report.due")} == {WEEK}
    house.clock.set(SATURDAY + 9 * DAY)
    assert await house.ask_for_reports() == 0


async def test_who_left_owes_no_report(house: House) -> None:
    """P6: the leaver's customers are still under the name, and nobody is there to write."""
    await house.told(facts("C", rep="gus", department="north"))
    house.clock.set(SATURDAY)
    await house.ask_for_reports()
    assert {event["data"]["rep"] for event in await house.published("report.due")} == {"ann", "bo"}


async def test_a_report_is_drafted_from_what_was_done_and_what_is_planned(house: House, door: Door) -> None:
    """Contacts, minutes, orders and levels of the week; next week's contacts with their minutes."""
    await work(house, door)
    house.clock.set(SATURDAY)
    await house.ask_for_reports()
    report = await door.get(ANN, MINE)
    assert report["state"] == "due"
    assert report["figures"] == {
        "planned": 1, "done": 1, "late": 0, "skipped": 0, "contacts": 1, "minutes": 12,
        "next_contacts": 1, "next_minutes": 8,
    }  # fmt: skip
    assert report["drafted_summary"]["en"] == (
        "2026-W10: 1 contacts, 12 minutes; of 1 reminders 1 done, 0 late, 0 left out; 1 customers ordered; "
        "levels decided: 1 contract customer, key."
    )
    assert report["drafted_plan"] == {
        "zh": "2026-W11：计划联系 1 次，约 8 分钟；03-11 1 次；另有逾期 0 条。",
        "en": "2026-W11: 1 contacts planned, about 8 minutes; 1 on 03-11; besides, 0 overdue.",
    }


async def test_a_filed_report_stays_as_it_is(house: House, door: Door) -> None:
    """The rep's words where there are some, else the drafted; once, with the figures of that moment."""
    await work(house, door)
    edited = await door.ask(ANN, "PUT", MINE, {"summary": "A good week.", "plan": None})
    assert (edited.json()["summary"], edited.json()["plan"], edited.json()["state"]) == ("A good week.", None, "draft")
    house.clock.set(SATURDAY)
    filed = await door.post(ANN, f"{MINE}/file?lang=en")
    assert (filed["state"], filed["filed_by"], filed["summary"]) == ("filed", "ann", "A good week.")
    assert filed["plan"].startswith("2026-W11: 1 contacts planned")
    assert await door.post(ANN, f"{MINE}/file") == filed
    assert await door.refused(ANN, "PUT", MINE, {"summary": "Better.", "plan": None}) == (409, "already_filed")
    again = {"summary": filed["summary"], "plan": filed["plan"]}
    assert (await door.ask(ANN, "PUT", MINE, again)).status_code == 200
    [event] = await house.published("report.filed")
    assert (event["data"]["rep"], event["data"]["late"], event["data"]["figures"]["minutes"]) == ("ann", False, 12)
    # Asked for nobody who has filed.
    assert await house.ask_for_reports() == 1
    await house.database.execute("UPDATE reminders SET worked = 500")
    assert (await door.get(ANN, MINE))["figures"] == filed["figures"]


async def test_after_closing_a_report_is_late(house: House, door: Door) -> None:
    """Filed all the same, and told as late; until then the manager sees that it is missing."""
    house.clock.set(SATURDAY)
    await house.ask_for_reports()
    house.clock.set(SATURDAY + DAY / 6)
    [item] = (await door.get(MIA, f"/weekly-reports?week={WEEK}"))["items"]
    assert (item["rep"], item["state"]) == ("ann", "missing")
    await door.post(ANN, f"{MINE}/file")
    [event] = await house.published("report.filed")
    assert event["data"]["late"] is True
    [item] = (await door.get(MIA, f"/weekly-reports?week={WEEK}"))["items"]
    assert item["state"] == "filed"


async def test_a_manager_rolls_up_the_department_and_passes_it_on(house: House, door: Door) -> None:
    """The sum of the reps' figures, with who is missing; passed on once, with the manager's words."""
    await work(house, door)
    await house.told(facts("E", rep="eve", department="north"))
    house.clock.set(SATURDAY)
    await house.ask_for_reports()
    await door.post(ANN, f"{MINE}/file")
    path = f"/department-reports/north/{WEEK}"
    rolled = await door.get(MIA, path)
    assert (rolled["filed"], rolled["missing"], rolled["total"]["contacts"]) == (1, ["eve"], 1)
    assert [(each["rep"], each["state"]) for each in rolled["reports"]] == [("ann", "filed"), ("eve", "due")]
    passed = await door.post(MIA, f"{path}/pass-on", {"note": "eve is at the fair"})
    assert (passed["passed_on"]["by"], passed["passed_on"]["missing"]) == ("mia", 1)
    assert await door.post(BOSS, f"{path}/pass-on", {"note": "again"}) == passed
    [event] = await house.published("report.passed_on")
    assert (event["data"]["department"], event["data"]["figures"]["minutes"]) == ("north", 12)
    assert (await door.get(BOSS, path))["passed_on"]["note"] == "eve is at the fair"


@pytest.mark.parametrize(
    ("who", "path", "expected"),
    [
        (BO, MINE, (404, "unknown_report")),
        (MIA, f"/weekly-reports/bo/{WEEK}", (404, "unknown_report")),
        (BOSS, f"/weekly-reports/nobody/{WEEK}", (404, "unknown_report")),
        (ANN, "/weekly-reports/ann/2026-W11", (422, "bad_week")),
        (ANN, "/weekly-reports/ann/2025-W53", (422, "bad_week")),
        (ANN, "/weekly-reports/ann/0000-W01", (422, "bad_week")),
        (ANN, "/weekly-reports/ann/9999-W52", (422, "bad_week")),
        (ANN, "/weekly-reports/ann/2026-10", (422, "invalid_request")),
        (MIA, f"/department-reports/south/{WEEK}", (403, "not_yours")),
        (Asker("tom", Role.DEPARTMENT_MANAGER), f"/department-reports/north/{WEEK}", (403, "not_yours")),
        (ANN, f"/department-reports/north/{WEEK}", (403, "role_not_allowed")),
        (ANN, f"/weekly-reports?week={WEEK}", (403, "role_not_allowed")),
    ],
)
async def test_reports_are_for_whom_they_are(door: Door, who: Asker, path: str, expected: tuple[int, str]) -> None:
    """A rep's own, a manager's department's, of weeks that have begun."""
    assert await door.refused(who, "GET", path) == expected


async def test_a_report_is_found_under_either_name(door: Door) -> None:
    """The rep code that orders know is the same person's."""
    assert (await door.get(ANN, f"/weekly-reports/rep-1/{WEEK}"))["rep"] == "ann"


async def test_a_week_that_nobody_works_owes_no_report(house: House, door: Door) -> None:
    """Closed from Monday to Saturday: nobody is asked, and there is nothing to write."""
    closed = {"from": "2026-03-02", "until": "2026-03-07", "is": "off"}
    await house.follow(changed(POLICY, "2", working_time__exceptions=[closed]))
    house.clock.set(SATURDAY)
    assert await house.ask_for_reports() == 0
    assert await door.refused(ANN, "GET", MINE) == (422, "bad_week")
