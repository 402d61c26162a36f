"""Which backup is meant, for whoever restores it or looks whose it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.backup.stack import find_backup
from deploy.failure import Failure
from deploy.local.layout import Layout

NAME = "tierline-20260302T010000Z-a1b2"


def test_a_backup_is_named_by_its_file_or_as_it_is_listed(tmp_path: Path) -> None:
    """`backup list` shows names without their ending; a file may lie anywhere and be called anything."""
    layout = Layout(tmp_path / "data")
    kept = tmp_path / "data" / "backups" / f"{NAME}.tierline.age"
    kept.parent.mkdir(parents=True)
    kept.touch()
    moved = tmp_path / "from the safe"
    moved.touch()
    for typed in (NAME, kept.name, str(kept)):
        place, name = find_backup(layout, typed)
        assert (Path(str(place)), name) == (kept.parent, kept.name)
    assert find_backup(layout, str(moved))[1] == moved.name


def test_a_backup_that_is_not_there_is_missed_at_once(tmp_path: Path) -> None:
    """Nobody is asked to add --yes first."""
    with pytest.raises(Failure) as failed:
        find_backup(Layout(tmp_path), "no-such-backup")
    assert "no-such-backup" in failed.value.what.zh
