"""`tierline keys`: which master keys wrap the keys of attachments, and all of them under the newest."""

from __future__ import annotations

from typing import Any

import typer

from deploy.attachment_keys import ATTACHMENT_KEYS_FILE
from deploy.cli.acting import Why
from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode
from shared.roles import Role
from shared.words import Text


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list", help=both("How many data keys each wraps.", "各主密钥所封装的数据密钥数。"))(list_keys)
    group.command("rewrap", help=both("Wrap all data keys by the newest.", "用最新主密钥重新封装全部数据密钥。"))(
        rewrap
    )
    app.add_typer(group, name="keys")


def list_keys(data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.OPS) as client:
        held = client.get("archive", "/attachment-keys")
    columns = (
        Text(en="master key", zh="主密钥"),
        Text(en="standing", zh="状态"),
        Text(en="data keys", zh="数据密钥数"),
    )
    rows = [(name, output.of(standing(name, held)), count) for name, count in held["wraps"].items()]

    def show() -> None:
        output.table(columns, rows, right=1)
        if held["missing"]:
            names = ", ".join(held["missing"])
            output.say(
                Text(
                    en=f"Archive has no master key {names}: put its line back into {ATTACHMENT_KEYS_FILE}.",
                    zh=f"档案服务没有主密钥 {names}，其封装的材料无法查阅：请把该行放回 {ATTACHMENT_KEYS_FILE}。",
                )
            )

    output.result(held, show)
    if held["missing"]:
        raise typer.Exit(ExitCode.NOT_SO)


def standing(name: str, held: dict[str, Any]) -> Text:
    """What a master key is good for."""
    if name == held["newest"]:
        return Text(en="wraps what is new", zh="用于新材料")
    if name in held["missing"]:
        return Text(en="missing", zh="缺失")
    if held["wraps"][name]:
        return Text(en="still needed", zh="仍需保留")
    return Text(en="can be taken away", zh="可以移除")


def rewrap(reason: Why, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    after, done, unreadable = None, 0, list[str]()
    with StackClient(layout_of(data), Role.OPS) as client:
        while True:
            batch = client.post("archive", "/attachment-keys/rewrapping", {"after": after, "reason": reason})
            done += batch["keys"]
            unreadable += batch["unreadable"]
            after = batch["after"]
            if after is None:
                break
            output.note(Text(en=f"{done} done, {batch['left']} left", zh=f"已封装 {done}，剩余 {batch['left']}"))
    newest, left = batch["newest"], batch["left"]
    told = {"newest": newest, "keys": done, "unreadable": unreadable, "left": left}

    def show() -> None:
        output.say(
            Text(
                en=f"{done} data keys are under {newest} now; other master keys wrap {left}.",
                zh=f"已用 {newest} 重新封装 {done} 个数据密钥；其他主密钥仍封装 {left} 个。",
            )
        )
        for piece in unreadable:
            output.say(Text(en=f"Cannot be unwrapped: {piece}", zh=f"无法解封：{piece}"))

    output.result(told, show)
    if unreadable:
        raise typer.Exit(ExitCode.NOT_SO)
