"""Tasks: kept, listed to their person, told at once, and not any more once they are done."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from services.followup.domain.preferences import Preferences
from services.followup.store import PostgresTasks
from services.followup.usecases.tasks import ReadTasks, RecordTasks
from shared.contracts.archive import TaskCleared, TaskRaised, TaskSubject
from shared.contracts.types import Words
from shared.engine.model import Event
from shared.identity import Principal
from shared.roles import Role
from tests.integration.followup.guests import ANN, OP, Asker, door_to
from tests.integration.followup.house import NOON, House, person
from tests.integration.followup.office import Office

pytestmark = pytest.mark.backend


def raised(task_id: str, person: str = "ann", minutes: int = 0) -> Event:
    at = NOON + timedelta(minutes=minutes)
    data = TaskRaised(
        task_id=task_id, person=person, kind="request.sign", file="customer:C-1", due_at=None, raised_at=at,
        words=Words(zh="请签批", en="please sign"), subject=TaskSubject(type="request_step", id=f"r-{task_id}/1"),
    )  # fmt: skip
    return Event(f"{task_id}:raised", "/tierline/archive", "task.raised", at, "", data, 0)


def cleared(task_id: str, person: str = "ann") -> Event:
    data = TaskCleared(task_id=task_id, person=person, at=NOON)
    return Event(f"{task_id}:cleared", "/tierline/archive", "task.cleared", NOON, "", data, 0)


async def hear(office: Office, *events: Event) -> None:
    """One batch of archive.v1, as the engine would run it."""
    house = office.house
    record = RecordTasks(PostgresTasks(), office.post.messages, office.company, house.clock)
    async with house.database.transaction() as tx:
        work, _ = await house.fold(record, tx, events)
        await record.save(tx, work)


async def listed(house: House, person: str, whose: str | None = None, role: Role = Role.HR) -> list[str]:
    read = ReadTasks(house.desk, PostgresTasks())
    return [task.task_id for task in await read(Principal(person, role), whose, None, 10)]


async def test_a_task_is_told_at_once_and_listed_until_it_is_done(office: Office) -> None:
    """A group hears that something waits, and no more; two that come together are one message."""
    await hear(office, raised("t-1"), raised("t-2", minutes=1), raised("t-3", "bo"))
    texts = await office.out()
    assert len(texts) == 2
    assert any("ann · 待办事项 · 2 项待办" in text for text in texts)
    assert not any("C-1" in text or "签批" in text for text in texts)
    assert await listed(office.house, "ann") == ["t-2", "t-1"]
    await hear(office, cleared("t-2"), raised("t-1"))
    assert await listed(office.house, "ann") == ["t-1"]
    assert await office.out() == []


async def test_what_was_done_before_it_was_told_is_told_to_nobody(office: Office) -> None:
    """In one batch, before it is put into words, and while its message waits for a robot; the others are told."""
    await hear(office, raised("t-1"), cleared("t-1"))
    await hear(office, raised("t-2"))
    await hear(office, cleared("t-2"))
    assert await office.out() == []
    await hear(office, raised("t-3", "bo"), raised("t-4"), raised("t-5"))
    await office.compose()
    await hear(office, cleared("t-3", "bo"), cleared("t-4"))
    assert sorted(await office.states()) == ["dropped", "queued"]
    (text,) = await office.out()
    assert "ann" in text


async def test_everybody_sees_their_own_tasks_and_the_gm_anybodys(office: Office, tmp_path: Path) -> None:
    """Over HTTP in any role; another's are refused."""
    await hear(office, raised("t-1"), raised("t-2", minutes=1))
    assert await listed(office.house, "boss", "ann", Role.GM) == ["t-2", "t-1"]
    async with door_to(office.house, tmp_path) as door:
        for role in Role:
            assert len((await door.get(Asker("ann", role), "/tasks"))["items"]) == 2
        first = await door.get(ANN, "/tasks?limit=1")
        rest = await door.get(ANN, f"/tasks?limit=1&cursor={first['next']}")
        assert [item["task_id"] for page in (first, rest) for item in page["items"]] == ["t-2", "t-1"]
        assert await door.refused(OP, "GET", "/tasks?person=ann") == (403, "not_yours")


async def test_who_left_is_shown_nobodys_tasks(office: Office, tmp_path: Path) -> None:
    """P6: neither their own nor, as the GM they were, anybody else's; tasks tell of files."""
    await hear(office, raised("t-1"))
    await office.house.told(person("boss", None, role="gm", active=False))
    async with door_to(office.house, tmp_path) as door:
        refused = await door.refused(Asker("boss", Role.GM), "GET", "/tasks?person=ann")
    assert refused == (403, "left_the_company")


async def test_mail_says_what_is_asked(office: Office) -> None:
    """A channel that reaches one person alone has the whole of it."""
    async with office.house.database.transaction() as tx:
        await office.post.preferences.save(tx, Preferences("ann", channels=("post",), mail="ann@example.com"))
    await hear(office, raised("t-1"))
    await office.compose()
    assert await office.states() == ["queued"]
    (row,) = await office.house.database.fetch("SELECT channel, items::text FROM messages")
    assert row["channel"] == "post"
    assert '"asks": "r-t-1/1"' in row["items"]
