"""`tierline capacity`: how full reps' days are, what moving a customer would do, and a rep's own number."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import quote

import typer

from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from shared.roles import Role
from shared.words import Text

Rep = Annotated[str | None, typer.Option("--rep", help=both("This rep's days.", "查看某位业务员的每一天。"))]
Month = Annotated[
    str | None,
    typer.Option(
        "--month",
        metavar="YYYY-MM",
        help=both("A month; else the 30 days from today.", "某个月份，缺省为今天起 30 天。"),
    ),
]
Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help=both("Whom to move.", "要转交的客户。"))]
To = Annotated[str, typer.Option("--to", help=both("To which rep.", "转给哪位业务员。"))]
Whose = Annotated[str, typer.Argument(metavar="REP", help=both("Whose days.", "哪位业务员。"))]
Minutes = Annotated[
    int | None,
    typer.Option("--minutes", min=0, max=1440, help=both("Minutes of follow-up a day.", "每日跟进分钟数。")),
]
AsPolicy = Annotated[
    bool, typer.Option("--as-policy", help=both("The policy's number again.", "恢复政策规定的分钟数。"))
]

DAY = Text(en="day", zh="日期")
CONTACTS = Text(en="contacts", zh="联系数")
MINUTES = Text(en="minutes", zh="分钟")
CAPACITY = Text(en="capacity", zh="容量")
OVER = Text(en="over", zh="超出")
LEAVE = Text(en="leave", zh="休假")
PUT_OFF = Text(en="put off", zh="顺延")


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(capacity)
    group.command(
        "move", help=both("What moving a customer would do; moves nothing.", "试算转交客户的影响，不作改动。")
    )(move)
    group.command("set", help=both("A rep's own minutes a day.", "设定某位业务员的每日分钟数。"))(set_minutes)
    app.add_typer(group, name="capacity")


def capacity(
    context: typer.Context,
    rep: Rep = None,
    month: Month = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    if context.invoked_subcommand is not None:
        return
    output = Output(lang, as_json)
    check_month(month)
    with StackClient(layout_of(data), Role.GM) as client:
        if rep is not None:
            found = client.get("followup", f"/capacity/{quote(rep, safe='')}", month=month)
            output.result(found, lambda: show_month(found, output))
            return
        reps = list(client.pages("followup", "/capacity", month=month))
    output.result(reps, lambda: show_reps(reps, output))


def move(
    customer: Customer,
    to: To,
    month: Month = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    check_month(month)
    with StackClient(layout_of(data), Role.GM) as client:
        moved = client.get("followup", "/capacity/what-if", customer=customer, to=to, month=month)
    output.result(moved, lambda: show_move(moved, output))


def set_minutes(
    rep: Whose,
    minutes: Minutes = None,
    as_policy: AsPolicy = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    if (minutes is None) != as_policy:
        raise Failure(
            Text(en="Say either --minutes N or --as-policy.", zh="请指定 --minutes N 或 --as-policy 之一。"),
            code=ExitCode.USAGE,
        )
    with StackClient(layout_of(data), Role.GM) as client:
        done = client.put("followup", f"/capacity/{quote(rep, safe='')}", {"minutes": minutes})
    who = done["rep"]
    said = (
        Text(en=f"{who}: as the policy says.", zh=f"{who}：按政策规定。")
        if minutes is None
        else Text(en=f"{who}: {minutes} minutes a day from now on.", zh=f"{who}：今后每日 {minutes} 分钟。")
    )
    output.result(done, lambda: output.say(said))


def check_month(month: str | None) -> None:
    """Failure for what is no month."""
    if month is not None and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month) is None:
        raise Failure(
            Text(en=f"A month is written 2026-03, not {month}.", zh=f"月份写作 2026-03，不是 {month}。"),
            code=ExitCode.USAGE,
        )


def show_reps(reps: list[dict[str, Any]], output: Output) -> None:
    """The overloaded first."""
    if not reps:
        output.say(Text(en="No rep has customers.", zh="没有业务员名下有客户。"))
        return
    ordered = sorted(reps, key=lambda each: (-each["over"], -each["minutes"], each["rep"]))
    output.table(
        (
            Text(en="rep", zh="业务员"), Text(en="customers", zh="客户数"), Text(en="a day", zh="每日"),
            CONTACTS, MINUTES, CAPACITY, OVER, Text(en="days over", zh="超出天数"), LEAVE,
        ),
        (
            (
                each["rep"], each["customers"], each["minutes_a_day"], each["contacts"], each["minutes"],
                each["capacity"], each["over"], each["days_over"], each["leave_days"],
            )
            for each in ordered
        ),
        title=Text(
            en=f"{ordered[0]['first']} to {ordered[0]['last']}", zh=f"{ordered[0]['first']} 至 {ordered[0]['last']}"
        ),
        right=8,
    )  # fmt: skip


def show_month(found: dict[str, Any], output: Output) -> None:
    """Day by day."""
    whose = Text(en="set by the manager", zh="主管设定") if found["own"] else Text(en="by the policy", zh="按政策")
    output.say(
        Text(
            en=f"{found['rep']}: {found['customers']} customers, {found['minutes_a_day']} minutes a day {whose.en}.",
            zh=f"{found['rep']}：客户 {found['customers']} 位，每日 {found['minutes_a_day']} 分钟（{whose.zh}）。",
        ),
        style="bold",
    )
    output.table(
        (DAY, LEAVE, CONTACTS, MINUTES, CAPACITY, OVER, PUT_OFF),
        (
            (
                day["day"], output.of(LEAVE) if day["leave"] else None, day["contacts"], day["minutes"],
                day["capacity"], day["over"] or None, day["put_off"] or None,
            )
            for day in found["days"]
        ),
        right=5,
    )  # fmt: skip


def show_move(moved: dict[str, Any], output: Output) -> None:
    """Both reps before and after, in a line each."""
    rows = [
        (months[0]["rep"], *(f"{months[0][name]:,} → {months[1][name]:,}" for name in ("minutes", "over", "days_over")))
        for months in (moved["from"], moved["to"])
        if months is not None
    ]
    output.table(
        (Text(en="rep", zh="业务员"), MINUTES, OVER, Text(en="days over", zh="超出天数")),
        rows,
        title=Text(
            en=f"If {moved['customer_id']} were moved (nothing is)",
            zh=f"假设转交 {moved['customer_id']}（并未转交）",
        ),
        right=3,
    )
