"""Customers with something behind each of its doors, and how each line of its tables is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from shared.clock import FrozenClock
from shared.contracts.activities import CustomerProfiled, InquiryReceived, ProfileFields
from shared.contracts.grants import GrantGiven, GrantRevoked, GrantsHeartbeat
from shared.contracts.orders import OrderPlaced
from shared.contracts.organisation import PersonDeparted
from shared.engine.postgres import Database
from tests.authorization.asking import Asked
from tests.authorization.company import ELSEWHERE, FAR, HOME, STAFF, Somebody, recorded
from tests.doors import Doors, open_doors
from tests.integration.customers.house import APP, Customers
from tests.integration.tables import as_login

TIERS = ("company", "department", "personal")
RELATIONS = {"own": ("rep-1", HOME), "near": ("rep-2", HOME), "far": ("rep-3", ELSEWHERE)}
"""A customer of the rep who asks, of a colleague, and of a rep of another department."""

STATES = (
    "none", "expired", "early", "revoked", "used", "another's", "elsewhere", "granted", "copy", "stale", "left",
)  # fmt: skip
"""How an asker stands to a file by grants; what each word means stands in the table."""

DAY = timedelta(days=1)


@dataclass
class World:
    """The service's doors, and the parts by which events reach it."""

    doors: Doors
    house: Customers
    now: datetime

    async def tell(self, *told: Any) -> None:
        """Events come in, within the moment: through the service's own pool."""
        self.house.database._pool = self.doors.database._pool
        await self.house.tell(*told, at=self.now)


async def open_customers(dsn: str, folder: Path) -> World:
    """Customers over an empty database of its own, filled: a customer of each tier and relation."""
    doors = open_doors("customers", dsn, folder)
    now = datetime.now(UTC)
    house = Customers(Database(as_login(dsn, APP), application="test"), clock=FrozenClock(now))
    for person in STAFF:
        await house.tell(person, at=now - 30 * DAY)
    for tier in TIERS:
        for relation, (rep, department) in RELATIONS.items():
            customer = f"{tier}-{relation}"
            placed = OrderPlaced(
                order_id=f"SO-{customer}", customer_id=customer, amount=Decimal(100), currency="CNY",
                placed_at=now - DAY, sold_by=rep,
            )  # fmt: skip
            fields = ProfileFields(file_tier=tier, department=department, rep=rep, name="甲公司")
            await house.tell(placed)
            await house.tell(
                CustomerProfiled(customer_id=customer, profiled_at=now - DAY, fields=fields),
                InquiryReceived(inquiry_id=f"I-{customer}", customer_id=customer, received_at=now - DAY, text="mugs?"),
            )
    await house.database.close()
    house.database._pool = None
    return World(doors, house, now)


def grant(who: Somebody, customer: str, now: datetime, **changed: Any) -> GrantGiven:
    """What archive tells: somebody may read a file now, unless `changed` says otherwise."""
    told: dict[str, Any] = {
        "grant_id": f"g-{who.person}", "file": f"customer:{customer}", "person": who.person, "sections": ("*",),
        "copy_allowed": False, "not_before": now - 2 * DAY, "until": now + DAY, "approved_by": "boss",
    }  # fmt: skip
    return GrantGiven(**told | changed)


async def into_state(world: World, state: str, customer: str, askers: Iterable[Somebody]) -> None:
    """Let things stand for some people and a customer's file as a line's `when` says."""
    now, people = world.now, list(askers)
    changed: dict[str, dict[str, Any]] = {
        "copy": {"copy_allowed": True}, "expired": {"until": now - DAY}, "early": {"not_before": now + DAY / 2},
        "used": {"uses": 1},
    }  # fmt: skip
    if state != "stale":
        await world.tell(GrantsHeartbeat(at=datetime.now(UTC)))
    match state:
        case "none":
            return
        case "another's":
            await world.tell(grant(FAR, customer, now))
        case "elsewhere":
            await world.tell(*(grant(who, "another-customer", now) for who in people))
        case "granted" | "stale" | "copy" | "expired" | "early" | "used" | "revoked" | "left":
            given = [grant(who, customer, now, **changed.get(state, {})) for who in people]
            await world.tell(*given)
            if state == "revoked":
                await world.tell(*(revoked(each, now) for each in given))
            if state == "left":
                await world.tell(*(PersonDeparted(person=who.person, departed_at=now) for who in people))
            if state == "used":
                async with world.doors.database.transaction() as tx:
                    assert all([await world.house.grants.use(tx, each.grant_id) for each in given])
        case _:
            raise ValueError(state)


def revoked(given: GrantGiven, now: datetime) -> GrantRevoked:
    return GrantRevoked(grant_id=given.grant_id, file=given.file, revoked_at=now, revoked_by="gm", reason="x")


Call = Callable[[World, Somebody], Awaitable[Asked]]
CALLS: dict[tuple[str, str], Call] = {}


def with_name(body: Any, person: str) -> Any:
    """The body, its `{asker}` being whoever asks."""
    if isinstance(body, dict) and body.get("person") == "{asker}":
        return body | {"person": person}
    return body


def plain(what: str, when: str = "", path: str | None = None, body: Any = None) -> None:
    """A line that needs nothing beforehand."""

    async def asked(world: World, who: Somebody) -> Asked:
        return Asked((path or what.split()[1]).replace("{asker}", who.person), with_name(body, who.person))

    CALLS[what, when] = asked


NOTES: dict[str, tuple[str, Any]] = {
    "POST /customers/{customer_id}/contacts": ("/contacts", {"channel": "phone"}),
    "POST /customers/{customer_id}/profile": ("/profile", {"profile": {"rivals": "3"}}),
    "POST /customers/{customer_id}/inquiries": ("/inquiries", {"text": "mugs?"}),
    "POST /customers/{customer_id}/inquiries/{inquiry_id}/judgement": (
        "/inquiries/I-1/judgement",
        {"potential": "high"},
    ),
}
for what, (rest, body) in NOTES.items():
    for relation in ("own", "near", "far"):
        plain(what, relation, f"/customers/personal-{relation}{rest}", body)
    plain(what, "unknown", f"/customers/nobody-knows{rest}", body)
PROFILE = "POST /customers/{customer_id}/profile"
for relation in ("own", "near", "far"):
    plain(PROFILE, f"{relation}, to a colleague", f"/customers/personal-{relation}/profile", {"rep": "rep-2"})
    plain(
        PROFILE, f"{relation}, to another department", f"/customers/personal-{relation}/profile", {"department": "d9"}
    )
    plain(PROFILE, f"{relation}, to another tier", f"/customers/personal-{relation}/profile", {"file_tier": "company"})
plain("GET /customers")
plain("GET /people")
NEW = recorded(Somebody("new", STAFF[0].role, HOME, "department_manager")).model_dump(exclude_none=True)  # type: ignore[arg-type]
plain("POST /people", "a rep of the department", "/people", NEW)
plain("POST /people", "a rep of another", "/people", NEW | {"department": ELSEWHERE})
plain("POST /people", "a manager", "/people", NEW | {"role": "department_manager"})
plain("POST /people", "oneself", "/people", NEW | {"person": "{asker}"})
LEAVE = {"first": "2026-03-02", "last": "2026-03-03"}
for when, person in (("oneself", "{asker}"), ("of the department", "li"), ("of another", "far"), ("unknown", "nobody")):
    plain("POST /people/{person}/leave", when, f"/people/{person}/leave", LEAVE)
    plain("DELETE /people/{person}/leave/{leave_id}", when, f"/people/{person}/leave/L-1")
    plain("POST /conduct", when, "/conduct", {"person": person, "kind": "lateness", "note": "迟到"})
    plain("POST /people/{person}/departure", when, f"/people/{person}/departure", {"reason": "离职"})
    plain("GET /people/{person}/departure", when, f"/people/{person}/departure")
    plain("GET /people/{person}/departure/customers", when, f"/people/{person}/departure/customers")
plain(
    "POST /people/{person}/departure",
    "with the customers",
    "/people/li/departure",
    {"reason": "离职", "to": {"even": []}},
)
plain(
    "PUT /stations/{station}",
    path="/stations/room",
    body={"networks": ["10.9.0.0/24"], "place": "hq", "reading_room": True},
)
for what in ("GET /status", "GET /dead-letters"):
    plain(what)
plain("POST /dead-letters/replay", body={"ids": []})
plain("POST /partitions/resume", body={"topic": "orders.v1"})


async def letter(world: World, who: Somebody) -> Asked:
    return Asked(f"/dead-letters/{await world.doors.bury()}")


CALLS["GET /dead-letters/{letter_id}", ""] = letter
