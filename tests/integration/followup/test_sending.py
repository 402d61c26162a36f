"""From the queue to the robot: limits, failures, and nothing lost in between."""

from __future__ import annotations

import asyncio
import io
import logging
from collections import Counter
from datetime import timedelta

import pytest
import structlog

from services.followup.domain.preferences import Preferences
from services.followup.ports.messages import DeliveryFilters
from services.followup.usecases.previewing import Wish
from shared.logs import configure_logs
from shared.settings import LogSettings
from tests.integration.followup.house import DAY
from tests.integration.followup.office import BOSS, LEASE, MINUTE, SPREAD, Office, choose, everything
from tests.integration.followup.providers import KEY, SECRET, Providers, Reply

pytestmark = pytest.mark.backend


async def test_a_queue_is_paced_by_the_providers_limit(office: Office, providers: Providers) -> None:
    """Twenty in any minute, from however many processes; the provider never has to say so."""
    for number in range(50):
        await office.due(f"C-{number}", rep=f"rep-{number:02}")
    await office.compose()
    office.house.clock.advance(SPREAD)
    senders = [office.sender(at_a_time=7) for _ in range(3)]
    for sent_by_then in (20, 40, 50):
        await asyncio.gather(*(sender("wecom") for sender in senders))
        await asyncio.gather(*(sender("wecom") for sender in senders))
        assert len(providers.taken) == len(providers.asked) == sent_by_then
        office.house.clock.advance(MINUTE)
    assert Counter(request.text.split(" ·")[0] for request in providers.taken).most_common(1)[0][1] == 1


async def test_several_senders_send_each_page_once(office: Office, providers: Providers) -> None:
    """In normal running nobody reads anything twice, and pages come in order."""
    for rep in ("ann", "bo", "cy"):
        await office.due(*(f"C-{rep}-{number:02}" for number in range(25)), rep=rep)
    await office.compose()
    office.house.clock.advance(SPREAD)
    senders = [office.sender() for _ in range(4)]
    for _ in range(5):
        await asyncio.gather(*(sender("wecom") for sender in senders))
        office.house.clock.advance(MINUTE)
    assert await office.states() == ["sent"] * 3
    titles = [request.text.splitlines()[0] for request in providers.taken]
    assert len(titles) == len(set(titles)) > 5
    for rep in ("ann", "bo", "cy"):
        pages = [title.rpartition("(")[2] for title in titles if f"{rep} ·" in title]
        assert pages == [f"{number}/{len(pages)})" for number in range(1, len(pages) + 1)]
        assert all(any(f"C-{rep}-{number:02}" in r.text for r in providers.taken) for number in range(25))


async def test_a_throttled_robot_is_left_alone_and_then_goes_on(office: Office, providers: Providers) -> None:
    """HTTP 200 with 45009 is not success; nothing else is tried on it until the silence is over."""
    await office.due("C-1")
    await office.due("C-2", rep="bo")
    await office.compose()
    office.house.clock.advance(SPREAD)
    providers.answers(Reply({"errcode": 45009, "errmsg": "api freq out of limit"}))
    await office.sender(at_a_time=1)("wecom")
    asked = len(providers.asked)
    office.house.clock.advance(30 * timedelta(seconds=1))
    await office.send("wecom")
    assert len(providers.asked) == asked
    office.house.clock.advance(MINUTE)
    await office.send("wecom")
    assert await office.states() == ["sent", "sent"]
    assert ("wecom", "throttled", "45009") in await office.attempts()


async def test_a_robot_that_refuses_gives_way_to_the_next_channel(office: Office, providers: Providers) -> None:
    """At once; and what it said is on record."""
    await choose(office, Preferences("ann", channels=("dingtalk", "feishu")))
    await office.due("C-1")
    await office.compose()
    office.house.clock.advance(SPREAD)
    providers.answers(Reply({"errcode": 400102, "errmsg": "robot stopped"}))
    await office.send("dingtalk")
    assert len(await office.out("feishu")) == 1
    assert await office.attempts() == [("dingtalk", "refused", "400102"), ("feishu", "sent", "0")]
    [_, attempt] = await office.look.deliveries(BOSS, "ann", DeliveryFilters(), None, 100)
    assert attempt.attempt.said == "robot stopped"
    assert attempt.attempt.meaning is not None
    assert attempt.attempt.meaning.zh == "机器人已停用"


async def test_an_hours_silence_of_the_provider_loses_nothing(office: Office, providers: Providers) -> None:
    """It is tried with growing waits; with another channel it goes there after ten minutes."""
    await choose(office, Preferences("bo", channels=("wecom", "feishu")))
    await office.due("C-1")
    await office.due("C-2", rep="bo")
    await office.compose()
    providers.always("reset")
    for _ in range(60):
        office.house.clock.advance(MINUTE)
        await office.send("wecom")
    assert await office.states() == ["queued", "queued"]
    providers.always(None)
    assert [text for text in await office.out("feishu") if "bo" in text]
    office.house.clock.advance(6 * MINUTE)
    await office.send("wecom")
    assert await office.states() == ["sent", "sent"]
    # Each minute would be 120; the shortest waits that chance can give, half of each, come to less than 60.
    assert len(providers.asked) < 60


async def test_what_nobody_takes_is_dead_and_said_to_be(office: Office, providers: Providers) -> None:
    """After the policy's twelve hours; the measure and the status tell, and no queue holds it for ever."""
    await office.due("C-1")
    await office.compose()
    providers.always(Reply(b"", 503))
    for _ in range(13):
        office.house.clock.advance(timedelta(hours=1))
        await office.send("wecom")
    await office.sweep()
    assert await office.states() == ["dead"]
    assert office.measured.get_sample_value("tierline_messages_dead_total") == 1
    condition = await office.look.condition(BOSS)
    assert condition.census.dead == 1
    [wecom] = [state for channel, state in condition.channels if channel.kind == "wecom"]
    assert wecom.last_failure is not None
    assert "503" in wecom.last_failure


async def test_an_answer_that_nobody_knows_is_given_up_loudly(
    office: Office, providers: Providers, caplog: pytest.LogCaptureFixture
) -> None:
    """Five times, then dead."""
    await office.due("C-1")
    await office.compose()
    providers.always(Reply({"errcode": 777, "errmsg": "what?"}))
    for _ in range(10):
        office.house.clock.advance(6 * MINUTE)
        await office.send("wecom")
    assert len(providers.asked) == 5
    assert await office.states() == ["dead"]


async def test_a_channel_that_is_gone_gives_its_messages_away(office: Office) -> None:
    """The operator took it out of the file: what waits goes to the next channel, or is dead."""
    await choose(office, Preferences("bo", channels=("dingtalk", "wecom")))
    await office.due("C-1", rep="bo")
    await office.compose()
    del office.company.channels["dingtalk"]  # type: ignore[attr-defined]
    await office.sweep()
    office.house.clock.advance(SPREAD)
    assert len(await office.out()) == 1
    assert await office.attempts() == [("dingtalk", "refused", "no_channel"), ("wecom", "sent", "0")]


async def test_a_sender_that_dies_repeats_a_page_and_loses_none(office: Office, providers: Providers) -> None:
    """It claimed and was killed before it could write: when its lease is over, another one sends."""
    await office.due("C-1")
    await office.compose()
    office.house.clock.advance(SPREAD)
    claimed, _ = await office.send._claim(office.company.channels["wecom"])
    assert len(claimed) == 1
    assert await office.out() == []
    office.house.clock.advance(LEASE)
    assert len(await office.out()) == 1


async def test_a_stop_waits_for_the_answers_that_are_under_way(office: Office, providers: Providers) -> None:
    """A sender that is told to stop in the middle writes down what it hears: nobody reads it twice."""
    await office.due("C-1")
    await office.compose()
    office.house.clock.advance(SPREAD)
    sending = asyncio.create_task(office.send("wecom"))
    await providers.arrived.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await office.states() == ["sent"]


async def test_no_secret_is_in_any_row_or_log_line(office: Office, providers: Providers) -> None:
    """Whatever providers answer and however they fail: keys and addresses stay in the channels file."""
    stream, before, configured = io.StringIO(), logging.getLogger().handlers[:], structlog.get_config()
    configure_logs(LogSettings(format="json", level="debug"), service="followup", stream=stream)
    try:
        for kind in ("wecom", "dingtalk", "feishu"):
            await choose(office, Preferences("ann", channels=(kind,)))
            await office.due(f"C-{kind}")
            office.house.clock.advance(DAY)
            await office.compose()
            office.house.clock.advance(SPREAD)
            echo = f"bad {providers.url(kind)} {SECRET}"
            providers.answers(Reply({"errcode": -1, "errmsg": echo}), Reply(echo.encode(), 500), "reset", "hang")
            for _ in range(5):
                await office.send(kind)
                office.house.clock.advance(MINUTE)
            await office.look.test(BOSS, kind, None)
            for page in await office.look.preview(BOSS, Wish(kind)):
                stream.write(page.body)
    finally:
        logging.getLogger().handlers[:] = before
        structlog.configure(**configured)
    kept = await everything(office.house.database) + stream.getvalue()
    assert "message_" in stream.getvalue()
    assert "bad " in kept
    assert KEY not in kept
    assert SECRET not in kept
    assert str(providers.port) not in stream.getvalue()
