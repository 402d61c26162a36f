"""Mail against a server of the test's own: TLS, logins, what is refused for now and what for ever."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from services.followup.channels.mail import Mail, Security, Server
from services.followup.domain.letters import Block, Letter, Line
from services.followup.ports.messages import Addressee
from tests.integration.followup.post_office import PASSWORD, USER, PostOffice

# aiosmtpd does not see that a connection came by TLS from its beginning.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

BLOCK = Block("C-1 <b>", (Line("为什么现在：", "上次联系在 28 天前"),), "https://x/1")
LETTER = Letter("ann · 今日跟进", "2 位客户", (BLOCK,), "", "打开")
TO = Addressee("ann", "ann@example.com")
Offices = Callable[[Security], Awaitable[PostOffice]]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Offices]:
    running: list[PostOffice] = []

    async def opened(security: Security) -> PostOffice:
        office = PostOffice(tmp_path, security)
        await office.start()
        running.append(office)
        return office

    yield opened
    for office in running:
        await office.stop()


def mail(office: PostOffice, security: Security, password: str = PASSWORD, *, trusted: bool = True) -> Mail:
    login = (None, None) if security == "none" else (USER, password)
    ca_file = str(office.ca_file) if trusted else None
    user, secret = login
    server = Server("127.0.0.1", office.port, security, "Tierline <t@example.com>", user, secret, ca_file)
    return Mail("post", server, 60)


async def sent(mail: Mail, to: Addressee = TO) -> tuple[str, str]:
    verdict = await mail.send(mail.pages(LETTER, to)[0], to, "4f2a")
    assert PASSWORD not in verdict.said
    return verdict.outcome, verdict.code


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
async def test_a_letter_arrives_as_text_and_as_html(office: Offices, security: Security) -> None:
    """Chinese in subject and body, escaped in HTML, from whom the file says; with a login where there is TLS."""
    there = await office(security)
    assert await sent(mail(there, security)) == ("sent", "250")
    [letter] = there.letters
    assert letter["subject"] == "ann · 今日跟进"
    assert letter["to"] == "ann@example.com"
    assert letter["auto-submitted"] == "auto-generated"
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "为什么现在：上次联系在 28 天前" in text.get_content()
    assert "C-1 &lt;b&gt;" in html.get_content()
    assert there.logins == (0 if security == "none" else 1)


async def test_a_repetition_is_the_same_letter(office: Offices) -> None:
    """The same Message-ID, so that a mail program shows it once."""
    there = await office("none")
    for _ in range(2):
        await sent(mail(there, "none"))
    ids = {letter["message-id"] for letter in there.letters}
    assert ids == {"<4f2a@example.com>"}
    assert len(there.letters) == 2


async def test_greylisting_is_waited_out_and_a_stranger_is_not(office: Offices) -> None:
    """4xx is for now, 5xx for ever; both in the server's own words."""
    there = await office("none")
    post = mail(there, "none")
    there.answers.extend(["450 4.2.0 greylisted, try again in 5 minutes", "550 5.1.1 no such user", "421 too busy"])
    first = await post.send(post.pages(LETTER, TO)[0], TO, "m")
    assert (first.outcome, first.code) == ("again", "450")
    assert "greylisted" in first.said
    assert await sent(post) == ("refused", "550")
    assert await sent(post) == ("again", "421")
    assert await sent(post) == ("sent", "250")


async def test_a_wrong_password_is_refused(office: Offices) -> None:
    """Trying it again and again would lock the account."""
    assert await sent(mail(await office("tls"), "tls", "wrong")) == ("refused", "535")


async def test_a_server_without_tls_does_not_get_the_password(office: Offices) -> None:
    """STARTTLS is required where the file says so, not merely tried."""
    there = await office("none")
    assert (await sent(mail(there, "starttls")))[0] == "again"
    assert there.logins == 0
    assert not there.letters


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_certificate_that_nobody_vouches_for_is_not_believed(office: Offices, security: Security) -> None:
    """Whoever sits in between would have the login and the customers."""
    there = await office(security)
    assert (await sent(mail(there, security, trusted=False)))[0] == "again"
    assert there.logins == 0


@pytest.mark.parametrize("address", [None, "a@b.example\r\nBcc: all@example.com", "no address"])
async def test_an_address_that_is_none_goes_nowhere(office: Offices, address: str | None) -> None:
    """Nor can it smuggle in another recipient."""
    there = await office("none")
    assert (await sent(mail(there, "none"), Addressee("ann", address)))[0] == "refused"
    assert not there.letters


async def test_a_server_that_is_away_is_tried_again(office: Offices) -> None:
    """Nobody listens there."""
    there = await office("none")
    post = mail(there, "none")
    await there.stop()
    outcome, code = await sent(post)
    assert outcome == "again"
    assert re.search("Connect|Timeout", code)
    await there.start()
