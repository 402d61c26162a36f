"""Tables of trade as people keep them: headings in two languages, two encodings, two kinds of file."""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.failure import Failure
from deploy.local.trade import BadRow, read_trade
from shared.contracts.orders import OrderPlaced
from shared.contracts.types import EventData
from shared.policy import Policy, load_policy

HEADING = "order_id,customer_id,amount,currency,placed_at,sold_by"
GOOD = "SO-1,C-1,12800.00,CNY,2026-03-02T10:00:00+08:00,rep-7"
RETURNED = "order.returned"
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


def events_of(file: Path, policy: Policy) -> dict[tuple[str, str], EventData]:
    """What a faultless table tells, by type and id."""
    told, bad = read_trade(file, policy)
    assert [row.why.en for row in bad] == []
    assert len({event.id for event in told}) == len(told)
    return {(event.type, event.id): event.data for event in told}


def orders_of(file: Path, policy: Policy) -> tuple[list[OrderPlaced], list[BadRow]]:
    """The orders placed of a table that tells nothing else, and its bad rows."""
    told, bad = read_trade(file, policy)
    orders = [event.data for event in told if isinstance(event.data, OrderPlaced)]
    assert [event.id for event in told] == [order.order_id for order in orders]
    return orders, bad


def test_good_row_is_an_order(tmp_path: Path, policy: Policy) -> None:
    """Exact amount, moment with its offset, who sold it."""
    orders, bad = orders_of(written(tmp_path, HEADING, GOOD), policy)
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
    orders, bad = orders_of(written(tmp_path, HEADING, f"SO-1,C-1,1,CNY,{placed_at},"), policy)
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
    orders, bad = orders_of(written(tmp_path, HEADING, GOOD, row, GOOD.replace("SO-1", "SO-2")), policy)
    assert [order.order_id for order in orders] == ["SO-1", "SO-2"]
    assert [row.number for row in bad] == [3]
    assert said in bad[0].why.en
    assert bad[0].why.zh != bad[0].why.en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_headings_in_either_encoding(tmp_path: Path, policy: Policy, encoding: str) -> None:
    """Spreadsheets in China save CSV as GB 18030."""
    lines = ("订单号,客户编号,金额,币种,下单日期,业务员", "SO-1,客户一,1,CNY,2026/3/2 10:00,张三")
    orders, bad = orders_of(written(tmp_path, *lines, encoding=encoding), policy)
    assert [row.why.en for row in bad] == []
    assert orders[0].customer_id == "客户一"
    assert orders[0].sold_by == "张三"


def test_missing_columns_are_named(tmp_path: Path, policy: Policy) -> None:
    """Before a single row is judged."""
    with pytest.raises(Failure, match="lacks the columns customer_id, currency"):
        read_trade(written(tmp_path, "order_id,amount,placed_at", "SO-1,1,2026-03-02"), policy)


def test_workbook_reads_as_one_sees_it(tmp_path: Path, policy: Policy) -> None:
    """A number 1001 is the order 1001, not 1001.0, and a tenth is a tenth."""
    orders, bad = orders_of(workbook(tmp_path), policy)
    assert not bad
    assert (orders[0].order_id, orders[0].amount) == ("1001", Decimal("0.1"))


@pytest.mark.parametrize("name", ["orders.xlsx", "orders.csv"])
def test_file_that_is_none_is_told_in_words(tmp_path: Path, policy: Policy, name: str) -> None:
    """Not a traceback."""
    with pytest.raises(Failure):
        read_trade(tmp_path / name, policy)
    (tmp_path / name).write_bytes(b"\x00\x01 no table")
    with pytest.raises(Failure):
        read_trade(tmp_path / name, policy)


def test_rows_of_one_order_are_its_lines(tmp_path: Path, policy: Policy) -> None:
    """The order's own cells may be said once; without an amount it is the sum, exactly."""
    heading = "order_id,customer_id,currency,placed_at,sku,category,quantity,unit_price,unit_cost"
    rows = ("SO-1,C-1,CNY,2026-03-02,A-1,tea,3,0.10,0.05", "SO-2,C-2,CNY,2026-03-02,,,,,", "SO-1,,,,B-1,,2,19.99,")
    told, bad = read_trade(written(tmp_path, heading, *rows), policy)
    assert [(row.number, row.why.en) for row in bad] == [(3, "amount: is missing")]
    order = told[0].data
    assert isinstance(order, OrderPlaced)
    assert order.amount == Decimal("40.28")
    assert order.lines is not None
    assert [(line.sku, line.category, int(line.quantity)) for line in order.lines] == [
        ("A-1", "tea", 3),
        ("B-1", None, 2),
    ]
    assert told[0].id == "SO-1:lines"


@pytest.mark.parametrize(
    ("second", "number", "said"),
    [
        ("SO-1,C-2,,,B-1,1,1", 3, "customer_id: differs from row 2"),
        ("SO-1,,,,B-1,many,1", 3, "quantity"),
        ("SO-1,,,,B-1,-1,1", 3, "quantity"),
        ("SO-1,,,,B-1,1,", 3, "unit_price: is missing"),
        ("SO-1,,USD,,B-1,1,1", 3, "currency: differs from row 2"),
    ],
)
def test_bad_line_spoils_its_order_and_no_other(
    tmp_path: Path, policy: Policy, second: str, number: int, said: str
) -> None:
    """Half an order would be a wrong one; the row that is wrong is the one that is named."""
    heading = "order_id,customer_id,currency,placed_at,sku,quantity,unit_price"
    rows = ("SO-1,C-1,CNY,2026-03-02,A-1,1,1", second, "SO-2,C-2,CNY,2026-03-02,A-1,1,1")
    told, bad = read_trade(written(tmp_path, heading, *rows), policy)
    assert [event.id for event in told] == ["SO-2:lines"]
    assert [(row.number, row.id) for row in bad] == [(number, "SO-1")]
    assert said in bad[0].why.en


def test_row_tells_of_all_that_happened_to_its_order(tmp_path: Path, policy: Policy) -> None:
    """An export has the days of completion and cancellation beside that of the order; an empty cell tells nothing."""
    heading = "order_id,customer_id,amount,currency,placed_at,completed_at,cancelled_at"
    rows = ("SO-1,C-1,1,CNY,2026-03-02,2026-03-05,", "SO-2,C-1,1,CNY,2026-03-02,,2026-03-03 09:00")
    found = events_of(written(tmp_path, heading, *rows), policy)
    assert list(found) == [
        ("order.placed", "SO-1"),
        ("order.completed", "order.completed:SO-1"),
        ("order.placed", "SO-2"),
        ("order.cancelled", "order.cancelled:SO-2"),
    ]


@pytest.mark.parametrize(
    ("heading", "row", "expected"),
    [
        (
            "return_id,order_id,customer_id,amount,currency,returned_at",
            "R-1,SO-1,C-1,5,XTS,2026-03-02",
            "order.returned",
        ),
        ("退货单号,客户编号,金额,币种,退货日期,退货原因", "R-1,C-1,5,CNY,2026-03-02,破损", RETURNED),
        ("回款单号,客户编号,金额,币种,回款日期,收款人", "P-1,C-1,5,CNY,2026-03-02,rep-1", "payment.received"),
        ("sample_id,customer_id,shipped_at", "S-1,C-1,2026-03-02", "sample.shipped"),
        ("order_id,customer_id,cancelled_at", "SO-1,C-1,2026-03-02", "order.cancelled"),
    ],
)
def test_heading_says_what_a_table_tells(tmp_path: Path, policy: Policy, heading: str, row: str, expected: str) -> None:
    """Returns, payments, samples and cancellations come from tables of their own."""
    assert [kind for kind, _ in events_of(written(tmp_path, heading, row), policy)] == [expected]


def test_unnamed_return_needs_a_rate_of_its_own(tmp_path: Path, policy: Policy) -> None:
    """One that names its order is converted as the order was."""
    heading = "return_id,order_id,customer_id,amount,currency,returned_at"
    _, bad = read_trade(written(tmp_path, heading, "R-1,,C-1,5,XTS,2026-03-02"), policy)
    assert "no rate for XTS" in bad[0].why.en


def test_row_without_any_day_tells_nothing(tmp_path: Path, policy: Policy) -> None:
    """Silence about when something happened is a fault, not an event."""
    _, bad = read_trade(written(tmp_path, "sample_id,customer_id,ordered_at,shipped_at", "S-1,C-1,,"), policy)
    assert [row.why.en for row in bad] == ["ordered_at: is missing"]


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
