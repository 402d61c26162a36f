"""Tables of customers, articles and customs records are read as people keep them."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploy.failure import Failure
from deploy.local.lists import read_articles, read_imports, read_shops

ZONE = ZoneInfo("Asia/Shanghai")


def table(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def test_the_shipped_example_can_be_read() -> None:
    """篇1: ten shops with whole numbers, money as text, and fields of the file as attributes; the note is one too."""
    shops = read_shops(Path(__file__).parents[3] / "deploy/examples/ten_shops.csv")
    assert len(shops) == 10
    first = shops[0]
    assert first.pop("attributes").keys() >= {"region", "rival_counters"}
    assert first == {
        "customer_id": "客户1", "days": 365, "sales": "612000.00", "orders": 24,
        "recent": "151000", "earlier": "153000",
    }  # fmt: skip
    assert "rival_counters" not in shops[6]["attributes"]
    assert "recent" not in shops[9]


def test_chinese_headings_and_encodings_are_understood(tmp_path: Path) -> None:
    """As spreadsheets in China save it, thousands separated, an empty line at the end."""
    file = table(
        tmp_path, "客户编号,营业天数,销售额,地区,竞争专柜数", 'A,30,"1,200.50",四川,2', ",,,,", encoding="gb18030"
    )
    assert read_shops(file) == [
        {"customer_id": "A", "days": 30, "sales": "1200.50", "attributes": {"region": "四川", "rival_counters": "2"}}
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [("A,many,1", "Row 2, days: 'many'"), ("A,3,a lot", "Row 2, sales: 'a lot'"), ("A,3,inf", "Row 2, sales: 'inf'")],
)
def test_what_cannot_be_read_is_told_by_its_row(line: str, words: str, tmp_path: Path) -> None:
    """Nothing is guessed, and nothing is left out in silence."""
    with pytest.raises(Failure) as failed:
        read_shops(table(tmp_path, "customer_id,days,sales", line))
    assert words in failed.value.what.en
    assert "第 2 行" in failed.value.what.zh


def test_missing_columns_are_named(tmp_path: Path) -> None:
    """With those that there may be."""
    with pytest.raises(Failure, match="days, sales") as failed:
        read_shops(table(tmp_path, "customer_id,region", "A,四川"))
    assert failed.value.next_step is not None
    assert "rival_counters" in failed.value.next_step.en


def test_a_catalogue_is_read_with_its_other_names(tmp_path: Path) -> None:
    """K5: category and words may be left out."""
    file = table(
        tmp_path, "货号,品名,品类,关键词", "GW-01,白瓷盖碗,茶具,porcelain gaiwan; lidded bowl", "TP-02,紫砂壶,,"
    )
    assert read_articles(file) == [
        {"sku": "GW-01", "name": "白瓷盖碗", "category": "茶具", "words": "porcelain gaiwan; lidded bowl"},
        {"sku": "TP-02", "name": "紫砂壶", "category": "", "words": ""},
    ]


def test_customs_records_are_read_with_their_days(tmp_path: Path) -> None:
    """K5: days as spreadsheets write them, countries in any case, money without separators."""
    lines = ("importer,country,hs_code,goods,quantity,value,date", 'ACME,de,691110,tea cups,500,"1,200.50",2025/11/2')
    assert read_imports(table(tmp_path, *lines), ZONE) == [
        {
            "importer": "ACME", "country": "DE", "hs_code": "691110", "goods": "tea cups", "quantity": "500",
            "value": "1200.50", "date": "2025-11-02",
        }
    ]  # fmt: skip
    with pytest.raises(Failure, match="Row 2, date"):
        read_imports(table(tmp_path, lines[0], "ACME,DE,691110,cups,5,,last year"), ZONE)
