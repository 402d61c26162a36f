"""`tierline analyse …`: the seven analyses, and the workbook that holds them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient
from deploy.cli.names import names_of
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from shared.roles import Role
from shared.words import Text

DIMENSIONS = ("level", "region", "country", "category", "sku", "channel", "rep", "month")

Since = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help=both("First day.", "起始日期。"))]
Until = Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help=both("Last day.", "截止日期。"))]
By = Annotated[
    str, typer.Option("--by", help=both(f"One of {', '.join(DIMENSIONS)}.", f"可选：{'、'.join(DIMENSIONS)}。"))
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help=both("At most so many lines.", "最多显示行数。"))]
Sku = Annotated[str | None, typer.Option("--sku", help=both("Of this article only.", "只看该货号。"))]
Category = Annotated[str | None, typer.Option("--category", help=both("Of this category only.", "只看该品类。"))]

CUSTOMERS = Text(en="customers", zh="客户数")
ORDERS = Text(en="orders", zh="订单")
AMOUNT = Text(en="amount", zh="净额")
UNKNOWN = Text(en="(not known)", zh="（未填）")
TOTAL = Text(en="total", zh="合计")
REST = Text(en="the rest", zh="其余")


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(
        no_args_is_help=True,
        help=both(
            "Composition, loyalty, profit, performance, outlook, affinity, promotion; as a workbook.",
            "构成、忠诚、毛利、业绩、展望、关联、促销分析，可导出工作簿。",
        ),
    )
    for command, about in COMMANDS:
        group.command(command.__name__, help=about)(command)
    app.add_typer(group, name="analyse")


def composition(
    by: By = "level",
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    found = sales(data, "composition", by, since, until, limit)
    share = Text(en="share", zh="占比")
    columns = (Text(en=by, zh=by), CUSTOMERS, ORDERS, AMOUNT, share)
    output.result(found, lambda: show_sales(found, columns, lambda line: [part(line["share"])], output))


def performance(
    by: By = "category",
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    found = sales(data, "performance", by, since, until, limit)
    before, growth = Text(en="period before", zh="上期"), Text(en="growth", zh="增长")
    columns = (Text(en=by, zh=by), CUSTOMERS, ORDERS, AMOUNT, before, growth)
    output.result(
        found, lambda: show_sales(found, columns, lambda line: [line["before"], part(line["growth"])], output)
    )


def profit(
    by: By = "category",
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    found = sales(data, "profit", by, since, until, limit)
    columns = (
        Text(en=by, zh=by), CUSTOMERS, ORDERS, AMOUNT, Text(en="profit", zh="毛利"), Text(en="margin", zh="毛利率"),
        Text(en="cost not known", zh="成本未知净额"),
    )  # fmt: skip
    output.result(
        found,
        lambda: show_sales(
            found, columns, lambda line: [line["profit"], part(line["margin"]), line["uncosted"]], output
        ),
    )


def loyalty(
    since: Since = None,
    until: Until = None,
    months: Annotated[
        int | None, typer.Option("--months", min=1, max=60, help=both("So many cohorts.", "月份批次数。"))
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    found = asked(data, "loyalty", **days(since, until), months=months)
    output.result(found, lambda: show_loyalty(found, output))


def outlook(
    since: Since = None,
    until: Until = None,
    ahead: Annotated[
        int | None, typer.Option("--days", min=1, max=3660, help=both("So many days ahead.", "预测天数。"))
    ] = None,
    best: Annotated[
        int,
        typer.Option("--best", min=0, max=1000, help=both("Name so many customers; audited.", "列出客户数（留痕）。")),
    ] = 0,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    found = asked(data, "outlook", **days(since, until), days=ahead, best=best)
    output.result(found, lambda: show_outlook(found, output))


def affinity(
    since: Since = None,
    until: Until = None,
    per_customer: Annotated[
        bool, typer.Option("--per-customer", help=both("Bought by one customer, not in one order.", "按客户而非订单。"))
    ] = False,
    limit: Limit = 50,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    per = "customer" if per_customer else "order"
    found = asked(data, "affinity", **days(since, until), per=per, limit=limit)
    columns = (
        Text(en="first", zh="品类甲"), Text(en="second", zh="品类乙"), Text(en="both", zh="同现"),
        Text(en="support", zh="支持度"), Text(en="confidence", zh="置信度"), Text(en="lift", zh="提升度"),
    )  # fmt: skip
    rows = [
        (p["first"], p["second"], p["both"], part(p["support"]), part(p["confidence"]), f"{p['lift']:.2f}")
        for p in found["pairs"]
    ]
    output.result(found, lambda: output.table(columns, rows, right=4))


def promotion(
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help=both("First day.", "起始日期。"))],
    until: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help=both("Last day.", "截止日期。"))],
    sku: Sku = None,
    category: Category = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    found = asked(data, "promotion", **days(since, until), sku=sku, category=category)
    output.result(found, lambda: show_promotion(found, output))


def workbook(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=both("An .xlsx file to write.", "要写入的 .xlsx 文件。"))
    ],
    since: Since = None,
    until: Until = None,
    promoted_from: Annotated[
        datetime | None,
        typer.Option("--promoted-from", formats=["%Y-%m-%d"], help=both("A promotion's first day.", "促销起始日期。")),
    ] = None,
    promoted_until: Annotated[
        datetime | None,
        typer.Option("--promoted-until", formats=["%Y-%m-%d"], help=both("Its last day.", "促销截止日期。")),
    ] = None,
    sku: Sku = None,
    category: Category = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    if (promoted_from is None) != (promoted_until is None):
        raise Failure(
            Text(en="A promotion has a first and a last day.", zh="促销需要起始与截止日期。"),
            Text(
                en="Give both --promoted-from and --promoted-until.",
                zh="请同时给出 --promoted-from 与 --promoted-until。",
            ),
            code=ExitCode.USAGE,
        )
    promoted = {
        "promoted_from": promoted_from and promoted_from.date().isoformat(),
        "promoted_until": promoted_until and promoted_until.date().isoformat(),
    }
    with StackClient(layout_of(data), Role.GM) as client:
        content = client.download(
            "scoring", "/analyses/workbook", lang=output.language.value, sku=sku, category=category,
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
    output.result(
        written, lambda: output.say(Text(en=f"Written: {file}. The audit has it.", zh=f"已写入：{file}。导出已留痕。"))
    )


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


def asked(data: Path, path: str, **params: Any) -> dict[str, Any]:
    with StackClient(layout_of(data), Role.GM) as client:
        found: dict[str, Any] = client.get("scoring", f"/analyses/{path}", **params)
    return found


def sales(data: Path, path: str, by: str, since: datetime | None, until: datetime | None, limit: int) -> dict[str, Any]:
    """One of the three analyses of sales; a misspelt dimension is a mistake of the command line."""
    if by not in DIMENSIONS:
        choice = ", ".join(DIMENSIONS)
        raise Failure(
            Text(en=f"There is no {by}.", zh=f"没有 {by}。"),
            Text(en=f"There are: {choice}", zh=f"可选：{choice}"),
            code=ExitCode.USAGE,
        )
    return asked(data, path, by=by, limit=limit, **days(since, until))


def days(since: datetime | None, until: datetime | None) -> dict[str, Any]:
    return {"from": since and since.date().isoformat(), "until": until and until.date().isoformat()}


def part(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def show_sales(
    found: dict[str, Any], columns: Sequence[Text], more: Callable[[dict[str, Any]], Iterable[object]], output: Output
) -> None:
    """A line for each key, what is not listed, and the total."""
    output.say(heading(found))
    rows = [
        [output.of(UNKNOWN) if line["key"] is None else line["key"], *counts(line), *more(line)]
        for line in found["lines"]
    ]
    if found["rest"] != "0.00":
        rows.append([output.of(REST), None, None, found["rest"], *[None] * (len(columns) - 4)])
    rows.append([output.of(TOTAL), *counts(found["total"]), *more(found["total"])])
    output.table(columns, rows, right=len(columns) - 1)


def counts(line: dict[str, Any]) -> tuple[object, ...]:
    return line["customers"], line["orders"], line["amount"]


def heading(found: dict[str, Any]) -> Text:
    period = found["period"]
    return Text(en=f"{period['from']} to {period['until']}", zh=f"{period['from']} 至 {period['until']}")


def show_loyalty(found: dict[str, Any], output: Output) -> None:
    """The rate, and the cohorts as a triangle."""
    output.say(heading(found))
    gap, rate = found["median_days_between"], part(found["repeat_rate"])
    output.say(
        Text(
            en=f"{found['repeated']:,} of {found['customers']:,} customers had ordered before ({rate}); median days"
            f" between orders: {'—' if gap is None else f'{gap:g}'}",
            zh=f"{found['customers']:,} 位下单客户中 {found['repeated']:,} 位以前下过单（{rate}）；"
            f"下单间隔中位数（天）：{'—' if gap is None else f'{gap:g}'}",
        )
    )
    months = max((len(each["active"]) for each in found["cohorts"]), default=0)
    columns = (Text(en="first order", zh="首单月份"), CUSTOMERS, *(Text(en=f"+{n}", zh=f"+{n}") for n in range(months)))
    rows = [
        [
            each["month"],
            each["customers"],
            *(f"{n / each['customers']:.0%}" for n in each["active"]),
            *[None] * (months - len(each["active"])),
        ]
        for each in found["cohorts"]
    ]
    output.table(columns, rows, right=months + 1)


def show_outlook(found: dict[str, Any], output: Output) -> None:
    """Flows, what is expected of each level, and of whom most."""
    output.say(heading(found))
    output.table(
        (Text(en="from", zh="期初"), Text(en="to", zh="期末"), CUSTOMERS),
        (
            ["—" if flow["from"] is None else tier(flow["from"], output), tier(flow["to"], output), flow["customers"]]
            for flow in found["flows"]
        ),
        right=1,
    )
    if found["model"] is None:
        output.say(
            Text(
                en="The past bears no model yet: nobody has ordered twice.", zh="历史尚不足以建立模型：无人第二次下单。"
            )
        )
        return
    expected = Text(en=f"orders in {found['days']} days", zh=f"{found['days']} 天内预期订单")
    active = Text(en="still active", zh="仍活跃")
    output.table(
        (Text(en="level", zh="级别"), CUSTOMERS, active, expected),
        (
            [tier({"class": "contract", "level": each["level"]}, output), each["customers"], f"{each['alive']:.1f}",
             f"{each['orders']:.1f}"]
            for each in found["expected"]
        ),
        right=3,
    )  # fmt: skip
    if found["best"]:
        output.table(
            (Text(en="customer", zh="客户"), Text(en="rep", zh="业务员"), Text(en="last order", zh="最近下单"), active,
             expected),
            (
                [each["customer_id"], each["rep"], each["last_order_on"], part(each["alive"]), f"{each['orders']:.2f}"]
                for each in found["best"]
            ),
            right=2,
        )  # fmt: skip


def tier(pair: dict[str, Any], output: Output) -> str:
    return " · ".join(output.of(name) for name in names_of(pair))


def show_promotion(found: dict[str, Any], output: Output) -> None:
    """During and after, each measure against its expectation."""
    output.say(heading(found))
    output.say(
        Text(
            en=f"The same {found['customers']:,} customers in {len(found['before'])} ordinary periods before;"
            f" {found['newcomers']:,} new ones are not in it.",
            zh=f"与同一批 {found['customers']:,} 位老客户此前 {len(found['before'])} 个平常期间相比；新客户"
            f" {found['newcomers']:,} 位另计。",
        )
    )
    confidence = f"{found['confidence']:.0%}"
    columns = (
        Text(en="period", zh="期间"), Text(en="measure", zh="指标"), Text(en="actual", zh="实际"),
        Text(en="expected", zh="预期"), Text(en=f"{confidence} interval", zh=f"{confidence} 区间"),
        Text(en="unusual", zh="异常"),
    )  # fmt: skip
    names = {
        "amount": AMOUNT,
        "orders": ORDERS,
        "buyers": Text(en="customers who ordered", zh="下单客户数"),
    }
    answers = {None: Text(en="", zh=""), True: Text(en="yes", zh="是"), False: Text(en="no", zh="否")}
    rows = [
        [
            output.of(when), output.of(names[each["measure"]]), number(each["actual"]), number(each["expected"]),
            "" if each["low"] is None else f"{number(each['low'])} … {number(each['high'])}",
            output.of(answers[each["is_unusual"]]),
        ]
        for when, verdicts in (
            (Text(en="during", zh="促销期"), found["effect"]), (Text(en="after", zh="促销后"), found["aftermath"]),
        )
        for each in verdicts
    ]  # fmt: skip
    output.table(columns, rows, right=4)


def number(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"
