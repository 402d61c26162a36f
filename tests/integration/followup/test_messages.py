"""From a reminder to a message: digests, news, and what people choose."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from services.followup.domain.delivering import Hours
from services.followup.domain.preferences import Preferences
from services.followup.ports.messages import Queued
from services.followup.store import PostgresMessages
from services.followup.usecases.composing import ComposeMessages
from shared.contracts.reminders import ReminderEscalated, ReminderHandedOver, ReportDue
from shared.contracts.types import Words
from shared.engine.model import Event, Transaction
from shared.words import Language
from tests.in_force import changed
from tests.integration.engine.ledger import eventually
from tests.integration.followup.house import DAY, NOON, TODAY, House, drop_ahead, facts, person, tier
from tests.integration.followup.office import MINUTE, SPREAD, Office, choose
from tests.integration.followup.providers import Providers

pytestmark = pytest.mark.backend


async def digests_out(office: Office) -> list[str]:
    """Make the day's digests and let the spread pass."""
    await office.compose()
    office.house.clock.advance(SPREAD)
    return await office.out()


async def test_a_rep_gets_one_digest_a_day(office: Office) -> None:
    """All that waits, under either name, in one message; made once however often one looks."""
    await office.house.told(person("ann", "north", "rep-1"))
    await office.due("C-1", "C-2", rep="ann")
    await office.due("C-3", rep="rep-1")
    [text] = await digests_out(office)
    assert "ann · 今日跟进" in text
    assert all(customer in text for customer in ("C-1", "C-2", "C-3"))
    assert "https://crm.example/reminders/" in text
    assert await office.out() == []
    office.house.clock.advance(DAY)
    [text] = await digests_out(office)
    assert "已逾期 1 天" in text


async def test_a_customer_with_two_reminders_is_one_block(office: Office) -> None:
    """The contact that a falling level asks for answers the monthly one as well; both count as told of."""
    await office.due("C-1", "C-2")
    await office.house.told(drop_ahead("C-1", TODAY - 28 * DAY))
    await office.house.dispatch()
    await office.hear()
    [text] = await digests_out(office)
    assert text.count("C-1") == 1
    assert "今天要联系 2 位客户" in text
    assert "一次联系可同时完成" in text
    [told] = await office.house.database.fetch("SELECT reminders FROM messages WHERE topic = 'digest'")
    issued = await office.house.database.fetch("SELECT reminder_id FROM reminders")
    assert sorted(told["reminders"]) == sorted(row["reminder_id"] for row in issued)
    assert len(issued) == 3


async def test_nothing_is_told_before_work_begins_nor_on_a_day_off(office: Office) -> None:
    """F8: the digest comes when work begins; on Sunday there is none."""
    await office.due("C-1")
    office.house.clock.set(datetime(2026, 3, 3, 0, 29, tzinfo=UTC))  # 8:29 in Shanghai
    assert await office.out() == []
    office.house.clock.set(datetime(2026, 3, 8, 4, 0, tzinfo=UTC))  # a Sunday
    assert await office.out() == []
    office.house.clock.set(datetime(2026, 3, 9, 0, 30, tzinfo=UTC))
    assert len(await digests_out(office)) == 1


async def test_digests_wait_for_the_days_reminders(office: Office) -> None:
    """A digest that went before the dispatch would be followed by all reminders one by one."""
    await office.house.many_due(1)
    assert await digests_out(office) == []
    await office.house.dispatch()
    assert len(await digests_out(office)) == 1


async def test_what_comes_after_the_digest_is_told_at_once_and_together(office: Office) -> None:
    """Three reminders that come together are one message; what the digest told is not told again."""
    await office.due("C-1")
    await digests_out(office)
    await office.due("C-2", "C-3", "C-4")
    [text] = await office.out()
    assert "新的跟进提醒 · 3 位客户" in text
    assert "C-1" not in text
    assert await office.out() == []


async def test_who_had_nothing_due_in_the_morning_gets_the_digest_later(office: Office) -> None:
    """The first reminders of the day come after everybody's digests were made, as in an import: still one list."""
    await office.due("C-1")
    await digests_out(office)
    await office.due("C-2", "C-3", rep="bo")
    [text] = await office.out()
    assert "bo · 今日跟进" in text
    await office.due("C-4", rep="bo")
    [text] = await office.out()
    assert "bo · 新的跟进提醒" in text
    assert "C-2" not in text


class Unhurried(PostgresMessages):
    """A process whose messages are in, and whose commit is not yet."""

    def __init__(self) -> None:
        self.queued, self.may_commit = asyncio.Event(), asyncio.Event()

    async def queue(self, tx: Transaction, messages: Sequence[Queued]) -> int:
        made = await super().queue(tx, messages)
        self.queued.set()
        await self.may_commit.wait()
        return made


async def test_two_processes_that_make_somebodys_late_digest_tell_of_everything(office: Office) -> None:
    """There is one digest a day: what the second of them has in hand is not dropped with its own."""
    await office.due("C-1")
    await digests_out(office)
    await office.due("C-2", rep="bo")
    unhurried = Unhurried()
    other = ComposeMessages(replace(office.room, post=replace(office.post, messages=unhurried)), office.house.intake)
    first = asyncio.create_task(other.news())
    await unhurried.queued.wait()
    await office.due("C-3", rep="bo")
    second = asyncio.create_task(office.compose.news())
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    await eventually(lambda: office.house.database.fetchval(waits))
    unhurried.may_commit.set()
    await asyncio.gather(first, second)
    told = "\n".join(await office.out())
    assert "C-2" in told
    assert "C-3" in told


async def test_a_reminder_in_the_digest_is_not_news_however_late_its_event_comes(office: Office) -> None:
    """The digest reads the table; the event of the same reminder may still be under way."""
    house = office.house
    await house.told(facts("C-1", last_order_on=NOON.date() - timedelta(days=28), orders=1, rep="ann"))
    await house.told(tier("C-1", "contract", "ordinary"))
    await house.dispatch()
    assert len(await digests_out(office)) == 1
    await office.hear()
    assert await office.out() == []


async def test_what_was_done_meanwhile_is_not_asked_for(office: Office, providers: Providers) -> None:
    """A message that waits for a robot goes when its reminder is done."""
    await digests_out(office)
    await office.due("C-1")
    await office.compose()
    assert await office.states() == ["queued"]
    await office.house.told(facts("C-1", 2, contacted_at=NOON + MINUTE, orders=1, rep="ann", cause="contact.made"))
    await office.hear()
    assert await office.states() == ["dropped"]
    assert await office.out() == []
    assert not providers.asked


def escalated(reminder_id: str, to: str | None, to_role: str = "manager") -> Event:
    data = ReminderEscalated(
        reminder_id=reminder_id,
        customer_id="C-1",
        rep="ann",
        step=2,
        to=to,
        to_role=to_role,
        escalated_at=NOON,
        overdue_working_days=5,
        words=Words(zh="逾期", en="overdue"),
    )
    return Event(f"{reminder_id}:escalated:2", "/tierline/followup", "reminder.escalated", NOON, "", data, 0)


async def test_escalations_and_hand_overs_are_told_to_whom_they_concern(office: Office) -> None:
    """The manager of an overdue reminder, the rep who takes one over; each says whose it was."""
    await office.due("C-1")
    reminder_id = await office.house.database.fetchval("SELECT reminder_id FROM reminders")
    given = ReminderHandedOver(
        reminder_id=reminder_id, customer_id="C-1", from_rep="ann", to_rep="bo", at=NOON, by="mia", reason="ill"
    )
    handed = Event(f"{reminder_id}:handed", "/tierline/followup", "reminder.handed_over", NOON, "", given, 0)
    nobody = escalated("unknown", "mia")
    to_nobody = escalated(reminder_id, None)._replace(id="x")
    await office.happened(escalated(reminder_id, "mia"), handed, handed, nobody, to_nobody)
    overdue, taken = sorted(await office.out(), key=lambda text: "移交" in text)
    assert "mia · 跟进逾期" in overdue
    assert "逾期 5 个工作日" in overdue
    assert "相关同事：ann" in overdue
    assert "bo · 客户跟进移交" in taken


async def test_a_reminder_that_was_handed_over_is_not_told_to_the_rep_before(office: Office) -> None:
    """What was not yet in words for one rep is told to the other alone."""
    await office.due("C-0")
    await digests_out(office)
    await office.due("C-1")
    [reminder_id] = [
        row["reminder_id"]
        for row in await office.house.database.fetch("SELECT reminder_id FROM reminders WHERE customer_id = 'C-1'")
    ]
    given = ReminderHandedOver(
        reminder_id=reminder_id, customer_id="C-1", from_rep="ann", to_rep="bo", at=NOON, by="mia", reason="ill"
    )
    await office.happened(Event("handed", "/tierline/followup", "reminder.handed_over", NOON, "", given, 0))
    [text] = await office.out()
    assert "bo · 客户跟进移交" in text


async def test_a_weeks_report_that_is_due_is_asked_for(office: Office) -> None:
    """F9: on Saturday, of the rep who owes it."""
    week, words = "2026-W10", Words(zh="周六下班前提交", en="by Saturday's closing")
    owed = ReportDue(rep="ann", week=week, due_on=NOON.date(), due_at=NOON, words=words)
    await office.happened(Event("ann:2026-W10", "/tierline/followup", "report.due", NOON, "", owed, 0))
    [text] = await office.out()
    assert "ann · 本周总结与下周计划" in text
    assert "2026-W10" in text
    assert "周六下班前提交" in text


async def test_levels_are_told_where_the_policy_says_so(office: Office) -> None:
    """K6: not by default, and never the first one or one of the past."""
    house = office.house
    await house.told(facts("C-1", last_order_on=NOON.date(), orders=1, rep="ann"))
    await house.told(tier("C-1", "contract", "ordinary"))
    assert await office.out() == []
    telling = changed(office.policy, "telling", messages__tell=["level"])
    async with house.database.transaction() as tx:
        await house.in_force.put(tx, 2, telling)
    office.policy = telling
    event = tier("C-1", "contract", "key", sequence=2)
    moved = event.data.model_copy(update={"from_": tier("C-1", "contract", "ordinary").data.to})
    await house.told(event._replace(data=moved))
    [text] = await office.out()
    assert "普通 → 合同客户（重点）" in text
    long_ago = moved.model_copy(update={"sequence": 3, "since": NOON.date() - 30 * DAY})
    await house.told(event._replace(data=long_ago))
    assert await office.out() == []


async def test_without_channels_nothing_is_kept_for_later(house: House, office: Office) -> None:
    """The list is the way; a queue for nobody would grow for ever."""
    office.company.channels.clear()  # type: ignore[attr-defined]
    await office.due("C-1")
    await office.compose()
    for table in ("notices", "messages", "digest_rounds"):
        assert await house.database.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608


async def test_people_choose_language_channel_and_silence(office: Office, providers: Providers) -> None:
    """English on Feishu; no digest at all; and who left gets nothing (P6)."""
    await office.house.told(person("zoe", "north", active=False))
    await choose(office, Preferences("bo", Language.EN, ("feishu", "wecom"), None, {"feishu": "ou_1"}))
    await choose(office, Preferences("cy", digest=False))
    for name in ("ann", "bo", "cy", "zoe"):
        await office.due(f"C-{name}", rep=name)
    assert len(await digests_out(office)) == 1
    [text] = await office.out("feishu")
    assert "bo · Today's contacts" in text
    assert '<at id="ou_1">' in text
    await office.due("C-more", rep="cy")
    assert await office.out() == []


async def test_mail_goes_to_an_address_of_the_company_or_the_next_channel(office: Office) -> None:
    """Without an address, or with one outside the company's domains, the next choice is taken at once."""
    for person_id, mail in (("ann", None), ("bo", "bo@home.example"), ("cy", "cy@example.com")):
        await choose(office, Preferences(person_id, channels=("post", "wecom"), mail=mail))
        await office.due(f"C-{person_id}", rep=person_id)
    await office.compose()
    rows = await office.house.database.fetch("SELECT person, channels FROM messages ORDER BY person")
    assert [tuple(row) for row in rows] == [("ann", ["wecom"]), ("bo", ["wecom"]), ("cy", ["post", "wecom"])]


async def test_quiet_hours_are_kept(office: Office) -> None:
    """What would go at night goes in the morning, by the company's hours or one's own."""
    await choose(office, Preferences("bo", quiet=Hours(time(0), time(0))))
    await choose(office, Preferences("ann", quiet=Hours(time(12), time(14))))
    await office.due("C-1")
    await office.due("C-2", rep="bo")
    rows = await office.house.database.fetch("SELECT rep, reminder_id FROM reminders")
    reminders = {row["rep"]: row["reminder_id"] for row in rows}
    await office.happened(escalated(reminders["ann"], "ann"), escalated(reminders["bo"], "bo"))
    [text] = await office.out()  # 12:00 in Shanghai
    assert "bo ·" in text
    office.house.clock.set(NOON + 2 * timedelta(hours=1))
    assert any("ann · 跟进逾期" in text for text in await office.out())
