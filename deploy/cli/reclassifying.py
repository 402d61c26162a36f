"""`tierline reclassify`: records come to another rank, department or class; lower only by two people (A3)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from deploy.cli.acting import As, InRole, Why
from deploy.cli.client import StackClient, quoted
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from shared.called import RANKS, called, code_of, role_names
from shared.roles import Role
from shared.words import Text


class Word(StrEnum):
    """What a second person says."""

    AGREE = "agree"
    REFUSE = "refuse"


Record = Annotated[str, typer.Argument(metavar="RECORD", help=both("Which record.", "档案编号。"))]
ChangeId = Annotated[str, typer.Argument(metavar="CHANGE", help=both("Which change.", "变更申请编号。"))]
Rank = Annotated[
    str | None,
    typer.Option(
        "--rank", help=both("top_secret, secret, confidential or unclassified.", "绝密、机密、秘密或非密级。")
    ),
]
Department = Annotated[str | None, typer.Option("--department", help=both("Whose it becomes.", "改属部门。"))]
Class = Annotated[
    str | None, typer.Option("--class", help=both("A class that keeps for no shorter time.", "保管不短于现状的类别。"))
]
STATES = {
    "waiting": Text(en="waiting", zh="待批"), "agreed": Text(en="in force", zh="已生效"),
    "refused": Text(en="refused", zh="未批准"), "withdrawn": Text(en="withdrawn", zh="已撤回"),
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("ask", help=both("Raise it at once, or ask for more.", "升密即时生效，其余提交审批。"))(ask)
    group.command("list", help=both("What was changed, or asked for.", "查看变更记录。"))(list_changes)
    group.command("decide", help=both("Agree or refuse, as a second person.", "审批他人的变更申请。"))(decide)
    group.command("withdraw", help=both("Take one's own request back.", "撤回本人的申请。"))(withdraw)
    app.add_typer(group, name="reclassify")


def ask(
    record: Record, person: As, reason: Why, role: InRole = Role.ARCHIVIST, rank: Rank = None,
    department: Department = None, record_class: Class = None, data: Data = DEFAULT_DATA, as_json: AsJson = False,
    lang: Lang = None,
) -> None:  # fmt: skip
    wish = {"rank": rank and code_of(rank, RANKS), "department": department, "class": record_class, "reason": reason}
    _post(record, "", wish, person, role, data, Output(lang, as_json))


def decide(
    record: Record, change: ChangeId, word: Word, person: As, reason: Why, role: InRole = Role.GM,
    data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    body = {"decision": word.value, "reason": reason}
    _post(record, f"/{quoted(change)}/decisions", body, person, role, data, Output(lang, as_json))


def withdraw(
    record: Record, change: ChangeId, person: As, reason: Why, role: InRole = Role.ARCHIVIST,
    data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    path = f"/{quoted(change)}/withdraw"
    _post(record, path, {"reason": reason}, person, role, data, Output(lang, as_json))


def list_changes(
    record: Record, person: As, role: InRole = Role.ARCHIVIST, data: Data = DEFAULT_DATA, as_json: AsJson = False,
    lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    with StackClient(layout_of(data), role, person=person) as client:
        found = client.get("archive", _address(record))
    columns = (
        Text(en="change", zh="编号"), Text(en="from", zh="原"), Text(en="to", zh="现"),
        Text(en="state", zh="状态"), Text(en="asked by", zh="申请人"), Text(en="decided by", zh="审批人"),
    )  # fmt: skip

    def show() -> None:
        if not found:
            output.say(Text(en="It stands as it was filed.", zh="归档以来没有变更。"))
            return
        rows = (
            (it["change_id"], output.of(_place(it["old"])), output.of(_place(it["new"])),
             output.of(STATES[it["state"]]), it["requested_by"], _decided_by(it))
            for it in found
        )  # fmt: skip
        output.table(columns, rows)

    output.result(found, show)


def _post(record: str, rest: str, body: dict[str, Any], person: str, role: Role, data: Data, output: Output) -> None:
    with StackClient(layout_of(data), role, person=person) as client:
        change = client.post("archive", f"{_address(record)}{rest}", body)
    state, waits, place = STATES[change["state"]], role_names(change["waits_for"]), _place(change["new"])
    en, zh = (f" for {waits.en}", f"（{waits.zh}）") if change["waits_for"] else ("", "")
    output.result(
        change,
        lambda: output.say(
            Text(
                en=f"Change {change['change_id']}, {place.en}: {state.en}{en}.",
                zh=f"变更 {change['change_id']}，{place.zh}：{state.zh}{zh}。",
            )
        ),
    )


def _address(record: str) -> str:
    return f"/records/{quoted(record)}/reclassifications"


def _decided_by(change: dict[str, Any]) -> str:
    """Who decided, and for whom."""
    behalf = change["on_behalf_of"]
    return f"{change['decided_by'] or ''}{f' ({behalf})' if behalf else ''}"


def _place(place: dict[str, Any]) -> Text:
    rank, rest = called(place["rank"], RANKS), f"{place['department'] or '-'} · {place['class']}"
    return Text(en=f"{rank.en} · {rest}", zh=f"{rank.zh} · {rest}")
