"""Followup with something of everybody's behind each of its doors, and how each line of its table is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from services.followup.domain.plans import Draft
from services.followup.domain.tasks import Task
from services.followup.ports.messages import Attempt
from services.followup.store import PostgresMessages, PostgresTasks
from shared.contracts.organisation import PersonRecorded
from shared.engine.model import Event
from shared.engine.postgres import Database
from shared.identity import Principal
from shared.roles import Role
from shared.words import Text
from tests.authorization.asking import Asked, Seeks, shows
from tests.authorization.company import ASKERS, ELSEWHERE, FAR, GONE, GONE_FAR, HOME, LI, STAFF, Somebody, recorded
from tests.doors import Doors, open_doors
from tests.integration.followup.house import APP, DAY, NOON, House, facts, leave, tier
from tests.integration.followup.providers import SECRET, Providers
from tests.integration.tables import as_login

TODAY = date(2026, 3, 11)
"""The app's business date: a Wednesday, by which what was due on Monday the 2nd has gone unanswered long enough."""
ISSUED, WEEK = date(2026, 3, 2), "2026-W10"

WEI = Somebody("wei", Role.REP, ELSEWHERE, "bao", "rep-6")
"""To whom things of the other department can be handed."""

KEPT: dict[str, tuple[Somebody | None, str | None]] = {
    "own": (ASKERS[Role.REP], HOME), "near": (LI, HOME), "far": (FAR, ELSEWHERE), "nobody's": (None, None),
}  # fmt: skip
"""Whose a customer is: of the rep who asks, of a colleague, of another department's rep; and one of nobody's yet."""
RECEIVERS = {"own": LI.person, "near": "rep", "far": WEI.person, "nobody's": LI.person}
OTHERS = {"near": LI, "far": FAR}
NAMED: Final = re.compile(r"\{([a-z]+(?::[a-z']+)?)\}")


@dataclass
class World:
    """The service's doors, and the names of what is behind them, by whose it is."""

    doors: Doors
    house: House
    providers: Providers
    names: dict[str, str] = field(default_factory=dict)
    """What things are called here, by what lines call them: `reminder:own`, `feed:far`, `letter`."""

    async def tell(self, *events: Event) -> None:
        """Events come in, within the moment: through the service's own pool."""
        self.house.database._pool = self.doors.database._pool
        await self.house.told(*events)

    async def close(self) -> None:
        await self.doors.close()
        await self.providers.stop()


async def open_followup(dsn: str, folder: Path) -> World:
    """Followup over an empty database of its own, filled, with a robot that leads to a provider of the test's own."""
    providers = Providers()
    await providers.start()
    folder.mkdir(parents=True, exist_ok=True)
    channels = folder / "channels.yaml"
    robot = f"{{kind: wecom, url: '{providers.url('wecom')}', secret: '{SECRET}'}}"
    channels.write_text(f"channels: {{robot: {robot}}}\neveryone: [robot]\n", encoding="utf-8")
    channels.chmod(0o600)
    doors = open_doors("followup", dsn, folder, clock={"today": TODAY}, channels_file=channels)
    house = House(Database(as_login(dsn, APP), application="test"))
    world = World(doors, house, providers)
    await fill(world)
    await house.database.close()
    house.database._pool = None
    return world


async def fill(world: World) -> None:
    """Everybody; a customer of each, long overdue, and one due today; plans, reports, leave, feeds, tasks, attempts."""
    house = world.house
    await house.told(*(person_of(who) for who in STAFF), person_of(recorded(WEI)))
    await house.told(*(person_of(recorded(who, active=False)) for who in (GONE, GONE_FAR)))
    await customers_of(house, "C", date(2026, 2, 2))
    for name in KEPT:
        world.names[f"reminder:{name}"] = await house.database.fetchval(
            "SELECT reminder_id FROM reminders WHERE customer_id = $1", f"C-{name}"
        )
        await house.keep_plans.write(Principal("gm", Role.GM), f"C-{name}", Draft("再联系", (), ()), None)
    for day in (3, 5, 8):
        house.clock.set(NOON + day * DAY)
        await house.escalate()
    house.clock.set(NOON + 9 * DAY)
    await customers_of(house, "T", date(2026, 2, 11))
    for who in (ASKERS[Role.REP], LI, FAR):
        await house.keep_reports.write(Principal(who.person, Role.REP), who.person, WEEK, "本周", None)
        await house.told(leave(f"L-{who.person}", who.person, TODAY, TODAY + 2 * DAY))
        await attempt(house, who)
    for who in (*ASKERS.values(), *OTHERS.values()):
        await task(house, who)
    for name, whose in OTHERS.items():
        made = await world.doors.ask(whose.person, whose.role, "POST", "/feeds", body={})
        assert made.status_code == 201, made.text
        world.names[f"feed:{name}"] = made.json()["feed_id"]
    world.names["letter"] = str(await world.doors.bury())


def person_of(data: PersonRecorded) -> Event:
    return Event(f"{data.person}:{data.active}", "/hr", "person.recorded", NOON, "", data, 0)


async def customers_of(house: House, name: str, ordered: date) -> None:
    """A key customer of each, whose month is over: the reminders are issued."""
    for whose, (rep, department) in KEPT.items():
        customer, code = f"{name}-{whose}", None if rep is None else rep.rep_code
        said: dict[str, Any] = {"rep": code, "department": department, "occurred_at": house.clock.now()}
        await house.told(facts(customer, last_order_on=ordered, orders=1, **said))
        await house.told(tier(customer, "contract", "key"))
    assert await house.dispatch() == len(KEPT)


async def attempt(house: House, who: Somebody) -> None:
    """A digest reached somebody."""
    told = Attempt(f"m-{who.person}", who.person, "digest", "robot", 1, 1, NOON, 0.1, "sent", "0", "ok", None, "sent")
    async with house.database.transaction() as tx:
        await PostgresMessages().keep(tx, told)


async def task(house: House, who: Somebody) -> None:
    """Something waits for somebody."""
    words, name = Text(zh="请处理", en="to be done"), f"t-{who.person}"
    waits = Task(name, who.person, "request.sign", None, None, NOON, words, "request", "r-1")
    async with house.database.transaction() as tx:
        await PostgresTasks().save(tx, {name: waits}, {})


CALLS: dict[tuple[str, str], Callable[[World, Somebody], Asked]] = {}


def line(
    what: str, when: str = "", path: str | None = None, body: Any = None, seeks: str | Seeks | None = None
) -> None:
    """How a line is asked; in its words `{asker}` is who asks, `{reminder:own}` and the like a thing's own name."""

    def asked(world: World, who: Somebody) -> Asked:
        names = {"asker": who.person, **world.names}
        told = {key: filled(value, names) for key, value in body.items()} if isinstance(body, dict) else body
        sought = shows(filled(seeks, names)) if isinstance(seeks, str) else seeks
        return Asked(filled(path or what.split()[1], names), told, seeks=sought)

    CALLS[what, when] = asked


def filled(words: Any, names: Mapping[str, str]) -> Any:
    """The words with what stands in braces, where it is one of the names, called by its name."""
    return NAMED.sub(lambda found: names.get(found[1], found[0]), words) if isinstance(words, str) else words


def planned(body: Any) -> bool:
    """Whether a day, or some day of a week, has anything on its list."""
    days = body.get("days", [body])
    return any(day["planned"] for day in days)


for name in KEPT:
    reminder = f"{{reminder:{name}}}"
    line("GET /reminders", name, f"/reminders?day={ISSUED}", seeks=reminder)
    line("GET /reminders/{reminder_id}", name, f"/reminders/{reminder}")
    path = "POST /reminders/{reminder_id}"
    line(f"{path}/done", name, f"/reminders/{reminder}/done", {"channel": "phone"})
    line(f"{path}/snooze", name, f"/reminders/{reminder}/snooze", {"until": "2026-03-12"})
    line(f"{path}/skip", name, f"/reminders/{reminder}/skip", {"reason": "not_useful"})
    receiver = {"to": RECEIVERS[name], "reason": "按制度"}
    line(f"{path}/hand-over", name, f"/reminders/{reminder}/hand-over", receiver)
    line("POST /handovers", name, body={"customer_id": f"C-{name}", **receiver})
    line("GET /schedule/{customer_id}", name, f"/schedule/C-{name}")
    line("GET /plans/{customer_id}", name, f"/plans/C-{name}")
    line("PUT /plans/{customer_id}", name, f"/plans/C-{name}", {"text": "下月拜访"})
    line("GET /desk/reminders", name, f"/desk/reminders?from={ISSUED}", seeks=f"C-{name}")
    line("GET /desk/overdue", name, seeks=f"C-{name}")
    line("GET /desk/ahead", name, f"/desk/ahead?from={TODAY}&until=2026-12-31", seeks=f"C-{name}")
    line("GET /reassignments", name, seeks=f"C-{name}")
    line("GET /messages/preview", name, f"/messages/preview?channel=wecom&reminder={reminder}")
    line("GET /capacity/what-if", name, f"/capacity/what-if?customer=C-{name}&to={RECEIVERS[name]}")
    rep = KEPT[name][0]
    code = "unassigned" if rep is None else rep.rep_code
    line("GET /reminders/summary", name, seeks=code)
    line("GET /desk/statistics", name, f"/desk/statistics?from={ISSUED}&until={ISSUED}", seeks=code)
    line("GET /desk/day", name, f"/desk/day?day={ISSUED}&rep={code}", seeks=planned)
    line("GET /desk/week", name, f"/desk/week?week={WEEK}&rep={code}", seeks=planned)
line("GET /reminders/{reminder_id}", "unknown", "/reminders/nobody-knows")
line("POST /reminders/{reminder_id}/done", "unknown", "/reminders/nobody-knows/done", {"channel": "phone"})
line("GET /schedule/{customer_id}", "unknown", "/schedule/nobody-knows")
line("GET /plans/{customer_id}", "unknown", "/plans/nobody-knows")
line("GET /reminders", "by another's name", "/reminders?rep=far")

PREFERENCES = {"language": "en"}
for name, whose in (("oneself", None), *OTHERS.items()):
    person = "{asker}" if whose is None else whose.person
    line("GET /preferences/{person}", name, f"/preferences/{person}")
    line("PUT /preferences/{person}", name, f"/preferences/{person}", PREFERENCES)
    line("GET /messages/preview", f"the day of {name}", f"/messages/preview?channel=wecom&person={person}")
    line("GET /deliveries", name, f"/deliveries?person={person}")
    line("POST /feeds", name, body={"person": person})
    line("GET /capacity/{rep}", name, f"/capacity/{person}")
    line("PUT /capacity/{rep}", name, f"/capacity/{person}", {"minutes": 120})
for name, whose in (("own", ASKERS[Role.REP]), *OTHERS.items()):
    report = f"/weekly-reports/{whose.person}/{WEEK}"
    line("GET /weekly-reports", name, f"/weekly-reports?week={WEEK}", seeks=whose.person)
    line("GET /weekly-reports/{rep}/{week}", name, report)
    line("PUT /weekly-reports/{rep}/{week}", name, report, {"summary": "改"})
    line("POST /weekly-reports/{rep}/{week}/file", name, f"{report}/file")
    line("GET /leave", name, seeks=f"L-{whose.person}")
    line("GET /capacity", name, seeks=whose.person)
    line("GET /deliveries", f"all, {name}", "/deliveries", seeks=f"m-{whose.person}")
for name in OTHERS:
    line("GET /feeds", name, seeks=f"{{feed:{name}}}")
    line("DELETE /feeds/{feed_id}", name, f"/feeds/{{feed:{name}}}")
line("DELETE /feeds/{feed_id}", "unknown", "/feeds/nobody-knows")
for name, department in (("own", HOME), ("far", ELSEWHERE)):
    report = f"/department-reports/{department}/{WEEK}"
    line("GET /department-reports/{department}/{week}", name, report)
    line("POST /department-reports/{department}/{week}/pass-on", name, f"{report}/pass-on", {})
line("GET /tasks", "oneself", seeks="t-{asker}")
line("GET /tasks", "another's", "/tasks?person=far", seeks="t-far")
for what in ("GET /reminders/choices", "GET /calendar", "GET /products", "GET /messages/status", "GET /status"):
    line(what)
line("GET /dead-letters")
line("POST /products", body={"product_id": "N-1", "name": {"zh": "新品", "en": "new"}})
line("POST /messages/test", body={"channel": "robot"})
line("POST /dead-letters/replay", body={"ids": []})
line("POST /partitions/resume", body={"topic": "customers.v1"})
line("GET /dead-letters/{letter_id}", path="/dead-letters/{letter}")
