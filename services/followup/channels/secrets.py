"""Keeps what opens a channel out of every word that leaves it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

MASK: Final = "***"
# Shorter words are part of ordinary ones, and no provider gives out such keys.
SHORTEST: Final = 6
LONGEST_WORDS: Final = 500
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class Redactor:
    """Blanks the secrets it was made of, however they are quoted."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spelled = {form for secret in secrets for form in (secret, quote(secret, safe=""), quote_plus(secret))}
        # The longest first: a key may be part of an address.
        self._secrets = sorted((form for form in spelled if len(form) >= SHORTEST), key=len, reverse=True)

    def __call__(self, words: object) -> str:
        """The words in one line, without secrets, and no longer than anybody reads."""
        text = str(words)
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        # A server's words may be no UTF-8 at all; what cannot be written down would be sent for ever.
        text = text.encode("utf-8", "replace").decode()
        return CONTROL.sub(" ", text).strip()[:LONGEST_WORDS]


def secrets_of(url: str) -> set[str]:
    """An address and those parts of it that open the door: its query's values, its path's parts, its login."""
    parts = urlsplit(url)
    found = {url, parts.query, *(value for _, value in parse_qsl(parts.query))}
    found |= {part for part in parts.path.split("/") if len(part) >= 2 * SHORTEST}
    found |= {word for word in (parts.username, parts.password) if word}
    return {word for word in found if word}


def secrets_of_any(url: str) -> set[str]:
    """The same of an address of apprise's, which keeps tokens wherever there is room: in place of a host, too."""
    rest = url.partition("://")[2].partition("?")[0]
    pieces = {piece for piece in re.split("[/@:]", rest) if piece}
    return secrets_of(url) | pieces | set(map(unquote, pieces))
