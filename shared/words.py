"""The two languages that every user-visible text exists in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Language(StrEnum):
    """A language that Tierline speaks."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One message in both languages."""

    # Read by pydantic where a model has a Text field: a policy with a misspelt language is refused.
    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        """The message in `language`."""
        return self.zh if language is Language.ZH else self.en


# In the order in which POSIX programs ask; TIERLINE_LANG comes first because it was set for this program.
_VARIABLES = ("TIERLINE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


def choose_language(option: str | None = None, environ: Mapping[str, str] | None = None) -> Language:
    """The language of `--lang`, else of the first set variable of TIERLINE_LANG, LC_ALL, LC_MESSAGES and LANG.

    Any Chinese locale (`zh_CN.UTF-8`, `zh-TW`) is Chinese, everything else English. ValueError for an `option`
    that names neither.
    """
    if option is not None:
        return Language(option.lower())
    values = os.environ if environ is None else environ
    chosen = next((values[name] for name in _VARIABLES if values.get(name)), "")
    return Language.ZH if chosen.lower().startswith(Language.ZH) else Language.EN
