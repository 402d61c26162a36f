"""Archive with something behind each of its doors, and how each line of its table is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import httpx

from shared.clock import FrozenClock
from shared.contracts.customers import TradeRecorded
from shared.contracts.organisation import PersonDeparted, StationRecorded
from shared.contracts.types import Cause, FileTier
from shared.engine.postgres import Database
from shared.proof.notes import SigningKey
from shared.roles import Role
from tests.authorization.company import (
    ASKERS,
    BAO,
    CLERK,
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


class Asked(NamedTuple):
    """How a route is called."""

    path: str
    body: Any = None
    content: bytes | None = None
    seeks: Callable[[Any], bool] | None = None


REASON = {"reason": "按制度"}


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


IN_A_TRANSACTION_OF_ITS_OWN = {"GET /audit/verification", "POST /attachment-keys/rewrapping"}
"""These change nothing here, and do what must be the first thing of its transaction, or outside of any."""

STATES = (
    "none", "expired", "early", "revoked", "used", "another's", "elsewhere", "bare", "granted", "room", "copy",
    "copyroom", "left",
)  # fmt: skip
"""How an asker stands to a record, by grants and place; what each word means stands in the table."""
IN_THE_ROOM = {"bare", "room", "copyroom"}

GRANT = (
    "INSERT INTO grants (grant_id, file, person, sections, copy_allowed, not_before, until, approved_by, given_by,"
    " given_at, uses, revoked_at, request_id)"
    " VALUES ('g-' || $2, $1, $2, '{*}', $3, $4, $5, 'boss', 'filer', $6, $7, $8, 'r-' || $2)"
)


async def into_state(world: World, state: str, who: Somebody, file: str) -> None:
    """Let things stand for somebody and a file as a line's `when` says."""
    now = datetime.now(UTC)
    person, since, until, uses, revoked = who.person, now - HOUR, now + HOUR, None, None
    match state:
        case "none" | "bare":
            return
        case "expired":
            until = now - HOUR / 2
        case "early":
            since = now + HOUR / 2
        case "revoked":
            revoked = now
        case "used":
            uses = 1
        case "another's":
            person = FAR.person
        case "elsewhere":
            file = "record:another"
        case "left":
            world.house.database._pool = world.doors.database._pool
            await world.house.staff(PersonDeparted(person=who.person, departed_at=now), at=now)
    copies = state in {"copy", "copyroom"}
    await world.doors.slip_in(GRANT, file, person, copies, since, until, since, uses, revoked)
    if state == "used":
        piece = world.pieces[file.removeprefix("record:")]
        await world.doors.slip_in("INSERT INTO grant_uses VALUES ('g-' || $2, $1, 1, now())", piece, person)


def asked_of_file(world: World, what: str, file: str, state: str) -> Asked:
    """How a line of the table of records is asked of a file."""
    record = file.removeprefix("record:")
    match what:
        case "GET /requests/preview":
            return Asked(f"/requests/preview?file={file}")
        case "POST /requests":
            return Asked("/requests", {"file": file, "why": "报价", "until": (datetime.now(UTC) + HOUR).isoformat()})
    piece = world.pieces.get(record, "none")
    path = what.split()[1].replace("{record_id}", record).replace("{attachment_id}", piece)
    return Asked(path)


Call = Callable[[World, Somebody], Awaitable[Asked]]
CALLS: dict[tuple[str, str], Call] = {}


def call(what: str, when: str = "") -> Callable[[Call], Call]:
    """Say how a line of the table is asked; what happens before it is part of its moment."""

    def keep(asked: Call) -> Call:
        CALLS[what, when] = asked
        return asked

    return keep


def plain(what: str, path: str | None = None, body: Any = None, when: str = "") -> None:
    """A line that needs nothing beforehand."""

    async def asked(world: World, who: Somebody) -> Asked:
        return Asked(path or what.split()[1], body)

    CALLS[what, when] = asked


MONTH = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
BACKUP = {
    "backup": "b-1", "made_at": "2026-03-01T02:00:00+08:00", "place": "file:///backups", "size": 1, "sha256": "0" * 64,
    "rows": 1, "entries": 1, "head": "0" * 64,
}  # fmt: skip

for route in (
    "GET /audit", "GET /audit/reconciliation", "GET /audit/verification", "GET /audit/checkpoint", "GET /audit/export",
    "GET /records", "GET /requests", "GET /grants", "GET /delegations", "GET /stations", "GET /fines",
    "GET /fines/gaps", "GET /wages", "GET /backups", "GET /backups/due", "GET /status", "GET /dead-letters",
):  # fmt: skip
    plain(route)
plain("GET /audit/proofs/inclusion/{seq}", "/audit/proofs/inclusion/1")
plain("GET /audit/proofs/consistency", "/audit/proofs/consistency?from=1")
plain("GET /requests", "/requests?side=all", when="all")
plain("GET /fines", "/fines?person=far", when="another's")
plain("GET /wages/{person}", "/wages/far", when="another's")
plain("POST /wages/{person}", "/wages/far", {"amount": "3000", "from_month": "2026-01", **REASON}, when="another's")
plain("GET /statements/{month}", f"/statements/{MONTH}")
plain("GET /statements/{month}", f"/statements/{MONTH}?person=far", when="another's")
plain("POST /statements/{month}/closing", f"/statements/{MONTH}/closing", REASON)
plain("GET /reports/{month}.xlsx", f"/reports/{MONTH}.xlsx")
plain("POST /backups", body=BACKUP)
plain("POST /backups/removals", body={"here": []})
plain("GET /attachment-keys")
plain("POST /attachment-keys/rewrapping", body=REASON)
plain("POST /dead-letters/replay", body={"ids": []})
plain("POST /partitions/resume", body={"topic": "orders.v1"})
plain(
    "POST /records",
    body={"record_id": "new-1", "title": "合同", "rank": "secret", "class": "contracts", "sections": [{"name": "a"}]},
)


@call("POST /records/{record_id}/attachments")
async def attach(world: World, who: Somebody) -> Asked:
    return Asked("/records/secret-d1/attachments?section=text&name=more.txt", content=b"more")


@call("GET /requests/{request_id}", "another's")
async def see_request(world: World, who: Somebody) -> Asked:
    return Asked(f"/requests/{await world.request('consent')}")


@call("POST /requests/{request_id}/withdraw", "another's")
async def withdraw(world: World, who: Somebody) -> Asked:
    return Asked(f"/requests/{await world.request()}/withdraw", REASON)


def deciding(act: str) -> Call:
    async def asked(world: World, who: Somebody) -> Asked:
        return Asked(f"/requests/{await world.request(act)}/decisions", {"decision": "approve", **REASON})

    return asked


for waits, act in (("to be signed", "sign"), ("to be approved", "approve"), ("to be released", "release")):
    CALLS["POST /requests/{request_id}/decisions", waits] = deciding(act)


@call("POST /grants")
async def release(world: World, who: Somebody) -> Asked:
    return Asked("/grants", {"request": await world.request("release"), **REASON})


@call("POST /grants/{grant_id}/revoke", "another's")
async def revoke(world: World, who: Somebody) -> Asked:
    return Asked(f"/grants/{await world.grant()}/revoke", REASON)


@call("POST /grants/{grant_id}/returned", "lent")
async def returned(world: World, who: Somebody) -> Asked:
    grant = await world.grant(file="record:unclassified-d1", original=True)
    return Asked(f"/grants/{grant}/returned", {"remark": "完好"})


def delegation(world: World) -> dict[str, Any]:
    return {"delegate": "deputy_gm", "scope": {"tiers": ["personal"]}, "text": "出差", "until": world.later(HOUR)}


@call("POST /delegations")
async def delegate(world: World, who: Somebody) -> Asked:
    chosen = "gm_office_head" if who.person == "deputy_gm" else "deputy_gm"
    return Asked("/delegations", delegation(world) | {"delegate": chosen})


@call("POST /delegations/{delegation_id}/revoke", "of the GM")
async def revoke_delegation(world: World, who: Somebody) -> Asked:
    given = await world.done(ASKERS[Role.GM], "POST", "/delegations", delegation(world))
    return Asked(f"/delegations/{given['delegation_id']}/revoke", REASON)


@call("POST /fines")
async def report(world: World, who: Somebody) -> Asked:
    seq = await world.doors.database.fetchval("SELECT max(seq) FROM audit_entries WHERE actor = 'far'")
    return Asked("/fines", {"kind": "repeated_error", "person": "far", "evidence": {"entry": seq}, **REASON})


@call("POST /fines/gaps/{entry}/{kind}/dismissal")
async def dismiss(world: World, who: Somebody) -> Asked:
    gap = await world.doors.database.fetchrow("SELECT kind, entry FROM fine_gaps")
    return Asked(f"/fines/gaps/{gap['entry']}/{gap['kind']}/dismissal", REASON)


async def to_confirmed(world: World, fine: str) -> None:
    await world.done(CLERK, "POST", f"/fines/{fine}/decisions", {"state": "confirmed", **REASON})


async def to_appealed(world: World, fine: str, whose: Somebody) -> None:
    await to_confirmed(world, fine)
    await world.done(whose, "POST", f"/fines/{fine}/appeal", REASON)


def of_fine(what: str, rest: str, body: Any = None, state: str = "") -> None:
    """A line on one's own fine, and one on another's."""

    def asking(own: bool) -> Call:
        async def asked(world: World, who: Somebody) -> Asked:
            whose = who if own else FAR
            fine = await world.fine_of(whose.person)
            if state == "confirmed":
                await to_confirmed(world, fine)
            elif state == "appealed":
                await to_appealed(world, fine, whose)
            return Asked(f"/fines/{fine}{rest}", body)

        return asked

    CALLS[what, "own"], CALLS[what, "another's"] = asking(own=True), asking(own=False)


of_fine("GET /fines/{fine_id}", "")
of_fine("POST /fines/{fine_id}/explanation", "/explanation", REASON)
of_fine("POST /fines/{fine_id}/decisions", "/decisions", {"state": "waived", **REASON})
of_fine("POST /fines/{fine_id}/appeal", "/appeal", REASON, "confirmed")
of_fine("POST /fines/{fine_id}/appeal/decisions", "/appeal/decisions", {"state": "lifted", **REASON}, "appealed")


@call("GET /wages/{person}", "own")
async def own_wage(world: World, who: Somebody) -> Asked:
    return Asked(f"/wages/{who.person}")


@call("POST /wages/{person}", "own")
async def tell_own_wage(world: World, who: Somebody) -> Asked:
    return Asked(f"/wages/{who.person}", {"amount": "3000", "from_month": "2026-01", **REASON})


@call("POST /backups/{backup}/drills")
async def drill(world: World, who: Somebody) -> Asked:
    await world.done(ASKERS[Role.OPS], "POST", "/backups", BACKUP)
    return Asked("/backups/b-1/drills", {"sound": True, "found": "一致"})


@call("GET /dead-letters/{letter_id}")
async def letter(world: World, who: Somebody) -> Asked:
    number = await world.doors.database.fetchval(
        "INSERT INTO dead_letters (topic, partition, record_offset, header_names, header_values, recorded_at, code,"
        " detail) VALUES ('orders.v1', 0, 1, '{}', '{}', now(), 'x', 'x') RETURNING letter_id"
    )
    return Asked(f"/dead-letters/{number}")


for route in (
    "GET /filing", "GET /retention/expiring", "GET /holds", "GET /destructions", "GET /destructions/register",
    "GET /leavings",
):  # fmt: skip
    plain(route)
plain("GET /filing", "/filing?department=d2", when="another department")
for whose, department in (("of the department", HOME), ("of another", ELSEWHERE)):
    nothing = {"period": "2026-Q3", "department": department, "record_class": "minutes", **REASON}
    plain("POST /filing/nothing", body=nothing, when=whose)
plain(
    "POST /retention/records/{record}/extensions",
    "/retention/records/old/extensions",
    {"until": "2040-01-01", **REASON},
)
plain("POST /holds", body={"matter": "诉讼", "records": ["old"], **REASON})
plain("POST /destructions", body={"records": ["old"], **REASON})


@call("POST /holds/{hold_id}/lift")
async def lift(world: World, who: Somebody) -> Asked:
    hold = {"matter": "诉讼", "records": ["old"], **REASON}
    found = await world.done(ASKERS[Role.GM], "POST", "/holds", hold)
    return Asked(f"/holds/{found['hold_id']}/lift", REASON)


def of_destruction(what: str, when: str, rest: str, body: Any, *steps: str, record: str = "old") -> None:
    """A line on a request to destroy that has come so far."""

    async def asked(world: World, who: Somebody) -> Asked:
        return Asked(f"{await world.destruction(*steps, record=record)}{rest}", body)

    CALLS[f"{what} /destructions/{{destruction_id}}{rest}", when] = asked


AGREE = {"decision": "agree", **REASON}
CLASSIFIED = "old-classified"
of_destruction("GET", "", "", None)
of_destruction("POST", "unclassified", "/decisions", AGREE)
of_destruction("POST", "classified", "/decisions", AGREE, record=CLASSIFIED)
of_destruction("POST", "reviewed", "/decisions", AGREE, "review", record=CLASSIFIED)
of_destruction("POST", "another's", "/withdraw", REASON)
of_destruction("POST", "approved", "/witness", {"witness": "li", **REASON}, "approve")
of_destruction("POST", "watched by another", "/attest", REASON, "approve", "witness")
of_destruction("POST", "attested", "/execute", REASON, "approve", "witness", "attest")

for whose, leaver in (("of the department", GONE), ("of another", GONE_FAR)):
    plain("GET /leavings/{person}", f"/leavings/{leaver.person}", when=whose)
    plain("GET /leavings/{person}/entries", f"/leavings/{leaver.person}/entries", when=whose)
    found = {"finding": "clear", "remark": "无异常"}
    plain("POST /leavings/{person}/review", f"/leavings/{leaver.person}/review", found, when=whose)
plain("POST /leavings/{person}/introduced", "/leavings/gone/introduced", {"remark": "已告知"}, when="not a receiver")


def reclassifying(record: str, rank: str) -> Call:
    """A line on asking for a record to come to another rank."""

    async def asked(world: World, who: Somebody) -> Asked:
        return Asked(f"/records/{record}/reclassifications", {"rank": rank, **REASON})

    return asked


def of_change(rest: str, record: str, body: Any) -> Call:
    """A line on what another archivist asked for: that a record be lowered."""

    async def asked(world: World, who: Somebody) -> Asked:
        path = f"/records/{record}/reclassifications"
        change = await world.done(FILER, "POST", path, {"rank": "unclassified", **REASON})
        return Asked(f"{path}/{change['change_id']}{rest}", body)

    return asked


RECLASSIFY = "POST /records/{record_id}/reclassifications"
CALLS[RECLASSIFY, "raised"] = reclassifying("confidential-d1", "secret")
CALLS[RECLASSIFY, "raised, of another"] = reclassifying("confidential-d2", "secret")
CALLS[RECLASSIFY, "raised, rank 0"] = reclassifying("unclassified-d2", "secret")
CALLS[RECLASSIFY, "lowered"] = reclassifying("confidential-d1", "unclassified")


def of_delegated(record: str, rank: str) -> Call:
    """The same, while the GM has it decided by the deputy and the head of his office (A4)."""

    async def asked(world: World, who: Somebody) -> Asked:
        for role in (Role.DEPUTY_GM, Role.GM_OFFICE_HEAD):
            paper = delegation(world) | {"delegate": ASKERS[role].person, "scope": {"ranks": [rank]}}
            await world.done(ASKERS[Role.GM], "POST", "/delegations", paper)
        return await of_change("/decisions", record, AGREE)(world, who)

    return asked


for when, record, rank in (
    ("rank 2, delegated", "secret-d1", "secret"), ("rank 3, delegated", "top_secret-d1", "top_secret"),
    ("rank 2, another delegated", "secret-d1", "confidential"),
):  # fmt: skip
    CALLS[f"{RECLASSIFY}/{{change_id}}/decisions", when] = of_delegated(record, rank)
for when, record in (("rank 1", "confidential-d1"), ("rank 2", "secret-d1"), ("rank 3", "top_secret-d1")):
    CALLS[f"{RECLASSIFY}/{{change_id}}/decisions", when] = of_change("/decisions", record, AGREE)
CALLS[f"{RECLASSIFY}/{{change_id}}/withdraw", "another's"] = of_change("/withdraw", "confidential-d1", REASON)
plain("GET /records/{record_id}/reclassifications", "/records/confidential-d1/reclassifications")
