"""The robots' adapters against servers that behave as the providers document."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.followup.channels.codes import DINGTALK, FEISHU, WECOM
from services.followup.channels.door import Door
from services.followup.channels.robots import DingTalk, Feishu, Robot, WayIn, WeCom
from services.followup.domain.letters import Block, Letter, Line
from services.followup.ports.messages import Addressee
from tests.integration.followup.providers import KEY, SECRET, Kind, Providers, Reply

LETTER = Letter(
    "今日跟进", "2 位客户", (Block("C-1", (Line("为什么现在：", "上次联系在 28 天前"),), "https://x/1"),), "", "打开"
)
TO = Addressee("ann", None, "ann-1")
ROBOTS: dict[Kind, type[Robot]] = {"wecom": WeCom, "dingtalk": DingTalk, "feishu": Feishu}
every = pytest.mark.parametrize("kind", list(ROBOTS))


@pytest.fixture
async def providers() -> AsyncIterator[Providers]:
    providers = Providers()
    await providers.start()
    yield providers
    await providers.stop()


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door = Door(whole_seconds=1.0)
    yield door
    await door.close()


class Robots:
    """Makes robots that knock at the providers."""

    def __init__(self, providers: Providers, door: Door) -> None:
        self._providers = providers
        self._door = door

    def __call__(self, kind: Kind, secret: str = SECRET) -> Robot:
        return ROBOTS[kind]("r", WayIn(self._providers.url(kind), secret), self._door)


@pytest.fixture
def robot(providers: Providers, door: Door) -> Robots:
    return Robots(providers, door)


async def sent(robot: Robot, letter: Letter = LETTER, to: Addressee = TO) -> tuple[str, str, str]:
    verdict = await robot.send(robot.pages(letter, to)[0], to, "m-1")
    return verdict.outcome, verdict.code, verdict.said


@every
async def test_a_card_is_taken(providers: Providers, robot: Robots, kind: Kind) -> None:
    """Signed as the provider checks it, with the person mentioned, and nothing of it escaped into numbers."""
    assert (await sent(robot(kind)))[:2] == ("sent", "0")
    [request] = providers.taken
    assert "今日跟进" in request.text
    assert "**C-1**" in request.text
    assert "为什么现在：上次联系在 28 天前" in request.text
    assert "[打开](https://x/1)" in request.text
    assert "ann-1" in request.text
    if kind == "dingtalk":
        assert request.payload["at"] == {"atUserIds": ["ann-1"], "isAtAll": False}


@every
async def test_a_long_digest_is_taken_page_by_page(providers: Providers, robot: Robots, kind: Kind) -> None:
    """None of the pages is refused for its length, and every customer is on one of them."""
    blocks = tuple(
        Block(f"C-{number:03}", (Line("说什么：", "字" * 80), Line("", "\"'\\" * 20))) for number in range(200)
    )
    letter, there = Letter("今日跟进", "200 位客户", blocks, "", "打开"), robot(kind)
    pages = there.pages(letter, TO)
    for page in pages:
        providers._times[kind].clear()
        assert (await there.send(page, TO, "m-1")).outcome == "sent"
    text = "".join(request.text for request in providers.taken)
    assert all(text.count(f"C-{number:03}") == 1 for number in range(200))
    assert f"({len(pages)}/{len(pages)})" in providers.taken[-1].text


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
async def test_a_wrong_secret_is_a_refusal(providers: Providers, robot: Robots, kind: Kind) -> None:
    """HTTP 200, and yet nobody has read it."""
    outcome, code, said = await sent(robot(kind, "other"))
    assert (outcome, code) == ("refused", {"dingtalk": "310000", "feishu": "19021"}[kind])
    assert "sign" in said


@every
async def test_every_documented_code_decides(providers: Providers, robot: Robots, kind: Kind) -> None:
    """The provider's own code, not HTTP's, says whether it was sent, and whether to try again."""
    codes = {"wecom": WECOM, "dingtalk": DINGTALK, "feishu": FEISHU}[kind]
    names = ("code", "msg") if kind == "feishu" else ("errcode", "errmsg")
    there = robot(kind)
    for code, meaning in codes.items():
        providers.answers(Reply({names[0]: int(code), names[1]: "the provider's own words"}))
        page = there.pages(LETTER, TO)[0]
        verdict = await there.send(page, TO, "m-1")
        assert verdict[:3] == (meaning.outcome, code, "the provider's own words")
        assert verdict.meaning is not None
        assert verdict.meaning.zh
        assert (verdict.silent is not None) == (meaning.outcome == "throttled")
    assert {meaning.outcome for meaning in codes.values()} == {"sent", "again", "throttled", "refused"}


@every
async def test_a_success_of_http_alone_is_none(providers: Providers, robot: Robots, kind: Kind) -> None:
    """A code that is in no table, a page of a proxy, an empty answer: unknown, never sent."""
    there = robot(kind)
    for reply in (Reply({"errcode": 777, "errmsg": "?"}), Reply(b"<html>login</html>"), Reply(b""), Reply([1])):
        providers.answers(reply)
        assert (await sent(there))[0] == "unknown"


@every
async def test_http_statuses_decide_where_there_is_no_code(providers: Providers, robot: Robots, kind: Kind) -> None:
    """429 with its wait, 5xx for later, 4xx for never; a success code under a failure's status is none."""
    there = robot(kind)
    providers.answers(Reply(b"slow down", 429, {"Retry-After": "17"}), Reply(b"", 502), Reply(b"no", 404))
    verdict = await there.send(there.pages(LETTER, TO)[0], TO, "m-1")
    assert (verdict.outcome, verdict.silent) == ("throttled", timedelta(seconds=17))
    assert (await sent(there))[:2] == ("again", "HTTP 502")
    assert (await sent(there))[:2] == ("refused", "HTTP 404")
    providers.answers(Reply({"errcode": 0, "errmsg": "ok"}, 503))
    assert (await sent(there))[:2] == ("again", "HTTP 503")


@every
async def test_a_redirect_is_not_followed(providers: Providers, robot: Robots, kind: Kind) -> None:
    """Whoever can redirect could have our messages sent anywhere, this machine's own services included."""
    providers.answers(Reply(b"", 302, {"Location": providers.url("wecom")}))
    outcome, code, _ = await sent(robot(kind))
    assert (outcome, code) == ("refused", "HTTP 302")
    assert len(providers.asked) == 1


@every
async def test_a_line_that_breaks_is_tried_again(providers: Providers, robot: Robots, kind: Kind) -> None:
    """Reset before an answer, cut within one, silence, nobody there."""
    there = robot(kind)
    providers.answers("reset", "cut", "hang")
    for _ in range(3):
        outcome, code, _ = await sent(there)
        assert outcome == "again", code
    await providers.stop()
    assert (await sent(there))[0] == "again"
    await providers.start()


@every
async def test_an_endless_answer_is_not_read(providers: Providers, robot: Robots, kind: Kind) -> None:
    """Ten megabytes of words end at what anybody reads."""
    providers.answers(Reply(b"x" * 10_000_000, 500))
    outcome, _, said = await sent(robot(kind))
    assert outcome == "again"
    assert len(said) <= 500


@every
async def test_what_a_provider_echoes_holds_no_secret(providers: Providers, robot: Robots, kind: Kind) -> None:
    """Some answer with the address that was asked for."""
    url = providers.url(kind)
    providers.answers(
        Reply({"errcode": 93000, "errmsg": f"bad {url} {SECRET} {KEY}"}), Reply(f"no {url}".encode(), 500)
    )
    for _ in range(2):
        _, _, said = await sent(robot(kind))
        assert said
        assert KEY not in said
        assert SECRET not in said


@pytest.mark.parametrize(
    "body", [{"errcode": "45\x00\ud83d" + "9" * 999, "errmsg": "busy \ud83d"}, b"[" * 60_000], ids=["words", "depth"]
)
async def test_an_answer_that_nobody_could_keep_is_made_one(
    providers: Providers, robot: Robots, body: dict[str, str] | bytes
) -> None:
    """Half an emoji, a NUL, brackets without an end: what cannot be written down would be sent again and again."""
    providers.answers(Reply(json.dumps(body).encode() if isinstance(body, dict) else body))
    outcome, code, said = await sent(robot("wecom"))
    assert outcome == "unknown"
    for words in (code, said):
        assert words.encode()
        assert "\x00" not in words
    assert len(code) <= 40


async def test_a_limit_told_with_a_success_silences_nobody(providers: Providers, robot: Robots) -> None:
    """Feishu's gateway says with any answer when its count begins anew."""
    ok = {"StatusCode": 0, "code": 0, "msg": "success"}
    providers.answers(Reply(ok, 200, {"x-ogw-ratelimit-reset": "42"}))
    there = robot("feishu")
    verdict = await there.send(there.pages(LETTER, TO)[0], TO, "m")
    assert (verdict.outcome, verdict.silent) == ("sent", None)
