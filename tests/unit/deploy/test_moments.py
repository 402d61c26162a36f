"""Times on the command line: read and shown by the same clock, the one on the user's wall."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from deploy.cli.moments import local, local_day
from deploy.cli.tasks import about


@pytest.fixture
def shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine of a user in China."""
    # Spelled so that it takes no time zone tables: eight hours east.
    monkeypatch.setenv("TZ", "CST-8")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("shanghai")
def test_a_time_is_shown_as_it_was_typed() -> None:
    """`--until 2026-11-23T18:00` in China is 10:00 in UTC, and is told as 18:00 again."""
    typed = datetime.strptime("2026-11-23T18:00", "%Y-%m-%dT%H:%M").astimezone()
    assert typed.isoformat() == "2026-11-23T18:00:00+08:00"
    assert local("2026-11-23T10:00:00Z") == "2026-11-23 18:00"
    assert local("2026-11-23T10:00:00.606638Z") == local(typed.isoformat())


@pytest.mark.usefixtures("shanghai")
def test_a_day_is_the_users() -> None:
    """What was done at seven in the morning was done today, though it was yesterday in Greenwich."""
    assert local_day("2026-11-22T23:00:00Z") == "2026-11-23"


def test_nothing_is_shown_of_what_has_not_been() -> None:
    """A grant that nobody revoked has no such time."""
    assert local(None) == local_day(None) == ""


@pytest.mark.parametrize(
    ("subject", "known"),
    [
        ("03ffcac1-2a19-42df-8619-1e2030b78540/2", "03ffcac1-2a19-42df-8619-1e2030b78540"),
        ("a689b22a-798e-4546-8e67-fed2dfa72d8b:1", "a689b22a-798e-4546-8e67-fed2dfa72d8b"),
        ("a7ae9a00-0bec-4dc3-8119-c8bfd3335d33/loan", "a7ae9a00-0bec-4dc3-8119-c8bfd3335d33"),
        ("N2-17/3", "N2-17"),
        ("N2-17", "N2-17"),
        ("li:2026-11-23T00:12:51+00:00", "li"),
        ("2026-Q3:北区", "2026-Q3:北区"),
    ],
)
def test_a_task_names_what_other_commands_take(subject: str, known: str) -> None:
    """Whoever copies it from the list of tasks into `requests approve` is understood."""
    assert about({"type": "any", "id": subject}) == known
