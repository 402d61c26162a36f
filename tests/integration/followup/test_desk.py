"""A rep's day, week and arrears, what is planned, and what came of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.integration.followup.guests import ANN, BO, BOSS, MIA, OP, Asker, Door
from tests.integration.followup.house import DAY, TODAY, House, facts, tier

pytestmark = pytest.mark.backend


@pytest.fixture
async def week(staffed: House) -> House:
    """Monday's contact for ann, and a sample customer of hers who is owed one each day from Tuesday on."""
    await staffed.told(facts("S", sample=("confirming", TODAY), rep="rep-1", department="north"))
    await staffed.told(tier("S", "sample", "europe_america"))
    return staffed


def shown(answer: Any, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(item[name] for name in names) for item in answer["items"]]


async def test_a_day_says_what_is_done_and_what_is_left(week: House, door: Door) -> None:
    """The list as it stands, its minutes, and what earlier days left."""
    week.clock.advance(DAY)
    assert await week.dispatch() == 1
    day = await door.get(ANN, "/desk/day")
    told = {name: day[name] for name in ("day", "is_working", "planned", "open", "minutes", "overdue")}
    assert told == {
        "day": "2026-03-03",
        "is_working": True,
        "planned": 1,
        "open": 1,
        "minutes": 3,
        "overdue": 1,
    }
    [item] = (await door.get(ANN, "/desk/reminders"))["items"]
    await door.post(ANN, f"/reminders/{item['reminder_id']}/skip", {"reason": "on_leave"})
    day = await door.get(ANN, "/desk/day")
    assert (day["planned"], day["open"], day["skipped"]) == (1, 0, 1)
    monday = await door.get(ANN, "/desk/day?day=2026-03-02")
    assert (monday["planned"], monday["open"], monday["late"]) == (1, 1, 1)


async def test_a_week_shows_each_day_with_what_is_planned(week: House, door: Door) -> None:
    """Lists that were issued, and contacts to come with the minutes that the policy allows them."""
    answer = await door.get(ANN, "/desk/week?week=2026-W10")
    assert [day["day"] for day in answer["days"]] == [f"2026-03-{n:02}" for n in range(2, 9)]
    assert [(day["planned"], day["ahead"], day["ahead_minutes"]) for day in answer["days"]][:3] == [
        (1, 0, 0),
        (0, 1, 3),
        (0, 0, 0),
    ]
    assert [day["is_working"] for day in answer["days"]] == [True] * 6 + [False]


async def test_overdue_counts_working_days(week: House, door: Door) -> None:
    """twenty #17112: nothing on its own day, one on the next working day, and a Sunday adds none."""
    seen = []
    for _ in range(8):
        answer = await door.get(BO, "/desk/overdue")
        seen.append([item["overdue_working_days"] for item in answer["items"]])
        week.clock.advance(DAY)
    assert seen == [[], [1], [2], [3], [4], [5], [5], [6]]
    assert shown(await door.get(BO, "/desk/overdue?at_least=7"), "customer_id") == [("B",)]
    assert shown(await door.get(BO, "/desk/overdue?at_least=8"), "customer_id") == []


async def test_what_was_put_off_is_not_overdue(week: House, door: Door) -> None:
    """It is late only from its new day on."""
    item = await door.only(BO)
    await door.post(BO, f"/reminders/{item['reminder_id']}/snooze", {"until": "2026-03-05"})
    week.clock.advance(3 * DAY)
    assert (await door.get(BO, "/desk/overdue"))["items"] == []
    week.clock.advance(DAY)
    [late] = (await door.get(BO, "/desk/overdue"))["items"]
    assert (late["listed_on"], late["overdue_working_days"]) == ("2026-03-05", 1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "ABSSS"),
        ("rep=ann", "ASSS"),
        ("rep=bo", "B"),
        ("class=sample", "SSS"),
        ("level=key", "AB"),
        ("customer=B", "B"),
        ("kind=contact", "ABSSS"),
        ("kind=plan", ""),
        ("state=skipped", ""),
        ("rep=nobody", ""),
    ],
)
async def test_lists_are_narrowed_and_come_in_pages(week: House, door: Door, query: str, found: str) -> None:
    """By rep, kind, class, level, customer and state, over days, two at a time without gaps or repetition."""
    for _ in range(3):
        week.clock.advance(DAY)
        await week.dispatch()
    seen, cursor = list[str](), ""
    while True:
        page = await door.get(BOSS, f"/desk/reminders?from=2026-03-01&limit=2&{query}{cursor}")
        seen += [item["customer_id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert "".join(seen) == found
    overdue = await door.get(BOSS, f"/desk/overdue?{query.replace('state=skipped', 'kind=plan')}")
    # Of the sample customer the newest waits alone, and is not late.
    assert {item["customer_id"] for item in overdue["items"]} == set(found) - {"S"}


@pytest.mark.parametrize(("who", "found"), [(ANN, "AS"), (BO, "B"), (MIA, "AS"), (BOSS, "ABS"), (OP, "ABS")])
@pytest.mark.usefixtures("week")
async def test_everybody_sees_the_days_of_those_they_look_after(
    house: House, door: Door, who: Asker, found: str
) -> None:
    """A rep the own, a manager the department's: in lists, sums, plans and statistics alike."""
    house.clock.advance(DAY)
    await house.dispatch()
    listed = shown(await door.get(who, "/desk/reminders?from=2026-03-02"), "customer_id")
    assert "".join(name for (name,) in listed) == found
    total = (await door.get(who, "/desk/statistics?from=2026-03-02"))["total"]
    assert total["planned"] == len(found)
    ahead = await door.get(who, "/desk/ahead?until=2026-12-31")
    assert {item["customer_id"] for item in ahead["items"]} == set(found)
    week_of = await door.get(who, "/desk/week?week=2026-W10")
    assert sum(day["planned"] for day in week_of["days"]) == len(found)


async def test_what_is_planned_says_how_and_how_long(week: House, door: Door) -> None:
    """The lines to come with the policy's words; none of the past."""
    answer = await door.get(ANN, "/desk/ahead?from=2026-03-02&until=2026-04-30")
    assert shown(answer, "due_on", "customer_id", "line", "minutes", "channel") == [
        ("2026-03-03", "S", "F2.confirming", 3, "mail"),
        ("2026-04-02", "A", "F1", 8, "mail"),
    ]


@pytest.mark.usefixtures("week")
async def test_a_rep_does_not_ask_for_another(door: Door) -> None:
    """An empty list would say that the other has nothing to do."""
    for path in ("day", "week", "reminders", "overdue", "ahead", "statistics"):
        assert await door.refused(ANN, "GET", f"/desk/{path}?rep=bo") == (403, "not_yours")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("reminders?from=2026-03-02&until=2026-03-01", (422, "bad_period")),
        ("statistics?from=1990-01-01&until=2026-03-01", (422, "bad_period")),
        ("statistics?from=yesterday", (422, "invalid_request")),
        ("week?week=2026-W54", (422, "invalid_request")),
        ("week?week=2025-W53", (422, "bad_week")),
        ("week?week=0001-W01", (422, "bad_period")),
        ("overdue?at_least=0", (422, "invalid_request")),
        ("overdue?cursor=WyJ4IiwieSIsInoiXQ", (400, "bad_cursor")),
        ("reminders?cursor=nonsense", (400, "bad_cursor")),
    ],
)
async def test_what_makes_no_sense_is_refused(door: Door, path: str, expected: tuple[int, str]) -> None:
    """Periods that end before they begin or never, weeks that are none, cursors of other lists."""
    assert await door.refused(BOSS, "GET", f"/desk/{path}") == expected


async def test_a_far_day_is_a_day_too(week: House, door: Door) -> None:
    """Centuries ahead and decades ago: an answer, and no search through every day between."""
    for day in ("1990-01-01", "9998-12-30"):
        answer = await door.get(BOSS, f"/desk/day?day={day}")
        assert (answer["day"], answer["planned"]) == (day, 0)
    assert (await door.get(BOSS, f"/desk/day?day={date(2026, 3, 2)}"))["planned"] == 2
