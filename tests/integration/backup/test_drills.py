"""A drill blames the backup for what is the backup's fault, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyrage import x25519

from deploy.backup.envelope import Packer, WrongKey, seal
from deploy.backup.folder import Folder
from deploy.backup.scratch import NotBack, drill
from deploy.failure import Failure
from deploy.local.layout import Layout, locked

pytestmark = pytest.mark.backend

KEY = x25519.Identity.generate()
NAME = "tierline-x.tierline.age"


async def kept(folder: Path) -> Folder:
    """A whole file that holds no database."""

    async def fill(packer: Packer) -> dict[str, Any]:
        packer.add("about.json", b"{}")
        return {"format": 1}

    place = Folder(folder)
    with place.writing(NAME) as sink:
        await seal(sink, [KEY.to_public()], fill)
    return place


async def test_what_does_not_come_back_is_the_backups_fault(tmp_path: Path) -> None:
    """It opens, and lacks what a backup holds; of the drill nothing is left."""
    place = await kept(tmp_path / "backups")
    with pytest.raises(NotBack, match="damaged"):
        await drill(place, NAME, KEY, tmp_path / "scratch")
    assert not list((tmp_path / "scratch").iterdir())


async def test_a_wrong_key_and_a_missing_file_say_nothing_about_it(tmp_path: Path) -> None:
    """Somebody mistyped; no task for anybody comes of that."""
    place = await kept(tmp_path / "backups")
    with pytest.raises(WrongKey):
        await drill(place, NAME, x25519.Identity.generate(), tmp_path / "scratch")
    with pytest.raises(Failure) as told:
        await drill(place, "other", KEY, tmp_path / "scratch")
    assert not isinstance(told.value, NotBack)


async def test_what_a_killed_drill_left_goes_with_the_next_one(tmp_path: Path) -> None:
    """It holds everything unencrypted; a drill that is under way, and what is no drill's, stay."""
    place, scratch = await kept(tmp_path / "backups"), tmp_path / "scratch"
    left, under_way, other = (Layout(scratch / name) for name in ("tierline-drill-a", "tierline-drill-b", "other"))
    for layout in (left, under_way, other):
        layout.create()
        layout.lock.touch()
    (left.root / "customers").write_text("C-1")
    with locked(under_way), pytest.raises(WrongKey):
        await drill(place, NAME, x25519.Identity.generate(), scratch)
    assert set(scratch.iterdir()) == {under_way.root, other.root}
