"""`tierline report`: the week's summary and the next week's plan, filed before closing on Saturday (F9)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient, quoted
from deploy.cli.desk import WeekOf
from deploy.cli.moments import local
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

Rep = Annotated[str, typer.Argument(metavar="REP", help=both("A rep.", "业务员。"))]
Department = Annotated[str, typer.Argument(metavar="DEPARTMENT", help=both("A department.", "部门。"))]
Summary = Annotated[
    str | None, typer.Option("--summary", help=both("Your words on the week.", "本周小结，替换预填内容。"))
]
Plan = Annotated[
    str | None, typer.Option("--plan", help=both("Your words on the next week.", "下周计划，替换预填内容。"))
]
Note = Annotated[str | None, typer.Option("--note", help=both("What you have to add.", "补充说明。"))]

STATES = {
    "draft": Text(en="not asked for yet", zh="未到期"),
    "due": Text(en="asked for", zh="待提交"),
    "missing": Text(en="missing", zh="未交"),
    "filed": Text(en="filed", zh="已提交"),
}
FIGURES = (
    ("contacts", Text(en="contacts", zh="联系")), ("minutes", Text(en="minutes", zh="分钟")),
    ("planned", Text(en="planned", zh="提醒")), ("done", Text(en="done", zh="完成")),
    ("late", Text(en="late", zh="逾期")), ("skipped", Text(en="left out", zh="略过")),
    ("next_contacts", Text(en="next week", zh="下周联系")), ("next_minutes", Text(en="its minutes", zh="下周分钟")),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    for name, words, command in (
        ("week", both("A rep's report, drafted from what was done.", "某业务员的周报，系统已预填。"), week),
        ("file", both("File it, in your own words or the drafted ones.", "提交周报，可替换预填内容。"), file),
        ("list", both("Filed and missing.", "各人周报的提交情况。"), list_reports),
        ("roll-up", both("A department's week.", "部门周报汇总。"), roll_up),
        ("pass-on", both("Pass the department's week on.", "上报部门周报。"), pass_on),
    ):
        group.command(name, help=words)(command)
    app.add_typer(group, name="report")


def week(rep: Rep, name: WeekOf = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        report = client.get("followup", f"/weekly-reports/{quoted(rep)}/{week_or_now(client, name)}")
    output.result(report, lambda: show_report(report, output))


def file(
    rep: Rep,
    name: WeekOf = None,
    summary: Summary = None,
    plan: Plan = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        path = f"/weekly-reports/{quoted(rep)}/{week_or_now(client, name)}"
        if summary is not None or plan is not None:
            known = client.get("followup", path)
            body = {"summary": summary or known["summary"], "plan": plan or known["plan"]}
            client.put("followup", path, body)
        report = client.post("followup", f"{path}/file?lang={output.language.value}")
    output.result(report, lambda: show_report(report, output))


def list_reports(name: WeekOf = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        found = list(client.pages("followup", "/weekly-reports", week=week_or_now(client, name)))

    def show() -> None:
        output.table(
            (
                Text(en="rep", zh="业务员"), Text(en="department", zh="部门"), Text(en="state", zh="状态"),
                Text(en="due", zh="应交"), Text(en="filed", zh="提交时间"),
            ),
            (
                (
                    each["rep"], each["department"], output.of(STATES[each["state"]]), each["due_on"],
                    local(each["filed_at"]),
                )
                for each in found
            ),
        )  # fmt: skip

    output.result(found, show)


def roll_up(
    department: Department, name: WeekOf = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        rolled = client.get("followup", f"/department-reports/{quoted(department)}/{week_or_now(client, name)}")
    output.result(rolled, lambda: show_roll_up(rolled, output))


def pass_on(
    department: Department,
    name: WeekOf = None,
    note: Note = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        path = f"/department-reports/{quoted(department)}/{week_or_now(client, name)}/pass-on"
        rolled = client.post("followup", path, {"note": note})
    output.result(rolled, lambda: show_roll_up(rolled, output))


def week_or_now(client: StackClient, name: str | None) -> str:
    """The week named, or the present one as the stack has it."""
    return quoted(name) if name is not None else str(client.get("followup", "/desk/week")["week"])


def show_report(report: dict[str, Any], output: Output) -> None:
    state = STATES[report["state"]]
    output.say(
        Text(
            en=f"{report['rep']} {report['week']}: {state.en}, due {report['due_on']}",
            zh=f"{report['rep']} {report['week']}：{state.zh}，应于 {report['due_on']} 提交",
        ),
        style="bold",
    )
    summary = report["summary"] or report["drafted_summary"][output.language]
    plan = report["plan"] or report["drafted_plan"][output.language]
    output.say(Text(en=summary, zh=summary))
    output.say(Text(en=plan, zh=plan))


def show_roll_up(rolled: dict[str, Any], output: Output) -> None:
    total = output.of(Text(en="all", zh="合计"))
    rows = [
        *((each["rep"], output.of(STATES[each["state"]]), *figures(each["figures"])) for each in rolled["reports"]),
        (total, "", *figures(rolled["total"])),
    ]
    columns = (Text(en="rep", zh="业务员"), Text(en="state", zh="状态"), *(words for _, words in FIGURES))
    title = Text(en=f"{rolled['department']} {rolled['week']}", zh=f"{rolled['department']} {rolled['week']}")
    output.table(columns, rows, title=title, right=len(FIGURES))
    passed = rolled["passed_on"]
    if passed is not None:
        output.say(
            Text(en=f"Passed on by {passed['by']} at {passed['at']}.", zh=f"{passed['by']} 已于 {passed['at']} 上报。")
        )


def figures(counted: dict[str, Any]) -> tuple[object, ...]:
    return tuple(counted[name] for name, _ in FIGURES)
