"""Stale files and reported conduct, from the event to the fine (N1, N7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.archive.usecases.stale import REMINDERS
from shared.contracts.activities import ConductReported, ContactMade
from shared.contracts.organisation import LeaveCancelled, LeaveRecorded, PersonDeparted, PersonRecorded
from shared.contracts.reminders import ReminderDue, ReminderEnded
from shared.contracts.types import EventData, Words
from tests.integration.archive.house import NOW, Archive
from tests.integration.archive.test_breaches import gaps, proposed, take_back

pytestmark = pytest.mark.backend

WORDS = Words(zh="完善档案", en="improve the file")


def due(number: int = 1, **said: Any) -> ReminderDue:
    """Rep-1 is to improve the file of C-1 by 9 March."""
    data: dict[str, Any] = {
        "reminder_id": f"r-{number}", "customer_id": f"C-{number}", "rep": "rep-1", "rule": "P2", "kind": "file",
        "customer_class": "contract", "level": "key", "channel": "file", "template": "t", "minutes": 5,
        "plan_required": False, "due_on": date(2026, 3, 2), "due_at": NOW, "why": WORDS, "latest_on": date(2026, 3, 9),
    }  # fmt: skip
    return ReminderDue(**data | said)


def improved(number: int, day: int) -> ReminderEnded:
    return ReminderEnded(reminder_id=f"r-{number}", customer_id=f"C-{number}", rep="rep-1", reason="improved",
                         ended_at=datetime(2026, 3, day, 4, tzinfo=UTC), words=WORDS)  # fmt: skip


async def remind(archive: Archive, *told: EventData) -> None:
    """One poll of reminders, read as the service reads them."""
    processor = archive.processor(archive.intake().reminders)
    processor = replace(processor, views=frozenset(REMINDERS.items()))
    kinds = {ReminderDue: "reminder.due", ReminderEnded: "reminder.ended"}
    outcome = await processor.process(
        [archive.record("reminders.v1", kinds[type(data)], data, at=archive.clock.now()) for data in told]
    )
    assert outcome.refused == 0


async def judge(archive: Archive, day: int) -> None:
    """That day comes, with a reminder of something else, and files are judged."""
    archive.clock.set(datetime(2026, 3, day, 4, tzinfo=UTC))
    await remind(archive, due(99, kind="contact", reminder_id=f"other-{day}"))
    await archive.intake().judge()
    await take_back(archive)


async def test_a_file_not_improved_after_its_reminder_is_the_reps(archive: Archive) -> None:
    """N1: found once the grace is over, of whoever goes by the rep code; what was improved in time is none."""
    await archive.staff(PersonRecorded(person="ann", role="rep", department="d1", rep_code="rep-1", active=True))
    await remind(archive, improved(2, 11), due(), due(2))
    await judge(archive, 12)
    assert await proposed(archive) == []
    await judge(archive, 13)
    assert [(kind, person) for kind, person, _ in await proposed(archive)] == [("stale_file", "ann")]
    (entry,) = await archive.rows("SELECT file, detail FROM audit_entries WHERE action = 'breach.found'")
    assert entry["file"] == "customer:C-1"
    assert '"day":"2026-03-09"' in entry["detail"]
    await judge(archive, 14)
    assert len(await proposed(archive)) == 1


async def test_nobody_is_judged_before_later_days_were_heard(archive: Archive) -> None:
    """Archive was away for a fortnight: what improved the file may still be on its way."""
    await archive.staff(PersonRecorded(person="ann", role="rep", department="d1", rep_code="rep-1", active=True))
    await remind(archive, due())
    archive.clock.set(NOW + timedelta(days=14))
    await archive.intake().judge()
    await remind(archive, improved(1, 8))
    await judge(archive, 17)
    assert await proposed(archive) == []


async def away(archive: Archive, leave_id: str, first: int, last: int) -> None:
    """Ann is away from one day of March to another."""
    leave = LeaveRecorded(leave_id=leave_id, person="ann", first=date(2026, 3, first), last=date(2026, 3, last))
    await archive.tell("organisation.v1", "leave.recorded", leave)


async def test_nobody_is_fined_for_days_on_which_they_were_away(archive: Archive) -> None:
    """N1, F8: of eight days three were leave, so three more are given; who improves it in those is not fined."""
    await archive.staff(PersonRecorded(person="ann", role="rep", department="d1", rep_code="rep-1", active=True))
    await away(archive, "L-1", 8, 10)
    await away(archive, "L-2", 11, 31)
    await archive.tell("organisation.v1", "leave.cancelled", LeaveCancelled(leave_id="L-2", person="ann"))
    await remind(archive, due(), due(2))
    await judge(archive, 13)
    assert await proposed(archive) == []
    await remind(archive, improved(2, 13))
    await judge(archive, 15)
    assert await proposed(archive) == []
    await judge(archive, 16)
    assert [(kind, person) for kind, person, _ in await proposed(archive)] == [("stale_file", "ann")]
    (entry,) = await archive.rows("SELECT file, detail FROM audit_entries WHERE action = 'breach.found'")
    assert entry["file"] == "customer:C-1"
    assert '"day":"2026-03-12"' in entry["detail"]


async def test_who_left_is_not_fined_for_files_that_wait_to_be_handed_over(archive: Archive) -> None:
    """P6: the leaver may do nothing any more; whoever answers for the file is looked for by people."""
    await archive.staff(PersonRecorded(person="ann", role="rep", department="d1", rep_code="rep-1", active=True))
    await archive.staff(PersonDeparted(person="ann", departed_at=NOW), at=NOW + timedelta(seconds=1))
    await remind(archive, due())
    await judge(archive, 13)
    assert await proposed(archive) == []
    assert await gaps(archive) == [("stale_file", "person")]


async def test_a_file_that_nobody_holds_is_a_gap(archive: Archive) -> None:
    """No rep of that code, no rep at all, two of one name: never a guess."""
    for name in ("ann", "bob"):
        await archive.staff(PersonRecorded(person=name, role="rep", department="d1", rep_code="twice", active=True))
    await remind(archive, due(), due(2, rep="unassigned"), due(3, rep="twice"))
    await judge(archive, 13)
    assert await proposed(archive) == []
    assert await gaps(archive) == [("stale_file", "person")] * 3


async def hear(archive: Archive, *told: EventData) -> None:
    kinds = {ConductReported: "conduct.reported", ContactMade: "contact.made"}
    records = [archive.record("activities.v1", kinds[type(data)], data) for data in told]
    await archive.processor(archive.intake().conduct).process(records)
    await take_back(archive)


def report(**said: Any) -> ConductReported:
    data: dict[str, Any] = {"report_id": "K-1", "person": "ann", "kind": "repeated_error", "reported_at": NOW,
                            "reported_by": "du", "note": "又发错了规格"}  # fmt: skip
    return ConductReported(**data | said)


async def test_reported_conduct_is_sealed_and_priced(archive: Archive) -> None:
    """N7: the entry names who reported it and in which words; other activities are none of archive's business."""
    contact = ContactMade(contact_id="K-2", customer_id="C-1", rep="rep-1", made_at=NOW, channel="mail")
    await hear(archive, contact, report())
    assert [(kind, person) for kind, person, _ in await proposed(archive)] == [("repeated_error", "ann")]
    (entry,) = await archive.rows("SELECT actor, detail FROM audit_entries")
    assert entry["actor"] == "ann"
    assert '"reported_by":"du"' in entry["detail"]
    assert "又发错了规格" in entry["detail"]


async def test_a_report_counts_once(archive: Archive) -> None:
    """The same report again, by whatever event, in the same batch or later; imported ones of years ago never."""
    await hear(archive, report(), report(note="again"))
    await hear(archive, report(amount=Decimal(5)))
    await hear(archive, report(report_id="K-9", reported_at=NOW - timedelta(days=400)))
    assert len(await proposed(archive)) == 1
    assert len(await archive.rows("SELECT seq FROM audit_entries")) == 2


async def test_a_kind_that_is_in_no_catalogue_is_a_gap(archive: Archive) -> None:
    """An outside system may report anything."""
    await hear(archive, report(kind="snoring"))
    assert await gaps(archive) == [("snoring", "rule")]
