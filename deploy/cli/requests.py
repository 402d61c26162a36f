"""`tierline requests`: ask to consult a file, and decide on what others ask (A1-A3)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from deploy.cli.acting import As, InRole, Why
from deploy.cli.client import StackClient, quoted
from deploy.cli.moments import CLOCK, local
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, Limit, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

File = Annotated[
    str, typer.Argument(metavar="FILE", help=both("customer:ID or record:ID.", "customer:编号 或 record:编号。"))
]
RequestId = Annotated[str, typer.Argument(metavar="REQUEST", help=both("Which request.", "申请编号。"))]
Sections = Annotated[
    list[str] | None, typer.Option("--section", help=both("A part of it; may be repeated.", "部分内容，可重复。"))
]
Purpose = Annotated[str, typer.Option("--why", help=both("What for.", "用途。"))]
Until = Annotated[datetime, typer.Option("--until", formats=CLOCK, help=both("Until when.", "截止时间。"))]
Copy = Annotated[bool, typer.Option("--copy", help=both("To take a copy as well.", "需要复制。"))]
Original = Annotated[bool, typer.Option("--original", help=both("To borrow the original.", "借阅原件。"))]
Step = Annotated[
    int | None, typer.Option("--step", min=1, help=both("Only if it waits at this step.", "仅当等待此步。"))
]
Side = Annotated[
    str, typer.Option("--side", help=both("mine, waiting, decided or all.", "mine、waiting、decided 或 all。"))
]
State = Annotated[str | None, typer.Option("--state", help=both("waiting, released, refused …", "申请状态。"))]

WHOLE = "*"
ACTS = {
    "sign": Text(zh="上级签批", en="sign"),
    "consent": Text(zh="保管人同意", en="consent"),
    "approve": Text(zh="批准", en="approve"),
    "release": Text(zh="放行", en="release"),
}
STATES = {
    "waiting": Text(zh="等待", en="waiting"),
    "to_come": Text(zh="未到", en="to come"),
    "approved": Text(zh="已批准", en="approved"),
    "refused": Text(zh="已退回", en="refused"),
    "not_reached": Text(zh="未进行", en="not reached"),
    "released": Text(zh="已放行", en="released"),
    "withdrawn": Text(zh="已撤回", en="withdrawn"),
    "lapsed": Text(zh="已过期", en="lapsed"),
}


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("preview", help=both("Whose word it would take.", "查看需经哪些审批。"))(preview)
    group.command("ask", help=both("Ask to consult a file.", "申请查阅。"))(ask)
    group.command("list", help=both("Requests, the newest first.", "列出申请。"))(list_requests)
    group.command("show", help=both("A request and how far it is.", "查看申请进度。"))(show_request)
    group.command("approve", help=both("Approve the step it waits at.", "批准当前步骤。"))(approve)
    group.command("refuse", help=both("Refuse it.", "退回。"))(refuse)
    group.command("withdraw", help=both("Take one's own back.", "撤回本人的申请。"))(withdraw)
    app.add_typer(group, name="requests")


def preview(
    file: File, person: As, sections: Sections = None, copy: Copy = False, data: Data = DEFAULT_DATA,
    as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.REP, person=person) as client:
        plan = client.get("archive", "/requests/preview", file=file, section=sections, copy=copy)

    def show() -> None:
        show_steps(output, plan)
        show_opening(output, plan["opens"])

    output.result(plan, show)


def ask(
    file: File, person: As, why: Purpose, until: Until, sections: Sections = None, copy: Copy = False,
    original: Original = False, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    body = {
        "file": file, "sections": sections or ["*"], "why": why, "until": until.astimezone().isoformat(),
        "copy": copy, "original": original,
    }  # fmt: skip
    with StackClient(layout_of(data), Role.REP, person=person) as client:
        asked = client.post("archive", "/requests", body)
    output.result(asked, lambda: show_in_full(output, asked))


def list_requests(
    person: As, role: InRole = Role.REP, side: Side = "mine", state: State = None, limit: Limit = 100,
    data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    with StackClient(layout_of(data), role, person=person) as client:
        found = list(client.pages("archive", "/requests", limit=limit, side=side, state=state))
    columns = (
        Text(en="request", zh="编号"), Text(en="asked", zh="申请时间"), Text(en="by", zh="申请人"),
        Text(en="file", zh="档案"), Text(en="why", zh="用途"), Text(en="state", zh="状态"),
        Text(en="waits at", zh="等待"),
    )  # fmt: skip

    def show() -> None:
        if not found:
            output.say(Text(en="There is none.", zh="没有申请。"))
            return
        rows = (
            (
                item["request_id"], local(item["asked_at"]), item["asker"], item["file"], item["why"],
                output.of(STATES[item["state"]]), output.of(ACTS[item["waits_at"]]) if item["waits_at"] else "",
            )
            for item in found
        )  # fmt: skip
        output.table(columns, rows)

    output.result(found, show)


def show_request(
    request: RequestId, person: As, role: InRole = Role.REP, data: Data = DEFAULT_DATA, as_json: AsJson = False,
    lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    with StackClient(layout_of(data), role, person=person) as client:
        found = client.get("archive", f"/requests/{quoted(request)}")
    output.result(found, lambda: show_in_full(output, found))


def approve(
    request: RequestId, person: As, reason: Why, step: Step = None, data: Data = DEFAULT_DATA, as_json: AsJson = False,
    lang: Lang = None,
) -> None:  # fmt: skip
    decide(Output(lang, as_json), data, person, request, {"decision": "approve", "reason": reason, "step": step})


def refuse(
    request: RequestId, person: As, reason: Why, step: Step = None, data: Data = DEFAULT_DATA, as_json: AsJson = False,
    lang: Lang = None,
) -> None:  # fmt: skip
    decide(Output(lang, as_json), data, person, request, {"decision": "refuse", "reason": reason, "step": step})


def withdraw(
    request: RequestId, person: As, reason: Why, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.REP, person=person) as client:
        told = client.post("archive", f"/requests/{quoted(request)}/withdraw", {"reason": reason})
    output.result(told, lambda: output.say(Text(en="Withdrawn.", zh="已撤回。")))


def decide(output: Output, data: Data, person: str, request: str, body: dict[str, Any]) -> None:
    with StackClient(layout_of(data), Role.REP, person=person) as client:
        decided = client.post("archive", f"/requests/{quoted(request)}/decisions", body)
    output.result(decided, lambda: show_in_full(output, decided))


def show_in_full(output: Output, request: Any) -> None:
    state, file = STATES[request["state"]], request["file"]
    output.say(
        Text(
            en=f"{request['request_id']}: {request['asker']} asks for {file} ({request['why']}), {state.en}",
            zh=f"{request['request_id']}：{request['asker']} 申请查阅 {file}（{request['why']}），{state.zh}",
        ),
        style="bold",
    )
    output.say(asked_for(request))
    show_steps(output, request)
    show_opening(output, request["opens"])


def asked_for(request: Any) -> Text:
    """Which parts, in what way and until when: what a decision is about."""
    ways = {"copy": Text(en="with a copy", zh="含复制"), "original": Text(en="the original", zh="借阅原件")}
    chosen = [words for way, words in ways.items() if request[way]] or [Text(en="to read", zh="仅查阅")]
    whole = request["sections"] == [WHOLE]
    parts = ", ".join(request["sections"])
    until = local(request["until"])
    return Text(
        en=f"{'all of it' if whole else parts}, {', '.join(way.en for way in chosen)}, until {until}",
        zh=f"{'全部内容' if whole else parts}，{'、'.join(way.zh for way in chosen)}，至 {until}",
    )


def show_steps(output: Output, chain: Any) -> None:
    columns = (
        Text(en="step", zh="步骤"), Text(en="state", zh="状态"), Text(en="who", zh="何人"),
        Text(en="reason", zh="理由"),
    )  # fmt: skip
    rows = (
        (output.of(ACTS[step["act"]]), output.of(STATES[step["state"]]), whose(output, step), step["reason"])
        for step in chain["steps"]
    )
    output.table(columns, rows)


def whose(output: Output, step: Any) -> str:
    if step["decided_by"] is not None:
        return named(output, {"person": step["decided_by"], **step})
    if step["number"] is None and not step["people"]:
        return output.of(Text(en="(not told)", zh="（不公开）"))
    return ", ".join(named(output, one) for one in step["people"])


def named(output: Output, one: Any) -> str:
    """A person, and for whom or in whose place they decide."""
    if one["on_behalf_of"]:
        behalf = Text(en=f" for {one['on_behalf_of']}", zh=f"（代 {one['on_behalf_of']}）")
        return f"{one['person']}{output.of(behalf)}"
    stands_in = output.of(Text(en=" (stands in)", zh="（代行）"))
    return f"{one['person']}{stands_in if one.get('stands_in') else ''}"


def show_opening(output: Output, opens: Any) -> None:
    if opens is None:
        return
    room_en, room_zh = (", in the reading room", "，限阅览室") if opens["reading_room"] else ("", "")
    once_en, once_zh = (", once", "，限一次") if opens["once"] else ("", "")
    output.say(
        Text(
            en=f"It opens for at most {opens['hours']} hours{once_en}{room_en}.",
            zh=f"最长 {opens['hours']} 小时{once_zh}{room_zh}。",
        )
    )
