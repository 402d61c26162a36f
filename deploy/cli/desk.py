"""`tierline day`, `week`, `overdue`, `statistics`: what a rep has to do, what is late, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from deploy.cli.export import Export, export_table
from deploy.cli.here import Here, at_stack
from deploy.cli.names import names_of
from deploy.cli.options import both
from deploy.cli.output import Output
from shared.words import Text

DATES = ["%Y-%m-%d"]
Rep = Annotated[str | None, typer.Option("--rep", help=both("Only this rep's.", "只看该业务员。"))]
Day = Annotated[
    datetime | None, typer.Option("--day", formats=DATES, help=both("Which day; else today.", "哪一天，默认今天。"))
]
WeekOf = Annotated[
    str | None,
    typer.Option("--week", metavar="2026-W10", help=both("Which week; else the present one.", "哪一周，默认本周。")),
]
First = Annotated[
    datetime | None, typer.Option("--from", formats=DATES, help=both("First day; else today.", "起始日期，默认今天。"))
]
Last = Annotated[
    datetime | None, typer.Option("--until", formats=DATES, help=both("Last day; else today.", "截止日期，默认今天。"))
]
Kind = Annotated[
    str | None, typer.Option("--kind", help=both("contact, purchase, plan …", "contact、purchase、plan 等。"))
]
Class = Annotated[
    str | None, typer.Option("--class", help=both("contract, sample or potential.", "contract、sample 或 potential。"))
]
Level = Annotated[
    str | None, typer.Option("--level", help=both("key, ordinary, lapsed …", "key、ordinary、lapsed 等。"))
]
State = Annotated[
    str | None, typer.Option("--state", help=both("due, done, skipped or ended.", "due、done、skipped 或 ended。"))
]
Customer = Annotated[str | None, typer.Option("--customer", help=both("Only this customer's.", "只看该客户。"))]
AtLeast = Annotated[
    int, typer.Option("--at-least", min=1, help=both("Late by so many working days.", "至少逾期多少个工作日。"))
]
Limit = Annotated[int, typer.Option("--limit", min=1, help=both("At most so many.", "最多显示条数。"))]

STATES = {
    "due": Text(en="due", zh="待办"),
    "done": Text(en="done", zh="完成"),
    "skipped": Text(en="left out", zh="略过"),
    "ended": Text(en="ended", zh="已了结"),
}
LIST_COLUMNS = (
    Text(en="day", zh="日期"), Text(en="rep", zh="业务员"), Text(en="customer", zh="客户"), Text(en="level", zh="级别"),
    Text(en="state", zh="状态"), Text(en="by", zh="方式"), Text(en="why", zh="原因"), Text(en="id", zh="编号"),
    Text(en="minutes", zh="分钟"),
)  # fmt: skip
LATE_COLUMN = Text(en="days late", zh="逾期工作日")
TALLY_COLUMNS = (
    Text(en="planned", zh="计划"), Text(en="done", zh="完成"), Text(en="late", zh="逾期"),
    Text(en="left out", zh="略过"), Text(en="ended", zh="已了结"), Text(en="open", zh="待办"),
    Text(en="minutes", zh="计划分钟"), Text(en="worked", zh="实际分钟"),
)  # fmt: skip
DAY = Text(
    en="{day}{off}: {open} of {planned} to do, {minutes} minutes in all; {done} done, {skipped} left out, "
    "{ahead} to come; {overdue} overdue now",
    zh="{day}{off}：计划 {planned} 条，待办 {open} 条，共 {minutes} 分钟；完成 {done}，略过 {skipped}，将到期 {ahead}；"
    "现有逾期 {overdue} 条",
)
TALLIES = ("planned", "done", "late", "skipped", "ended", "open", "minutes", "worked")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("day")(day)
    app.command("week")(week)
    app.command("overdue")(overdue)
    app.command("statistics")(statistics)


@at_stack
def day(
    here: Here,
    rep: Rep = None,
    on: Day = None,
    kind: Kind = None,
    customer_class: Class = None,
    level: Level = None,
    state: State = None,
    customer: Customer = None,
    limit: Limit = 50,
    export: Export = None,
) -> None:
    filters: dict[str, Any] = {"rep": rep, "kind": kind, "class": customer_class, "level": level, "customer": customer}
    with here.client() as client:
        summary = client.get("followup", "/desk/day", rep=rep, day=written(on))
        named = {"from": summary["day"], "until": summary["day"], "state": state}
        found = sorted(client.pages("followup", "/desk/reminders", **filters, **named), key=urgency)
    rows = [listed(item, here.output) for item in found[:limit]]
    if export is not None:
        export_table(export, LIST_COLUMNS, rows, here.output)

    def show(_: object, output: Output) -> None:
        say_day(summary, output)
        show_list(LIST_COLUMNS, rows, len(found) > limit, output)

    here.show({**summary, "reminders": found[:limit]}, show)


@at_stack
def week(here: Here, rep: Rep = None, name: WeekOf = None) -> None:
    found = here.get("followup", "/desk/week", rep=rep, week=name)
    columns = (
        Text(en="day", zh="日期"), Text(en="", zh=""), *TALLY_COLUMNS,
        Text(en="to come", zh="将到期"), Text(en="minutes", zh="分钟"),
    )  # fmt: skip

    def show(found: Mapping[str, Any], output: Output) -> None:
        off = output.of(Text(en="off", zh="休"))
        output.table(
            columns,
            (
                (each["day"], "" if each["is_working"] else off, *tallied(each), each["ahead"], each["ahead_minutes"])
                for each in found["days"]
            ),
            title=Text(
                en=f"{found['week']} · {found['overdue']} overdue now",
                zh=f"{found['week']} · 现有逾期 {found['overdue']} 条",
            ),
            right=10,
        )

    here.show(found, show)


@at_stack
def overdue(
    here: Here,
    rep: Rep = None,
    at_least: AtLeast = 1,
    kind: Kind = None,
    customer_class: Class = None,
    level: Level = None,
    customer: Customer = None,
    limit: Limit = 50,
    export: Export = None,
) -> None:
    filters: dict[str, Any] = {"rep": rep, "kind": kind, "class": customer_class, "level": level, "customer": customer}
    found = here.listed("followup", "/desk/overdue", limit + 1, at_least=at_least, **filters)
    columns = (*LIST_COLUMNS, LATE_COLUMN)
    rows = [(*listed(item, here.output), item["overdue_working_days"]) for item in found[:limit]]
    if export is not None:
        export_table(export, columns, rows, here.output)
    here.show(found[:limit], lambda _, output: show_list(columns, rows, len(found) > limit, output))


@at_stack
def statistics(here: Here, rep: Rep = None, first: First = None, last: Last = None, export: Export = None) -> None:
    period: dict[str, Any] = {"from": written(first), "until": written(last)}
    found = here.get("followup", "/desk/statistics", rep=rep, **period)
    who, level = Text(en="rep", zh="业务员"), Text(en="level", zh="级别")
    if export is not None:
        shares = [(each["rep"], level_of(each, here.output), *tallied(each)) for each in found["shares"]]
        export_table(export, (who, level, *TALLY_COLUMNS), shares, here.output)
    total = here.output.of(Text(en="all", zh="合计"))

    def show(found: Mapping[str, Any], output: Output) -> None:
        title = Text(en=f"{found['from']} – {found['until']}", zh=f"{found['from']} 至 {found['until']}")
        by_rep = [(each["rep"], *tallied(each)) for each in found["by_rep"]]
        output.table((who, *TALLY_COLUMNS), [*by_rep, (total, *tallied(found["total"]))], title=title, right=8)
        by_level = [(level_of(each, output), *tallied(each)) for each in found["by_level"]]
        output.table((level, *TALLY_COLUMNS), by_level, right=8)

    here.show(found, show)


def urgency(item: Mapping[str, Any]) -> tuple[object, ...]:
    """The order of a day: what waits before what is settled, and that in the order of the morning's message.

    A customer about to fall comes first, then what has waited longest, then what was due first.
    """
    waits = item["state"] == "due"
    return not waits, item["kind"] != "falling", item["issued_on"], item["due_on"], item["customer_id"]


def say_day(summary: Mapping[str, Any], output: Output) -> None:
    off = Text(en=" (a day off)", zh="（休息日）")
    shown = {**summary, "off": "" if summary["is_working"] else output.of(off)}
    output.say(Text(en=DAY.en.format(**shown), zh=DAY.zh.format(**shown)), style="bold")


def show_list(columns: Sequence[Text], rows: Sequence[Sequence[object]], more: bool, output: Output) -> None:
    if not rows:
        output.say(Text(en="There is nothing.", zh="没有提醒。"))
        return
    output.table(columns, rows, right=len(columns) - len(LIST_COLUMNS) + 1)
    if more:
        output.say(
            Text(en="There are more: --limit, filters, --json.", zh="还有更多：可用 --limit、筛选条件或 --json。")
        )


def listed(item: Mapping[str, Any], output: Output) -> tuple[object, ...]:
    """One reminder as a row."""
    state = output.of(STATES[item["state"]])
    why = item["why"][output.language]
    return (
        item["listed_on"], item["rep"], item["customer_id"], level_of(item, output), state, item["channel"], why,
        item["reminder_id"], item["minutes"],
    )  # fmt: skip


def level_of(item: Mapping[str, Any], output: Output) -> str:
    return " · ".join(output.of(name) for name in names_of(item))


def tallied(tally: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(tally[name] for name in TALLIES)


def written(day: datetime | None) -> str | None:
    return None if day is None else day.date().isoformat()
