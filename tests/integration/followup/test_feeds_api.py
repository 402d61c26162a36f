"""A rep's calendar address: made, read by a calendar program, revoked; and by nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import icalendar
import pytest
from starlette.types import ASGIApp

from services.followup.api import calendar_programs_router, calendar_router, feeds_router
from services.followup.store import PostgresFeeds
from services.followup.usecases.absence import ReadCalendar, ReadLeave, ReadReassignments
from services.followup.usecases.feed_readings import RefusedFeeds
from services.followup.usecases.feeds import FEEDS_A_PERSON, FeedDesk, KeepFeeds, ReadFeed
from shared.audit import AuditTrail
from shared.http import AccessHooks, create_app
from shared.http.pages import encode_cursor
from shared.identity import JWKS_FILE, Role, TokenSigner, TokenVerifier, generate_keypair
from shared.metrics import Metrics
from shared.settings import IdentitySettings
from tests.integration.followup.house import DAY, NOON, TODAY, House, facts, leave, person, tier

pytestmark = pytest.mark.backend


class Visitor:
    """Asks followup's HTTP in somebody's name, or in nobody's."""

    def __init__(self, client: httpx.AsyncClient, signer: TokenSigner, app: ASGIApp, refused: RefusedFeeds) -> None:
        self.client = client
        self.refused = refused
        self._signer = signer
        self._app = app

    async def from_address(self, station: str, path: str) -> httpx.Response:
        """What a calendar program there is answered."""
        transport = httpx.ASGITransport(self._app, client=(station, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://followup") as client:
            return await client.get(path)

    async def ask(self, method: str, path: str, who: str, role: Role = Role.REP, body: Any = None) -> httpx.Response:
        department = None if role in {Role.GM, Role.HR} else "field"
        headers = {"Authorization": f"Bearer {self._signer.sign(who, role, department)}"}
        return await self.client.request(method, path, headers=headers, json=body)

    async def subscribe(self, who: str = "ann", role: Role = Role.REP, **body: Any) -> tuple[str, str]:
        """A new feed: its id, and the path that a calendar program asks."""
        answer = await self.ask("POST", "/feeds", who, role, body)
        assert answer.status_code == 201, answer.text
        return answer.json()["feed_id"], urlsplit(answer.json()["url"]).path


@pytest.fixture
async def peopled(house: House) -> House:
    """Two reps of a department, its manager, somebody of another one; a contact of ann's is due."""
    await house.told(person("ann", "field", "rep-1"), person("bob", "field", "rep-2"))
    await house.told(person("mia", "field", role="department_manager"), person("eve", "shop", "rep-3"))
    await house.told(person("zed", "field", "rep-9", active=False))
    for customer_id, rep in (("A", "rep-1"), ("B", "rep-2")):
        await house.told(facts(customer_id, last_order_on=date(2026, 2, 2), orders=1, rep=rep, department="field"))
        await house.told(tier(customer_id, "contract", "key"))
    await house.dispatch()
    return house


@pytest.fixture
async def visitor(peopled: House, tmp_path: Path) -> AsyncIterator[Visitor]:
    house, private = peopled, generate_keypair(tmp_path)
    trail = AuditTrail("followup", house.database, house.outbox, house.clock, wake=lambda: None)
    ids, refused = iter(range(1000)), RefusedFeeds(trail, house.clock)
    feeds = FeedDesk(
        desk=house.desk,
        feeds=PostgresFeeds(lambda: "Asia/Shanghai"),
        people=house.stores.people,
        leave=house.stores.leave,
        trail=trail,
        policy=house.in_force,
        new_id=lambda: f"feed-{next(ids)}",
    )

    async def ready() -> list[str]:
        return []

    app = create_app(
        "followup",
        [
            feeds_router(KeepFeeds(feeds), "https://calendar.example/"),
            calendar_router(
                ReadCalendar(house.desk, house.in_force),
                ReadLeave(house.desk, house.stores),
                ReadReassignments(house.desk, house.stores, house.in_force),
            ),
        ],
        TokenVerifier.from_settings(IdentitySettings(jwks_file=tmp_path / JWKS_FILE)),
        metrics=Metrics(),
        ready=ready,
        hooks=AccessHooks(login_failed=trail.login_failed, denied=trail.denied),
        open_routers=[calendar_programs_router(ReadFeed(feeds), refused, house.clock.now)],
    )
    transport = httpx.ASGITransport(app, client=("10.0.0.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://followup") as client:
        yield Visitor(client, TokenSigner.from_file(private), app, refused)


def events_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    return {str(event["SUMMARY"]): event for event in found}


async def test_a_calendar_program_reads_what_is_due_to_its_rep(visitor: Visitor) -> None:
    """Without a token, by the address alone: the own reminders and nobody else's."""
    _, path = await visitor.subscribe()
    events = events_of(await visitor.client.get(path))
    assert list(events) == ["跟进 A（重点，邮件）"]
    assert f"{events['跟进 A（重点，邮件）']['DTSTART'].dt:%Y-%m-%d %H:%M %z}" == "2026-03-02 08:30 +0800"


async def test_changes_cancellations_and_nothing_new(visitor: Visitor, peopled: House) -> None:
    """304 while nothing changed; a contact made is cancelled under the same UID with a higher number."""
    _, path = await visitor.subscribe(language="en")
    first = await visitor.client.get(path)
    etag = {"If-None-Match": first.headers["etag"]}
    unchanged = await visitor.client.get(path, headers=etag)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    [event] = events_of(first).values()
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CONFIRMED", 0)

    peopled.clock.set(NOON + DAY)
    moved = events_of(await visitor.client.get(path, headers=etag))["Follow up A (key, mail)"]
    assert (str(moved["UID"]), moved["SEQUENCE"], moved["DTSTART"].dt.day) == (str(event["UID"]), 1, 3)

    await peopled.told(facts("A", 2, contacted_at=NOON + DAY, orders=1, last_order_on=date(2026, 2, 2), rep="rep-1"))
    [ended] = events_of(await visitor.client.get(path)).values()
    assert (str(ended["UID"]), str(ended["STATUS"]), ended["SEQUENCE"]) == (str(event["UID"]), "CANCELLED", 2)
    peopled.clock.set(NOON + 17 * DAY)
    assert events_of(await visitor.client.get(path)) == {}
    assert await peopled.database.fetch("SELECT 1 FROM feed_events") == []


async def test_a_revoked_address_opens_nothing_at_once(visitor: Visitor, peopled: House) -> None:
    """The program that goes on asking is one entry a day under its owner's name; who guesses is nobody."""
    feed_id, path = await visitor.subscribe()
    assert (await visitor.ask("DELETE", f"/feeds/{feed_id}", "ann")).status_code == 204
    assert (await visitor.client.get(path)).status_code == 404
    assert (await visitor.ask("DELETE", f"/feeds/{feed_id}", "ann")).status_code == 404
    assert (await visitor.client.get(path)).status_code == 404
    assert await peopled.published("login.failed") == []
    (denied,) = [
        each["data"] for each in await peopled.published("access.denied") if each["data"]["role"] == "calendar"
    ]
    assert (denied["actor"], denied["action"], denied["reason"]) == ("ann", "feed.refused", feed_id)
    assert (await visitor.client.get("/feeds/guessed.ics")).status_code == 404
    [failed] = await peopled.published("login.failed")
    assert (failed["data"]["reason"], failed["data"]["action"], failed["data"]["station"]) == (
        "unknown_feed", "/feeds/{secret}.ics", "10.0.0.9",
    )  # fmt: skip
    decided = await peopled.published("decision.made")
    assert [event["data"]["action"] for event in decided] == ["feed.created", "feed.revoked"]


async def test_each_address_that_reads_a_calendar_is_in_the_audit_once_a_day(visitor: Visitor, peopled: House) -> None:
    """Polled all day long by a telephone and a desk: two entries, and two more on the next business date."""
    feed_id, path = await visitor.subscribe()
    _, other = await visitor.subscribe()
    for day in range(2):
        for _ in range(3):
            answer = await visitor.client.get(path)
            await visitor.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
            await visitor.client.head(path)
            assert (await visitor.from_address("203.0.113.7", path)).status_code == 200
        read = [event["data"] for event in await peopled.published("file.searched")]
        assert [entry["station"] for entry in read] == ["10.0.0.9", "203.0.113.7"] * (day + 1)
        # Two feeds of a person are read as two.
        peopled.clock.advance(DAY)
    assert {(entry["actor"], entry["role"], entry["department"], entry["action"]) for entry in read} == {
        ("ann", "calendar", "field", "feed.read")
    }
    assert {(entry["reason"], entry["file"], entry["needs_grant"]) for entry in read} == {(feed_id, "*", False)}
    await visitor.client.get(other)
    assert len(await peopled.published("file.searched")) == 5
    kept = await peopled.database.fetch("SELECT DISTINCT day FROM feed_readings WHERE feed_id = $1", feed_id)
    assert len(kept) == 1, "days that are over are forgotten"


async def test_what_cannot_be_noted_is_not_shown(
    visitor: Visitor, peopled: House, superuser: asyncpg.Connection
) -> None:
    """No audit, no data: 503 in both languages, and an hour later the same program reads on."""
    _, path = await visitor.subscribe()
    await superuser.execute("ALTER TABLE outbox RENAME TO away")
    for asked in (path, "/feeds/guessed.ics"):
        answer = await visitor.client.get(asked)
        assert (answer.status_code, answer.json()["code"]) == (503, "no_audit")
        assert "DTSTART" not in answer.text
    await superuser.execute("ALTER TABLE away RENAME TO outbox")
    assert (await visitor.client.get(path)).status_code == 200
    assert len(await peopled.published("file.searched")) == 1
    assert (await visitor.client.get("/feeds/guessed.ics")).status_code == 404
    assert len(await peopled.published("login.failed")) == 1


async def test_only_a_hash_of_the_secret_is_kept(visitor: Visitor, peopled: House) -> None:
    """Whoever reads the database or the audit cannot read the calendars."""
    _, path = await visitor.subscribe()
    secret = path.removeprefix("/feeds/").removesuffix(".ics")
    assert len(secret) >= 43
    for table in ("feeds", "outbox"):
        [row, *_] = await peopled.database.fetch(f"SELECT string_agg(t::text, ' ') AS told FROM {table} AS t")  # noqa: S608
        assert secret not in row["told"]


@pytest.mark.parametrize(
    ("who", "role", "whose", "status"),
    [
        ("ann", Role.REP, None, 201),
        ("ann", Role.REP, "bob", 404),
        ("mia", Role.DEPARTMENT_MANAGER, "bob", 201),
        ("mia", Role.DEPARTMENT_MANAGER, "eve", 404),
        ("boss", Role.GM, "eve", 201),
        ("boss", Role.GM, "known-by-orders", 201),
        ("boss", Role.GM, "rep-9", 404),
        ("oscar", Role.OPS, "ann", 403),
    ],
)
async def test_who_may_make_whose_feed(visitor: Visitor, who: str, role: Role, whose: str | None, status: int) -> None:
    """A rep the own one, a manager the department's, the GM everybody's but of those who left."""
    assert (await visitor.ask("POST", "/feeds", who, role, {"person": whose})).status_code == status


async def test_feeds_are_listed_and_revoked_by_those_who_may(visitor: Visitor) -> None:
    """Without their addresses; another rep neither sees nor ends them."""
    feed_id, _ = await visitor.subscribe()
    assert (await visitor.ask("GET", "/feeds", "bob")).json()["items"] == []
    assert (await visitor.ask("DELETE", f"/feeds/{feed_id}", "bob")).status_code == 404
    listed = (await visitor.ask("GET", "/feeds?person=rep-1", "mia", Role.DEPARTMENT_MANAGER)).json()["items"]
    assert [(item["feed_id"], item["person"], "url" in item) for item in listed] == [(feed_id, "ann", False)]
    assert (await visitor.ask("DELETE", f"/feeds/{feed_id}", "mia", Role.DEPARTMENT_MANAGER)).status_code == 204


async def test_a_person_has_so_many_feeds_and_no_more(visitor: Visitor) -> None:
    """Until one is revoked."""
    made = [await visitor.subscribe() for _ in range(FEEDS_A_PERSON)]
    assert (await visitor.ask("POST", "/feeds", "ann", body={})).status_code == 409
    await visitor.ask("DELETE", f"/feeds/{made[0][0]}", "ann")
    await visitor.subscribe()


async def test_who_left_reads_no_calendar(visitor: Visitor, peopled: House) -> None:
    """P6: the address is still on the telephone."""
    _, path = await visitor.subscribe()
    await peopled.told(person("ann", "field", "rep-1", active=False))
    assert (await visitor.client.get(path)).status_code == 404


async def test_an_address_is_one_that_a_calendar_program_reaches(visitor: Visitor) -> None:
    """Not that of the request, which may have come from a container by a name that nobody else knows."""
    answer = await visitor.ask("POST", "/feeds", "ann", body={})
    assert answer.json()["url"].startswith("https://calendar.example/feeds/")
    assert answer.json()["url"].endswith(".ics")


async def test_an_address_leaves_with_whoever_made_it(visitor: Visitor, peopled: House) -> None:
    """P6: a manager who left was told the addresses of the department's calendars; its reps make their own."""
    _, made_by_mia = await visitor.subscribe("mia", Role.DEPARTMENT_MANAGER, person="ann")
    _, own = await visitor.subscribe()
    await peopled.told(person("mia", "field", role="department_manager", active=False))
    assert (await visitor.client.get(made_by_mia)).status_code == 404
    assert (await visitor.client.get(own)).status_code == 200


async def test_an_address_is_not_asked_without_end(visitor: Visitor, peopled: House) -> None:
    """Thirty times a minute, and again in the next; another address is not held up by it."""
    _, path = await visitor.subscribe()
    _, other = await visitor.subscribe()
    answers = [(await visitor.client.get(path)).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    assert (await visitor.client.get(other)).status_code == 200
    peopled.clock.advance(DAY / 24 / 60)
    assert (await visitor.client.get(path)).status_code == 200
    for number in range(40):
        await visitor.client.get(f"/feeds/guess-{number}.ics")
    told = await peopled.published("login.failed")
    assert [event["data"]["reason"] for event in told] == ["unknown_feed"], "all of them are one entry"
    peopled.clock.advance(DAY / 24 / 60)
    for _ in range(2):
        await visitor.refused.tell()
    told = await peopled.published("login.failed")
    assert [event["data"]["reason"].partition(" in ")[0] for event in told] == ["unknown_feed", "unknown_feed, 39 more"]
    await visitor.client.get("/feeds/guess.ics")
    assert len(await peopled.published("login.failed")) == 3


async def test_the_calendar_is_shown_with_its_reasons(visitor: Visitor) -> None:
    """To everybody: Spring Festival, a Sunday, and when a working day begins and ends."""
    days = (await visitor.ask("GET", "/calendar?from=2026-02-14&until=2026-02-24", "ann")).json()
    assert len(days) == 11
    assert [day["day"] for day in days if day["working"]] == ["2026-02-14", "2026-02-16", "2026-02-24"]
    assert days[3] == {
        "day": "2026-02-17", "working": False, "kind": "holiday", "name": {"zh": "春节", "en": "Spring Festival"},
        "opens": None, "closes": None, "provisional": None,
    }  # fmt: skip
    assert (days[0]["opens"], days[0]["closes"]) == ("2026-02-14T00:30:00Z", "2026-02-14T09:30:00Z")
    assert len((await visitor.ask("GET", "/calendar", "ann")).json()) == 31
    for bad in (
        "from=2026-02-14&until=2026-02-13",
        "from=0001-01-01",
        "from=9999-12-31",
        "from=2026-01-01&until=9999-12-31",
    ):
        assert (await visitor.ask("GET", f"/calendar?{bad}", "ann")).status_code == 422, bad
    assert (await visitor.client.get("/calendar")).status_code == 401


async def test_leave_is_seen_by_those_whom_it_concerns(visitor: Visitor, peopled: House) -> None:
    """HR everybody's, a manager the department's, a rep the own; what is over is gone."""
    await peopled.told(
        leave("L-1", "ann", TODAY, TODAY + DAY, "bob"),
        leave("L-2", "eve", TODAY, TODAY),
        leave("L-3", "bob", TODAY - 9 * DAY, TODAY - DAY),
    )

    async def seen(who: str, role: Role, query: str = "") -> list[str]:
        return [item["leave_id"] for item in (await visitor.ask("GET", f"/leave{query}", who, role)).json()["items"]]

    assert await seen("hana", Role.HR) == ["L-2", "L-1"]
    assert await seen("hana", Role.HR, "?person=rep-1") == ["L-1"]
    assert await seen("mia", Role.DEPARTMENT_MANAGER) == ["L-1"]
    assert await seen("ann", Role.REP) == ["L-1"]
    assert await seen("bob", Role.REP) == []
    page = (await visitor.ask("GET", "/leave?limit=1", "hana", Role.HR)).json()
    rest = (await visitor.ask("GET", f"/leave?limit=1&cursor={page['next']}", "hana", Role.HR)).json()
    assert [page["items"][0]["leave_id"], rest["items"][0]["leave_id"]] == ["L-2", "L-1"]


async def test_what_nobody_answered_is_listed_until_another_rep_has_it(visitor: Visitor, peopled: House) -> None:
    """With how late it is and how to act; a rep sees no such list."""
    peopled.clock.set(NOON + 8 * DAY)
    await peopled.escalate()
    answer = await visitor.ask("GET", "/reassignments", "mia", Role.DEPARTMENT_MANAGER)
    items = {item["customer_id"]: item for item in answer.json()["items"]}
    assert set(items) == {"A", "B"}
    assert (items["A"]["overdue_working_days"], items["A"]["rep"], items["A"]["class"]) == (7, "rep-1", "contract")
    assert items["A"]["act"] == {"method": "POST", "path": "/handovers", "customer_id": "A"}
    assert (await visitor.ask("GET", "/reassignments", "ann")).status_code == 403
    await peopled.told(facts("A", 2, last_order_on=date(2026, 2, 2), orders=1, rep="rep-2", department="field"))
    answer = await visitor.ask("GET", "/reassignments?limit=1", "boss", Role.GM)
    assert [item["customer_id"] for item in answer.json()["items"]] == ["B"]
    following = await visitor.ask("GET", f"/reassignments?cursor={answer.json()['next']}", "boss", Role.GM)
    assert following.json()["items"] == []


def test_every_door_says_what_it_is_for() -> None:
    """In both languages, where whoever builds on it looks: OpenAPI."""
    nothing: Any = None
    routers = [
        feeds_router(nothing),
        calendar_router(nothing, nothing, nothing),
        calendar_programs_router(nothing, nothing, nothing),
    ]
    routes: list[Any] = [route for router in routers for route in router.routes]
    assert len(routes) == 8
    for route in routes:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in route.description), route.path
        assert any(letter.isascii() and letter.isalpha() for letter in route.description), route.path


@pytest.mark.parametrize("position", [["2026-03-09", "l-1"], ["0001-01-01T00:00:00+14:00", "r-1"], ["soon", "r-1"]])
async def test_another_lists_cursor_is_not_taken(visitor: Visitor, position: list[str]) -> None:
    """Leave is paged by days, reassignments by moments: the one's place is none of the other's."""
    path = f"/reassignments?cursor={encode_cursor(position)}"
    answer = await visitor.ask("GET", path, "boss", Role.GM)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")
