"""`tierline policy`: every number of the business, checked, tried, put in force and taken back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from deploy.cli.client import StackClient
from deploy.cli.forecast import show_preview
from deploy.cli.moments import local
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, Limit, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from deploy.local.layout import Layout, is_running
from deploy.local.settings import StackSettings
from shared.policy import PolicyError, WrittenPolicy, check_policy, load_written
from shared.roles import Role
from shared.settings import load_settings
from shared.words import Text

File = Annotated[Path, typer.Argument(metavar="FILE", help=both("A policy in YAML.", "YAML 格式的政策文件。"))]
Version = Annotated[
    str, typer.Argument(metavar="VERSION", help=both("A version's name or number.", "版本名称或序号。"))
]
AnyVersion = Annotated[
    str | None,
    typer.Argument(
        metavar="[VERSION]", help=both("A version; else the one in force.", "版本名称或序号，缺省为现行版本。")
    ),
]
Reason = Annotated[str, typer.Option("--reason", help=both("Why; for the audit.", "变更原因，记入审计。"))]
Replaces = Annotated[
    str | None,
    typer.Option(
        "--replaces",
        metavar="VERSION",
        help=both("Refuse unless this version is in force.", "仅当现行版本为该版本时执行。"),
    ),
]
First = Annotated[
    int, typer.Option("--first", min=0, max=10_000, help=both("So many customers by name.", "列出前多少个客户。"))
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    commands = (
        ("check", both("Say what is wrong with a policy, by line.", "逐行指出政策文件的问题。"), check),
        ("show", both("Print the policy in force, or an old one.", "输出现行政策，或某一旧版本。"), show),
        ("versions", both("What was in force, since when, by whom, why.", "历次政策：何时、何人、为何。"), versions),
        (
            "preview",
            both("What a policy would change.", "预演某一政策的影响，不作改动。"),
            preview,
        ),
        ("activate", both("Put a policy in force.", "启用一份政策。"), activate),
        ("rollback", both("Put an old version's content in force again.", "回退到某一旧版本的内容。"), rollback),
    )
    for name, words, command in commands:
        group.command(name, help=words)(command)
    app.add_typer(group, name="policy")


def check(file: File, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    problems = check_policy(file)

    def tell() -> None:
        for problem in problems:
            output.say(Text(zh=f"{file}: {problem.in_(output.language)}", en=f"{file}: {problem.in_(output.language)}"))
        if problems:
            output.say(
                Text(
                    en=f"{len(problems)} to mend. `tierline policy show` prints one that is right, with comments.",
                    zh=f"共 {len(problems)} 处需要修改。`tierline policy show` 可输出带注释的范例。",
                )
            )
        else:
            output.say(Text(en=f"{file} can be used.", zh=f"{file} 可以使用。"), style="green")

    output.result({"file": str(file), "usable": not problems, "problems": [asdict(p) for p in problems]}, tell)
    if problems:
        raise typer.Exit(ExitCode.NOT_SO)


def show(version: AnyVersion = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output, layout = Output(lang, as_json), layout_of(data)
    if version is None and not is_running(layout):
        # What a stack here would begin with.
        shown = {"policy": usable(load_settings(StackSettings).policy_file).text}
    else:
        with StackClient(layout, Role.GM) as client:
            found = client.get(
                "scoring", "/policy" if version is None else f"/policy/versions/{quote(version, safe='')}"
            )
        shown = {"policy": found.pop("written"), **{name: found[name] for name in found if name != "policy"}}
    # As it is: it may be redirected into a file and used.
    output.result(shown, lambda: typer.echo(shown["policy"], nl=False))


def versions(limit: Limit = 20, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        found = list(client.pages("scoring", "/policy/versions", limit))
    columns = (
        Text(en="number", zh="序号"), Text(en="version", zh="版本"), Text(en="since", zh="启用时间"),
        Text(en="by", zh="何人"), Text(en="why", zh="原因"), Text(en="restores", zh="恢复自"),
    )  # fmt: skip
    rows = (
        (each["number"], each["version"], local(each["activated_at"]), each["author"], each["reason"], each["restores"])
        for each in found
    )
    output.result(found, lambda: output.table(columns, rows))


def preview(
    file: File, first: First = 20, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    written = usable(file).text
    with StackClient(layout_of(data), Role.GM) as client:
        found = client.post("scoring", f"/policy/preview?examples={first}", {"written": written})
    output.result(found, lambda: show_preview(found, output))
    if found["refused"]:
        raise typer.Exit(ExitCode.NOT_SO)


def activate(
    file: File,
    reason: Reason,
    replaces: Replaces = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    body = {"written": usable(file).text, "reason": reason, "replaces": replaces}
    put_in_force("/policy/activate", body, layout_of(data), Output(lang, as_json))


def rollback(
    version: Version,
    reason: Reason,
    replaces: Replaces = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    body = {"version": version, "reason": reason, "replaces": replaces}
    put_in_force("/policy/rollback", body, layout_of(data), Output(lang, as_json))


def put_in_force(path: str, body: dict[str, Any], layout: Layout, output: Output) -> None:
    """Ask scoring for it, and tell what is in force then."""
    with StackClient(layout, Role.GM) as client:
        found = client.post("scoring", path, body)
    version = found["version"]
    told = {name: found[name] for name in found if name not in {"written", "policy"}}
    output.result(
        told,
        lambda: output.say(
            Text(
                en=f"{version} is in force (number {found['number']}). Levels follow: see `tierline tiers`.",
                zh=f"{version} 已启用（第 {found['number']} 版）。分级随即调整，可用 `tierline tiers` 查看。",
            ),
            style="green",
        ),
    )


def usable(file: Path | None) -> WrittenPolicy:
    """The policy in a file, by default the shipped one; Failure with all its mistakes when it cannot be used."""
    try:
        return load_written(file)
    except PolicyError as error:
        raise Failure(
            Text(en=f"{file} cannot be used.", zh=f"{file} 无法使用。"),
            Text(en=f"See `tierline policy check {file}`.", zh=f"请看 `tierline policy check {file}`。"),
            code=ExitCode.NOT_SO,
            detail=str(error),
        ) from None
