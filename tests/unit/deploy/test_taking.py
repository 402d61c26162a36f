"""What is taken out of the stack: asked for only where it can be written, and for the one who took it alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from deploy.cli.bulk_export import customers, records
from deploy.cli.output import Output
from deploy.cli.records import export_customer, export_record, read
from deploy.cli.statement import report
from deploy.cli.taking import ready, save
from deploy.failure import ExitCode, Failure


def test_a_file_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    """Looking leaves nothing behind, and takes nothing away: the asking may yet be refused."""
    old = tmp_path / "old.xlsx"
    old.write_bytes(b"of yesterday")
    ready(old)
    ready(tmp_path / "new.xlsx")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("old.xlsx", b"of yesterday")]


@pytest.mark.parametrize(
    ("ask", "name"),
    [
        (partial(read, "R-1", "piece", "qi"), "piece.pdf"),
        (partial(export_record, "R-1", "qi"), "record.zip"),
        (partial(export_customer, "C-1", "qi"), "customer.xlsx"),
        (partial(customers, "qi"), "all.json"),
        (partial(records, "qi"), "all.zip"),
        (partial(report, "2026-03"), "month.xlsx"),
    ],
)
def test_what_cannot_be_written_is_not_asked_for(tmp_path: Path, ask: Callable[..., None], name: str) -> None:
    """A grant for one reading is not used up by a mistyped folder: the command fails before it looks for a stack."""
    folder = tmp_path / name
    folder.mkdir()
    for target in (folder, tmp_path / "no" / "such" / "folder" / name):
        with pytest.raises(Failure) as failed:
            ask(target, data=tmp_path / "no stack runs here")
        assert failed.value.code == ExitCode.USAGE


def test_it_is_for_the_one_who_took_it_alone(tmp_path: Path) -> None:
    """Also in a file that was there and open to all."""
    file = tmp_path / "open.txt"
    file.touch(mode=0o644)
    save(file, b"secret", Output("en", as_json=True))
    assert file.read_bytes() == b"secret"
    assert file.stat().st_mode & 0o777 == 0o600
