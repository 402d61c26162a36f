"""Preferences, previews, tests and deliveries over HTTP: each only as far as the asker may see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.followup.api import messages_router, preferences_router
from services.followup.api.preferences import Choice, preferences_of
from services.followup.usecases.preferring import ChoosePreferences
from shared.http import create_app
from shared.identity import JWKS_FILE, Role, TokenSigner, TokenVerifier, generate_keypair
from shared.metrics import Metrics
from shared.settings import IdentitySettings
from tests.integration.followup.house import person
from tests.integration.followup.office import BOSS, Office
from tests.integration.followup.providers import KEY, SECRET, Providers, Reply

pytestmark = pytest.mark.backend


class Visitor:
    """Asks in somebody's name."""

    def __init__(self, client: httpx.AsyncClient, signer: TokenSigner) -> None:
        self._client = client
        self._signer = signer

    async def __call__(self, who: str, role: Role, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._signer.sign(who, role)}"}
        answer = await self._client.request(method, path, headers=headers, json=body)
        assert KEY not in answer.text
        assert SECRET not in answer.text
        return answer


@pytest.fixture
async def visit(office: Office, tmp_path: Path) -> AsyncIterator[Visitor]:
    private = generate_keypair(tmp_path)
    verifier = TokenVerifier.from_settings(IdentitySettings(jwks_file=tmp_path / JWKS_FILE))

    async def ready() -> list[str]:
        return []

    routers = [messages_router(office.look), preferences_router(office.choose)]
    app = create_app("followup", routers, verifier, metrics=Metrics(), ready=ready)
    await office.house.told(person("ann", "north"), person("bo", "south"), person("mia", "north"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://followup") as client:
        yield Visitor(client, TokenSigner.from_file(private))


CHOICE = {
    "language": "en",
    "channels": ["feishu"],
    "mail": "ann@example.com",
    "mentions": {"feishu": "ou_1"},
    "quiet": {"begins": "21:00:00", "until": "07:30:00"},
    "digest": True,
}


async def test_a_person_chooses_for_themselves_and_a_manager_for_the_department(visit: Visitor) -> None:
    """Nobody else reads it, let alone writes it."""
    for who, role in (("ann", Role.REP), ("mia", Role.DEPARTMENT_MANAGER), ("boss", Role.GM)):
        answer = await visit(who, role, "PUT", "/preferences/ann", CHOICE)
        assert answer.json() == {**CHOICE, "person": "ann", "reached_by": ["feishu"]}
        assert (await visit(who, role, "GET", "/preferences/ann")).json() == answer.json()
    for method, body in (("GET", None), ("PUT", CHOICE)):
        assert (await visit("bo", Role.REP, method, "/preferences/ann", body)).status_code == 403
        assert (await visit("mia", Role.DEPARTMENT_MANAGER, method, "/preferences/bo", body)).status_code == 403
        assert (await visit("x", Role.HR, method, "/preferences/ann", body)).status_code == 403


async def test_a_rep_code_opens_nobody_elses_preferences(visit: Visitor, office: Office) -> None:
    """An HR system may give a code that is spelled as another person's id: ids alone say whose things these are."""
    await office.house.told(person("cy", "south", "ann"), person("mo", "south"))
    for who, role in (("cy", Role.REP), ("mo", Role.DEPARTMENT_MANAGER)):
        assert (await visit(who, role, "PUT", "/preferences/ann", CHOICE)).status_code == 403
        assert (await visit(who, role, "GET", "/deliveries?person=ann")).status_code == 403


async def test_whose_channel_was_taken_out_is_told_the_usual_way(visit: Visitor, office: Office) -> None:
    """Nobody falls silent because a robot left the file, and the rest of the choice can still be changed."""
    await visit("ann", Role.REP, "PUT", "/preferences/ann", CHOICE)
    left = {name: channel for name, channel in office.company.channels.items() if name != "feishu"}
    room = replace(office.room, company=replace(office.company, channels=left))
    choose = ChoosePreferences(room, office.house.stores.people)
    _, reached_by = await choose.show(BOSS, "ann")
    assert reached_by == ("wecom",)
    reader, _ = await choose.choose(BOSS, preferences_of("ann", Choice(**CHOICE | {"quiet": None})))
    assert reader.preferences.quiet is None


async def test_a_rep_code_is_as_good_as_an_id(visit: Visitor, office: Office) -> None:
    """Reminders name reps by it: what is chosen under it holds for the person, instead of for nobody."""
    await office.house.told(person("ann", "north", "rep-1"))
    assert (await visit("boss", Role.GM, "PUT", "/preferences/rep-1", CHOICE)).json()["person"] == "ann"
    assert (await visit("ann", Role.REP, "GET", "/preferences/ann")).json()["language"] == "en"
    assert (await visit("ann", Role.REP, "GET", "/deliveries?person=rep-1")).status_code == 200
    preview = "/messages/preview?channel=feishu&person=rep-1"
    assert (await visit("ann", Role.REP, "GET", preview)).status_code == 200


async def test_who_has_chosen_nothing_gets_the_companys_way(visit: Visitor) -> None:
    """And is told over which channels that is."""
    told = (await visit("ann", Role.REP, "GET", "/preferences/ann")).json()
    assert told["channels"] is told["language"] is told["quiet"] is None
    assert (told["reached_by"], told["digest"]) == (["wecom"], True)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"channels": ["pigeon"]}, 404),
        ({"mentions": {"pigeon": "1"}}, 404),
        ({"mail": "a@b.example\r\nBcc: all@example.com"}, 422),
        ({"mail": "not an address"}, 422),
        ({"mail": "ann@home.example"}, 422),
        ({"mentions": {"feishu": '"></at><at id="all'}}, 422),
        ({"mentions": {"feishu": "all"}}, 422),
        ({"mentions": {"wecom": "@ALL"}}, 422),
        ({"quiet": {"begins": "21:00Z", "until": "07:00+05:00"}}, 422),
        ({"quiet": {"begins": 75600, "until": "07:00"}}, 422),
        ({"url": "http://169.254.169.254/"}, 422),
        ({"language": "fr"}, 422),
    ],
)
async def test_a_choice_that_cannot_be_is_refused(visit: Visitor, change: dict[str, Any], status: int) -> None:
    """Channels that are not there, addresses that are none, and never an address of the web."""
    answer = await visit("ann", Role.REP, "PUT", "/preferences/ann", CHOICE | change)
    assert answer.status_code == status, answer.text
    assert (await visit("ann", Role.REP, "GET", "/preferences/ann")).json()["channels"] is None


@pytest.mark.parametrize("channel", ["wecom", "dingtalk", "feishu", "mail"])
async def test_a_message_can_be_seen_before_it_is_sent(visit: Visitor, office: Office, channel: str) -> None:
    """In any channel's form and either language: a made-up one, a person's list, one reminder."""
    await office.due("C-1", rep="ann")
    reminder = await office.house.database.fetchval("SELECT reminder_id FROM reminders")
    for language, word in (("zh", "说什么"), ("en", "What to say")):
        for query in ("", f"&reminder={reminder}", "&person=ann"):
            path = f"/messages/preview?channel={channel}&language={language}{query}"
            [page] = (await visit("ann", Role.REP, "GET", path)).json()["pages"]
            assert word in page["body"]
            assert ("C-1" in page["body"]) == bool(query) or not query
            assert 0 < page["bytes"] <= page["limit"]
            assert (page["html"] is None) == (channel != "mail")
    for path in (f"&reminder={reminder}", "&person=ann"):
        answer = await visit("bo", Role.REP, "GET", f"/messages/preview?channel={channel}{path}")
        assert answer.status_code in {403, 404}
    assert not office.providers.asked


async def test_a_channel_is_tried_with_the_providers_own_words(
    visit: Visitor, office: Office, providers: Providers
) -> None:
    """By whoever runs the house; within the limit, and kept on record as any attempt."""
    answer = await visit("op", Role.OPS, "POST", "/messages/test", {"channel": "wecom"})
    assert answer.json() == {
        "channel": "wecom", "outcome": "sent", "code": "0", "said": "ok", "meaning": {"zh": "已发送", "en": "sent"},
    }  # fmt: skip
    assert "Tierline 测试消息" in providers.taken[0].text
    providers.answers(Reply({"errcode": 93000, "errmsg": f"invalid webhook url {KEY}"}))
    told = (await visit("op", Role.OPS, "POST", "/messages/test", {"channel": "wecom"})).json()
    assert (told["outcome"], told["code"], told["said"]) == ("refused", "93000", "invalid webhook url ***")
    for _ in range(18):
        await visit("op", Role.OPS, "POST", "/messages/test", {"channel": "wecom"})
    busy = await visit("op", Role.OPS, "POST", "/messages/test", {"channel": "wecom"})
    assert busy.status_code == 429
    assert len(providers.asked) == 20
    assert (await visit("ann", Role.REP, "POST", "/messages/test", {"channel": "wecom"})).status_code == 403
    assert (await visit("op", Role.OPS, "POST", "/messages/test", {"channel": "pigeon"})).status_code == 404
    items = (await visit("op", Role.OPS, "GET", "/deliveries?limit=7")).json()["items"]
    assert len(items) == 7


async def test_a_test_that_was_too_much_holds_the_channel_back(
    visit: Visitor, office: Office, providers: Providers
) -> None:
    """Messages that went on would only be held back longer."""
    await office.due("C-1")
    await office.compose()
    office.house.clock.advance(timedelta(minutes=6))
    providers.answers(Reply({"errcode": 45009, "errmsg": "api freq out of limit"}))
    told = (await visit("op", Role.OPS, "POST", "/messages/test", {"channel": "wecom"})).json()
    assert told["outcome"] == "throttled"
    assert await office.send("wecom") == 0
    office.house.clock.advance(timedelta(minutes=2))
    assert await office.send("wecom") == 1


async def test_who_left_speaks_over_no_channel(visit: Visitor, office: Office) -> None:
    """P6: the token is good for some hours more."""
    await office.house.told(person("op", None, role="ops", active=False))
    answer = await visit("op", Role.OPS, "POST", "/messages/test", {"channel": "wecom"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert not office.providers.asked


async def test_everybody_sees_what_became_of_their_own_messages(visit: Visitor, office: Office) -> None:
    """The newest first, page by page; a manager the department's, the GM all, and no rep another's."""
    for rep in ("ann", "bo"):
        await office.due(f"C-{rep}", rep=rep)
    await office.compose()
    office.house.clock.advance(timedelta(minutes=6))
    await office.send("wecom")
    for who, role, people in (
        ("ann", Role.REP, {"ann"}),
        ("mia", Role.DEPARTMENT_MANAGER, {"ann"}),
        ("boss", Role.GM, {"ann", "bo"}),
    ):
        found, cursor = [], ""
        while True:
            page = (await visit(who, role, "GET", f"/deliveries?limit=1{cursor}")).json()
            found += page["items"]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert {item["person"] for item in found} == people
        assert [item["delivery_id"] for item in found] == sorted((i["delivery_id"] for i in found), reverse=True)
        assert {(item["outcome"], item["code"], item["state"]) for item in found} == {("sent", "0", "sent")}
    assert (await visit("ann", Role.REP, "GET", "/deliveries?person=bo")).status_code == 403
    assert (await visit("boss", Role.GM, "GET", "/deliveries?outcome=refused")).json()["items"] == []
    status = (await visit("boss", Role.GM, "GET", "/messages/status")).json()
    assert (status["queued"], status["dead"], len(status["channels"])) == (0, 0, 4)
    assert (await visit("ann", Role.REP, "GET", "/messages/status")).status_code == 403
