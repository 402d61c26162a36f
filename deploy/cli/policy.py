"""`tierline policy`: the file with every number of the business."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.options import AsJson, Lang, both
from deploy.cli.output import Output
from deploy.failure import ExitCode
from shared.policy import check_policy, default_text
from shared.words import Text

File = Annotated[Path, typer.Argument(metavar="FILE", help=both("A policy in YAML.", "YAML 格式的政策文件。"))]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help=both("The numbers of the business.", "业务政策（所有参数）。"))
    group.command("check", help=both("Say what is wrong with a policy, by line.", "逐行指出政策文件的问题。"))(check)
    group.command("show", help=both("Print the policy that Tierline ships.", "输出自带的政策文件。"))(show)
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


def show(as_json: AsJson = False, lang: Lang = None) -> None:
    text = default_text()
    # As it is: it may be redirected into a file and used.
    Output(lang, as_json).result({"policy": text}, lambda: typer.echo(text, nl=False))
