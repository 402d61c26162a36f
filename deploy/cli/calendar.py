"""`tierline calendar`: which days are worked, why others are not, and what may still change (F8)."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime
from itertools import groupby
from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

When = Annotated[
    str | None,
    typer.Argument(
        metavar="[YEAR[-MONTH]]", help=both("2026 or 2026-10; this month if not said.", "2026 或 2026-10，默认本月。")
    ),
]

A_MONTH = 31
"""Longer spans are told by what is out of the ordinary."""

WEEKDAYS = (
    Text(en="Mon", zh="周一"), Text(en="Tue", zh="周二"), Text(en="Wed", zh="周三"), Text(en="Thu", zh="周四"),
    Text(en="Fri", zh="周五"), Text(en="Sat", zh="周六"), Text(en="Sun", zh="周日"),
)  # fmt: skip
KINDS = {
    "working": Text(en="work", zh="上班"),
    "day_off": Text(en="day off", zh="休息"),
    "holiday": Text(en="holiday", zh="放假"),
    "make_up": Text(en="work instead", zh="调休上班"),
    "exception": Text(en="by the company", zh="公司安排"),
    "skipped": Text(en="no such day", zh="无此日"),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("calendar")(calendar)


def calendar(when: When = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    first, last = (None, None) if when is None else span(when)
    with StackClient(layout_of(data), Role.GM) as client:
        days = client.get("followup", "/calendar", **{"from": first, "until": last})

    def show() -> None:
        told = (
            list(days) if len(days) <= A_MONTH else [day for day in days if day["kind"] not in {"working", "day_off"}]
        )
        columns = (
            Text(en="day", zh="日期"), Text(en="weekday", zh="星期"), Text(en="what", zh="安排"),
            Text(en="name", zh="名称"), Text(en="provisional", zh="暂定"),
        )  # fmt: skip
        output.table(columns, (line(day, output) for day in told))
        worked = sum(day["working"] for day in days)
        output.say(Text(en=f"{worked} working days of {len(days)}.", zh=f"共 {len(days)} 天，其中工作日 {worked} 天。"))
        for reason, unsure in groupby((day for day in days if day["provisional"]), key=lambda day: day["provisional"]):
            some = [day["day"] for day in unsure]
            output.say(
                Text(
                    en=f"Provisional from {some[0]} to {some[-1]}: {reason['en']}.",
                    zh=f"{some[0]} 至 {some[-1]} 为暂定：{reason['zh']}。",
                ),
                style="yellow",
            )

    output.result(days, show)


def span(when: str) -> tuple[str, str]:
    """The first and last day of a year or of a month; a usage error for anything else."""
    if match := re.fullmatch(r"(\d{4})(?:-(0[1-9]|1[0-2]))?", when):
        year, month = int(match[1]), match[2] and int(match[2])
        if year and month:
            return date(year, month, 1).isoformat(), date(year, month, monthrange(year, month)[1]).isoformat()
        if year:
            return date(year, 1, 1).isoformat(), date(year, 12, 31).isoformat()
    raise typer.BadParameter("YEAR or YEAR-MONTH / 请写 年 或 年-月")


def line(day: dict[str, Any], output: Output) -> tuple[object, ...]:
    """One day as a row of the table."""
    name = "" if day["name"] is None else day["name"][output.language]
    weekday = WEEKDAYS[datetime.fromisoformat(day["day"]).weekday()]
    what = KINDS[day["kind"]]
    if day["kind"] == "exception":
        what = Text(
            en=f"{what.en}: {'work' if day['working'] else 'off'}",
            zh=f"{what.zh}：{'上班' if day['working'] else '放假'}",
        )
    return day["day"], output.of(weekday), output.of(what), name, "?" if day["provisional"] else ""
