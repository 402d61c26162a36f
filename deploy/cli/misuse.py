"""What the command line's library finds wrong with a command, in words for people: it speaks English, of formats."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from shared.words import Text

# How the formats of dates and times look when they are filled in.
EXAMPLES: Final = (("%Y", "2026"), ("%m", "03"), ("%d", "02"), ("%H", "18"), ("%M", "00"), ("%S", "00"))
BETWEEN: Final = " / "
"""Between the two halves of what a command of ours says for itself."""


def told(message: str) -> Text:
    """A message of the library in both languages; what it has not said before stays in English."""
    for pattern, words in KNOWN:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return words(found)
    en, _, zh = message.partition(BETWEEN)
    return Text(en=en, zh=zh) if re.search(r"[\u4e00-\u9fff]", zh) else Text(en=message, zh=message)


def _fixed(en: str, zh: str) -> Callable[[re.Match[str]], Text]:
    """The same words for each such message, with what it names."""
    return lambda found: Text(en=en.format(**found.groupdict()), zh=zh.format(**found.groupdict()))


def _value(found: re.Match[str]) -> Text:
    """A value that an option or argument does not take."""
    why = told(found["why"])
    if found["whose"] is None:
        return why
    return Text(en=f"{found['whose']}: {why.en}", zh=f"{found['whose']}：{why.zh}")


def _formats(found: re.Match[str]) -> Text:
    """A date or time that is not written as one: shown is how they are."""
    examples = [filled(each) for each in re.findall(r"'([^']*)'", found["formats"])]
    return Text(
        en=f"{found['value']} is not written as {' or '.join(examples)}, or there is no such day.",
        zh=f"{found['value']} 写法不对或日期不存在，应写作 {' 或 '.join(examples)}。",
    )


def filled(form: str) -> str:
    """A format as an example of itself."""
    for code, example in EXAMPLES:
        form = form.replace(code, example)
    return form


KNOWN: Final[tuple[tuple[str, Callable[[re.Match[str]], Text]], ...]] = (
    (r"Invalid value(?: for (?P<whose>.+?))?: (?P<why>.*)", _value),
    (r"(?P<value>'.*'|\".*\") does not match the formats? (?P<formats>.*)\.", _formats),
    (
        r"Missing option (?P<name>'[^']*'(?: / '[^']*')*)\..*",
        _fixed("The option {name} is missing.", "缺少选项 {name}。"),
    ),
    (r"Missing (?:argument|parameter) (?P<name>\S+)\..*", _fixed("{name} is missing.", "缺少 {name}。")),
    (r"Missing command\.", _fixed("A command is missing.", "缺少命令。")),
    (r"No such option: (?P<name>\S+?)\.?", _fixed("There is no option {name}.", "没有选项 {name}。")),
    (
        r"No such option: (?P<name>\S+?)\.? \(Possible options: (?P<others>.*)\)",
        _fixed("There is no option {name}; there is: {others}", "没有选项 {name}；相近的有：{others}"),
    ),
    (r"No such command (?P<name>'.*?')\.", _fixed("There is no command {name}.", "没有命令 {name}。")),
    (
        r"No such command (?P<name>'.*?')\. Did you mean (?P<others>.*)\?",
        _fixed("There is no command {name}; there is: {others}", "没有命令 {name}；相近的有：{others}"),
    ),
    (
        r"Got unexpected extra argument(?:s|\(s\))? \((?P<rest>.*)\)",
        _fixed("That is too much: {rest}", "多出的内容：{rest}（含空格的内容请加引号）"),
    ),
    (r"Option (?P<name>\S+) requires an argument\.", _fixed("{name} takes a value.", "选项 {name} 需要一个值。")),
    (r"Option (?P<name>\S+) requires \d+ arguments\.", _fixed("{name} takes more values.", "选项 {name} 的值不够。")),
    (r"Option (?P<name>\S+) does not take a value\.", _fixed("{name} takes no value.", "选项 {name} 不带值。")),
    (
        r"(?P<value>.+) is not a valid (?:int|integer)(?: range)?\.",
        _fixed("{value} is no whole number.", "{value} 不是整数。"),
    ),
    (r"(?P<value>.+) is not a valid float(?: range)?\.", _fixed("{value} is no number.", "{value} 不是数字。")),
    (
        r"(?P<value>.+) is not in the range (?P<range>.*)\.",
        _fixed("{value} is not in the range {range}.", "{value} 超出范围 {range}。"),
    ),
    (
        r"(?P<value>.+) is not one of (?P<choice>.*)\.",
        _fixed("{value} is not one of {choice}.", "{value} 不可用，可选：{choice}。"),
    ),
    (r"\w+ (?P<file>'.*') does not exist\.", _fixed("There is no {file}.", "没有 {file}。")),
    (r"\w+ (?P<file>'.*') is a directory\.", _fixed("{file} is a folder.", "{file} 是文件夹，不是文件。")),
    (r"\w+ (?P<file>'.*') is a file\.", _fixed("{file} is a file.", "{file} 是文件，不是文件夹。")),
    (r"\w+ (?P<file>'.*') is not readable\.", _fixed("{file} may not be read.", "无权读取 {file}。")),
    (r"\w+ (?P<file>'.*') is not writable\.", _fixed("{file} may not be written.", "无权写入 {file}。")),
)
