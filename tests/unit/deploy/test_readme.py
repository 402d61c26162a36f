"""Both READMEs: what they tell people to type is there, and is one and the same."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup

from tests.unit.deploy.test_command import whole

ROOT = Path(__file__).parents[3]
READMES = ("README.md", "README.zh-CN.md")
CALLS = re.compile(r"(?:docker compose run --rm )?(?=tierline )")


def console(readme: str) -> list[str]:
    """The commands of its console blocks, without what is said of them."""
    text = (ROOT / readme).read_text("utf-8")
    lines = [line for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    return [re.sub(r"\s+#.*", "", line).removeprefix("$ ") for line in lines if line.startswith("$ ")]


def parsed(command: str) -> None:
    """Find the command and give it its arguments; what is wrong with them is raised. `a|b` names some of a group."""
    words = shlex.split(command, comments=True)[1:]
    found = whole()
    while isinstance(found, TyperGroup) and words:
        *others, name = words.pop(0).split("|")
        assert found.commands.keys() >= {*others, name}
        found = found.commands[name]
        if others:
            return
    found.make_context("tierline", words)


def typed(readme: str) -> Iterator[str]:
    for command in console(readme):
        if begin := CALLS.match(command):
            yield command[begin.end() :].split(" > ")[0]


@pytest.mark.parametrize("command", sorted({command for readme in READMES for command in typed(readme)}))
def test_what_a_readme_says_can_be_typed(command: str) -> None:
    """Names, options and the form of each argument; `…` stands for what the reader has to say."""
    parsed(command)


def test_both_readmes_say_the_same_commands() -> None:
    """Whoever reads Chinese types what the others type."""
    english, chinese = (console(readme) for readme in READMES)
    assert english == chinese
