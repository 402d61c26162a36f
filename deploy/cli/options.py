"""The options that commands share, and the command line's help in two languages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.local.layout import DEFAULT_FOLDER, Layout
from shared.words import Language

# Between the two halves of a help text; no keyboard types it.
BETWEEN = "\x1f"

DAY = ["%Y-%m-%d"]


def both(en: str, zh: str) -> str:
    """A help text in both languages, of which `localise` leaves one."""
    return f"{en}{BETWEEN}{zh}"


Data = Annotated[
    Path,
    typer.Option(
        "--data",
        envvar="TIERLINE_DATA",
        help=both("Folder that names and keeps the stack.", "命名并存放该系统的数据目录。"),
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help=both("Answer in JSON.", "以 JSON 输出。"))]
Lang = Annotated[Language | None, typer.Option("--lang", help=both("Language: zh or en.", "语言：zh 或 en。"))]
Today = Annotated[
    datetime | None,
    typer.Option(
        "--today",
        formats=DAY,
        envvar="TIERLINE_CLOCK__TODAY",
        help=both("Business date to start on.", "从哪一天（业务日期）开始。"),
    ),
]
Limit = Annotated[int, typer.Option("--limit", min=1, help=both("At most so many.", "最多显示条数。"))]
Rep = Annotated[str | None, typer.Option("--rep", help=both("Only this rep's customers.", "仅该业务员的客户。"))]
Identity = Annotated[
    Path,
    typer.Option("--identity", "-i", metavar="KEY", help=both("File with the private key.", "私钥文件。")),
]
Unsigned = Annotated[
    bool,
    typer.Option(
        "--unsigned",
        help=both(
            "Also a backup that nobody signed whom you believe, as from before they were signed.",
            "也接受没有可信签名的备份，例如启用签名之前制作的。",
        ),
    ),
]
DEFAULT_DATA = DEFAULT_FOLDER


def layout_of(data: Path) -> Layout:
    """The stack that `--data` names."""
    return Layout(data)


def localise(command: Any, language: Language) -> None:
    """Leave, throughout a command tree, the half of each help text that is in `language`."""
    for holder in (command, *command.params):
        for attribute in ("help", "short_help", "epilog"):
            text = getattr(holder, attribute, None)
            if isinstance(text, str) and BETWEEN in text:
                en, _, zh = text.partition(BETWEEN)
                setattr(holder, attribute, zh if language is Language.ZH else en)
    for child in getattr(command, "commands", {}).values():
        localise(child, language)
