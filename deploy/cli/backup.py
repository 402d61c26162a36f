"""`tierline backup`: make backups, keep so many of them, and prove that they come back (A8)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.backup.keeping import Keeper
from deploy.backup.keys import add_recipient, make_identity, read_identity
from deploy.backup.signers import PIN, signing_key
from deploy.backup.stack import believed_by, recipients_file, signing_files
from deploy.cli.backing_up import keep_backed_up
from deploy.cli.backup_signers import signer, verify
from deploy.cli.client import StackClient
from deploy.cli.moments import local
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Identity, Lang, Unsigned, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="URL",
        help=both("Folder or s3:// address, if not the usual place.", "存放位置（目录或 s3:// 地址）。"),
    ),
]

NOT_DUE = Text(en="This month's backup is there already.", zh="本月备份已完成。")


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    for command, en, zh in (
        (key, "Make the key that opens backups from now on; keep it elsewhere.", "生成备份密钥（请另行保管）。"),
        (make, "Back up everything now, and prove that it comes back.", "立即备份全部数据，并验证可恢复。"),
        (listed, "What backups there are, and which were proved.", "列出备份及其验证情况。"),
        (
            verify,
            "Who signed a backup, and whether all of it is there; needs no stack.",
            "核对签名与完整性（无需运行系统）。",
        ),
        (drill, "Restore a backup beside everything, count and verify it.", "在独立环境中恢复备份，核对条数与审计链。"),
        (signer, "Which key signs backups here, and which are believed.", "查看签名密钥与受信任的公钥。"),
        (watch, "Back up whenever it is due, until Ctrl-C.", "按期自动备份，直至按 Ctrl-C。"),
    ):
        group.command({"listed": "list"}.get(command.__name__, command.__name__), help=both(en, zh))(command)
    app.add_typer(group, name="backup")


def keeper_of(data: Path, to: str | None, output: Output) -> Keeper:
    layout = layout_of(data)
    return Keeper(lambda: StackClient(layout, Role.OPS), layout, to, output.note)


def key(
    file: Annotated[Path, typer.Argument(help=both("New file for the private key.", "新私钥文件。"))],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    layout = layout_of(data)
    layout.create()
    pin = str(signing_key(*signing_files(layout)).verification())
    recipient = make_identity(file, [f"{PIN} {pin}"])
    add_recipient(recipients_file(layout), recipient)
    output.result(
        {"identity": str(file), "recipient": str(recipient), "signer": pin},
        lambda: output.say(
            Text(
                en=f"Backups are for {recipient} from now on. Keep {file} away from this machine, in two places: "
                "without it nobody opens them. It also says whose signature to believe.",
                zh=f"今后的备份由公钥 {recipient} 加密。请将 {file} 移出本机并存放两处：丢失后任何人都无法打开备份。"
                "其中也写明应信任谁的签名。",
            )
        ),
    )


def make(
    to: To = None,
    if_due: Annotated[
        bool, typer.Option("--if-due", help=both("Only if this month's is not there yet.", "仅当本月尚未备份时。"))
    ] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    done = asyncio.run(keeper_of(data, to, output).back_up(if_due=if_due))
    output.result(done, lambda: output.say(NOT_DUE if done is None else told(done), style="green"))


def told(done: dict[str, Any]) -> Text:
    """A backup that was made and proved, in a line."""
    megabytes, entries = f"{done['size'] / 1e6:.1f} MB", done["entries"]
    removed = len(done["removed"])
    return Text(
        en=f"{done['backup']}: {megabytes}, came back whole with {done['rows']} rows and {entries} audit entries"
        + (f"; {removed} old ones removed" if removed else ""),
        zh=f"{done['backup']}：{megabytes}，已验证可恢复（{done['rows']} 行数据，审计 {entries} 条）"
        + (f"；已清除 {removed} 个旧备份" if removed else ""),
    )


def listed(to: To = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    found = keeper_of(data, to, output).listed()
    output.result(found, lambda: show(found, output))


def show(found: list[dict[str, Any]], output: Output) -> None:
    """The same for people."""
    output.table(
        (
            Text(en="backup", zh="备份"),
            Text(en="made", zh="时间"),
            Text(en="signed by", zh="签名者"),
            Text(en="proved", zh="验证"),
            Text(en="MB", zh="MB"),
            Text(en="audit entries", zh="审计条数"),
        ),
        (
            (
                each["backup"],
                local(each["made_at"]),
                each["signer"] or "",
                output.of(proof(each)),
                megabytes(each),
                each["entries"],
            )
            for each in found
        ),
        right=2,
    )


def megabytes(each: dict[str, Any]) -> str:
    return "" if each["size"] is None else f"{each['size'] / 1e6:.1f}"


def proof(each: dict[str, Any]) -> Text:
    """What is known of a backup."""
    if not each["here"]:
        return Text(en="not in its place", zh="文件不在存放处")
    at = local(each["drilled_at"])
    match each["sound"]:
        case True:
            return Text(en=f"came back whole {at}", zh=f"{at} 验证通过")
        case False:
            return Text(en=f"did NOT come back {at}", zh=f"{at} 验证失败")
    return Text(en="not yet", zh="未验证")


def drill(
    identity: Identity,
    backup: Annotated[str | None, typer.Argument(help=both("Its name; else the newest.", "备份名，默认最新。"))] = None,
    to: To = None,
    unsigned: Unsigned = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    keeper, believed = keeper_of(data, to, output), believed_by(layout_of(data), identity, unsigned=unsigned)
    done = asyncio.run(keeper.drill(backup or keeper.newest(), read_identity(identity), believed))
    output.result(
        done,
        lambda: output.say(
            Text(
                en=f"{done['backup']} came back whole: {done['rows']} rows, {done['entries']} audit entries, head "
                f"{done['head']}, signed by {done['signer'] or 'nobody who is believed'}; {done['seconds']:.0f} s.",
                zh=f"{done['backup']} 恢复完整：{done['rows']} 行数据，审计 {done['entries']} 条，链头 {done['head']}，"
                f"{'没有可信签名' if done['signer'] is None else '签名者 ' + done['signer']}；"
                f"用时 {done['seconds']:.0f} 秒。",
            ),
            style="green",
        ),
    )


def watch(data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    asyncio.run(keep_backed_up(layout_of(data), output.note))
