"""Scoring with customers of everybody's, and how each line of its table is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from services.scoring.usecases.organisation import RecordPeople
from shared.clock import FrozenClock
from shared.contracts.customers import TradeEntry
from shared.contracts.organisation import PersonRecorded
from shared.engine.model import Event
from shared.engine.postgres import Database
from shared.roles import Role
from tests.authorization.asking import REASON, Asked, Seeks, shows
from tests.authorization.company import ASKERS, ELSEWHERE, HOME, STAFF
from tests.doors import Doors, open_doors
from tests.integration.scoring.house import APP, DAY, POLICY, House, facts
from tests.integration.tables import as_login

TODAY = date(2026, 3, 2)
KEPT: Mapping[str, tuple[str | None, str | None]] = {
    "own": ("rep-1", HOME), "near": ("rep-2", HOME), "far": ("rep-3", ELSEWHERE), "nobody's": (None, None),
}  # fmt: skip
"""Whose a customer is: of the rep who asks, of a colleague, of another department's rep; and one of nobody's."""
GAPS = {"own": (20, 30, 40), "near": (60, 25, 50), "far": (90, 45), "nobody's": (35, 120, 33, 47)}
"""Days between a customer's orders, the newest first."""


IN_A_TRANSACTION_OF_ITS_OWN = ("GET /analyses/", "POST /policy/preview")
"""These change nothing, and see a snapshot that must be the first thing their transaction does."""


@dataclass
class World:
    """The service's doors, over levels that its own process decides, and the part by which people come in."""

    doors: Doors
    house: House

    async def tell(self, *people: PersonRecorded) -> None:
        """People come in, within the moment: through the service's own pool."""
        self.house.database._pool = self.doors.database._pool
        await recorded(self.house, *people)


async def open_scoring(dsn: str, folder: Path) -> World:
    """Scoring over an empty database of its own, filled: contract customers of each, lapsed ones too, a prospect."""
    doors = open_doors("scoring", dsn, folder, clock={"today": TODAY})
    noon = datetime.combine(TODAY, datetime.min.time(), UTC) + timedelta(hours=4)
    house = House(Database(as_login(dsn, APP), application="test"), clock=FrozenClock(noon))
    world = World(doors, house)
    await recorded(house, *STAFF)
    await house.lease.acquire()
    for whose, gaps in GAPS.items():
        await bought(house, f"C-{whose}", whose, TODAY - 10 * DAY, gaps)
        await bought(house, f"L-{whose}", whose, TODAY - 400 * DAY, gaps[:2])
    await house.told(facts("P-1", potential="high", rep="rep-1", department=HOME))
    await house.lease.release()
    await house.database.close()
    # From here on the app's own process decides, as one that has just started.
    lease = doors.built.subscriptions[0].lease
    assert lease is not None
    assert await lease.acquire()
    jobs = {job.name: job for job in doors.built.jobs}
    await jobs["begin_policies"].run()
    gm, second = ASKERS[Role.GM], {"written": written("second"), **REASON}
    assert (await doors.ask(gm.person, gm.role, "POST", "/policy/activate", body=second)).status_code == 201
    await jobs["pass_days"].run()
    assert await doors.bury() == 1
    return world


async def recorded(house: House, *people: PersonRecorded) -> None:
    """A batch of `organisation.v1`."""
    handler = RecordPeople(house.people)
    events = [Event(f"{told.person}", "/hr", "person.recorded", house.clock.now(), "", told, 0) for told in people]
    async with house.database.transaction() as tx:
        work = await handler.load(tx, events)
        for event in events:
            handler.decide(work, event, house.clock.now())
        await handler.save(tx, work)


async def bought(house: House, customer: str, whose: str, last: date, gaps: tuple[int, ...]) -> None:
    """A customer orders so many days apart, the last time on a day."""
    rep, department = KEPT[whose]
    days = [last - sum(gaps[:number]) * DAY for number in range(len(gaps) + 1)]
    for version, dated in enumerate(sorted(days), 1):
        entry = TradeEntry(entry_id=f"o:{version}", kind="order", dated=dated, amount="100", counts=True)
        said: dict[str, Any] = {"customer_class": "contract", "rep": rep, "department": department, "entry": entry}
        await house.told(facts(customer, version, last_order_on=dated, **said))


def written(version: str) -> str:
    """The policy as shipped under another name, as a file."""
    return yaml.safe_dump(POLICY.as_json() | {"version": version}, allow_unicode=True)


CALLS: dict[tuple[str, str], Asked] = {}


def line(what: str, when: str = "", path: str | None = None, body: Any = None, seeks: Seeks | None = None) -> None:
    """How a line is asked, whoever asks."""
    CALLS[what, when] = Asked(path or what.split()[1], body, seeks=seeks)


OTHER = {"written": written("another")}
CUSTOMER = {"customer_id": "X-1", "days": 100, "sales": "100"}
ARTICLE = {"sku": "A-1", "name": "杯", "category": "cups"}
IMPORT = {"importer": "Acme", "country": "DE", "hs_code": "6912", "goods": "cups", "date": "2026-01-05"}

for route in (
    "GET /tiers", "GET /levels", "GET /best", "GET /falls", "GET /gaps", "POST /check", "GET /policy",
    "GET /policy/versions", "GET /analyses/composition", "GET /analyses/performance", "GET /analyses/profit",
    "GET /analyses/loyalty", "GET /analyses/affinity", "GET /analyses/workbook", "GET /status", "GET /dead-letters",
):  # fmt: skip
    line(route)
line("GET /levels/over-time", path="/levels/over-time?from=2026-01-01")
line("GET /analyses/promotion", path="/analyses/promotion?from=2026-01-01&until=2026-01-10")
for when, customer in (("", "C-own"), ("unknown", "nobody-knows")):
    line("GET /tiers/{customer_id}", when, f"/tiers/{customer}")
    line("GET /tiers/{customer_id}/history", when, f"/tiers/{customer}/history")
for when, customer in (("", "P-1"), ("contract", "C-own"), ("unknown", "nobody-knows")):
    line("GET /potentials/{customer_id}", when, f"/potentials/{customer}")
for whose in KEPT:
    line("GET /lapses/{customer_id}", whose, f"/lapses/L-{whose}")
    line("GET /lapses/{customer_id}", f"{whose}, not lapsed", f"/lapses/C-{whose}")
    line("GET /analyses/outlook", whose, "/analyses/outlook?best=100", seeks=shows(f"C-{whose}"))
line("GET /lapses/{customer_id}", "unknown", "/lapses/nobody-knows")
line("GET /allocation", path="/allocation?resource=trial_pack&quantity=10")
line("POST /allocation/trial", body={"resource": "trial_pack", "quantity": 10, "customers": [CUSTOMER]})
line("PUT /catalogue", body={"articles": [ARTICLE]})
line("POST /customs", body={"records": [IMPORT]})
line("GET /policy/versions/{version}", path="/policy/versions/1")
line("GET /policy/versions/{version}", "unknown", "/policy/versions/nobody-knows")
line("POST /policy/preview", body=OTHER)
line("POST /policy/activate", body=OTHER | REASON)
line("POST /policy/rollback", body={"version": "1"} | REASON)
line("POST /policy/rollback", "unknown", body={"version": "nobody-knows"} | REASON)
line("GET /dead-letters/{letter_id}", path="/dead-letters/1")
line("POST /dead-letters/replay", body={"ids": []})
line("POST /partitions/resume", body={"topic": "customers.v1"})
