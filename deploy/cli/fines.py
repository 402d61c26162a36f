"""`tierline fines`: what was proposed from evidence, and what becomes of it (N1–N10)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deploy.cli.acting import As, InRole, Why
from deploy.cli.client import quoted
from deploy.cli.here import Here, Who, at_stack
from deploy.cli.moments import local
from deploy.cli.options import Limit, both
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from shared.called import code_of
from shared.roles import Role
from shared.words import Text

FineId = Annotated[str, typer.Argument(metavar="FINE", help=both("Which fine, N2-17.", "罚款编号，如 N2-17。"))]
Person = Annotated[str | None, typer.Option("--person", help=both("Only this person's.", "只看此人。"))]
State = Annotated[str | None, typer.Option("--state", help=both("proposed, confirmed, appealed …", "罚款状态。"))]
Kind = Annotated[
    str, typer.Argument(metavar="KIND", help=both("As the policy's catalogue calls it.", "政策中的类别。"))
]
Entry = Annotated[int, typer.Option("--entry", min=1, help=both("The audit entry that shows it.", "审计条目号。"))]
Whom = Annotated[str, typer.Option("--person", help=both("Who did it.", "当事人。"))]
File = Annotated[str | None, typer.Option("--file", help=both("Which file.", "涉及的档案。"))]
Order = Annotated[str | None, typer.Option("--order", help=both("Which order.", "涉及的订单。"))]
Sum = Annotated[str | None, typer.Option("--amount", help=both("The sum in question.", "涉及金额。"))]
Wanted = Annotated[str, typer.Argument(metavar="STATE", help=both("What becomes of it.", "处理结果。"))]
GapEntry = Annotated[int, typer.Argument(metavar="ENTRY", min=1, help=both("Its audit entry.", "审计条目号。"))]
STATES = {
    "proposed": Text(zh="提案", en="proposed"),
    "answered": Text(zh="已说明", en="answered"),
    "explained": Text(zh="理由成立", en="explained"),
    "waived": Text(zh="免除", en="waived"),
    "confirmed": Text(zh="已确认", en="confirmed"),
    "appealed": Text(zh="申诉中", en="appealed"),
    "upheld": Text(zh="申诉驳回", en="upheld"),
    "lifted": Text(zh="申诉成立", en="lifted"),
    "replaced": Text(zh="从重处理", en="replaced"),
}
NONE = Text(zh="没有。", en="None.")


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    for name, about, command in (
        ("list", both("Fines, the newest evidence first.", "列出罚款。"), list_fines),
        ("show", both("A fine with every step and posting.", "查看一项罚款的全过程。"), show),
        ("gaps", both("Breaches that lack a fact.", "列出缺少信息的违规。"), gaps),
        ("dismiss", both("Let a gap be, and say why.", "关闭一项待补信息并说明理由。"), dismiss),
        ("report", both("Report a breach that the audit shows.", "依据审计条目举报。"), report),
        ("explain", both("Explain one's own fine.", "本人提交说明。"), explain),
        ("decide", both("Human resources: explained, waived or confirmed.", "人力资源：explained、waived、confirmed。"),
         decide),
        ("appeal", both("Appeal against one's own fine.", "本人申诉。"), appeal),
        ("judge", both("Decide on an appeal: upheld or lifted.", "裁定申诉：upheld 或 lifted。"), judge),
    ):  # fmt: skip
        group.command(name, help=about)(command)
    app.add_typer(group, name="fines")


@at_stack
def list_fines(here: Here, person: Person = None, state: State = None, limit: Limit = 100) -> None:
    if state is not None:
        state = one_of(state, *STATES)
    found = here.listed("archive", "/fines", limit, person=person, state=state, who=Who(Role.HR))
    here.show(found, tell_fines)


@at_stack
def show(here: Here, fine_id: FineId) -> None:
    fine = here.get("archive", f"/fines/{quoted(fine_id)}", who=Who(Role.HR))
    here.show(fine, tell_steps)


@at_stack
def gaps(here: Here, limit: Limit = 100) -> None:
    found = here.listed("archive", "/fines/gaps", limit, who=Who(Role.HR))
    columns = (
        Text(zh="审计条目", en="entry"), Text(zh="类别", en="kind"), Text(zh="缺少", en="missing"),
        Text(zh="发现于", en="found"),
    )  # fmt: skip
    rows = [(gap["entry"], gap["kind"], gap["missing"], local(gap["found_at"])) for gap in found]
    here.table(found, columns, rows, none=NONE)


@at_stack
def dismiss(here: Here, entry: GapEntry, kind: Kind, reason: Why, who: As) -> None:
    here.post("archive", f"/fines/gaps/{entry}/{quoted(kind)}/dismissal", {"reason": reason}, who=Who(Role.HR, who))
    here.tell({"dismissed": True}, Text(zh="已关闭。", en="Let be."))


@at_stack
def report(
    here: Here,
    kind: Kind,
    person: Whom,
    entry: Entry,
    reason: Why,
    who: As,
    role: InRole = Role.INSPECTOR,
    file: File = None,
    order: Order = None,
    amount: Sum = None,
) -> None:
    body = {
        "kind": kind, "person": person, "file": file, "order_id": order, "amount": amount,
        "evidence": {"entry": entry}, "reason": reason,
    }  # fmt: skip
    found = here.post("archive", "/fines", body, who=Who(role, who))
    if found.get("counted"):
        counted = Text(zh="已计入当月次数，尚不罚款。", en="Counted in its month; it costs nothing yet.")
        here.tell(found, counted)
    else:
        here.show(found, tell_fine)


@at_stack
def explain(here: Here, fine_id: FineId, reason: Why, who: As) -> None:
    act(here, f"{quoted(fine_id)}/explanation", Who(Role.REP, who), {"reason": reason})


@at_stack
def decide(here: Here, fine_id: FineId, state: Wanted, reason: Why, who: As) -> None:
    body = {"state": one_of(state, "explained", "waived", "confirmed"), "reason": reason}
    act(here, f"{quoted(fine_id)}/decisions", Who(Role.HR, who), body)


@at_stack
def appeal(here: Here, fine_id: FineId, reason: Why, who: As) -> None:
    act(here, f"{quoted(fine_id)}/appeal", Who(Role.REP, who), {"reason": reason})


@at_stack
def judge(here: Here, fine_id: FineId, state: Wanted, reason: Why, who: As, role: InRole = Role.GM) -> None:
    body = {"state": one_of(state, "upheld", "lifted"), "reason": reason}
    act(here, f"{quoted(fine_id)}/appeal/decisions", Who(role, who), body)


def act(here: Here, path: str, who: Who, body: dict[str, Any]) -> None:
    """Somebody's step about a fine."""
    here.show(here.post("archive", f"/fines/{path}", body, who=who), tell_fine)


def tell_fine(fine: dict[str, Any], output: Output) -> None:
    tell_fines([fine], output)


def tell_steps(fine: dict[str, Any], output: Output) -> None:
    """A fine, and all that became of it."""
    tell_fine(fine, output)
    output.say(Text(zh=f"{fine['words']['zh']}", en=f"{fine['words']['en']}"))
    for step in fine["steps"]:
        state, by, at = STATES[step["state"]], step["decided_by"] or "—", local(step["decided_at"])
        output.say(
            Text(
                zh=f"{at} {by} {state.zh}：{step['reason']}",
                en=f"{at} {by} {state.en}: {step['reason']}",
            )
        )
    for posting in fine["postings"]:
        output.say(
            Text(
                zh=f"计入 {posting['month']}：{posting['due']} {posting['currency']}",
                en=f"in the statement of {posting['month']}: {posting['due']} {posting['currency']}",
            )
        )


def tell_fines(found: list[dict[str, Any]], output: Output) -> None:
    """Fines as a table."""
    if not found:
        output.say(NONE)
        return
    columns = (
        Text(zh="编号", en="fine"), Text(zh="人员", en="person"), Text(zh="日期", en="day"),
        Text(zh="事项", en="matter"), Text(zh="档案", en="file"), Text(zh="订单", en="order"),
        Text(zh="审计条目", en="entry"), Text(zh="状态", en="state"), Text(zh="金额", en="amount"),
    )  # fmt: skip
    rows = (
        (
            fine["fine_id"], fine["person"], fine["occurred_on"], fine["words"][output.language], fine["file"],
            fine["order_id"], fine["evidence"]["entry"], output.of(STATES[fine["state"]]),
            "—" if fine["amount"] is None else f"{fine['amount']} {fine['currency']}",
        )
        for fine in found
    )  # fmt: skip
    output.table(columns, rows, right=1)


def one_of(state: str, *states: str) -> str:
    """The state, by its code or what it is called, when it is one of these; else a mistake of the command line."""
    code = code_of(state, STATES)
    if code not in states:
        raise unfit(state, states)
    return code


def unfit(state: str, states: Any) -> Failure:
    choice, zh = ", ".join(states), "、".join(f"{STATES[each].zh}（{each}）" for each in states)
    return Failure(
        Text(en=f"There is no {state} here.", zh=f"这里没有 {state}。"),
        Text(en=f"There are: {choice}", zh=f"可选：{zh}"),
        code=ExitCode.USAGE,
    )
