"""`tierline levels`, `falls` and `lapse`: how many of each level, who is about to lose one, and why somebody lapsed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient, quoted
from deploy.cli.names import LEVEL_NAMES, names_of
from deploy.cli.options import DAY, DEFAULT_DATA, AsJson, Data, Lang, Limit, Rep, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from shared.roles import Role
from shared.words import Text

AsOf = Annotated[
    datetime | None, typer.Option("--as-of", formats=DAY, help=both("At the end of that day.", "截至该日。"))
]
First = Annotated[
    datetime | None, typer.Option("--from", formats=DAY, help=both("Over time, from.", "随时间，自该日。"))
]
Last = Annotated[
    datetime | None, typer.Option("--until", formats=DAY, help=both("Until; else today.", "至该日；默认今天。"))
]
Every = Annotated[
    str, typer.Option("--every", help=both("day, week or month.", "day（日）、week（周）或 month（月）。"))
]
Customer = Annotated[str, typer.Argument(metavar="ID", help=both("A lapsed customer.", "某位沉没客户。"))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("levels")(levels)
    app.command("falls")(falls)
    app.command("lapse")(lapse)


def levels(
    as_of: AsOf = None,
    first: First = None,
    last: Last = None,
    every: Every = "month",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    if every not in {"day", "week", "month"}:
        raise Failure(
            Text(
                en=f"--every is day, week or month, not {every}.", zh=f"--every 为 day、week 或 month，不是 {every}。"
            ),
            code=ExitCode.USAGE,
        )
    if (first is not None and as_of is not None) or (first is None and last is not None):
        raise Failure(
            Text(
                en="--as-of asks for one day, --from and --until for a span: not both, and a span begins somewhere.",
                zh="--as-of 查某一天，--from 与 --until 查一段时间：不可并用，且一段时间须有 --from。",
            ),
            code=ExitCode.USAGE,
        )
    with StackClient(layout_of(data), Role.GM) as client:
        if first is None:
            found = client.get("scoring", "/levels", as_of=written(as_of))
            output.result(found, lambda: show_counts(found, output))
            return
        asked = {"from": written(first), "until": written(last), "every": every}
        span = client.get("scoring", "/levels/over-time", **asked)
    output.result(span, lambda: show_span(span, output))


def falls(
    rep: Rep = None, limit: Limit = 50, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        found = list(client.pages("scoring", "/falls", limit, rep=rep))
    output.result(found, lambda: show_falls(found, output))


def lapse(customer: Customer, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        report = client.get("scoring", f"/lapses/{quoted(customer)}")
    output.result(report, lambda: show_lapse(report, output))


def written(day: datetime | None) -> str | None:
    return None if day is None else day.date().isoformat()


def show_counts(found: list[dict[str, Any]], output: Output) -> None:
    output.table(
        (Text(en="class", zh="类别"), Text(en="level", zh="级别"), Text(en="customers", zh="客户数")),
        ((*(output.of(name) for name in names_of(row)), row["customers"]) for row in found),
        right=1,
    )


def show_span(span: list[dict[str, Any]], output: Output) -> None:
    """A row for each day, a column for each level that somebody had."""
    held = {(row["class"], row["level"]) for day in span for row in day["levels"]}
    columns = [level for level in LEVEL_NAMES if level in held]
    output.table(
        (Text(en="day", zh="日期"), *(LEVEL_NAMES[level] for level in columns)),
        (
            (
                day["day"],
                *({(r["class"], r["level"]): r["customers"] for r in day["levels"]}.get(c, 0) for c in columns),
            )
            for day in span
        ),
        right=len(columns),
    )


def show_falls(found: list[dict[str, Any]], output: Output) -> None:
    if not found:
        output.say(Text(en="Nobody's level is about to end.", zh="近期没有客户将降级。"))
        return
    output.table(
        (
            Text(en="customer", zh="客户"), Text(en="rep", zh="业务员"), Text(en="level", zh="级别"),
            Text(en="falls to", zh="将降为"), Text(en="order by", zh="最迟下单"), Text(en="an order of", zh="订单金额"),
        ),
        (
            (
                fall["customer_id"], fall["rep"] or "", output.of(LEVEL_NAMES["contract", fall["level"]]),
                output.of(LEVEL_NAMES["contract", fall["falls_to"]]), fall["act_by"], output.of(price(fall)),
            )
            for fall in found
        ),
        right=1,
    )  # fmt: skip


def price(fall: dict[str, Any]) -> Text:
    """The least order that keeps the level."""
    if fall["keeps"] is None:
        return Text(en="no single one", zh="单张订单不够")
    if fall["keeps"] == "0.00":
        return Text(en="any", zh="任意")
    return Text(en=f"{fall['keeps']} {fall['currency']}", zh=f"{fall['keeps']} {fall['currency']}")


def show_lapse(report: dict[str, Any], output: Output) -> None:
    output.say(
        Text(
            en=f"{report['customer_id']}: last order {report['last_order_on']}, lapsed on {report['lapsed_on']}",
            zh=f"{report['customer_id']}：最后下单 {report['last_order_on']}，{report['lapsed_on']} 起沉没",
        ),
        style="bold",
    )
    for finding in report["findings"]:
        output.say(Text(en=finding["en"], zh=finding["zh"]))
    if report["categories"]:
        output.table(
            (
                Text(en="category", zh="品类"), Text(en="year before", zh="此前一年"),
                Text(en="last year", zh="最后一年"), Text(en="last bought", zh="最后购买"),
            ),
            ((c["category"], c["year_before"], c["last_year"], c["last_bought_on"]) for c in report["categories"]),
            right=3,
        )  # fmt: skip
    for gap in report["gaps"]:
        output.say(Text(en=f"To be filled in: {gap['en']}", zh=f"待补：{gap['zh']}"))
