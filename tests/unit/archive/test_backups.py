"""When a backup is due, and which of them may go (A8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.backups import Backup, Drill, Standing, latest, removable, schedule
from shared.policy.backups import Backups

ZONE = ZoneInfo("Asia/Shanghai")
RULES = Backups(day=1, hour=2, keep=3, overdue_hours=24)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given one


def standing(at: datetime, *, sound: bool | None = True, name: str | None = None) -> Standing:
    """A backup noted at that time, which came back or not, or was never tried."""
    backup = Backup(name or at.isoformat(), at, "/backups", 1, "0" * 64, "tierline/backup/0", 1, 1, "0" * 64, at)
    return Standing(backup, None if sound is None else Drill(backup.backup, at, sound, ""))


@given(MOMENTS, st.integers(1, 28), st.integers(0, 23))
def test_one_moment_a_month_is_the_latest(now: datetime, day: int, hour: int) -> None:
    """On the policy's day and hour in the company's zone, passed already, and less than a month and a day ago."""
    rules = RULES.model_copy(update={"day": day, "hour": hour})
    moment = latest(rules, now, ZONE)
    assert (moment.day, moment.hour, moment.minute) == (day, hour, 0)
    assert timedelta(0) <= now - moment < timedelta(days=31)
    assert latest(rules, moment, ZONE) == moment


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)), st.sampled_from([True, False, None]))
def test_due_until_one_of_this_month_came_back(now: datetime, ago: timedelta, sound: bool | None) -> None:
    """One that was not proved, or did not come back, counts as none."""
    planned = schedule([standing(now - ago, sound=sound)], RULES, now, ZONE)
    assert planned.due is not (sound is True and now - ago >= planned.since)
    assert planned.overdue is (planned.due and now >= planned.since + timedelta(hours=24))


def test_the_first_is_due_at_once() -> None:
    """A stack without any backup is one disk away from nothing."""
    assert schedule([], RULES, datetime(2026, 11, 22, tzinfo=UTC), ZONE).due


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from([True, False, None]), st.booleans()), max_size=12))
def test_the_newest_stay_and_the_newest_that_came_back(made: list[tuple[int, bool | None, bool]]) -> None:
    """Of those that are there; what nobody told of is not touched."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    known = [
        standing(start + timedelta(days=day), sound=sound, name=f"{day:02}-{place}")
        for place, (day, sound, _) in enumerate(made)
    ]
    here = {each.backup.backup for each, (_, _, there) in zip(known, made, strict=True) if there}
    gone = removable(known, here | {"somebody-elses"}, RULES.keep)
    stays = here - set(gone)
    assert set(gone) <= here
    ours = sorted((each for each in known if each.backup.backup in here), key=lambda each: each.backup.backup)
    assert {each.backup.backup for each in ours[-3:]} <= stays
    proved = [each.backup.backup for each in ours if each.sound]
    assert not proved or proved[-1] in stays
    assert len(stays) <= 4
