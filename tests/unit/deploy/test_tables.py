"""A table of orders as people keep them: headings in two languages, two encodings, two kinds of file."""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.failure import Failure
from deploy.local.tables import read_orders
from shared.policy import Policy, load_policy

HEADING = "order_id,customer_id,amount,currency,placed_at,sold_by"
GOOD = "SO-1,C-1,12800.00,CNY,2026-03-02T10:00:00+08:00,rep-7"
CHINA = timezone(timedelta(hours=8))


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The policy that Tierline ships."""
    return load_policy()


def written(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    """A CSV file of these lines."""
    path = folder / "orders.csv"
    path.write_text("\n".join(lines), encoding)
    return path


def test_good_row_is_an_order(tmp_path: Path, policy: Policy) -> None:
    """Exact amount, moment with its offset, who sold it."""
    orders, bad = read_orders(written(tmp_path, HEADING, GOOD), policy)
    assert not bad
    assert orders[0].amount == Decimal("12800.00")
    assert orders[0].placed_at == datetime(2026, 3, 2, 10, tzinfo=CHINA)
    assert orders[0].sold_by == "rep-7"


@pytest.mark.parametrize(
    "placed_at",
    ["2026-03-02 10:00", "2026.3.2 10:00:00", "2026/03/02 10:00", "2026-03-02T02:00:00Z", "2026-03-02T10:00:00+08:00"],
)
def test_moment_without_an_offset_is_in_the_business_time_zone(tmp_path: Path, policy: Policy, placed_at: str) -> None:
    """A sheet says ten o'clock and means ten o'clock here."""
    orders, bad = read_orders(written(tmp_path, HEADING, f"SO-1,C-1,1,CNY,{placed_at},"), policy)
    assert not bad
    assert orders[0].placed_at == datetime(2026, 3, 2, 10, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",C-1,1,CNY,2026-03-02,", "order_id: is missing"),
        ("SO-9,C-1,abc,CNY,2026-03-02,", "amount"),
        ("SO-9,C-1,-1,CNY,2026-03-02,", "amount"),
        ("SO-9,C-1,1,yuan,2026-03-02,", "currency"),
        ("SO-9,C-1,1,XTS,2026-03-02,", "no rate for XTS"),
        ("SO-9,C-1,1,CNY,2nd of March,", "placed_at"),
        ("SO-9,C-1,1,CNY,1980-01-01,", "placed_at"),
        (f"SO-9,{'x' * 129},1,CNY,2026-03-02,", "customer_id"),
        (GOOD.replace("C-1", "C-2"), "row 2 already"),
    ],
)
def test_bad_row_says_which_and_why_and_spares_its_neighbours(
    tmp_path: Path, policy: Policy, row: str, said: str
) -> None:
    """The number is the spreadsheet's own."""
    orders, bad = read_orders(written(tmp_path, HEADING, GOOD, row, GOOD.replace("SO-1", "SO-2")), policy)
    assert [order.order_id for order in orders] == ["SO-1", "SO-2"]
    assert [row.number for row in bad] == [3]
    assert said in bad[0].why.en
    assert bad[0].why.zh != bad[0].why.en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_headings_in_either_encoding(tmp_path: Path, policy: Policy, encoding: str) -> None:
    """Spreadsheets in China save CSV as GB 18030."""
    lines = ("订单号,客户编号,金额,币种,下单日期,业务员", "SO-1,客户一,1,CNY,2026/3/2 10:00,张三")
    orders, bad = read_orders(written(tmp_path, *lines, encoding=encoding), policy)
    assert [row.why.en for row in bad] == []
    assert orders[0].customer_id == "客户一"
    assert orders[0].sold_by == "张三"


def test_missing_columns_are_named(tmp_path: Path, policy: Policy) -> None:
    """Before a single row is judged."""
    with pytest.raises(Failure, match="lacks the columns customer_id, currency"):
        read_orders(written(tmp_path, "order_id,amount,placed_at", "SO-1,1,2026-03-02"), policy)


def test_workbook_reads_as_one_sees_it(tmp_path: Path, policy: Policy) -> None:
    """A number 1001 is the order 1001, not 1001.0, and a tenth is a tenth."""
    orders, bad = read_orders(workbook(tmp_path), policy)
    assert not bad
    assert (orders[0].order_id, orders[0].amount) == ("1001", Decimal("0.1"))


@pytest.mark.parametrize("name", ["orders.xlsx", "orders.csv"])
def test_file_that_is_none_is_told_in_words(tmp_path: Path, policy: Policy, name: str) -> None:
    """Not a traceback."""
    with pytest.raises(Failure):
        read_orders(tmp_path / name, policy)
    (tmp_path / name).write_bytes(b"\x00\x01 no table")
    with pytest.raises(Failure):
        read_orders(tmp_path / name, policy)


def workbook(folder: Path) -> Path:
    """The smallest workbook with one order in it."""

    def cell(value: object) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    rows: list[list[object]] = [[*HEADING.split(",")[:5]], [1001, "C-1", 0.1, "CNY", "2026-03-02"]]
    sheet = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
        '<sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    path = folder / "orders.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path
