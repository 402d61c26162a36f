"""`python -m shared.contracts generate|check`: the contracts as files, and whether they still mean what they meant."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.contracts.asyncapi import asyncapi_document, schema_files
from shared.contracts.compatibility import incompatibilities
from shared.words import Text, choose_language

FOLDER = Path("docs/contracts")
SCHEMAS = "schemas"

WRITTEN = Text("已写入 {count} 个文件到 {folder}。", "{count} files written to {folder}.")
DRIFTED = Text(
    "{path} 与代码不一致：请运行 python -m shared.contracts generate。",
    "{path} is not what the code says: run python -m shared.contracts generate.",
)
INCOMPATIBLE = Text("不兼容的更改：{reason}", "Incompatible change: {reason}")
NO_BASE = Text(
    "未找到 {base} 中的合同文件，未检查兼容性。",
    "No contracts found in {base}: compatibility was not checked.",
)
GOOD = Text(
    "合同文件与代码一致，并与 {base} 兼容。", "The contracts are what the code says, and compatible with {base}."
)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when all is well, 1 when files drifted or a change is incompatible, 2 when there is no such base."""
    parser = argparse.ArgumentParser(prog="python -m shared.contracts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="write AsyncAPI and the JSON Schemas")
    check = commands.add_parser("check", help="fail on drift and on incompatible changes")
    check.add_argument("--base", help="git revision to be compatible with (default: HEAD, where there is one)")
    for command in (generate, check):
        command.add_argument("--folder", type=Path, default=FOLDER, help=f"default: {FOLDER}")
    options = parser.parse_args(arguments)
    return write(options.folder) if options.command == "generate" else verify(options.folder, options.base)


def write(folder: Path) -> int:
    files = generated()
    stale = {str(path.relative_to(folder)) for path in folder.rglob("*.json")} - set(files)
    for name in stale:
        (folder / name).unlink()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    say(WRITTEN, count=len(files), folder=folder)
    return 0


def verify(folder: Path, base: str | None) -> int:
    files = generated()
    present = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.json")}
    drifted = sorted(name for name in files.keys() | present.keys() if files.get(name) != present.get(name))
    for name in drifted:
        say(DRIFTED, path=folder / name)
    before = committed(folder / SCHEMAS, base or "HEAD")
    if not before:
        say(NO_BASE, base=base or "HEAD")
        # A base that was asked for and is not there must not look like a passed check.
        return 2 if base else 1 if drifted else 0
    broken = list(incompatibilities(before, dict(schema_files())))
    for reason in broken:
        say(INCOMPATIBLE, reason=reason)
    if drifted or broken:
        return 1
    say(GOOD, base=base or "HEAD")
    return 0


def generated() -> Mapping[str, str]:
    """What the folder should hold: path below it to text."""
    files = {f"{SCHEMAS}/{name}": written(schema) for name, schema in schema_files()}
    return {"asyncapi.json": written(asyncapi_document()), **files}


def written(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def committed(folder: Path, base: str) -> Mapping[str, Any]:
    """The schemas of `base`, by their path below `folder`; empty where git or the revision has none."""
    names = git("ls-tree", "-r", "--name-only", base, "--", f"{folder.as_posix()}/")
    return {
        Path(name).relative_to(folder).as_posix(): json.loads(git("show", f"{base}:./{name}")) for name in names.split()
    }


def git(*arguments: str) -> str:
    """What git prints; nothing where it fails, as outside a repository."""
    # Arguments come from the developer who types them; git is found as they find it.
    done = subprocess.run(["git", *arguments], capture_output=True, check=False, encoding="utf-8")  # noqa: S607
    return done.stdout if done.returncode == 0 else ""


def say(text: Text, **values: object) -> None:
    sys.stdout.write(text.in_(choose_language()).format(**values) + "\n")


if __name__ == "__main__":
    sys.exit(main())
