"""Whatever apprise knows, against a server that takes or refuses."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.followup.channels import read_channels
from services.followup.channels.anything import Anything
from services.followup.domain.letters import Block, Letter, Line
from services.followup.ports.messages import Addressee
from tests.integration.followup.providers import KEY, Providers, Reply

# apprise opens its connections anew for each message and leaves closing them to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")

LETTER = Letter("今日跟进", "2 位客户", (Block("C-1", (Line("说什么：", "问候"),)),), "", "打开")
TO = Addressee("ann")


@pytest.fixture
async def providers() -> AsyncIterator[Providers]:
    providers = Providers()
    await providers.start()
    yield providers
    await providers.stop()


def anything(providers: Providers) -> Anything:
    return Anything("other", [f"json://127.0.0.1:{providers.port}/hook/{KEY}"], 20)


async def test_a_message_goes_out_and_a_refusal_is_heard(providers: Providers) -> None:
    """Title and text arrive; what the server refuses is tried a few times, in words without the address."""
    channel = anything(providers)
    assert channel.understood
    [page] = channel.pages(LETTER, TO)
    providers.answers(Reply(b"ok"), Reply(b"no", 500))
    assert (await channel.send(page, TO, "m")).outcome == "sent"
    [request] = providers.asked
    assert request.payload["title"] == "今日跟进"
    assert "**C-1**" in request.payload["message"]
    verdict = await channel.send(page, TO, "m")
    assert (verdict.outcome, verdict.code) == ("unknown", "failed")
    assert "500" in verdict.said
    assert KEY not in verdict.said


async def test_a_server_that_is_away_is_no_success(providers: Providers) -> None:
    """Nobody listens, and nothing of the address is told."""
    channel = anything(providers)
    await providers.stop()
    verdict = await channel.send(channel.pages(LETTER, TO)[0], TO, "m")
    await providers.start()
    assert verdict.outcome == "unknown"
    assert KEY not in verdict.said


async def test_no_channel_tells_anothers_address(tmp_path: Path, providers: Providers) -> None:
    """apprise has one log for all of them, and keeps tokens also where others have a host."""
    file = tmp_path / "channels.yaml"
    file.touch(mode=0o600)
    file.write_text(
        "channels:\n"
        f'  one: {{kind: apprise, urls: ["json://127.0.0.1:{providers.port}/hook/{KEY}"]}}\n'
        '  two: {kind: apprise, urls: ["slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"]}\n'
    )
    one = read_channels(file).channels["one"]
    providers.answers(Reply(b"no", 500))
    log, words = logging.getLogger("apprise"), deque(["T1JJ3T3L2 A1BRTD4JD TIiajkdnlazkcOXrIdevi7FQ was refused"])

    def meanwhile(_: logging.LogRecord) -> bool:
        if words:
            log.warning(words.popleft())
        return True

    log.addFilter(meanwhile)
    said = (await one.send(one.pages(LETTER, TO)[0], TO, "m")).said
    log.removeFilter(meanwhile)
    assert "was refused" in said
    for secret in ("T1JJ3T3L2", "A1BRTD4JD", "TIiajkdnlazkcOXrIdevi7FQ", KEY):
        assert secret not in said


def test_an_address_that_apprise_does_not_know_is_said_so() -> None:
    """At the start, not at the first message."""
    assert not Anything("other", ["pigeon://x"], 20).understood
