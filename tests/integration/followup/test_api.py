"""Who sees which reminders, and how a rep reports a contact."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from services.followup.api import products_router, reminders_router, schedule_router
from shared.http import create_app
from shared.identity import JWKS_FILE, Role, TokenSigner, TokenVerifier, generate_keypair
from shared.metrics import Metrics
from shared.settings import IdentitySettings
from tests.integration.followup.house import DAY, NOON, TODAY, House, facts, person, tier

pytestmark = pytest.mark.backend


class Asker(NamedTuple):
    """Somebody with a token."""

    who: str
    role: Role
    department: str | None = None


class Visitor:
    """Asks followup's HTTP in somebody's name."""

    def __init__(self, client: httpx.AsyncClient, signer: TokenSigner) -> None:
        self._client = client
        self._signer = signer

    def headers(self, who: str, role: Role, department: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._signer.sign(who, role, department)}"}

    async def get(self, path: str, who: str, role: Role, department: str | None = None) -> httpx.Response:
        return await self._client.get(path, headers=self.headers(who, role, department))

    async def announce(self, who: str, role: Role, product_id: str, en: str) -> httpx.Response:
        body = {"product_id": product_id, "name": {"zh": "杯", "en": en}}
        return await self._client.post("/products", headers=self.headers(who, role), json=body)

    async def done(self, reminder_id: str, who: str, body: Mapping[str, object]) -> httpx.Response:
        path = f"/reminders/{reminder_id}/done"
        return await self._client.post(path, headers=self.headers(who, Role.REP), json=body)


@pytest.fixture
async def visitor(house: House, tmp_path: Path) -> AsyncIterator[Visitor]:
    private = generate_keypair(tmp_path)
    verifier = TokenVerifier.from_settings(IdentitySettings(jwks_file=tmp_path / JWKS_FILE))

    async def ready() -> list[str]:
        return []

    app = create_app(
        "followup",
        [
            reminders_router(house.read_reminders, house.report_contact),
            schedule_router(house.read_schedule),
            products_router(house.announce_product),
        ],
        verifier,
        metrics=Metrics(),
        ready=ready,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://followup") as client:
        yield Visitor(client, TokenSigner.from_file(private))


@pytest.fixture
async def peopled(house: House) -> House:
    """Two departments with a rep each, and customers of all kinds of ownership, one contact due to each today."""
    await house.told(person("ann", "north", "rep-1"), person("bo", "south"), person("mia", "north"))
    last_order_on = date(2026, 2, 2)
    owners = {"A": ("rep-1", None), "B": ("bo", None), "C": (None, None), "D": (None, "south"), "E": ("zed", "north")}
    for name, (rep, department) in owners.items():
        await house.told(facts(name, last_order_on=last_order_on, orders=1, rep=rep, department=department))
        await house.told(tier(name, "contract", "key"))
    assert await house.dispatch() == 5
    return house


def customers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["customer_id"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("asker", "visible"),
    [
        (Asker("ann", Role.REP), "A"),
        (Asker("rep-1", Role.REP), "A"),
        (Asker("bo", Role.REP), "B"),
        (Asker("stranger", Role.REP, "north"), ""),
        (Asker("mia", Role.DEPARTMENT_MANAGER), "ACE"),
        (Asker("max", Role.DEPARTMENT_MANAGER, "south"), "BCD"),
        (Asker("boss", Role.GM), "ABCDE"),
        (Asker("op", Role.OPS), "ABCDE"),
    ],
)
@pytest.mark.usefixtures("peopled")
async def test_everybody_sees_what_is_theirs(visitor: Visitor, asker: Asker, visible: str) -> None:
    """A rep the own reminders under either name, a manager the department and the unassigned, the GM and ops all."""
    assert customers(await visitor.get("/reminders", *asker)) == list(visible)
    for name in "ABCDE":
        answer = await visitor.get(f"/schedule/{name}", *asker)
        assert answer.status_code == (200 if name in visible else 404)
    summary = (await visitor.get("/reminders/summary", *asker)).json()
    assert (summary["due"], summary["scheduled"], summary["pending"]) == (len(visible), len(visible), 0)
    assert sum(count["due"] for count in summary["by_rep"]) == len(visible)


@pytest.mark.parametrize("role", [Role.HR, Role.ARCHIVIST, Role.INSPECTOR, Role.ORDER_SYSTEM])
async def test_other_roles_have_no_business_here(visitor: Visitor, role: Role) -> None:
    """Reminders tell of customers."""
    for path in ("/reminders", "/reminders/summary", "/schedule/A"):
        assert (await visitor.get(path, "x", role)).status_code == 403


@pytest.mark.usefixtures("peopled")
async def test_a_rep_who_asks_for_another_is_told_no(visitor: Visitor) -> None:
    """An empty list would say that the other has nothing to do."""
    assert (await visitor.get("/reminders?rep=bo", "ann", Role.REP)).status_code == 403
    assert customers(await visitor.get("/reminders?rep=rep-1", "ann", Role.REP)) == ["A"]
    assert customers(await visitor.get("/reminders?rep=ann", "boss", Role.GM)) == ["A"]
    assert customers(await visitor.get("/reminders?rep=unassigned", "boss", Role.GM)) == ["C", "D"]


@pytest.mark.usefixtures("peopled")
async def test_a_list_comes_in_pages_without_gaps(visitor: Visitor) -> None:
    """Each cursor goes on where the page before ended."""
    seen, cursor = list[str](), ""
    while True:
        answer = await visitor.get(f"/reminders?limit=2{cursor}", "op", Role.OPS)
        seen += customers(answer)
        if answer.json()["next"] is None:
            break
        cursor = f"&cursor={answer.json()['next']}"
    assert seen == ["A", "B", "C", "D", "E"]
    assert (await visitor.get("/reminders?cursor=WyJ4IiwieSIsInoiXQ", "op", Role.OPS)).status_code == 400


async def test_a_day_has_its_own_list_and_may_show_what_was_left(peopled: House, visitor: Visitor) -> None:
    """Yesterday's reminders are yesterday's; those still open are added on request."""
    peopled.clock.advance(DAY)
    assert customers(await visitor.get("/reminders", "op", Role.OPS)) == []
    assert customers(await visitor.get(f"/reminders?day={TODAY}&state=due", "ann", Role.REP)) == ["A"]
    assert customers(await visitor.get(f"/reminders?day={TODAY}&state=done", "ann", Role.REP)) == []
    assert customers(await visitor.get("/reminders?overdue=true", "ann", Role.REP)) == ["A"]


@pytest.mark.usefixtures("peopled")
async def test_a_reminder_tells_what_is_owed_and_why(visitor: Visitor) -> None:
    """In the shape that the console and the command line show."""
    [item] = (await visitor.get("/reminders", "ann", Role.REP)).json()["items"]
    told = {
        "customer_id": "A",
        "rep": "rep-1",
        "rule": "F1",
        "kind": "contact",
        "line": "F1",
        "class": "contract",
        "level": "key",
        "due_on": "2026-03-02",
        "latest_on": None,
        "state": "due",
    }
    assert {name: item[name] for name in told} == told
    assert item["why"]["en"] == (
        "Contract customer, key: no contact on record; last order 28 days ago; F1 asks for a contact every month."
    )


@pytest.mark.usefixtures("peopled")
async def test_a_schedule_tells_each_line_and_its_next_date(visitor: Visitor) -> None:
    """After the reminder the monthly contact is due in a month."""
    schedule = (await visitor.get("/schedule/A", "ann", Role.REP)).json()
    assert (schedule["class"], schedule["level"], schedule["next_due_on"]) == ("contract", "key", "2026-04-02")
    [line] = schedule["lines"]
    assert (line["line"], line["every"], line["reminded_until"]) == ("F1", "P1M", "2026-03-02")


async def test_a_reported_contact_is_published_once_and_ends_the_reminder(peopled: House, visitor: Visitor) -> None:
    """The contact goes to activities.v1; when customers tells of it, the reminder is done."""
    [item] = (await visitor.get("/reminders", "ann", Role.REP)).json()["items"]
    report = {"made_at": "2026-03-02T11:00:00+08:00", "channel": "phone", "minutes": 12, "outcome": "will order"}
    taken = await visitor.done(item["reminder_id"], "ann", report)
    assert taken.status_code == 202
    contact_id = taken.json()["contact_id"]
    again = await visitor.done(item["reminder_id"], "ann", report)
    assert (again.status_code, again.json()) == (202, taken.json())
    assert (await visitor.done(item["reminder_id"], "ann", report | {"minutes": 13})).status_code == 409
    [event] = await peopled.published("contact.made")
    assert event["id"] == event["data"]["contact_id"] == contact_id
    assert (event["data"]["customer_id"], event["data"]["rep"], event["data"]["minutes"]) == ("A", "rep-1", 12)

    made_at = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    await peopled.told(
        facts("A", 2, last_order_on=date(2026, 2, 2), orders=1, contacted_at=made_at, cause="contact.made")
    )
    [item] = (await visitor.get("/reminders", "ann", Role.REP)).json()["items"]
    assert item["state"] == "done"
    assert datetime.fromisoformat(item["done_at"]) == made_at


@pytest.mark.parametrize(
    ("made_at", "code"),
    [
        ((NOON + DAY / 24).isoformat(), "not_made_yet"),
        ("2026-02-02T10:00:00+08:00", "too_early"),
        ("2026-03-02T10:00:00", None),
    ],
)
async def test_a_contact_that_cannot_be_the_one_is_refused(
    peopled: House, visitor: Visitor, made_at: str, code: str | None
) -> None:
    """In the future, before the cycle, or at a time that could be any: nothing is published."""
    [item] = (await visitor.get("/reminders", "ann", Role.REP)).json()["items"]
    answer = await visitor.done(item["reminder_id"], "ann", {"made_at": made_at, "channel": "phone"})
    assert answer.status_code == 422
    assert code is None or answer.json()["code"] == code
    assert await peopled.published("contact.made") == []


@pytest.mark.usefixtures("peopled")
async def test_nobody_reports_for_another(visitor: Visitor) -> None:
    """A reminder that is not yours does not exist for you."""
    [item] = (await visitor.get("/reminders", "ann", Role.REP)).json()["items"]
    report = {"made_at": NOON.isoformat(), "channel": "phone"}
    assert (await visitor.done(item["reminder_id"], "bo", report)).status_code == 404
    assert (await visitor.done("no-such-reminder", "bo", report)).status_code == 404


async def test_who_left_sees_nothing(peopled: House, visitor: Visitor) -> None:
    """P6: a leaver's token may still be valid."""
    await peopled.told(person("ann", "north", "rep-1", active=False))
    assert customers(await visitor.get("/reminders", "ann", Role.REP)) == []


async def test_leaders_announce_products_and_everybody_may_know(house: House, visitor: Visitor) -> None:
    """F6: announced once by an id; again it is the same, by another name a conflict; a rep only reads."""
    assert (await visitor.announce("ann", Role.REP, "P-1", "Cup")).status_code == 403
    for number in (1, 2, 3, 1):
        assert (await visitor.announce("boss", Role.GM, f"P-{number}", f"Cup {number}")).status_code == 202
    assert (await visitor.announce("boss", Role.GM, "P-1", "Tray")).status_code == 409
    assert (await visitor.announce("boss", Role.GM, "P-4", "")).status_code == 422
    await house.tell_of_products()
    first = (await visitor.get("/products?limit=2", "ann", Role.REP)).json()
    rest = (await visitor.get(f"/products?limit=2&cursor={first['next']}", "ann", Role.REP)).json()
    items = [*first["items"], *rest["items"]]
    assert [(item["product_id"], item["planned"], item["reminded"]) for item in items] == [
        ("P-3", True, 0), ("P-2", True, 0), ("P-1", True, 0),
    ]  # fmt: skip
    assert (items[0]["name"], items[0]["announced_by"]) == ({"zh": "杯", "en": "Cup 3"}, "boss")
