"""A rep's day holds what it can, whoever fills it; managers see the month and say how much that is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from services.followup.api import capacity_router, schedule_router
from services.followup.domain.plans import Draft
from services.followup.usecases.capacity import ReadCapacity, SetCapacity
from shared.http import create_app
from shared.identity import JWKS_FILE, Principal, Role, TokenSigner, TokenVerifier, generate_keypair
from shared.metrics import Metrics
from shared.settings import IdentitySettings
from tests.in_force import changed
from tests.integration.followup.house import DAY, NOON, POLICY, TODAY, House, facts, leave, person, tier
from tests.integration.followup.test_dispatch import CutOutbox, HeldOutbox
from tests.integration.followup.test_policy import follow

pytestmark = pytest.mark.backend

HOLDS = 45  # monthly contacts of 8 minutes in a day of 360


class Visitor:
    """Asks about capacity in somebody's name."""

    def __init__(self, client: httpx.AsyncClient, signer: TokenSigner) -> None:
        self._client = client
        self._signer = signer

    async def get(self, path: str, who: str, role: Role) -> httpx.Response:
        return await self._client.get(path, headers=self._headers(who, role))

    async def put(self, path: str, who: str, role: Role, minutes: int | None) -> httpx.Response:
        return await self._client.put(path, headers=self._headers(who, role), json={"minutes": minutes})

    def _headers(self, who: str, role: Role) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._signer.sign(who, role)}"}


@pytest.fixture
async def visitor(house: House, tmp_path: Path) -> AsyncIterator[Visitor]:
    private = generate_keypair(tmp_path)
    verifier = TokenVerifier.from_settings(IdentitySettings(jwks_file=tmp_path / JWKS_FILE))

    async def ready() -> list[str]:
        return []

    read = ReadCapacity(house.desk, house.stores, house.rules)
    routers = [capacity_router(read, SetCapacity(house.desk, house.stores, read)), schedule_router(house.read_schedule)]
    app = create_app("followup", routers, verifier, metrics=Metrics(), ready=ready)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://followup") as client:
        yield Visitor(client, TokenSigner.from_file(private))


async def lists(house: House) -> dict[str, date]:
    """On which day's list each customer stands."""
    rows = await house.database.fetch("SELECT customer_id, issued_on FROM reminders")
    found = {row["customer_id"]: row["issued_on"] for row in rows}
    assert len(found) == len(rows)
    return found


async def by_day(house: House) -> Counter[date]:
    return Counter((await lists(house)).values())


async def plan(house: House, *names: str, rep: str | None = "rep-1", ordered: date = date(2026, 2, 2)) -> None:
    """Customers whose monthly contact is due a month after `ordered`."""
    await house.told(*(facts(name, last_order_on=ordered, orders=1, rep=rep) for name in names))
    await house.told(*(tier(name, "contract", "ordinary") for name in names))


async def test_what_a_day_cannot_hold_waits_for_the_next_ones(house: House, visitor: Visitor) -> None:
    """A hundred contacts of eight minutes in days of six hours: 45, 45 and 10, each customer once."""
    await house.many_due(100, each=100)
    assert await house.dispatch() == HOLDS
    assert await house.dispatch() == 0
    assert (await house.read_reminders.summary(Principal("boss", Role.GM))).counts.pending == 0
    schedule = (await visitor.get("/schedule/C-00099", "boss", Role.GM)).json()
    assert [(line["due_on"], line["planned_on"]) for line in schedule["lines"]] == [("2026-03-02", "2026-03-03")]
    house.clock.set(NOON + DAY)
    assert await house.dispatch() == HOLDS
    house.clock.set(NOON + 2 * DAY)
    assert await house.dispatch() == 100 - 2 * HOLDS
    assert await by_day(house) == {TODAY: HOLDS, TODAY + DAY: HOLDS, TODAY + 2 * DAY: 10}
    days = await house.database.fetch("SELECT contacts, minutes, capacity FROM rep_days ORDER BY day")
    assert [tuple(row) for row in days] == [(45, 360, 360), (45, 360, 360), (10, 80, 360)]


async def test_what_cannot_wait_any_longer_is_given_out_all_the_same(house: House) -> None:
    """400 contacts may wait until Saturday, the sixth day: five full days, and on the last what is left."""
    await house.many_due(400, each=400)
    for number in range(8):
        house.clock.set(NOON + number * DAY)
        await house.dispatch()
    saturday = TODAY + 5 * DAY
    assert await by_day(house) == {TODAY + n * DAY: HOLDS for n in range(5)} | {saturday: 400 - 5 * HOLDS}


@pytest.mark.parametrize(("dispatchers", "lines"), [(1, 1), (1, 7), (3, 7), (2, 60), (3, 1000)])
async def test_however_many_dispatchers_and_however_large_their_batches_the_lists_are_the_same(
    house: House, dispatchers: int, lines: int
) -> None:
    """Three days of reps with more than a day's work, some of it urgent; one list longer than a batch."""
    urgent = [f"S-{number}" for number in range(30)]
    await house.many_due(150, each=75)
    await house.told(*(facts(name, sample=("confirming", TODAY - DAY), rep="rep-1") for name in urgent))
    await house.told(*(tier(name, "sample", "asia_africa") for name in urgent))
    for number in range(3):
        house.clock.set(NOON + number * DAY)
        crowd = [house.dispatcher(lines_per_batch=lines) for _ in range(dispatchers)]
        await asyncio.gather(*(one() for one in crowd))
        # What one passed over because another held it, the next look finds.
        await house.dispatcher(lines_per_batch=lines)()
    rows = await house.database.fetch("SELECT customer_id, issued_on FROM reminders ORDER BY customer_id, issued_on")
    monthly = {row["customer_id"]: (row["issued_on"] - TODAY).days for row in rows if row["customer_id"] < "S"}
    # 30 daily samples of 3 minutes leave 270: 33 monthly contacts a day, by id. The other rep has 45 and 30.
    first = {f"C-{number:05}": number // 33 for number in range(75)}
    second = {f"C-{number:05}": (number - 75) // 45 for number in range(75, 150)}
    assert monthly == first | second
    assert len(rows) == 150 + 3 * 30


async def test_a_list_longer_than_a_batch_is_carried_out_by_one_at_a_time(house: House) -> None:
    """Another would count what the first has issued, and decide on it once more."""
    await house.many_due(60, each=60)
    held = HeldOutbox(house.outbox)
    sitting = asyncio.create_task(house.dispatcher(lines_per_batch=7, outbox=held)())
    await held.reached.wait()
    assert await house.dispatcher(lines_per_batch=7)() == 0
    held.let_go.set()
    assert await sitting == HOLDS


async def test_a_dispatcher_that_dies_leaves_the_day_as_it_was(house: House) -> None:
    """Its connection breaks after it counted: the next one fills the whole day, not the rest of it."""
    await house.many_due(100, each=100)
    with pytest.raises(Exception, match=r"(?i)connection|terminat"):
        await house.dispatcher(lines_per_batch=1000, outbox=CutOutbox(house.outbox))()
    assert await by_day(house) == {}
    assert await house.dispatch() == HOLDS


async def test_a_contact_that_comes_due_during_the_day_gets_what_is_left_of_it(house: House) -> None:
    """Forty of 45 are given out; of ten that come at noon five fit."""
    await house.many_due(40, each=100)
    assert await house.dispatch() == 40
    await plan(house, *(f"D-{number}" for number in range(10)))
    assert await house.dispatch() == 5
    house.clock.set(NOON + DAY)
    assert await house.dispatch() == 5


async def test_what_was_done_today_of_an_earlier_list_counts(house: House) -> None:
    """Yesterday's ten that are done today take eighty minutes of today, and ten of today's contacts wait."""
    await house.many_due(10, each=100)
    assert await house.dispatch() == 10
    house.clock.set(NOON + DAY)
    called = [
        facts(f"C-{number:05}", 2, last_order_on=date(2026, 2, 2), orders=1, contacted_at=NOON + DAY)
        for number in range(10)
    ]
    await house.told(*called)
    await plan(house, *(f"D-{number:02}" for number in range(50)), ordered=date(2026, 2, 3))
    assert await house.dispatch() == HOLDS - 10


async def test_what_ended_by_itself_took_nobodys_time(house: House) -> None:
    """Yesterday's ten came too late to be of use: today's list is as long as any."""
    await house.many_due(10, each=100)
    assert await house.dispatch() == 10
    await house.database.execute("UPDATE reminders SET kind = 'greeting', latest_on = $1", TODAY)
    house.clock.set(NOON + DAY)
    await house.end_past()
    assert len(await house.published("reminder.ended")) == 10
    await plan(house, *(f"D-{number:02}" for number in range(50)), ordered=date(2026, 2, 3))
    assert await house.dispatch() == HOLDS


async def test_a_plan_takes_its_time_before_and_after_it_is_written(house: House) -> None:
    """F3: half an hour of the day on which it is asked for, written or not."""
    await house.told(person("ann", "north", "rep-1"))
    await house.told(facts("P", contacted_at=datetime(2026, 1, 5, 2, tzinfo=UTC)), tier("P", "potential", "high"))
    await house.ask_for_plans()
    await plan(house, *(f"D-{number:02}" for number in range(40)))
    assert await house.dispatch() == 40
    await house.keep_plans.write(Principal("ann", Role.REP), "P", Draft("Show the porcelain set."), None)
    await plan(house, *(f"E-{number:02}" for number in range(10)))
    assert await house.dispatch() == 1


async def test_what_is_nobodys_has_no_limit(house: House) -> None:
    """It is the manager's to give away, all of it."""
    await plan(house, *(f"C-{number:03}" for number in range(150)), rep=None)
    assert await house.dispatch() == 150


async def test_a_rep_has_one_day_under_all_names(house: House) -> None:
    """Orders know the rep by a code, files by the person."""
    await house.told(person("ann", "north", "rep-1"))
    await plan(house, *(f"A-{number:02}" for number in range(40)), rep="ann")
    await plan(house, *(f"B-{number:02}" for number in range(40)), rep="rep-1")
    assert await house.dispatch() == HOLDS


async def test_on_leave_a_rep_gets_only_what_cannot_wait(house: House) -> None:
    """Away until Wednesday: monthly contacts wait for the return, a daily sample's does not."""
    await house.told(person("ann", "north", "rep-1"), leave("L-1", "ann", TODAY, TODAY + 2 * DAY))
    await plan(house, "C-1", "C-2")
    await house.told(facts("S-1", sample=("confirming", TODAY - DAY)), tier("S-1", "sample", "asia_africa"))
    assert await house.dispatch() == 1
    assert set(await lists(house)) == {"S-1"}
    assert (await house.due_of("C-1")) == {"F1": TODAY}
    house.clock.set(NOON + 3 * DAY)
    assert await house.dispatch() == 3


async def test_a_day_off_gives_out_what_is_due_of_the_next_days_list(house: House) -> None:
    """F8: forty due on Sunday and twenty urgent ones on Monday are one list, and Monday holds no more than it can."""
    sunday = TODAY + 6 * DAY
    await plan(house, *(f"C-{number:02}" for number in range(44)), ordered=sunday - 28 * DAY)
    urgent = [f"S-{number:02}" for number in range(20)]
    house.clock.set(NOON + 6 * DAY)
    await house.told(*(facts(name, sample=("confirming", sunday), occurred_at=NOON + 6 * DAY) for name in urgent))
    await house.told(*(tier(name, "sample", "asia_africa") for name in urgent))
    # 20 contacts of 3 minutes leave 300 minutes: 37 of 8.
    assert await house.dispatch() == 37
    assert await house.dispatch() == 0
    house.clock.set(NOON + 7 * DAY)
    assert await house.dispatch() == 20
    assert await by_day(house) == {sunday: 37, sunday + DAY: 20}
    house.clock.set(NOON + 8 * DAY)
    assert await house.dispatch() == 7 + 20


async def test_a_clock_that_goes_back_over_midnight_and_forth_again_repeats_nothing(house: House) -> None:
    """Half past midnight → half past eleven → half past midnight: each list is given out once, no day holds more."""
    midnight = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # of the third in Shanghai
    await house.many_due(60, each=60)
    await plan(house, *(f"D-{number:02}" for number in range(60)), rep="rep-9", ordered=date(2026, 2, 3))
    half = timedelta(minutes=30)
    for moment in (midnight + half, midnight - half, midnight + half, midnight - half, midnight + half):
        house.clock.set(moment)
        await house.dispatch()
    assert await by_day(house) == {date(2026, 3, 3): 2 * HOLDS}
    house.clock.set(midnight + DAY)
    await house.dispatch()
    assert await by_day(house) == {date(2026, 3, 3): 2 * HOLDS, date(2026, 3, 4): 30}


async def test_a_manager_says_how_much_a_reps_day_holds(house: House, visitor: Visitor) -> None:
    """From the next list on; null is the policy's number again. Not for other departments' reps, nor by reps."""
    await house.told(person("ann", "north", "rep-1"), person("mia", "north"), person("max", "south"))
    await house.many_due(10, each=100)
    path, manager = "/capacity/rep-1", Role.DEPARTMENT_MANAGER
    assert (await visitor.put(path, "mia", manager, 20)).json() == {"rep": "ann", "minutes": 20}
    assert (await visitor.put(path, "max", manager, 480)).status_code == 403
    assert (await visitor.put(path, "ann", Role.REP, 480)).status_code == 403
    assert (await visitor.put(path, "mia", manager, 1441)).status_code == 422
    assert (await visitor.put("/capacity/unassigned", "boss", Role.GM, 60)).status_code == 422
    assert await house.dispatch() == 2
    month = (await visitor.get("/capacity/ann", "ann", Role.REP)).json()
    assert (month["minutes_a_day"], month["own"], month["days"][0]["minutes"]) == (20, True, 16)
    await visitor.put("/capacity/ann", "boss", Role.GM, None)
    house.clock.set(NOON + DAY)
    assert await house.dispatch() == 8


async def test_the_month_ahead_tells_who_is_overloaded(house: House, visitor: Visitor) -> None:
    """Each rep as far as the asker may see, page by page; today with what was given out, later days as they will be."""
    await house.told(person("ann", "north", "rep-1"), person("mia", "north"))
    await house.many_due(450, each=400)
    await house.dispatch()
    reps = (await visitor.get("/capacity", "boss", Role.GM)).json()["items"]
    assert [(each["rep"], each["customers"], each["days_over"]) for each in reps] == [("ann", 400, 1), ("rep-2", 50, 0)]
    # 400 contacts now and again in a month, in the thirty days to the last of March: once.
    assert [each["contacts"] for each in reps] == [400, 50]
    assert reps[0]["over"] == 400 * 8 - 6 * 360
    first = (await visitor.get("/capacity?limit=1", "boss", Role.GM)).json()
    second = (await visitor.get(f"/capacity?limit=1&cursor={first['next']}", "boss", Role.GM)).json()
    assert [each["rep"] for each in (*first["items"], *second["items"])] == ["ann", "rep-2"]
    for who, role, seen in (
        ("ann", Role.REP, ["ann"]),
        ("mia", Role.DEPARTMENT_MANAGER, ["ann"]),
        ("bo", Role.REP, []),
    ):
        answer = (await visitor.get("/capacity", who, role)).json()
        assert [each["rep"] for each in answer["items"]] == seen
    assert (await visitor.get("/capacity/rep-2", "ann", Role.REP)).status_code == 403
    assert (await visitor.get("/capacity/rep-2", "x", Role.HR)).status_code == 403

    days = (await visitor.get("/capacity/rep-1", "ann", Role.REP)).json()["days"]
    assert [(day["day"], day["minutes"], day["over"], day["put_off"]) for day in days[:6]] == [
        *((str(TODAY + n * DAY), 360, 0, 3200 - 360 * (n + 1)) for n in range(5)),
        (str(TODAY + 5 * DAY), 1400, 1040, 0),
    ]
    house.clock.set(NOON + DAY)
    await house.dispatch()
    [yesterday, *_] = (await visitor.get("/capacity/ann?month=2026-03", "ann", Role.REP)).json()["days"]
    assert (yesterday["day"], yesterday["minutes"], yesterday["put_off"]) == (str(TODAY), 360, None)
    # A month that is over ends with its last day.
    before = (await visitor.get("/capacity/ann?month=2026-02", "ann", Role.REP)).json()
    assert (before["last"], before["days"]) == ("2026-02-28", [])


@pytest.mark.parametrize(
    ("month", "status"), [("2026-13", 422), ("2027-03", 422), ("9999-12", 422), ("March", 422), ("2026-04", 200)]
)
async def test_only_months_that_can_be_foreseen_are_asked_for(
    house: House, visitor: Visitor, month: str, status: int
) -> None:
    """Three months ahead at the most."""
    await house.many_due(1)
    assert (await visitor.get(f"/capacity/rep-1?month={month}", "boss", Role.GM)).status_code == status


async def test_what_moving_a_customer_would_do_is_shown_and_not_done(house: House, visitor: Visitor) -> None:
    """Both reps before and after; the tables are as they were."""
    await house.told(person("ann", "north", "rep-1"), person("bo", "north"), person("mia", "north"))
    await house.told(person("cy", "south"))
    await house.many_due(400, each=400)
    await plan(house, "B-1", rep="bo")
    await plan(house, "N-1", rep=None)
    before = await house.database.fetch("SELECT s.*, l.* FROM schedules s JOIN schedule_lines l USING (customer_id)")
    ask = "/capacity/what-if?customer={}&to={}"
    moved = (await visitor.get(ask.format("C-00399", "bo"), "mia", Role.DEPARTMENT_MANAGER)).json()
    assert [(each["rep"], each["customers"], each["minutes"]) for each in moved["from"]] == [
        ("ann", 400, 3200),
        ("ann", 399, 3192),
    ]
    assert [(each["rep"], each["customers"], each["minutes"]) for each in moved["to"]] == [("bo", 1, 8), ("bo", 2, 16)]
    assert moved["from"][0]["over"] - moved["from"][1]["over"] == 8
    assert (await visitor.get(ask.format("N-1", "bo"), "boss", Role.GM)).json()["from"] is None
    refused = {("C-00399", "cy"): 403, ("nobody", "bo"): 404, ("C-00399", "rep-1"): 422}
    for (customer, to), status in refused.items():
        answer = await visitor.get(ask.format(customer, to), "mia", Role.DEPARTMENT_MANAGER)
        assert answer.status_code == status
    assert (await visitor.get(ask.format("C-00399", "bo"), "ann", Role.REP)).status_code == 403
    after = await house.database.fetch("SELECT s.*, l.* FROM schedules s JOIN schedule_lines l USING (customer_id)")
    assert sorted(map(tuple, before), key=str) == sorted(map(tuple, after), key=str)


async def test_what_was_put_off_until_today_counts(house: House) -> None:
    """F7: ten that the rep has moved to today take eighty minutes of it."""
    await house.many_due(10, each=100)
    assert await house.dispatch() == 10
    await house.database.execute("UPDATE reminders SET snoozed_until = $1", TODAY + DAY)
    house.clock.set(NOON + DAY)
    await plan(house, *(f"D-{number:02}" for number in range(50)), ordered=date(2026, 2, 3))
    assert await house.dispatch() == HOLDS - 10


async def test_what_a_deputy_does_is_the_deputys_day(house: House) -> None:
    """By policy nothing waits for the return, and it is counted where it is done."""
    await follow(house, changed(POLICY, "deputies", working_time__leave="deputy"), 2)
    await house.replan_contacts()
    await house.told(person("ann", "north", "rep-1"), leave("L-1", "ann", TODAY, TODAY + 4 * DAY, "bob"))
    await house.many_due(3)
    assert await house.dispatch() == 3
    [day] = await house.database.fetch("SELECT rep, contacts, minutes, capacity FROM rep_days")
    assert tuple(day) == ("bob", 3, 24, None)
