"""`tierline analyse …`: the seven analyses, and the workbook that holds them all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli.analyses_shown import (
    AMOUNT,
    CUSTOMERS,
    ORDERS,
    part,
    show_loyalty,
    show_outlook,
    show_promotion,
    show_sales,
)
from deploy.cli.here import Here, at_stack
from deploy.cli.options import DAY, both
from deploy.failure import ExitCode, Failure
from shared.words import Text

DIMENSIONS = ("level", "region", "country", "category", "sku", "channel", "rep", "month")
Since = Annotated[datetime | None, typer.Option("--from", formats=DAY, help=both("First day.", "起始日期。"))]
Until = Annotated[datetime | None, typer.Option("--until", formats=DAY, help=both("Last day.", "截止日期。"))]
By = Annotated[
    str, typer.Option("--by", help=both(f"One of {', '.join(DIMENSIONS)}.", f"可选：{'、'.join(DIMENSIONS)}。"))
]
Lines = Annotated[int, typer.Option("--limit", min=1, max=1000, help=both("At most so many lines.", "最多显示行数。"))]
Sku = Annotated[str | None, typer.Option("--sku", help=both("Of this article only.", "只看该货号。"))]
Category = Annotated[str | None, typer.Option("--category", help=both("Of this category only.", "只看该品类。"))]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    for command, about in COMMANDS:
        group.command(command.__name__, help=about)(command)
    app.add_typer(group, name="analyse")


@at_stack
def composition(here: Here, by: By = "level", since: Since = None, until: Until = None, limit: Lines = 50) -> None:
    found = sales(here, "composition", by, since, until, limit)
    share = Text(en="share", zh="占比")
    columns = (Text(en=by, zh=by), CUSTOMERS, ORDERS, AMOUNT, share)
    here.show(found, lambda found, output: show_sales(found, columns, lambda line: [part(line["share"])], output))


@at_stack
def performance(here: Here, by: By = "category", since: Since = None, until: Until = None, limit: Lines = 50) -> None:
    found = sales(here, "performance", by, since, until, limit)
    before, growth = Text(en="period before", zh="上期"), Text(en="growth", zh="增长")
    columns = (Text(en=by, zh=by), CUSTOMERS, ORDERS, AMOUNT, before, growth)
    here.show(
        found,
        lambda found, output: show_sales(found, columns, lambda line: [line["before"], part(line["growth"])], output),
    )


@at_stack
def profit(here: Here, by: By = "category", since: Since = None, until: Until = None, limit: Lines = 50) -> None:
    found = sales(here, "profit", by, since, until, limit)
    columns = (
        Text(en=by, zh=by), CUSTOMERS, ORDERS, AMOUNT, Text(en="profit", zh="毛利"), Text(en="margin", zh="毛利率"),
        Text(en="cost not known", zh="成本未知净额"),
    )  # fmt: skip
    here.show(
        found,
        lambda found, output: show_sales(
            found, columns, lambda line: [line["profit"], part(line["margin"]), line["uncosted"]], output
        ),
    )


@at_stack
def loyalty(
    here: Here,
    since: Since = None,
    until: Until = None,
    months: Annotated[
        int | None, typer.Option("--months", min=1, max=60, help=both("So many cohorts.", "月份批次数。"))
    ] = None,
) -> None:
    found = asked(here, "loyalty", **days(since, until), months=months)
    here.show(found, show_loyalty)


@at_stack
def outlook(
    here: Here,
    since: Since = None,
    until: Until = None,
    ahead: Annotated[
        int | None, typer.Option("--days", min=1, max=3660, help=both("So many days ahead.", "预测天数。"))
    ] = None,
    best: Annotated[
        int,
        typer.Option("--best", min=0, max=1000, help=both("Name so many customers; audited.", "列出客户数（留痕）。")),
    ] = 0,
) -> None:
    found = asked(here, "outlook", **days(since, until), days=ahead, best=best)
    here.show(found, show_outlook)


@at_stack
def affinity(
    here: Here,
    since: Since = None,
    until: Until = None,
    per_customer: Annotated[
        bool, typer.Option("--per-customer", help=both("Bought by one customer, not in one order.", "按客户而非订单。"))
    ] = False,
    limit: Lines = 50,
) -> None:
    per = "customer" if per_customer else "order"
    found = asked(here, "affinity", **days(since, until), per=per, limit=limit)
    columns = (
        Text(en="first", zh="品类甲"), Text(en="second", zh="品类乙"), Text(en="both", zh="同现"),
        Text(en="support", zh="支持度"), Text(en="confidence", zh="置信度"), Text(en="lift", zh="提升度"),
    )  # fmt: skip
    rows = [
        (p["first"], p["second"], p["both"], part(p["support"]), part(p["confidence"]), f"{p['lift']:.2f}")
        for p in found["pairs"]
    ]
    here.table(found, columns, rows, right=4)


@at_stack
def promotion(
    here: Here,
    since: Annotated[datetime, typer.Option("--from", formats=DAY, help=both("First day.", "起始日期。"))],
    until: Annotated[datetime, typer.Option("--until", formats=DAY, help=both("Last day.", "截止日期。"))],
    sku: Sku = None,
    category: Category = None,
) -> None:
    found = asked(here, "promotion", **days(since, until), sku=sku, category=category)
    here.show(found, show_promotion)


@at_stack
def workbook(
    here: Here,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=both("An .xlsx file to write.", "要写入的 .xlsx 文件。"))
    ],
    since: Since = None,
    until: Until = None,
    promoted_from: Annotated[
        datetime | None,
        typer.Option("--promoted-from", formats=DAY, help=both("A promotion's first day.", "促销起始日期。")),
    ] = None,
    promoted_until: Annotated[
        datetime | None,
        typer.Option("--promoted-until", formats=DAY, help=both("Its last day.", "促销截止日期。")),
    ] = None,
    sku: Sku = None,
    category: Category = None,
) -> None:
    if (promoted_from is None) != (promoted_until is None):
        raise Failure(
            Text(en="A promotion has a first and a last day.", zh="促销需要起始与截止日期。"),
            Text(
                en="Give both --promoted-from and --promoted-until.",
                zh="请同时给出 --promoted-from 与 --promoted-until。",
            ),
            code=ExitCode.USAGE,
        )
    promoted: dict[str, Any] = {
        "promoted_from": promoted_from and promoted_from.date().isoformat(),
        "promoted_until": promoted_until and promoted_until.date().isoformat(),
    }
    content = here.download(
        "scoring", "/analyses/workbook", lang=here.output.language.value, sku=sku, category=category,
        **days(since, until), **promoted,
    )  # fmt: skip
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Failure(
            Text(en=f"{file} cannot be written: {error.strerror}", zh=f"无法写入 {file}：{error.strerror}"),
            code=ExitCode.USAGE,
        ) from None
    written = {"file": str(file), "bytes": len(content)}
    here.tell(written, Text(en=f"Written: {file}. The audit has it.", zh=f"已写入：{file}。导出已留痕。"))


COMMANDS: tuple[tuple[Callable[..., None], str], ...] = (
    (composition, both("What sales are made of.", "销售构成。")),
    (loyalty, both("Who comes back.", "客户忠诚度。")),
    (profit, both("What is earned, where the cost is known.", "毛利（成本已知部分）。")),
    (performance, both("Sales against the period before.", "业绩与上期对比。")),
    (outlook, both("Moves between levels, and orders to expect.", "级别流动与预期订单。")),
    (affinity, both("What is bought together.", "品类关联。")),
    (promotion, both("What a promotion did.", "促销效果。")),
    (workbook, both("All of them as an Excel workbook.", "全部分析，导出为 Excel 工作簿。")),
)


def asked(here: Here, path: str, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = here.get("scoring", f"/analyses/{path}", **params)
    return found


def sales(here: Here, path: str, by: str, since: datetime | None, until: datetime | None, limit: int) -> dict[str, Any]:
    """One of the three analyses of sales; a misspelt dimension is a mistake of the command line."""
    if by not in DIMENSIONS:
        choice = ", ".join(DIMENSIONS)
        raise Failure(
            Text(en=f"There is no {by}.", zh=f"没有 {by}。"),
            Text(en=f"There are: {choice}", zh=f"可选：{choice}"),
            code=ExitCode.USAGE,
        )
    return asked(here, path, by=by, limit=limit, **days(since, until))


def days(since: datetime | None, until: datetime | None) -> dict[str, Any]:
    return {"from": since and since.date().isoformat(), "until": until and until.date().isoformat()}
