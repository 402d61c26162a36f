"""Breaches that others find: sealed first, priced from the entry, once for ever, and never for years ago (N9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.archive.house import NOW, Archive

pytestmark = pytest.mark.backend


async def proposed(archive: Archive) -> list[tuple[str, str, int]]:
    """Kind, person and evidence of every fine."""
    return [tuple(row) for row in await archive.rows("SELECT kind, person, entry FROM fines ORDER BY entry")]


async def test_a_breach_is_sealed_and_its_entry_is_the_evidence(archive: Archive) -> None:
    """The entry comes first; the fine points at it."""
    await archive.seal(archive.access(), archive.breach())
    assert await proposed(archive) == [("unapproved_copy", "wang", 2)]
    (entry,) = await archive.rows("SELECT actor, action, file, detail FROM audit_entries WHERE seq = 2")
    assert (entry["actor"], entry["action"], entry["file"]) == ("wang", "breach.found", "C-1")
    assert '"kind":"unapproved_copy"' in entry["detail"]
    assert (await archive.verdict()).fault is None


async def test_a_breach_is_one_for_ever_whatever_event_tells_it(archive: Archive) -> None:
    """Also under another event's id, as after the inbox has forgotten the first one."""
    await archive.seal(archive.breach("first"), archive.breach("second"))
    await archive.seal(archive.breach("third"))
    assert len(await proposed(archive)) == 1
    assert await archive.rows("SELECT seq FROM audit_entries") == [(1,)]


async def test_history_is_sealed_and_not_fined(archive: Archive) -> None:
    """An import of last year's facts fines nobody."""
    await archive.seal(archive.breach(occurred_on=(NOW - timedelta(days=200)).date()))
    assert await proposed(archive) == []
    assert await archive.rows("SELECT kind FROM fine_gaps") == []
    assert len(await archive.rows("SELECT seq FROM audit_entries")) == 1


@pytest.mark.parametrize(
    ("changed", "missing"),
    [({"person": None}, "person"), ({"file": None}, "file"), ({"missing": "cost"}, "cost"), ({"kind": "x"}, "rule")],
)
async def test_what_is_not_known_is_a_gap(archive: Archive, changed: dict[str, str | None], missing: str) -> None:
    """N9: never a guess."""
    await archive.seal(archive.breach(**changed))
    assert await proposed(archive) == []
    assert [row["missing"] for row in await archive.rows("SELECT missing FROM fine_gaps")] == [missing]
