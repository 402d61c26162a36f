"""A table in a file that spreadsheets open, and that does nothing there."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from deploy.cli.export import export_table
from deploy.cli.output import Output
from deploy.failure import Failure
from shared.words import Text

COLUMNS = (Text(en="customer", zh="客户"), Text(en="why", zh="原因"), Text(en="minutes", zh="分钟"))
ROWS = [("=cmd|' /C calc'!A0", "上次联系在 3 天前", 8), ("C-2", None, 0)]


def test_csv_opens_in_chinese_and_starts_nothing(tmp_path: Path) -> None:
    """The mark that spreadsheets look for, headings in the reader's language, and no formula from outside."""
    file = tmp_path / "day.csv"
    export_table(file, COLUMNS, ROWS, Output("zh", as_json=True))
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with file.open(encoding="utf-8-sig", newline="") as handle:
        assert list(csv.reader(handle)) == [
            ["客户", "原因", "分钟"],
            ["'=cmd|' /C calc'!A0", "上次联系在 3 天前", "8"],
            ["C-2", "", "0"],
        ]


@pytest.mark.parametrize("sign", ["=", "＝", "＋", "－", "＠", "\n=", "\t="])
def test_no_cell_is_a_formula_in_any_spreadsheet(tmp_path: Path, sign: str) -> None:
    """Those of East Asia take full-width signs for the narrow ones."""
    file = tmp_path / "day.csv"
    export_table(file, COLUMNS, [(f"{sign}1+1", "", 1)], Output("zh", as_json=True))
    with file.open(encoding="utf-8-sig", newline="") as handle:
        assert list(csv.reader(handle))[1][0] == f"'{sign}1+1"


def test_excel_keeps_text_as_text_and_numbers_as_numbers(tmp_path: Path) -> None:
    """What begins like a formula is shown as it is."""
    file = tmp_path / "day.xlsx"
    export_table(file, COLUMNS, ROWS, Output("en", as_json=True))
    rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    assert rows == [["customer", "why", "minutes"], ["=cmd|' /C calc'!A0", "上次联系在 3 天前", 8.0], ["C-2", "", 0.0]]


@pytest.mark.parametrize("name", ["day.pdf", "nowhere/day.csv", "nowhere/day.xlsx"])
def test_what_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    """Another kind of file, or no such folder: words, not a traceback."""
    with pytest.raises(Failure):
        export_table(tmp_path / name, COLUMNS, [(date(2026, 3, 2),)], Output("en", as_json=True))
