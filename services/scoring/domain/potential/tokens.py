"""Text as words that can be compared, Chinese and others alike.

Chinese has no spaces, and no list of words knows a trade's own (紫砂壶, 兔毫盏): as in Lucene's analysis of Chinese,
Japanese and Korean each pair of neighbouring characters is a word, and a term of several characters is there as far
as its pairs are. Other scripts are split at what is no letter or digit, without accents, capitals and plurals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import category, normalize

_PAIRED: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD: Final = re.compile(rf"[{_PAIRED}]+|(?:(?![{_PAIRED}])[^\W_])+")
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+")
_STARTS_PAIRED: Final = re.compile(rf"[{_PAIRED}]").match
_STOPPED: Final = frozenset({
    "a", "an", "and", "any", "are", "as", "at", "be", "but", "by", "can", "do", "for", "from", "has", "have",
    "he", "her", "his", "how", "if", "in", "into", "is", "it", "its", "may", "me", "more", "my", "no", "not",
    "of", "on", "or", "our", "out", "please", "she", "so", "some", "such", "than", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "to", "too", "us", "was", "we", "were", "what", "when",
    "which", "who", "will", "with", "would", "you", "your",
})  # fmt: skip


def plain(text: str) -> str:
    """The text without accents, capitals and the widths of characters."""
    if text.isascii():
        return text.lower()
    apart = normalize("NFKD", text.casefold())
    return normalize("NFKC", _FOREIGN.sub(without_marks, apart))


def without_marks(found: re.Match[str]) -> str:
    return "".join([character for character in found.group() if category(character) != "Mn"])


def tokens_of(text: str) -> Iterator[str]:
    """The words of a text in their order, those that say nothing left out."""
    for found in _WORD.finditer(plain(text)):
        run = found.group()
        if is_paired(run):
            yield from (run,) if len(run) == 1 else (run[i : i + 2] for i in range(len(run) - 1))
        elif len(run) > 1 and run not in _STOPPED:
            yield singular(run)


def is_paired(token: str) -> bool:
    """Whether a word is of characters that are taken in pairs."""
    return _STARTS_PAIRED(token) is not None


def singular(word: str) -> str:
    """An English plural as its singular (boxes, dishes, berries, cups); other words as they are."""
    if len(word) > 4 and word.endswith("ies"):  # noqa: PLR2004 - ties, dies
        return f"{word[:-3]}y"
    if word.endswith(("xes", "ches", "shes", "sses", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):  # noqa: PLR2004 - gas
        return word[:-1]
    return word
