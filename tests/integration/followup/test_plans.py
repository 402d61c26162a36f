"""F3: a plan is asked for ahead of the contact that needs one, and its writing ends the task."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.identity import Role
from tests.in_force import changed
from tests.integration.followup.guests import ANN, BO, MIA, Asker, Door
from tests.integration.followup.house import DAY, POLICY, House, facts, person, tier

pytestmark = pytest.mark.backend

PLAN = {
    "text": "Show the porcelain set before their fair.",
    "goals": ["a first order of 50 sets"],
    "next_steps": [{"what": "send samples", "by": "2026-03-20"}, {"what": "call the buyer"}],
}


@pytest.fixture
async def prospect(house: House) -> House:
    """A high potential of ann's, whose two-monthly contact is due on 5 March."""
    await house.told(
        person("ann", "north", "rep-1"), person("mia", "north", role="department_manager"), person("bo", "south")
    )
    contacted_at = datetime(2026, 1, 5, 2, tzinfo=UTC)
    await house.told(facts("P", contacted_at=contacted_at, department="north"))
    await house.told(tier("P", "potential", "high"))
    assert (await house.due_of("P"))["F3"] == date(2026, 3, 5)
    return house


async def tasks(house: House) -> list[dict[str, Any]]:
    due = await house.published("reminder.due")
    return [event["data"] for event in due if event["data"]["kind"] == "plan"]


async def test_a_missing_plan_is_a_task_ahead_of_the_contact(prospect: House, door: Door) -> None:
    """Asked for once, on the rep's list, with the reason; a contact does not stand for it, the plan does."""
    await prospect.ask_for_plans()
    await prospect.ask_for_plans()
    [task] = await tasks(prospect)
    assert (task["customer_id"], task["rep"], task["rule"], task["line"]) == ("P", "rep-1", "F3", "F3.plan")
    assert (
        task["why"]["en"] == "F3 asks for a written plan before the contact on 2026-03-05, and there is none in force."
    )
    path = f"/reminders/{task['reminder_id']}"
    contact = {"made_at": "2026-03-02T11:00:00+08:00", "channel": "phone"}
    assert await door.refused(ANN, "POST", f"{path}/done", contact) == (422, "plan_wanted")
    assert await door.refused(ANN, "POST", f"{path}/skip", {"reason": "on_leave"}) == (422, "never_skipped")
    made_at = datetime(2026, 3, 2, 3, tzinfo=UTC)
    assert await prospect.told(facts("P", 2, contacted_at=made_at, department="north")) == []

    written = await door.ask(ANN, "PUT", "/plans/P", PLAN)
    assert (written.status_code, written.json()["version"]) == (200, 1)
    [done] = await prospect.published("reminder.done")
    assert (done["data"]["reminder_id"], done["data"]["contact_id"]) == (task["reminder_id"], "plan:P:1")
    assert (await door.only(ANN))["state"] == "done"
    prospect.clock.advance(60 * DAY)
    await prospect.ask_for_plans()
    assert len(await tasks(prospect)) == 1


async def test_a_plan_that_is_asked_for_is_not_asked_for_again(prospect: House) -> None:
    """The task waits as long as it takes, past the contact itself."""
    for _ in range(10):
        await prospect.ask_for_plans()
        prospect.clock.advance(DAY)
        await prospect.dispatch()
    assert len(await tasks(prospect)) == 1


async def test_a_plan_is_asked_for_only_when_its_time_has_come(prospect: House) -> None:
    """Seven days ahead by the policy, and neither for other levels nor while history is read in."""
    await prospect.told(facts("Q", contacted_at=datetime(2026, 1, 10, 2, tzinfo=UTC)))
    await prospect.told(tier("Q", "potential", "high"))
    await prospect.told(facts("R", contacted_at=datetime(2026, 1, 5, 2, tzinfo=UTC)))
    await prospect.told(tier("R", "potential", "moderate"))
    prospect.intake.history_was_read(prospect.clock.now())
    await prospect.ask_for_plans()
    assert await tasks(prospect) == []
    prospect.clock.advance(DAY / 1440)
    await prospect.ask_for_plans()
    assert [task["customer_id"] for task in await tasks(prospect)] == ["P"]
    prospect.clock.advance(DAY)
    await prospect.ask_for_plans()
    assert [task["customer_id"] for task in await tasks(prospect)] == ["P", "Q"]


async def test_an_open_contact_without_a_plan_asks_for_one_too(prospect: House) -> None:
    """Nobody was there to ask in time: the contact stands on the list already."""
    prospect.clock.advance(4 * DAY)
    assert await prospect.dispatch() == 1
    await prospect.ask_for_plans()
    [task] = await tasks(prospect)
    assert task["due_on"] == "2026-03-06"


async def test_contacts_that_need_a_plan_no_more_hold_up_nobody_elses(
    prospect: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More customers than a batch have fallen from the level with their contact open: the next ones are asked for."""
    monkeypatch.setattr("services.followup.usecases.plan_tasks.BATCH", 1)
    prospect.clock.advance(4 * DAY)
    assert await prospect.dispatch() == 1
    await prospect.told(tier("P", "potential", "moderate", sequence=2))
    await prospect.told(facts("Q", contacted_at=datetime(2026, 1, 10, 2, tzinfo=UTC)), tier("Q", "potential", "high"))
    prospect.clock.advance(DAY / 1440)
    await prospect.ask_for_plans()
    assert [task["customer_id"] for task in await tasks(prospect)] == ["Q"]


async def test_a_plan_grows_old(prospect: House, door: Door) -> None:
    """After a year it is asked for anew; the same text again then is a new version, which ends the task."""
    await door.ask(ANN, "PUT", "/plans/P", PLAN)
    prospect.clock.advance(366 * DAY)
    await prospect.ask_for_plans()
    [task] = await tasks(prospect)
    assert (await door.ask(ANN, "PUT", "/plans/P", PLAN)).json()["version"] == 2
    [done] = await prospect.published("reminder.done")
    assert done["data"]["reminder_id"] == task["reminder_id"]


async def test_a_plan_that_nobody_needs_any_more_is_not_asked_for(prospect: House, door: Door) -> None:
    """The level moved before the plan was written: the task is taken back, and comes again with the level."""
    await prospect.ask_for_plans()
    await prospect.told(tier("P", "potential", "moderate", sequence=2))
    await prospect.ask_for_plans()
    [ended] = await prospect.published("reminder.ended")
    assert (ended["data"]["customer_id"], ended["data"]["reason"]) == ("P", "moot")
    assert (await door.only(ANN))["state"] == "ended"
    prospect.clock.advance(DAY)
    await prospect.told(tier("P", "potential", "high", sequence=3))
    prospect.clock.advance(70 * DAY)
    await prospect.ask_for_plans()
    assert len(await tasks(prospect)) == 2


async def test_the_policy_says_which_contacts_need_a_plan(prospect: House) -> None:
    """Another policy, in force for everybody: moderate potentials need one, high ones do not."""
    high, moderate = (POLICY.as_json()["cadences"]["potential"][level] for level in ("high", "moderate"))
    other = changed(
        POLICY,
        "2",
        cadences__potential__high=high | {"plan_required": False},
        cadences__potential__moderate=moderate | {"plan_required": True},
    )
    await prospect.follow(other)
    await prospect.replan_contacts()
    await prospect.ask_for_plans()
    assert await tasks(prospect) == []


async def test_every_version_is_kept_with_its_author(prospect: House, door: Door) -> None:
    """Who wrote what; the same text again is the same version, and a newer one is not overwritten unread."""
    await door.ask(ANN, "PUT", "/plans/P", PLAN)
    assert (await door.ask(ANN, "PUT", "/plans/P", PLAN)).json()["version"] == 1
    prospect.clock.advance(DAY)
    assert (await door.ask(MIA, "PUT", "/plans/P", {"text": "Call first.", "based_on": 1})).json()["version"] == 2
    stale = PLAN | {"text": "Mine.", "based_on": 1}
    assert await door.refused(ANN, "PUT", "/plans/P", stale) == (409, "changed_meanwhile")
    plan = await door.get(ANN, "/plans/P")
    assert (plan["text"], plan["author"], plan["goals"]) == ("Call first.", "mia", [])
    assert [(each["version"], each["author"]) for each in plan["versions"]] == [(2, "mia"), (1, "ann")]
    first = await door.get(ANN, "/plans/P?version=1")
    assert first["next_steps"] == [
        {"what": "send samples", "by": "2026-03-20"},
        {"what": "call the buyer", "by": None},
    ]
    assert await door.refused(ANN, "GET", "/plans/P?version=3") == (404, "no_plan")


@pytest.mark.usefixtures("prospect")
async def test_plans_are_read_by_those_who_see_the_customer_and_each_reading_is_told(house: House, door: Door) -> None:
    """A plan quotes the file: no audit, no data; who is turned away is in the audit, too."""
    await door.ask(ANN, "PUT", "/plans/P", PLAN)
    await door.get(MIA, "/plans/P")
    assert await door.refused(BO, "GET", "/plans/P") == (404, "unknown_customer")
    assert await door.refused(BO, "PUT", "/plans/P", PLAN) == (404, "unknown_customer")
    assert await door.refused(ANN, "GET", "/plans/none") == (404, "unknown_customer")
    assert (await door.ask(Asker("op", Role.OPS), "GET", "/plans/P")).status_code == 403
    read, written, denied = [
        [(event["data"]["actor"], event["data"]["action"]) for event in await house.published(kind)]
        for kind in ("file.read", "decision.made", "access.denied")
    ]
    assert read == [("mia", "plan.read")]
    assert written == [("ann", "plan.written")]
    assert denied == [("bo", "plan.read"), ("bo", "plan.written"), ("ann", "plan.read")]


@pytest.mark.usefixtures("prospect")
async def test_a_plan_of_a_customer_with_a_slash_is_a_plan(house: House, door: Door) -> None:
    """Outside systems name customers as they like."""
    await house.told(facts("深圳/7 东", department="north"))
    path = "/plans/%E6%B7%B1%E5%9C%B3%2F7%20%E4%B8%9C"
    await door.ask(ANN, "PUT", path, PLAN)
    assert (await door.get(ANN, path))["customer_id"] == "深圳/7 东"
