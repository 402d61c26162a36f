"""What a rep does with a reminder: done, put off, left out, handed over; each once, however often it is asked for."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.identity import Role
from tests.integration.followup.guests import ANN, BO, BOSS, MIA, Asker, Door
from tests.integration.followup.house import DAY, TODAY, House, facts, person

pytestmark = [pytest.mark.backend, pytest.mark.usefixtures("staffed")]

EVE = Asker("eve", Role.REP)
MADE_AT = "2026-03-02T11:00:00+08:00"
DONE = {"made_at": MADE_AT, "channel": "phone", "minutes": 12, "outcome_code": "will_order", "outcome": "asks for tea"}


def events_of(house: House, kind: str) -> Any:
    return house.published(f"reminder.{kind}")


async def test_a_snoozed_reminder_stands_on_its_new_day_and_the_cadence_stays(house: House, door: Door) -> None:
    """F7: it leaves today's list for another working day's; what is planned next does not move."""
    item = await door.only(ANN)
    planned = await house.due_of("A")
    moved = await door.post(ANN, f"/reminders/{item['reminder_id']}/snooze", {"until": "2026-03-05"})
    assert (moved["snoozed_until"], moved["listed_on"], moved["state"]) == ("2026-03-05", "2026-03-05", "due")
    assert (await door.get(ANN, "/reminders"))["items"] == []
    [later] = (await door.get(ANN, "/reminders?day=2026-03-05"))["items"]
    assert (later["reminder_id"], later["issued_on"]) == (item["reminder_id"], "2026-03-02")
    assert await house.due_of("A") == planned
    [event] = await events_of(house, "moved")
    assert event["id"] == f"{item['reminder_id']}:moved:1"
    told = {name: event["data"][name] for name in ("customer_id", "rep", "from_on", "to_on", "reason", "by")}
    assert told == {
        "customer_id": "A",
        "rep": "rep-1",
        "from_on": "2026-03-02",
        "to_on": "2026-03-05",
        "reason": "snoozed",
        "by": "ann",
    }


@pytest.mark.parametrize(
    ("until", "code"),
    [
        ("2026-03-02", "not_later"),
        ("2026-02-27", "not_later"),
        ("2026-03-08", "not_a_working_day"),
        ("2026-03-17", "too_far"),
        ("9998-12-31", "too_far"),
    ],
)
async def test_a_reminder_is_not_put_off_to_any_day(house: House, door: Door, until: str, code: str) -> None:
    """Into the past, to a Sunday, or beyond what the policy allows: nothing is published."""
    item = await door.only(ANN)
    path = f"/reminders/{item['reminder_id']}/snooze"
    assert await door.refused(ANN, "POST", path, {"until": until}) == (422, code)
    assert await events_of(house, "moved") == []


async def test_a_reminder_is_put_off_so_many_times_and_no_more(house: House, door: Door) -> None:
    """Three times by the policy; asked again for the last day, it stays there."""
    item = await door.only(ANN)
    path = f"/reminders/{item['reminder_id']}/snooze"
    for day in ("2026-03-03", "2026-03-04", "2026-03-05", "2026-03-05"):
        await door.post(ANN, path, {"until": day})
    assert await door.refused(ANN, "POST", path, {"until": "2026-03-06"}) == (409, "snoozed_too_often")
    assert len(await events_of(house, "moved")) == 3


async def test_a_latest_day_holds_for_snoozing_too(house: House, door: Door) -> None:
    """What helps only until Wednesday is not put off to Thursday."""
    item = await door.only(ANN)
    await house.database.execute("UPDATE reminders SET latest_on = $1", date(2026, 3, 4))
    path = f"/reminders/{item['reminder_id']}/snooze"
    assert await door.refused(ANN, "POST", path, {"until": "2026-03-05"}) == (422, "too_far")
    await door.post(ANN, path, {"until": "2026-03-04"})


async def test_an_old_request_that_comes_again_under_its_key_changes_nothing(house: House, door: Door) -> None:
    """A retry that was overtaken by a later act is recognised by its Idempotency-Key."""
    item = await door.only(ANN)
    path = f"/reminders/{item['reminder_id']}/snooze"
    await door.post(ANN, path, {"until": "2026-03-05"}, key="first")
    await door.post(ANN, path, {"until": "2026-03-04"}, key="second")
    again = await door.post(ANN, path, {"until": "2026-03-05"}, key="first")
    assert again["snoozed_until"] == "2026-03-04"
    other = await door.ask(ANN, "POST", path, {"until": "2026-03-06"}, key="first")
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert len(await events_of(house, "moved")) == 2


async def test_a_skipped_contact_is_over_and_the_line_goes_on(house: House, door: Door) -> None:
    """F7: the next one comes at its usual interval; a later contact does not make this one done."""
    item = await door.only(ANN)
    path = f"/reminders/{item['reminder_id']}/skip"
    planned = await house.due_of("A")
    skipped = await door.post(ANN, path, {"reason": "on_leave"})
    assert skipped["state"] == "skipped"
    assert await door.post(ANN, path, {"reason": "on_leave"}) == skipped
    assert await door.refused(ANN, "POST", path, {"reason": "not_useful"}) == (409, "already_skipped")
    done = f"/reminders/{item['reminder_id']}/done"
    assert await door.refused(ANN, "POST", done, DONE) == (409, "already_skipped")
    assert await house.due_of("A") == planned == {"F1": date(2026, 4, 2)}
    [event] = await events_of(house, "skipped")
    assert (event["id"], event["data"]["by"], event["data"]["reason"]) == (
        f"{item['reminder_id']}:skipped",
        "ann",
        "on_leave",
    )
    contacted_at = datetime(2026, 3, 2, 3, tzinfo=UTC)
    assert await house.told(facts("A", 2, last_order_on=date(2026, 2, 2), orders=1, contacted_at=contacted_at)) == []
    assert (await door.only(ANN))["state"] == "skipped"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"reason": "no_mood"}, "unknown_reason"),
        ({"reason": "other"}, "say_which"),
        ({"reason": "other", "note": "  "}, "say_which"),
    ],
)
async def test_a_contact_is_left_out_only_for_a_reason(
    house: House, door: Door, body: dict[str, str], code: str
) -> None:
    """The policy lists the reasons, and "other" asks for words."""
    item = await door.only(ANN)
    assert await door.refused(ANN, "POST", f"/reminders/{item['reminder_id']}/skip", body) == (422, code)
    assert await events_of(house, "skipped") == []


async def test_what_the_policy_never_leaves_out_stays(house: House, door: Door) -> None:
    """K6: a customer about to fall is not left out."""
    item = await door.only(ANN)
    await house.database.execute("UPDATE reminders SET kind = 'falling'")
    path = f"/reminders/{item['reminder_id']}/skip"
    assert await door.refused(ANN, "POST", path, {"reason": "on_leave"}) == (422, "never_skipped")


async def test_a_reminder_handed_over_is_the_other_reps(house: House, door: Door) -> None:
    """P6: within the department, once; the one who gave it away sees it no more, and hears the same again."""
    item = await door.only(ANN)
    path = f"/reminders/{item['reminder_id']}/hand-over"
    body = {"to": "eve", "reason": "at the fair"}
    given = await door.post(ANN, path, body)
    assert (given["rep"], given["department"]) == ("eve", "north")
    assert (await door.post(ANN, path, body))["rep"] == "eve"
    assert (await door.get(ANN, "/reminders"))["items"] == []
    assert (await door.only(EVE))["reminder_id"] == item["reminder_id"]
    [event] = await events_of(house, "handed_over")
    told = {name: event["data"][name] for name in ("from_rep", "to_rep", "by", "reason")}
    assert told == {"from_rep": "rep-1", "to_rep": "eve", "by": "ann", "reason": "at the fair"}
    # Whoever gave it away does no more with it, and reads it no more.
    for act, asked in (
        ("hand-over", {"to": "mia", "reason": "no"}),
        ("snooze", {"until": "2026-03-05"}),
        ("skip", {"reason": "on_leave"}),
        ("done", DONE),
    ):
        path = f"/reminders/{item['reminder_id']}/{act}"
        assert await door.refused(ANN, "POST", path, asked) == (403, "not_yours"), act
    assert await door.refused(ANN, "GET", f"/reminders/{item['reminder_id']}") == (404, "unknown_reminder")
    assert await house.published("contact.made") == []


@pytest.mark.parametrize(
    ("to", "status", "code"),
    [
        ("bo", 422, "other_department"),
        ("nobody", 422, "unknown_rep"),
        ("gus", 422, "unknown_rep"),
        ("ann", 409, "already_theirs"),
        ("rep-1", 409, "already_theirs"),
    ],
)
async def test_a_reminder_goes_to_a_colleague_or_to_nobody(
    house: House, door: Door, to: str, status: int, code: str
) -> None:
    """Not to another department, not to somebody who left, not to oneself."""
    item = await door.only(ANN)
    path = f"/reminders/{item['reminder_id']}/hand-over"
    assert await door.refused(ANN, "POST", path, {"to": to, "reason": "why not"}) == (status, code)
    assert await events_of(house, "handed_over") == []


async def test_a_manager_gives_a_customer_away_and_its_reminders_follow(house: House, door: Door) -> None:
    """P6: customers hears of it as of any statement of ownership; when it has come round, the open ones move."""
    body = {"customer_id": "A", "to": "eve", "reason": "ann leaves"}
    taken = await door.post(MIA, "/handovers", body)
    assert (taken["from_rep"], taken["to_rep"]) == ("rep-1", "eve")
    await door.post(MIA, "/handovers", body)
    [event] = await house.published("customer.profiled")
    assert event["id"] == "handover:A:1"
    stated = {name: value for name, value in event["data"]["fields"].items() if value is not None}
    assert stated == {"rep": "eve", "department": "north"}
    [noted] = await house.published("decision.made")
    assert (noted["data"]["file"], noted["data"]["actor"]) == ("customer:A", "mia")
    assert (await door.only(ANN))["rep"] == "rep-1"

    owned = facts("A", 2, last_order_on=date(2026, 2, 2), orders=1, rep="eve", department="north")
    [told] = await house.told(owned)
    assert (told.type, told.key) == ("reminder.handed_over", "eve")
    assert told.data.model_dump(include={"from_rep", "to_rep", "by"}) == {
        "from_rep": "rep-1",
        "to_rep": "eve",
        "by": None,
    }
    assert (await door.get(ANN, "/reminders"))["items"] == []
    assert (await door.only(EVE))["customer_id"] == "A"
    # Sent once more after it came round: the same answer, nothing new.
    await door.post(MIA, "/handovers", body)
    assert len(await house.published("customer.profiled")) == 1


async def test_a_customer_that_came_back_is_given_away_again(house: House, door: Door) -> None:
    """Another door named the old rep again: the same request, weeks later, is a new one."""
    body = {"customer_id": "A", "to": "eve", "reason": "fair"}
    for _ in range(2):
        assert (await door.ask(MIA, "POST", "/handovers", body)).is_success
    assert len(await house.published("customer.profiled")) == 1
    house.clock.set(house.clock.now() + 20 * DAY)
    assert (await door.ask(MIA, "POST", "/handovers", body)).is_success
    assert len(await house.published("customer.profiled")) == 2


async def test_a_contact_that_was_handed_over_stays_with_whoever_took_it(house: House, door: Door) -> None:
    """Another owner takes what was the old owner's, and a contact at the same time ends it for the new one."""
    item = await door.only(ANN)
    await door.post(ANN, f"/reminders/{item['reminder_id']}/hand-over", {"to": "eve", "reason": "fair"})
    await house.told(facts("A", 2, last_order_on=date(2026, 2, 2), orders=1, rep="mia", department="north"))
    assert (await door.only(EVE))["rep"] == "eve"
    [owned, *_] = await house.told(
        facts(
            "B", 2, last_order_on=date(2026, 2, 2), orders=1, rep="zed", contacted_at=datetime(2026, 3, 2, tzinfo=UTC)
        )
    )
    assert owned.key == "zed"
    [done] = await events_of(house, "done")
    assert done["data"]["rep"] == "zed"


@pytest.mark.parametrize(
    ("who", "customer", "to", "code"),
    [
        (MIA, "B", "eve", "unknown_customer"),
        (MIA, "A", "bo", "other_department"),
        (BOSS, "A", "bo", "other_department"),
        (MIA, "nothing", "eve", "unknown_customer"),
        (MIA, "A", "rep-1", "already_theirs"),
    ],
)
async def test_a_customer_stays_in_its_department(door: Door, who: Asker, customer: str, to: str, code: str) -> None:
    """P6: other reps of the same department, whoever decides."""
    _, refused = await door.refused(who, "POST", "/handovers", {"customer_id": customer, "to": to, "reason": "why not"})
    assert refused == code


async def test_the_next_date_is_the_customers(house: House, door: Door) -> None:
    """F7: "call me on the 20th" moves the line there, also once the contact has come round, and only once.

    From then on the cadence is that of the contact that really happened.
    """
    item = await door.only(ANN)
    await door.post(ANN, f"/reminders/{item['reminder_id']}/done", DONE | {"next_on": "2026-03-20"})
    assert await house.due_of("A") == {"F1": date(2026, 3, 20)}
    [contact] = await house.published("contact.made")
    assert contact["data"]["outcome_code"] == "will_order"
    made_at = datetime.fromisoformat(MADE_AT)
    await house.told(facts("A", 2, last_order_on=date(2026, 2, 2), orders=1, contacted_at=made_at, department="north"))
    await house.told(facts("A", 3, last_order_on=TODAY, orders=2, contacted_at=made_at, department="north"))
    assert await house.due_of("A") == {"F1": date(2026, 3, 20)}
    house.clock.advance(18 * DAY)
    assert await house.dispatch() == 1
    assert (await door.only(ANN))["due_on"] == "2026-03-20"
    assert await house.due_of("A") == {"F1": date(2026, 4, 2)}
    called_at = house.clock.now()
    await house.told(facts("A", 4, last_order_on=TODAY, orders=2, contacted_at=called_at, department="north"))
    assert await house.due_of("A") == {"F1": date(2026, 4, 20)}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"next_on": "2026-03-02"}, "next_date_past"),
        ({"next_on": "2027-03-02"}, "next_date_too_far"),
        ({"outcome_code": "fine"}, "unknown_outcome"),
        ({"outcome_code": "other", "outcome": ""}, "say_which"),
    ],
)
async def test_a_report_that_says_nothing_is_refused(house: House, door: Door, said: dict[str, str], code: str) -> None:
    """Outcomes are the policy's, and a next date lies ahead: nothing is published."""
    item = await door.only(ANN)
    assert await door.refused(ANN, "POST", f"/reminders/{item['reminder_id']}/done", DONE | said) == (422, code)
    assert await house.published("contact.made") == []


async def test_what_was_done_is_kept_in_its_order(door: Door) -> None:
    """Who did what, and when, with the words of each; a reported one waits for nobody any more."""
    item = await door.only(ANN)
    path = f"/reminders/{item['reminder_id']}"
    await door.post(ANN, f"{path}/snooze", {"until": "2026-03-05"})
    await door.post(ANN, f"{path}/done", DONE)
    assert await door.refused(ANN, "POST", f"{path}/snooze", {"until": "2026-03-06"}) == (409, "already_answered")
    assert await door.refused(ANN, "POST", f"{path}/skip", {"reason": "on_leave"}) == (409, "already_answered")
    history = await door.get(MIA, path)
    assert [(act["act"], act["by"]) for act in history["acts"]] == [("snoozed", "ann"), ("done", "ann")]
    assert history["acts"][1]["asked"]["outcome"] == "asks for tea"
    assert (history["reminder"]["worked"], history["reminder"]["outcome_code"]) == (12, "will_order")
    assert await door.refused(BO, "GET", path) == (404, "unknown_reminder")


async def test_two_requests_at_once_do_one_thing(house: House, door: Door) -> None:
    """The same skip by two clients, and two different acts: one comes first."""
    item = await door.only(ANN)
    path = f"/reminders/{item['reminder_id']}"
    answers = await asyncio.gather(
        *(door.ask(ANN, "POST", f"{path}/skip", {"reason": "on_leave"}) for _ in range(4)),
        door.ask(ANN, "POST", f"{path}/done", DONE),
    )
    assert len(await events_of(house, "skipped")) + len(await house.published("contact.made")) == 1
    assert {answer.status_code for answer in answers} <= {200, 202, 409}


async def test_what_may_be_chosen_is_told(door: Door) -> None:
    """Codes with their words in both languages, and the limits."""
    choices = await door.get(ANN, "/reminders/choices")
    assert choices["skip_reasons"]["on_leave"] == {"zh": "客户休假或停业", "en": "the customer is on leave or closed"}
    assert "ordered" in choices["outcomes"]
    assert (choices["snooze_at_most"], choices["snooze_longest_days"]) == (3, 14)


async def test_an_unassigned_customer_is_given_by_its_manager_to_the_own_department(house: House, door: Door) -> None:
    """Nobody's customer has no department to stay in: the manager's is as good as any, and the GM chooses."""
    await house.told(person("cy", "east"))
    await house.told(facts("C", last_order_on=date(2026, 2, 2), orders=1, rep=None))
    given = {"customer_id": "C", "reason": "nobody's"}
    assert await door.refused(MIA, "POST", "/handovers", given | {"to": "bo"}) == (422, "other_department")
    assert (await door.post(BOSS, "/handovers", given | {"to": "cy"}))["to_rep"] == "cy"
