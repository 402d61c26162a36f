"""Statistics against what was published: whatever reps do, every number follows from the events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

import pytest

from services.followup.domain.figures import Tally
from services.followup.domain.refusal import NotPossibleError
from services.followup.usecases.contact import Report
from services.followup.usecases.handing import Receiving
from services.followup.usecases.views import Wish
from shared.contracts.types import CustomerClass, Level
from shared.identity import Principal, Role
from shared.working_time import WorkingTime
from tests.integration.followup.house import DAY, POLICY, TODAY, House, facts, person, tier

pytestmark = pytest.mark.backend

BOSS = Principal("boss", Role.GM)
REPS = ("ann", "eve", "bo")
LEVELS: tuple[tuple[CustomerClass, Level], ...] = (
    ("sample", "europe_america"),
    ("sample", "asia_africa"),
    ("contract", "key"),
    ("potential", "high"),
)
WORK = WorkingTime(POLICY)


@dataclass
class Heard:
    """A reminder as somebody knows it who only listens."""

    rep: str
    level: tuple[str, str]
    minutes: int
    issued_on: date
    listed_on: date
    state: str = "due"
    done_at: datetime | None = None
    worked: int = 0


async def heard(house: House) -> dict[str, Heard]:
    known = dict[str, Heard]()
    for kind in ("due", "moved", "handed_over", "skipped", "ended", "done"):
        for event in await house.published(f"reminder.{kind}"):
            data = event["data"]
            if kind == "due":
                issued_on = house.clock.date_of(datetime.fromisoformat(event["time"]))
                level = (data["customer_class"], data["level"])
                known[data["reminder_id"]] = Heard(data["rep"], level, data["minutes"], issued_on, issued_on)
                continue
            reminder = known[data["reminder_id"]]
            if kind == "moved":
                reminder.listed_on = date.fromisoformat(data["to_on"])
            elif kind == "handed_over":
                assert reminder.rep == data["from_rep"]
                reminder.rep = data["to_rep"]
            elif kind in {"skipped", "ended"}:
                reminder.state = kind
            else:
                reminder.state, reminder.done_at = "done", datetime.fromisoformat(data["done_at"])
    for event in await house.published("contact.made"):
        known[event["data"]["contact_id"].removeprefix("reminder:")].worked += event["data"]["minutes"] or 0
    return known


def tally_of(reminder: Heard, house: House) -> Tally:
    ended_on = house.clock.today() if reminder.done_at is None else house.clock.date_of(reminder.done_at)
    worked_on = WORK.on_or_after(reminder.listed_on)
    days = [worked_on + n * DAY for n in range(1, 1 + max(0, (ended_on - worked_on).days))]
    late = reminder.state in {"due", "done"} and any(WORK.is_working(day) for day in days)
    return Tally(
        planned=1,
        done=int(reminder.state == "done"),
        late=int(late),
        skipped=int(reminder.state == "skipped"),
        open=int(reminder.state == "due"),
        ended=int(reminder.state == "ended"),
        minutes=reminder.minutes,
        worked=reminder.worked,
    )


async def act(house: House, chance: Random, versions: Counter[str]) -> None:
    """One of the open reminders meets with something; what the rules refuse does not happen."""
    rows = await house.database.fetch("SELECT reminder_id, customer_id FROM reminders WHERE state = 'due' ORDER BY 1")
    if not rows:
        return
    reminder_id, customer_id = chance.choice(rows)
    match chance.choice(["snooze", "skip", "done", "hand", "round", "round"]):
        case "snooze":
            await house.snooze(BOSS, reminder_id, house.clock.today() + chance.randint(1, 5) * DAY, None)
        case "skip":
            await house.skip(BOSS, reminder_id, "on_leave", None, None)
        case "done":
            report = Report(house.clock.now(), "phone", chance.choice([None, 5, 17]))
            await house.report_contact(BOSS, reminder_id, report)
        case "hand":
            await house.hand_over(BOSS, reminder_id, Receiving(chance.choice(REPS), "so"), None)
        case _:
            versions[customer_id] += 1
            rep = owner(customer_id, chance)
            sample = ("delivered", TODAY) if int(customer_id) % 4 < 2 else None
            said = facts(
                customer_id,
                versions[customer_id],
                rep=rep,
                department="north",
                sample=sample,  # type: ignore[arg-type]
                contacted_at=house.clock.now(),
            )
            await house.told(said)


def owner(customer_id: str, chance: Random) -> str | None:
    """Mostly the same rep, at times another one or nobody."""
    return chance.choice([REPS[int(customer_id) % 3]] * 4 + [*REPS, None])


@pytest.mark.parametrize("seed", range(4))
async def test_every_number_follows_from_the_events(house: House, seed: int) -> None:
    """Five weeks of snoozing, skipping, reporting, handing over and changing owners, in any order."""
    chance, versions = Random(seed), Counter[str]()  # noqa: S311 - the same walk in each run
    await house.told(*(person(rep, "north") for rep in REPS))
    for number in range(12):
        versions[str(number)] = 1
        sample = ("delivered", TODAY) if number % 4 < 2 else None
        await house.told(facts(str(number), rep=owner(str(number), chance), department="north", sample=sample))  # type: ignore[arg-type]
        await house.told(tier(str(number), *LEVELS[number % 4]))
    done = 0
    for _ in range(35):
        await house.dispatch()
        for _ in range(chance.randint(0, 6)):
            try:
                await act(house, chance, versions)
                done += 1
            except NotPossibleError:
                continue
        house.clock.advance(DAY)
    assert done > 40
    reminders = (await heard(house)).values()
    assert {reminder.state for reminder in reminders} == {"due", "done", "skipped", "ended"}
    await assert_sums(house, reminders, TODAY, TODAY + 40 * DAY)
    await assert_sums(house, reminders, TODAY + 9 * DAY, TODAY + 17 * DAY)


async def assert_sums(house: House, reminders: Collection[Heard], first: date, last: date) -> None:
    expected = dict[tuple[str, str, str], Tally]()
    for reminder in reminders:
        if first <= reminder.issued_on <= last:
            place = (reminder.rep, *reminder.level)
            expected[place] = expected.get(place, Tally()).plus(tally_of(reminder, house))
    _, shares = await house.read_desk.statistics(BOSS, Wish(None, first, last))
    found = {(share.rep, share.customer_class, share.level): share.tally for share in shares}
    assert found == expected
    days, _, _ = await house.read_desk.days(BOSS, Wish(None, first, last))
    for view in days:
        total = Tally()
        for reminder in reminders:
            if reminder.listed_on == view.day:
                total = total.plus(tally_of(reminder, house))
        assert view.tally == total
