"""Archive with something behind each of its doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from shared.clock import FrozenClock
from shared.contracts.customers import TradeRecorded
from shared.contracts.organisation import PersonDeparted, StationRecorded
from shared.contracts.types import Cause, FileTier
from shared.engine.postgres import Database
from shared.proof.notes import SigningKey
from shared.roles import Role
from tests.authorization.asking import REASON
from tests.authorization.company import (
    ASKERS,
    BAO,
    ELSEWHERE,
    FAR,
    FILER,
    GONE,
    GONE_FAR,
    HOME,
    LI,
    STAFF,
    Somebody,
)  # fmt: skip
from tests.doors import Doors, open_doors
from tests.integration.archive.house import APP, Archive
from tests.integration.tables import as_login

HOUR = timedelta(hours=1)
RANKS = ("top_secret", "secret", "confidential", "unclassified")


@dataclass
class World:
    """The service's doors, and the names of what is behind them."""

    doors: Doors
    house: Archive
    now: datetime
    pieces: dict[str, str]
    """The piece of content of each record."""

    async def ask(self, who: Somebody, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Somebody asks."""
        return await self.doors.ask(who.person, who.role, method, path, department=who.department, body=body, **more)

    async def done(self, who: Somebody, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Somebody does what they may."""
        answer = await self.ask(who, method, path, body, **more)
        assert answer.is_success, (who.person, method, path, answer.text)
        return answer.json()

    async def fine_of(self, person: str) -> str:
        """The fine that somebody has."""
        found = await self.doors.database.fetchval("SELECT fine_id FROM fines WHERE person = $1", person)
        return str(found)

    async def request(self, until: str = "sign", **wish: Any) -> str:
        """Li's request for a file of the other department, as far as the step `until`, which it waits at."""
        body = {"file": "customer:C-far", "sections": ["*"], "why": "报价", "until": self.later(HOUR)} | wish
        found: str = (await self.done(LI, "POST", "/requests", body))["request_id"]
        chain = [("sign", ASKERS[Role.DEPARTMENT_MANAGER]), ("consent", BAO), ("approve", ASKERS[Role.GM])]
        if body["file"].startswith("record:"):
            # Rank 0, the only one that a rep knows of: the head of the GM's office lends it (A3).
            chain[1:] = [("approve", ASKERS[Role.GM_OFFICE_HEAD])]
        for act, decider in chain:
            if act == until:
                break
            decision = {"decision": "approve", "reason": "同意"}
            await self.done(decider, "POST", f"/requests/{found}/decisions", decision)
        return found

    async def grant(self, **wish: Any) -> str:
        """What li was granted at the end of it."""
        request = await self.request("release", **wish)
        given = await self.done(FILER, "POST", "/grants", {"request": request, "reason": "放行"})
        return str(given["grant_id"])

    async def destruction(self, *steps: str, record: str = "old") -> str:
        """A request to destroy a record, by another archivist, and what has been done about it: up to `attest`."""
        head, deputy = ASKERS[Role.GM_OFFICE_HEAD], ASKERS[Role.DEPUTY_GM]
        asked = await self.done(FILER, "POST", "/destructions", {"records": [record], **REASON})
        path = f"/destructions/{asked['destruction_id']}"
        for step in steps:
            match step:
                case "approve" | "review":
                    await self.done(head, "POST", f"{path}/decisions", {"decision": "agree", **REASON})
                case "witness":
                    await self.done(deputy, "POST", f"{path}/witness", {"witness": LI.person, **REASON})
                case "attest":
                    await self.done(LI, "POST", f"{path}/attest", REASON)
        return path

    def later(self, time: timedelta) -> str:
        return (self.now + time).isoformat()


async def open_archive(dsn: str, folder: Path) -> World:
    """Archive over an empty database of its own, filled."""
    doors = open_doors("archive", dsn, folder)
    now = datetime.now(UTC)
    house = Archive(
        dsn, Database(as_login(dsn, APP), application="test"), folder / "objects", folder / "outside",
        clock=FrozenClock(now), signing_key=SigningKey.parse((folder / "checkpoint-key").read_text()),
    )  # fmt: skip
    world = World(doors, house, now, {})
    await fill(world)
    await house.database.close()
    return world


async def fill(world: World) -> None:
    """Everybody; customers' files and records of each kind; a fine of everybody's; a gap; a signed head."""
    house, now = world.house, world.now
    await house.staff(*STAFF, at=now - timedelta(days=30))
    room = StationRecorded(station="room", networks=("10.9.0.0/24",), place="hq", reading_room=True, active=True)
    await house.tell("organisation.v1", "station.recorded", room, at=now - timedelta(days=30))
    for customer, tier, department, rep in (
        ("own", "personal", HOME, "rep-1"), ("near", "personal", HOME, "rep-2"),
        ("far", "personal", ELSEWHERE, "rep-3"),
        ("home", "department", HOME, "rep-2"), ("away", "department", ELSEWHERE, "rep-3"),
        ("top", "company", HOME, "rep-2"),
    ):  # fmt: skip
        await house.seal(customer_told(house, f"C-{customer}", tier, department, rep))  # type: ignore[arg-type]
    everybody = [*(who.person for who in ASKERS.values()), FAR.person]
    day = (now - timedelta(hours=2)).date()
    for name in everybody:
        await house.seal(house.breach(person=name, occurred_on=day, found_at=now, breach_id=f"copy:{name}"))
    await house.seal(house.breach(breach_id="copy:nobody", person=None, occurred_on=day, found_at=now))
    await house.seal(house.access(actor=FAR.person, file="customer:C-far", at=now))
    for rank in RANKS:
        for department in (HOME, ELSEWHERE):
            record = f"{rank}-{department}"
            body = {"record_id": record, "title": "合同", "rank": rank, "class": "contracts", "department": department,
                    "sections": [{"name": "text"}]}  # fmt: skip
            await world.done(FILER, "POST", "/records", body)
            piece = f"/records/{record}/attachments?section=text&name=paper.txt"
            added = await world.done(FILER, "POST", piece, content=b"words")
            world.pieces[record] = added["attachment_id"]
    for leaver in (GONE, GONE_FAR):
        await house.staff(PersonDeparted(person=leaver.person, departed_at=now - timedelta(days=1)), at=now)
    await file_old_ones(world)
    await house.vouch()()


async def file_old_ones(world: World) -> None:
    """A record of rank 0 and one of rank 1 whose time is over, and what the home department owes."""
    connection = await asyncpg.connect(world.doors.dsn)
    for record, rank in (("old", "unclassified"), ("old-classified", "confidential")):
        await connection.execute(
            "INSERT INTO records (record, title, rank, department, record_class, period, filed_by, filed_at,"
            " retain_until) VALUES ($1, '统计', $2, $3, 'statistics', '2001', 'filer', '2002-01-05', '2011-12-31')",
            record, rank, HOME,
        )  # fmt: skip
    await connection.execute(
        "INSERT INTO filing_dues VALUES ('2026-Q3', $1, 'minutes', $2)", HOME, world.now.date() + timedelta(days=20)
    )
    await connection.close()


def customer_told(house: Archive, customer: str, tier: FileTier, department: str, rep: str) -> Any:
    """What customers tell of a customer's file."""
    data = TradeRecorded(
        customer_id=customer, version=1, cause=Cause(id="SO-1", type="order.placed", source="/orders"),
        occurred_at=house.clock.now(), customer_class="contract", orders=1, first_order_on=house.clock.today(),
        last_order_on=house.clock.today(), sample_phase="none", sample_on=None, country="DE", potential=None, rep=rep,
        department=department, contacted_at=None, file_tier=tier, entry=None,
    )  # fmt: skip
    return house.record("customers.v1", "trade.recorded", data, event_id=f"{customer}:1", at=house.clock.now())
